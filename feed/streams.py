"""The feed's streams, a page at a time. A stream goes on from a signed cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts import compiled, social
from accounts.social import Viewer
from feed import cards, followed, pagination, slates, wellbeing
from feed.cards import Form
from feed.models import Hashtag, Post, Steering
from feed.ranking import live
from feed.refusals import BadCursor

PAGE = 10
SPARE = 2  # read beyond a page, so that a clip that went costs no second statement
ROUNDS = 4  # of the newest by a few people, before everybody's are asked
REMEMBERED = 500  # how many shown clips a for-you cursor keeps, so that they are not shown again


@dataclass(frozen=True)
class Page:
    cards: list[Any]  # as the form says: `cards.Card`, or text of JSON
    next: str | None

    def as_text(self) -> str:
        """The page as JSON, of cards that are text already."""
        following = f'"{self.next}"' if self.next else "null"  # letters of a signature: nothing to escape
        return f'{{"posts":[{",".join(map(str, self.cards))}],"next":{following}}}'


def for_you(viewer: Viewer, cursor: str, now: datetime, limit: int = PAGE, form: Form | None = None) -> Page:
    """The ranked stream: the next of the viewer's slate that the cursor has not shown. Who may see what is
    asked again for these cards. Beyond the slate's end the next places are ranked at once."""
    form = form or cards.DRAWN
    shown = [int(pk) for pk in _list(pagination.read("for-you", cursor))] if cursor else []
    gone, kept = set(shown), slates.of(viewer, now, shown)
    open_ = [position for position, pk in enumerate(kept.order) if pk not in gone]
    page: list[Any] = []
    for start in range(0, len(open_), limit + SPARE):
        part = open_[start : start + limit + SPARE]
        place_of = {kept.order[position]: position for position in part}
        found = cards.some(viewer, list(place_of), now, muted=False, at_once=limit + SPARE, form=form)
        found = found[: limit - len(page)]
        new = [card for _, card in found]
        form.give_reasons(new, kept.whys([place_of[pk] for pk, _ in found]), kept.version)
        page += new
        shown += [pk for pk, _ in found]
        if len(page) == limit:
            return Page(page, pagination.write("for-you", shown[-REMEMBERED:]))
    made = live.for_you(viewer, now, limit - len(page), shown)
    page += cards.of_slate(viewer, made.places, now, made.version, form)
    shown += [place.item for place in made.places]
    return Page(page, pagination.write("for-you", shown[-REMEMBERED:]) if made.places else None)


def following(
    viewer: Viewer, cursor: str, now: datetime, limit: int = PAGE, form: Form | None = None
) -> Page:
    """Newest first, by people whom the viewer follows."""
    return _by_time("following", viewer, cursor, now, limit, form)


def latest(viewer: Viewer, cursor: str, now: datetime, limit: int = PAGE, form: Form | None = None) -> Page:
    """Newest first, by everybody."""
    return _by_time("latest", viewer, cursor, now, limit, form)


def circle(viewer: Viewer, cursor: str, now: datetime, limit: int = PAGE, form: Form | None = None) -> Page:
    """Newest first, by people whom the viewer lists as close, and by the viewer."""
    return _by_time("circle", viewer, cursor, now, limit, form)


STREAMS: dict[str, Callable[..., Page]] = {
    "for-you": for_you,
    "following": following,
    "circle": circle,
    "latest": latest,
}


def turn(stream: str, viewer: Viewer, cursor: str, now: datetime, form: Form | None = None) -> Page:
    """The next page of a stream by its name; nothing for a teen whose guardian's minutes are over."""
    return (
        Page([], None) if wellbeing.is_over(viewer, now) else STREAMS[stream](viewer, cursor, now, form=form)
    )


