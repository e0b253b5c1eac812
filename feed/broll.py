"""B-roll: clips that their creators offer to be cut into others', found by meaning and licensed.

Only clips that show nobody are offered: a person in it gives their likeness for one purpose at a time, and a
licence to anybody for anything is none of them. Whoever takes the money writes the licence (`commerce`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.social import Viewer
from feed import cards, prices, search
from feed.cards import Card
from feed.models import BrollLicence, Post
from feed.refusals import BrollFilmed, BrollShowsPeople, NotYourPost
from generation import pieces
from generation.pieces import Piece
from model import text as vectors

PAGE = 24
MOST_COMPARED = 5_000  # newest offered clips whose vectors are compared


@transaction.atomic
def offer(*, post: Post, by: User) -> None:
    """Raises `NotYourPost`, `BrollShowsPeople`, `BrollFilmed`."""
    if post.creator_id != by.pk:
        raise NotYourPost()
    if post.clip.cast_count:
        raise BrollShowsPeople()
    if not post.clip.may_be_changed():
        raise BrollFilmed()
    Post.objects.filter(pk=post.pk).update(is_broll=True)
    post.is_broll = True


@transaction.atomic
def take_back(*, post: Post, by: User) -> None:
    """No new licences; those that were given stay."""
    if post.creator_id != by.pk:
        raise NotYourPost()
    Post.objects.filter(pk=post.pk).update(is_broll=False)
    post.is_broll = False


@transaction.atomic
def grant(*, post: Post, holder: User, reference: str, now: datetime) -> BrollLicence:
    """Twice is once."""
    made, _new = BrollLicence.objects.get_or_create(
        reference=reference, defaults={"post": post, "holder": holder, "granted_at": now}
    )
    return made


@transaction.atomic
def end(*, reference: str, now: datetime) -> bool:
    return bool(BrollLicence.objects.filter(reference=reference, ended_at=None).update(ended_at=now))


def holds(post: Post, person: User) -> bool:
    return BrollLicence.objects.standing().filter(post=post, holder=person).exists()


class Shelf:
    """What `generation.pieces` asks: the same clips, to be cut into a reel."""

    def found(self, viewer: User, words: str, now: datetime) -> list[Piece]:
        return [_piece(one.card, one.price) for one in found(viewer, words, now)[0]]

    def held(self, viewer: User, now: datetime) -> list[Piece]:
        return [_piece(card, "") for card in held_by(viewer, now)]

    def named(self, viewer: User, keys: Sequence[UUID], now: datetime) -> list[Piece]:
        offered = Post.objects.visible_to(viewer, now).filter(is_broll=True, clip__public_id__in=keys)
        ids = list(offered.newest_first().values_list("pk", flat=True))
        costs = prices.told("broll", ids)
        return [_piece(card, costs.get(pk, "")) for pk, card in cards.some(viewer, ids, now)]


def _piece(card: Card, price: str) -> Piece:
    return Piece(
        key=card.clip,
        title=card.label,
        by=card.creator.name,
        poster=card.poster,
        seconds=card.duration_ms / 1000,
        price=price,
        page=f"/broll/{card.id}",
    )


def connect() -> None:
    pieces.register(Shelf())


@dataclass(frozen=True)
class Offered:
    card: Card
    price: str  # as people read it


def found(viewer: Viewer, asked: str, now: datetime) -> tuple[list[Offered], bool]:
    """(offered clips that the viewer may see, whether meaning was asked). The nearest in meaning and words
    first; without words the newest. With the vector process away words alone answer."""
    offered = Post.objects.visible_to(viewer, now).filter(is_broll=True)
    asked, by_meaning = search.tidy(asked), True
    if asked:
        ids, by_meaning = _nearest(asked, offered)
    else:
        ids = list(offered.newest_first().values_list("pk", flat=True)[:PAGE])
    costs = prices.told("broll", ids[:PAGE])
    shown = cards.some(viewer, ids[:PAGE], now)
    return [Offered(card, costs.get(pk, "")) for pk, card in shown], by_meaning


def _nearest(asked: str, offered: QuerySet[Post]) -> tuple[list[int], bool]:
    """The whole index holds every post there is; of the offered ones the vectors are compared here."""
    rows = list(offered.order_by("-pk").values_list("pk", "vector")[:MOST_COMPARED])
    there = {pk for pk, _vector in rows}
    named = [pk for pk in search.by_words(search.words_of(asked, asked=True)) if pk in there]
    try:
        question = vectors.embed([asked], query=True, timeout_s=search.PATIENCE_S)[0]
    except vectors.Unavailable:
        return named, False
    told = [(pk, np.frombuffer(bytes(vector), "<f4")) for pk, vector in rows if vector]
    near = sorted(((float(row @ question), pk) for pk, row in told), reverse=True)
    least = max(search.NEAR, near[0][0] - search.FROM_BEST) if near else 1.0
    return search.fuse(named, [pk for cosine, pk in near if cosine >= least]), True


def held_by(person: User, now: datetime) -> list[Card]:
    """What a person has a licence for and may still see."""
    held = BrollLicence.objects.standing().filter(holder=person).values("post")
    rows = Post.objects.visible_to(person, now).filter(pk__in=held)
    return cards.in_order(person, list(rows.newest_first().values_list("pk", flat=True)[:PAGE]), now)
