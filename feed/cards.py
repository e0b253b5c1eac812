"""What a page or the API shows of a post, read for one viewer in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Value

from accounts.models import Follow
from accounts.social import Viewer
from accounts.templatetags.ui import hue_of, initial_of
from cameos.models import LikenessUse
from feed.models import Like, Post
from feed.ranking import explain
from feed.ranking.slate import Place
from generation.models import Clip, Ingredient, Rendition


@dataclass(frozen=True)
class Person:
    handle: str
    name: str
    hue: int
    initial: str
    url: str


@dataclass(frozen=True)
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
        return asdict(self)

    @property
    def label(self) -> str:
        """What a screen reader and a page title call it."""
        return self.caption.split("\n")[0] or self.prompt


def person(user: Any) -> Person:
    handle = user.username
    return Person(handle, user.name, hue_of(handle), initial_of(user.name), f"/u/{handle}")


def in_order(viewer: Viewer, ids: Sequence[int], now: datetime) -> list[Card]:
    """Cards of these posts in this order; what the viewer may not see is left out."""
    found = dict(_read(Post.objects.visible_to(viewer, now).filter(pk__in=ids), viewer))
    return [found[pk] for pk in ids if pk in found]


def of_slate(viewer: Viewer, places: Sequence[Place], now: datetime) -> list[Card]:
    """Cards of a slate, each with the reasons that put it there."""
    reasons = {place.item: explain.why(place) for place in places}
    visible = Post.objects.visible_to(viewer, now).filter(pk__in=reasons)
    found = dict(_read(visible, viewer, reasons))
    return [found[place.item] for place in places if place.item in found]


def one(viewer: Viewer, post: Post, now: datetime) -> Card:
    return in_order(viewer, [post.pk], now)[0]


def _read(
    posts: QuerySet[Post], viewer: Viewer, reasons: dict[int, dict[str, Any]] | None = None
) -> Iterable[tuple[int, Card]]:
    """Five queries however many posts: posts, renditions, cast, parents, and the parents' visibility in it.
    Five queries however many posts: posts, renditions, cast, parents, and the parents' visibility in it.
    """
    rows = list(
        posts.select_related("clip", "creator").annotate(
            liked=_mine(viewer, Like.objects.filter(post=OuterRef("pk"), person=viewer.pk)),
            following=_mine(viewer, Follow.objects.filter(followee=OuterRef("creator"), follower=viewer.pk)),
        )
    )
    clips = [post.clip_id for post in rows]
    renditions = _renditions(clips)
    cast = _cast(clips)
    parents = _parents(clips, viewer)
    for post in rows:
        yield post.pk, _card(post, viewer, renditions, cast, parents, (reasons or {}).get(post.pk))


def _mine(viewer: Viewer, rows: QuerySet[Any]) -> Any:
    return Value(False) if viewer.pk is None else Exists(rows)


def _renditions(clips: list[int]) -> dict[int, dict[str, UUID]]:
    found: dict[int, dict[str, UUID]] = {}
    for clip, kind, public_id in Rendition.objects.filter(clip__in=clips).values_list(
        "clip_id", "kind", "public_id"
    ):
        found.setdefault(clip, {})[kind] = public_id
    return found


def _cast(clips: list[int]) -> dict[int, list[dict[str, str]]]:
    found: dict[int, list[dict[str, str]]] = {}
    uses = LikenessUse.objects.filter(clip__in=clips, state=LikenessUse.State.LIVE).order_by("pk")
    for clip, name, kind, handle in uses.values_list(
        "clip_id", "cameo__name", "cameo__kind", "cameo__owner__username"
    ):
        found.setdefault(clip, []).append({"name": name, "kind": kind, "url": f"/u/{handle}"})
    return found


def _parents(clips: list[int], viewer: Viewer) -> dict[int, dict[str, str]]:
    """Whom a remix credits, where the source is still to be seen."""
    links = Ingredient.objects.filter(
        clip__in=clips,
        relationship=Ingredient.Relationship.PARENT,
        source__in=Clip.objects.visible_to(viewer).filter(post__state=Post.State.LIVE),
    )
    return {
        clip: {"url": f"/p/{post}", "name": display or handle}
        for clip, post, display, handle in links.values_list(
            "clip_id", "source__post__public_id", "source__maker__display_name", "source__maker__username"
        )
    }


def _card(
    post: Post,
    viewer: Viewer,
    renditions: dict[int, dict[str, UUID]],
    cast: dict[int, list[dict[str, str]]],
    parents: dict[int, dict[str, str]],
    why: dict[str, Any] | None,
) -> Card:
    clip = post.clip
    files = renditions.get(clip.pk, {})
    large = _media(files, Rendition.Kind.MP4_720) or _media(files, Rendition.Kind.MP4_360)
    return Card(
        id=str(post.public_id),
        url=post.get_absolute_url(),
        clip=str(clip.public_id),
        caption=post.caption,
        prompt="" if clip.prompt_hidden else clip.prompt,
        creator=person(post.creator),
        cast=cast.get(clip.pk, []),
        parent=parents.get(clip.pk),
        poster=_media(files, Rendition.Kind.POSTER),
        video=large,
        video_small=_media(files, Rendition.Kind.MP4_360) or large,
        width=clip.width,
        height=clip.height,
        duration_ms=clip.duration_ms,
        like_count=post.like_count,
        comment_count=post.comment_count,
        remix_count=post.remix_count,
        liked=bool(post.liked),  # type: ignore[attr-defined]
        following=bool(post.following),  # type: ignore[attr-defined]
        is_mine=viewer.pk == post.creator_id,
        allow_remix=post.allow_remix,
        allow_comments=post.allow_comments,
        is_generated=clip.origin == Clip.Origin.GENERATED,
        published_at=post.published_at.isoformat(),
        why=why,
    )


def _media(files: dict[str, UUID], kind: str) -> str:
    return f"/media/{files[kind]}" if kind in files else ""
