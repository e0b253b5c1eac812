"""What a page or the API shows of a post, read for one viewer in one statement."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, Func, JSONField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject

from accounts import compiled
from accounts.models import Follow
from accounts.social import Viewer
from accounts.templatetags.ui import hue_of, initial_of
from cameos.models import LikenessUse
from feed.models import Like, Post
from feed.ranking import explain
from feed.ranking.slate import Place
from generation.models import Clip, Ingredient, Rendition

AT_ONCE = 24  # posts of one statement


@dataclass(frozen=True)
class Person:
    handle: str
    name: str
    hue: int
    initial: str
    url: str


@dataclass  # made ten a page: a frozen one costs four times as much
class Card:
    """One post as JSON holds it and `feed/_card.html` draws it."""

    id: str
    url: str
    clip: str
    caption: str
    prompt: str
    creator: Person
    cast: list[dict[str, str]]
    parent: dict[str, str] | None
    poster: str
    video: str
    video_small: str
    width: int
    height: int
    duration_ms: int
    like_count: int
    comment_count: int
    remix_count: int
    liked: bool
    following: bool
    is_mine: bool
    allow_remix: bool
    allow_comments: bool
    is_generated: bool
    published_at: str
    why: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "creator": vars(self.creator)}

    @property
    def label(self) -> str:
        """What a screen reader and a page title call it."""
        return self.caption.split("\n")[0] or self.prompt


def person(user: Any) -> Person:
    handle = user.username
    return Person(handle, user.name, hue_of(handle), initial_of(user.name), f"/u/{handle}")


def in_order(viewer: Viewer, ids: Sequence[int], now: datetime) -> list[Card]:
    """Cards of these posts in this order; what the viewer may not see is left out."""
    return [card for _, card in some(viewer, ids, now)]


def some(
    viewer: Viewer, ids: Sequence[int], now: datetime, *, muted: bool = True, at_once: int = AT_ONCE
) -> list[tuple[int, Card]]:
    """(id, card) of these posts in this order, one statement for each `at_once`. What the viewer may not see
    is left out, and without `muted` what they muted too."""
    marks = [compiled.number(slot) for slot in range(1, at_once + 1)]

    def build(someone: Any) -> QuerySet[Post]:
        posts = Post.objects.visible_to(someone, compiled.NOW)
        posts = posts if muted else posts.not_muted_by(someone)
        return posts.filter(pk__in=marks)

    found: dict[int, Card] = {}
    for start in range(0, len(ids), at_once):
        part = ids[start : start + at_once]
        numbers = [*part, *[0] * (at_once - len(part))]
        found |= dict(read(("ids", muted, at_once), build, viewer, now, numbers=numbers))
    return [(pk, found[pk]) for pk in ids if pk in found]


def of_slate(viewer: Viewer, places: Sequence[Place], now: datetime, version: str) -> list[Card]:
    """Cards of a slate, each with the reasons that put it there."""
    found = dict(some(viewer, [place.item for place in places], now, muted=False))
    return [
        replace(found[place.item], why=explain.why(place, version)) for place in places if place.item in found
    ]


def one(viewer: Viewer, post: Post, now: datetime) -> Card:
    return in_order(viewer, [post.pk], now)[0]


def read(
    shape: Hashable,
    build: Callable[[Any], QuerySet[Post]],
    viewer: Viewer,
    now: datetime,
    **values: Any,
) -> list[tuple[int, Card]]:
    """(id, card) of the posts of a queryset, whatever is on them in one statement. `build(viewer)` gets a
    stand-in of the viewer, and marks where values differ (`compiled.py`)."""
    me = viewer.pk
    someone = AnonymousUser() if me is None else compiled.VIEWER
    rows = compiled.run(
        ("cards", me is None, shape),
        lambda: build(someone).values_list(*_columns(someone)),
        compiled.Values(me, now, **values),
    )
    return [(row[0], _card(row, me)) for row in rows]


class JsonArray(Func):
    """Every value of a subquery as one JSON array."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_AGG", **more)


