"""What a page or the API shows of a post, read for one viewer in one statement."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    Func,
    JSONField,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject, NullIf

from accounts import compiled
from accounts.models import Follow
from accounts.social import Viewer
from accounts.templatetags.ui import HUES, hue_of, initial_of
from cameos.models import LikenessUse
from feed.models import Episode, Like, Post
from feed.ranking import explain
from feed.ranking.slate import Place
from generation import wordless
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
    """One post as JSON holds it and `drawn/card.html` draws it."""

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
    allow_download: bool
    has_ways: bool
    series: dict[str, Any] | None  # of an episode: url, title, number
    published_at: str
    why: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "creator": vars(self.creator)}

    @property
    def may_remix(self) -> bool:
        """What was filmed is shown as it was filmed, also for who filmed it."""
        return self.allow_remix or (self.is_mine and self.is_generated)

    @property
    def label(self) -> str:
        """What a screen reader and a page title call it."""
        return self.caption.split("\n")[0] or wordless.shown(self.prompt)

    @property
    def words(self) -> str:
        """The prompt, where somebody typed one."""
        return "" if self.prompt in wordless.SENTENCES else self.prompt


@dataclass
class ReadyCard:
    """The same card as the JSON that a program gets, written by the database."""

    text: str  # whole but for `why` and the last brace
    published_at: str
    why: str = "null"

    def __str__(self) -> str:
        return f'{self.text},"why":{self.why}}}'


@dataclass(frozen=True)
class Form:
    """What a card is read as: the columns of its statement, and what is made of a row."""

    name: str
    columns: Callable[[Any], list[Any]]
    make: Callable[[tuple[Any, ...], int | None], Any]
    reasons: Callable[[list[list[Any]], str], list[Any]]

    def give_reasons(self, cards: Sequence[Any], places: list[list[Any]], version: str) -> None:
        """To each card the `why` of its place, as `explain` keeps it."""
        for card, why in zip(cards, self.reasons(places, version), strict=True):
            card.why = why


def person(user: Any) -> Person:
    handle = user.username
    return Person(handle, user.name, hue_of(handle), initial_of(user.name), f"/u/{handle}")


def in_order(viewer: Viewer, ids: Sequence[int], now: datetime) -> list[Card]:
    """Cards of these posts in this order; what the viewer may not see is left out."""
    return [card for _, card in some(viewer, ids, now)]


def some(
    viewer: Viewer,
    ids: Sequence[int],
    now: datetime,
    *,
    muted: bool = True,
    at_once: int = AT_ONCE,
    form: Form | None = None,
) -> list[tuple[int, Any]]:
    """(id, card) of these posts in this order, one statement for each `at_once`. What the viewer may not see
    is left out, and without `muted` what they muted too."""
    marks = [compiled.number(slot) for slot in range(1, at_once + 1)]

    def build(someone: Any) -> QuerySet[Post]:
        posts = Post.objects.visible_to(someone, compiled.NOW)
        posts = posts if muted else posts.not_muted_by(someone)
        return posts.filter(pk__in=marks)

    found: dict[int, Any] = {}
    for start in range(0, len(ids), at_once):
        part = ids[start : start + at_once]
        numbers = [*part, *[0] * (at_once - len(part))]
        found |= dict(read(("ids", muted, at_once), build, viewer, now, form, numbers=numbers))
    return [(pk, found[pk]) for pk in ids if pk in found]


def of_slate(
    viewer: Viewer, places: Sequence[Place], now: datetime, version: str, form: Form | None = None
) -> list[Any]:
    """Cards of a slate, each with the reasons that put it there."""
    place_of = {place.item: place for place in places}
    found = some(viewer, list(place_of), now, muted=False, form=form)
    made = [card for _, card in found]
    (form or DRAWN).give_reasons(made, [explain.kept(place_of[pk]) for pk, _ in found], version)
    return made


def one(viewer: Viewer, post: Post, now: datetime) -> Card:
    return in_order(viewer, [post.pk], now)[0]


def read(
    shape: Hashable,
    build: Callable[[Any], QuerySet[Post]],
    viewer: Viewer,
    now: datetime,
    form: Form | None = None,
    **values: Any,
) -> list[tuple[int, Any]]:
    """(id, card) of the posts of a queryset, whatever is on them in one statement. `build(viewer)` gets a
    stand-in of the viewer, and marks where values differ (`compiled.py`). Cards are `Card` but for a `form`.
    """
    me, form = viewer.pk, form or DRAWN
    someone = AnonymousUser() if me is None else compiled.VIEWER
    rows = compiled.run(
        ("cards", form.name, me is None, shape),
        lambda: build(someone).values_list(*form.columns(someone)),
        compiled.Values(me, now, **values),
    )
    return [(row[0], form.make(row, me)) for row in rows]


def ready() -> Form:
    """Cards as text of JSON: PostgreSQL writes it, SQLite's cards are written here."""
    return READY if connection.vendor == "postgresql" else WRITTEN


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
        *("allow_comments", "clip__origin", "published_at", "creator_id", "allow_download"),
        *("has_ways", "episode__number", "episode__series__public_id", "episode__series__title"),
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
    parent = JSONObject(
        post="source__post__public_id",
        name="source__maker__display_name",
        handle="source__maker__username",
    )
    return Subquery(_parents(viewer).values(parent=parent)[:1])


