"""A person's page: who they are, what they published, and whom they own as a likeness."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum

from accounts import social
from accounts.models import CircleMember, Follow, Mute, User
from accounts.social import Viewer
from cameos.models import Cameo
from feed import cards, pagination
from feed.cards import Card
from feed.models import Post, Repost
from feed.refusals import BadCursor

PAGE = 24


@dataclass(frozen=True)
class PersonPage:
    cards: list[Card]
    next: str | None
    clip_count: int
    like_count: int
    follower_count: int
    following_count: int
    follows: bool  # the viewer follows this person
    is_me: bool
    is_close: bool  # the viewer lists this person in their circle
    is_muted: bool  # the viewer does not want to hear of this person
    likenesses: list[Cameo]
    reposted: list[Card]  # by the viewer, on their own page: the newest, to be taken back there


def page(viewer: Viewer, person: User, cursor: str, now: datetime) -> PersonPage:
    visible = Post.objects.visible_to(viewer, now).filter(creator=person)
    totals = visible.aggregate(clips=Count("pk"), likes=Sum("like_count"))
    older = visible.before(*_key(pagination.read(f"person.{person.pk}", cursor))) if cursor else visible
    keys = list(older.newest_first().values_list("pk", "published_at")[: PAGE + 1])
    onward = None
    if len(keys) > PAGE:
        pk, at = keys[PAGE - 1]
        onward = pagination.write(f"person.{person.pk}", [at.isoformat(), pk])
    return PersonPage(
        cards=cards.in_order(viewer, [pk for pk, _ in keys[:PAGE]], now),
        next=onward,
        clip_count=totals["clips"],
        like_count=totals["likes"] or 0,
        follower_count=Follow.objects.filter(followee=person).count(),
        following_count=Follow.objects.filter(follower=person).count(),
        follows=social.follows(viewer, person),
        is_me=viewer.pk == person.pk,
        is_close=CircleMember.objects.filter(owner=viewer.pk, member=person).exists(),
        is_muted=Mute.objects.filter(muter=viewer.pk, muted=person).exists(),
        likenesses=list(Cameo.objects.filter(owner=person, state=Cameo.State.VERIFIED).order_by("pk")),
        reposted=_reposted(person, now) if viewer.pk == person.pk else [],
    )


def _reposted(person: User, now: datetime) -> list[Card]:
    newest = Repost.objects.filter(person=person).order_by("-created_at", "-pk")
    return cards.in_order(person, list(newest.values_list("post", flat=True)[:PAGE]), now)


def _key(state: object) -> tuple[datetime, int]:
    match state:
        case [str(at), int(pk)]:
            return datetime.fromisoformat(at), pk
    raise BadCursor()