def _columns(viewer: Any) -> list[Any]:
    """The columns that `_card` takes, in its order."""
    fields = (
        *("pk", "public_id", "clip__public_id", "caption", "clip__prompt", "clip__prompt_hidden"),
        *("creator__username", "creator__display_name", "clip__width", "clip__height"),
        *("clip__duration_ms", "like_count", "comment_count", "remix_count", "allow_remix"),
        *("allow_comments", "clip__origin", "published_at", "creator_id"),
    )
    return [F(name) for name in fields] + [
        _rendition(Rendition.Kind.POSTER),
        _rendition(Rendition.Kind.MP4_720),
        _rendition(Rendition.Kind.MP4_360),
        _mine(viewer, Like.objects.filter(post=OuterRef("pk"), person=viewer.pk)),
        _mine(viewer, Follow.objects.filter(followee=OuterRef("creator"), follower=viewer.pk)),
        _cast(),
        _parent(viewer),
    ]


def _mine(viewer: Any, rows: QuerySet[Any]) -> Any:
    return Value(False) if viewer.pk is None else Exists(rows)


def _rendition(kind: str) -> Subquery:
    files = Rendition.objects.filter(clip=OuterRef("clip_id"), kind=kind).order_by()
    return Subquery(files.values("public_id")[:1])


def _cast() -> Subquery:
    uses = LikenessUse.objects.filter(clip=OuterRef("clip_id"), state=LikenessUse.State.LIVE).order_by()
    person = JSONObject(pk="pk", name="cameo__name", kind="cameo__kind", handle="cameo__owner__username")
    return Subquery(uses.values(people=JsonArray(person)))


def _parent(viewer: Any) -> Subquery:
    """Whom a remix credits, where the source is still to be seen."""
    links = Ingredient.objects.filter(
        clip=OuterRef("clip_id"),
        relationship=Ingredient.Relationship.PARENT,
        source__in=Clip.objects.visible_to(viewer, compiled.NOW).filter(post__state=Post.State.LIVE),
    )
    parent = JSONObject(
        post="source__post__public_id",
        name="source__maker__display_name",
        handle="source__maker__username",
    )
    return Subquery(links.order_by("pk").values(parent=parent)[:1])


def _card(row: tuple[Any, ...], me: int | None) -> Card:
    _, public_id, clip, caption, prompt, is_hidden, handle, display, width, height, duration_ms = row[:11]
    likes, comments, remixes, allow_remix, allow_comments, origin, published_at, creator = row[11:19]
    poster, large, small, liked, following, cast, parent = row[19:]
    name = display or handle
    large = large or small
    return Card(
        id=str(public_id),
        url=f"/p/{public_id}",
        clip=str(clip),
        caption=caption,
        prompt="" if is_hidden else prompt,
        creator=Person(handle, name, hue_of(handle), initial_of(name), f"/u/{handle}"),
        cast=[
            {"name": one["name"], "kind": one["kind"], "url": f"/u/{one['handle']}"}
            for one in sorted(cast or (), key=lambda one: one["pk"])
        ],
        parent={"url": f"/p/{UUID(parent['post'])}", "name": parent["name"] or parent["handle"]}
        if parent
        else None,
        poster=_media(poster),
        video=_media(large),
        video_small=_media(small or large),
        width=width,
        height=height,
        duration_ms=duration_ms,
        like_count=likes,
        comment_count=comments,
        remix_count=remixes,
        liked=bool(liked),
        following=bool(following),
        is_mine=me == creator,
        allow_remix=allow_remix,
        allow_comments=allow_comments,
        is_generated=origin == Clip.Origin.GENERATED,
        published_at=published_at.isoformat(),
    )


def _media(public_id: UUID | None) -> str:
    return f"/media/{public_id}" if public_id else ""