def _by_time(stream: str, viewer: Viewer, cursor: str, now: datetime, limit: int, form: Form | None) -> Page:
    """A keyset page: the cards, and all that decides whether they may be shown, in one statement."""
    steered, key = Steering.of(viewer), _key(pagination.read(stream, cursor)) if cursor else None
    words = list(steered.muted_words) if steered else []
    hide_ai = bool(steered and steered.hide_ai)
    # Who knows nobody finds only their own: asked of every post there is, that would cost the whole table.
    known = social.known(viewer) if stream in {"following", "circle"} else 0
    is_alone = stream in {"following", "circle"} and not known

    def build(someone: Any) -> QuerySet[Post]:
        marks = Steering(muted_words=[compiled.word(n) for n in range(len(words))], hide_ai=hide_ai)
        posts = Post.objects.visible_to(someone, compiled.NOW).not_muted_by(someone).not_steered_away(marks)
        if is_alone:
            posts = posts.filter(creator=someone.pk)
        elif stream in {"following", "circle"}:
            posts = posts.from_followed(someone) if stream == "following" else posts.from_circle(someone)
        if key:
            posts = posts.before(compiled.moment(1), compiled.number(1))
        return posts.newest_first()[: limit + 1]

    found = None
    is_plain = stream == "following" and not words and not hide_ai
    if is_plain and 0 < known <= social.FEW and followed.can_tell():
        found = _of_few(viewer, key, now, limit + 1, form)
    if found is None:
        found = cards.read(
            (stream, is_alone, key is not None, len(words), hide_ai, limit),
            build,
            viewer,
            now,
            form,
            moments=[key[0]] if key else (),
            numbers=[key[1]] if key else (),
            words=words,
        )
    page = [card for _, card in found[:limit]]
    if len(found) <= limit:
        return Page(page, None)
    return Page(page, pagination.write(stream, [page[-1].published_at, found[limit - 1][0]]))


def _of_few(
    viewer: Viewer, key: tuple[datetime, int] | None, now: datetime, wanted: int, form: Form | None
) -> list[tuple[int, Any]] | None:
    """The first `wanted` cards of `following` from the newest posts of each whom the viewer follows; None
    where they may see so few of them that the whole table is asked at once."""
    found: list[tuple[int, Any]] = []
    for _ in range(ROUNDS):
        newest = followed.newest(viewer, key, now)
        ids = [pk for _, pk in newest]
        found += cards.some(viewer, ids, now, muted=False, at_once=followed.MOST, form=form)
        if len(found) >= wanted or len(newest) < followed.MOST:
            return found[:wanted]
        key = newest[-1]
    return None


def tagged(viewer: Viewer, tag: Hashtag, cursor: str, now: datetime, limit: int = 24) -> Page:
    """Newest first, under one tag."""
    name = f"tag.{tag.pk}"
    key = _key(pagination.read(name, cursor)) if cursor else None

    def build(someone: Any) -> QuerySet[Post]:
        posts = Post.objects.visible_to(someone, compiled.NOW).not_muted_by(someone)
        posts = posts.filter(hashtags=compiled.number(2))
        return (posts.before(compiled.moment(1), compiled.number(1)) if key else posts).newest_first()[
            : limit + 1
        ]

    moments = [key[0]] if key else []
    found = cards.read(
        ("tag", key is not None, limit),
        build,
        viewer,
        now,
        moments=moments,
        numbers=[key[1] if key else 0, tag.pk],
    )
    page = [card for _, card in found[:limit]]
    if len(found) <= limit:
        return Page(page, None)
    return Page(page, pagination.write(name, [page[-1].published_at, found[limit - 1][0]]))


def starting_at(viewer: Viewer, post: Post, now: datetime) -> Page:
    """One clip per address: this one first, and then the for-you stream."""
    first = cards.one(viewer, post, now)
    if wellbeing.is_over(viewer, now):
        return Page([first], None)
    rest = for_you(viewer, pagination.write("for-you", [post.pk]), now, PAGE - 1)
    return Page([first, *rest.cards], rest.next)


def _list(state: object) -> list[int]:
    if not isinstance(state, list) or not all(isinstance(pk, int) for pk in state):
        raise BadCursor()
    return state


def _key(state: object) -> tuple[datetime, int]:
    match state:
        case [str(at), int(pk)]:
            return datetime.fromisoformat(at), pk
    raise BadCursor()