def _parents(viewer: Any) -> QuerySet[Ingredient]:
    """Whom a remix credits, where the source is still to be seen."""
    links = Ingredient.objects.filter(
        clip=OuterRef("clip_id"),
        relationship=Ingredient.Relationship.PARENT,
        source__in=Clip.objects.visible_to(viewer, compiled.NOW).filter(post__state=Post.State.LIVE),
    )
    return links.order_by("pk")


def _card(row: tuple[Any, ...], me: int | None) -> Card:
    _, public_id, clip, caption, prompt, is_hidden, handle, display, width, height, duration_ms = row[:11]
    likes, comments, remixes, allow_remix, allow_comments, origin, published_at, creator = row[11:19]
    allow_download, has_ways, number, series, title = row[19:24]
    poster, large, small, liked, following, cast, parent = row[24:]
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
        allow_download=allow_download,
        has_ways=has_ways,
        series={"url": f"/series/{series}", "title": title, "number": number} if series else None,
        is_generated=origin == Clip.Origin.GENERATED,
        published_at=published_at.isoformat(),
    )


def _media(public_id: UUID | None) -> str:
    return f"/media/{public_id}" if public_id else ""


# --- As text of JSON ---------------------------------------------------------------------------------------


def _written(row: tuple[Any, ...], me: int | None) -> ReadyCard:
    card = _card(row, me).as_json()
    card.pop("why")
    return ReadyCard(json.dumps(card)[:-1], card["published_at"])


def _read(row: tuple[Any, ...], _me: int | None) -> ReadyCard:
    return ReadyCard(row[1][:-1], row[2])


class JsonText(Func):
    """`{"name": value, …}` of pairs, as PostgreSQL's text."""

    function = "JSON_BUILD_OBJECT"
    output_field = JSONField()

    def __init__(self, **values: Any) -> None:
        pairs = [part for name, value in values.items() for part in (Value(name), value)]
        super().__init__(*pairs)


class JsonRows(Func):
    """The first expression of every row of a subquery as one JSON array, in the order of the second."""

    function, arg_joiner = "JSON_AGG", " ORDER BY "
    output_field = JSONField()


class Sql(Func):
    """An expression in words of PostgreSQL around others."""

    output_field = TextField()


_SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_MOMENT = """TO_CHAR(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')"""
_HUE = (  # a number of ours alone is put in
    f"(SELECT MOD(SUM(ASCII(its)), {HUES}) FROM UNNEST(STRING_TO_ARRAY(%(expressions)s, NULL)) its)"  # nosec B608
)


