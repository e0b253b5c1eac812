"""The feed's streams, a page at a time. A stream goes on from a signed cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.social import Viewer
from feed import cards, pagination
from feed.cards import Card
from feed.models import Post, Steering
from feed.ranking import live
from feed.refusals import BadCursor

PAGE = 10
REMEMBERED = 120  # how many shown clips a for-you cursor keeps, so that they are not shown again


@dataclass(frozen=True)
class Page:
    cards: list[Card]
    next: str | None


def for_you(viewer: Viewer, cursor: str, now: datetime, limit: int = PAGE) -> Page:
    """The ranked stream. Every page is ranked anew, so what the viewer just did counts already."""
    shown = [int(pk) for pk in _list(pagination.read("for-you", cursor))] if cursor else []
    places = live.for_you(viewer, now, limit, shown)
    page = cards.of_slate(viewer, places, now)
    onward = (shown + [place.item for place in places])[-REMEMBERED:]
    return Page(page, pagination.write("for-you", onward) if len(places) == limit else None)


def following(viewer: Viewer, cursor: str, now: datetime, limit: int = PAGE) -> Page:
    """Newest first, by people whom the viewer follows."""
    return _by_time("following", viewer, cursor, now, limit)


def latest(viewer: Viewer, cursor: str, now: datetime, limit: int = PAGE) -> Page:
    """Newest first, by everybody."""
    return _by_time("latest", viewer, cursor, now, limit)


STREAMS: dict[str, Callable[[Viewer, str, datetime], Page]] = {
    "for-you": for_you,
    "following": following,
    "latest": latest,
}


def _by_time(stream: str, viewer: Viewer, cursor: str, now: datetime, limit: int) -> Page:
    posts = Post.objects.visible_to(viewer, now).not_muted_by(viewer).not_steered_away(Steering.of(viewer))
    if stream == "following":
        posts = posts.from_followed(viewer)
    if cursor:
        posts = posts.before(*_key(pagination.read(stream, cursor)))
    keys = list(posts.newest_first().values_list("pk", "published_at")[: limit + 1])
    page = cards.in_order(viewer, [pk for pk, _ in keys[:limit]], now)
    if len(keys) <= limit:
        return Page(page, None)
    pk, at = keys[limit - 1]
    return Page(page, pagination.write(stream, [at.isoformat(), pk]))


def starting_at(viewer: Viewer, post: Post, now: datetime) -> Page:
    """One clip per address: this one first, and then the for-you stream."""
    first = cards.one(viewer, post, now)
    onward = live.for_you(viewer, now, PAGE - 1, [post.pk])
    rest = cards.of_slate(viewer, onward, now)
    shown = [post.pk, *(place.item for place in onward)]
    return Page([first, *rest], pagination.write("for-you", shown) if len(onward) == PAGE - 1 else None)


def _list(state: object) -> list[int]:
    if not isinstance(state, list) or not all(isinstance(pk, int) for pk in state):
        raise BadCursor()
    return state


def _key(state: object) -> tuple[datetime, int]:
    match state:
        case [str(at), int(pk)]:
            return datetime.fromisoformat(at), pk
    raise BadCursor()