def _text_columns(viewer: Any) -> list[Any]:
    """(id, the card as JSON without its reasons, when it was published): what `_card` makes, in SQL."""
    handle, public_id = F("creator__username"), Cast("public_id", TextField())
    large, small = _rendition(Rendition.Kind.MP4_720), _rendition(Rendition.Kind.MP4_360)
    card = JsonText(
        id=public_id,
        url=Concat(Value("/p/"), public_id, output_field=TextField()),
        clip=F("clip__public_id"),
        caption=F("caption"),
        prompt=Case(
            When(clip__prompt_hidden=True, then=Value("")),
            default=F("clip__prompt"),
            output_field=TextField(),
        ),
        creator=JsonText(
            handle=handle,
            name=_name("creator"),
            hue=Sql(handle, template=_HUE),
            initial=Sql(
                Sql(_name("creator"), Value(_SPACES), function="BTRIM"),
                template="COALESCE(NULLIF(LEFT(%(expressions)s, 1), ''), '?')",
            ),
            url=Concat(Value("/u/"), handle, output_field=TextField()),
        ),
        cast=Sql(_cast_text(), template="COALESCE(%(expressions)s, '[]'::json)"),
        parent=_parent_text(viewer),
        poster=_address(_rendition(Rendition.Kind.POSTER)),
        video=_address(Coalesce(large, small)),
        video_small=_address(Coalesce(small, large)),
        width=F("clip__width"),
        height=F("clip__height"),
        duration_ms=F("clip__duration_ms"),
        like_count=F("like_count"),
        comment_count=F("comment_count"),
        remix_count=F("remix_count"),
        liked=_mine(viewer, Like.objects.filter(post=OuterRef("pk"), person=viewer.pk)),
        following=_mine(viewer, Follow.objects.filter(followee=OuterRef("creator"), follower=viewer.pk)),
        is_mine=Value(False)
        if viewer.pk is None
        else Case(
            When(creator=viewer.pk, then=Value(True)), default=Value(False), output_field=BooleanField()
        ),
        allow_remix=F("allow_remix"),
        allow_comments=F("allow_comments"),
        is_generated=Case(
            When(clip__origin=Clip.Origin.GENERATED, then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        ),
        allow_download=F("allow_download"),
        has_ways=F("has_ways"),
        series=_series_text(),
        published_at=Sql(F("published_at"), template=_MOMENT),
    )
    return [F("pk"), Cast(card, TextField()), Sql(F("published_at"), template=_MOMENT)]


def _name(person: str) -> Coalesce:
    return Coalesce(NullIf(F(f"{person}__display_name"), Value("")), F(f"{person}__username"))


def _address(public_id: Any) -> Sql:
    return Sql(public_id, template="COALESCE('/media/' || (%(expressions)s)::text, '')")


def _cast_text() -> Subquery:
    uses = LikenessUse.objects.filter(clip=OuterRef("clip_id"), state=LikenessUse.State.LIVE).order_by()
    url = Concat(Value("/u/"), F("cameo__owner__username"), output_field=TextField())
    person = JsonText(name=F("cameo__name"), kind=F("cameo__kind"), url=url)
    return Subquery(uses.values(people=JsonRows(person, F("pk"))))


def _parent_text(viewer: Any) -> Subquery:
    url = Concat(Value("/p/"), Cast("source__post__public_id", TextField()), output_field=TextField())
    parent = JsonText(url=url, name=_name("source__maker"))
    return Subquery(_parents(viewer).values(parent=parent)[:1])


def _series_text() -> Subquery:
    series = JsonText(
        url=Concat(Value("/series/"), Cast("series__public_id", TextField()), output_field=TextField()),
        title=F("series__title"),
        number=F("number"),
    )
    return Subquery(Episode.objects.filter(post=OuterRef("pk")).order_by().values(told=series)[:1])


def _explained(places: list[list[Any]], version: str) -> list[dict[str, Any]]:
    return [explain.of_kept(place, version) for place in places]


DRAWN = Form("drawn", _columns, _card, _explained)
WRITTEN = Form("written", _columns, _written, explain.as_texts)
READY = Form("ready", _text_columns, _read, explain.as_texts)
