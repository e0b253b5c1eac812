"""What others may do with a post, and what of a remix's earnings goes up its lineage.

A creator asks for a part of what others earn by remixes of their clip (`Post.remix_share_bp`). Whoever
publishes a remix sees the part and agrees by publishing: it is written down then (`RemixShare`), and a later
change reaches later remixes alone. What a parent gets it passes on by what it agreed to itself, so that a
remix of a remix pays the first clip too. docs/algorithms/shop.md says how a payment is divided by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from feed.models import Post, RemixShare
from feed.refusals import BadShare, NotYourPost, SharesChanged
from generation.models import Clip, Ingredient

WHOLE = 10_000
MOST_ASKED = 3_000  # of a remix's earnings, for one parent
MOST_TOGETHER = 5_000  # for all of them: a remixer keeps half


@dataclass(frozen=True)
class Parent:
    """One clip that a remix was made from: whose it is, the part it asks for, and what it owes itself."""

    creator_id: int
    share_bp: int
    owes: tuple[tuple[int, int], ...] = ()


def check_share(share_bp: int) -> None:
    if not 0 <= share_bp <= MOST_ASKED:
        raise BadShare()


def divided(creator_id: int, parents: Iterable[Parent]) -> dict[int, int]:
    """Person -> part of the creator's earnings, in basis points, floored at each step. Pure.

    Each parent's part is its creator's less what that clip owes, which goes on to whom it is owed. One's own
    clip asks for nothing and passes on whole what it owes. Beyond `MOST_TOGETHER` all give way in proportion.
    """
    parts: dict[int, int] = {}
    for parent in parents:
        whole = WHOLE if parent.creator_id == creator_id else parent.share_bp
        passed = {person: whole * owed // WHOLE for person, owed in parent.owes}
        rest = 0 if parent.creator_id == creator_id else whole - sum(passed.values())
        for person, part in [(parent.creator_id, rest), *passed.items()]:
            if part > 0 and person != creator_id:
                parts[person] = parts.get(person, 0) + part
    total = sum(parts.values())
    if total > MOST_TOGETHER:
        parts = {person: part * MOST_TOGETHER // total for person, part in parts.items()}
    return {person: part for person, part in parts.items() if part}


def owed_by(clip: Clip, creator_id: int) -> dict[int, int]:
    """What a remix would owe if its creator published it now: person -> basis points of their earnings.
    A parent that is off stage asks for nothing."""
    parents = (
        Post.objects.filter(
            clip__used_in__clip=clip,
            clip__used_in__relationship=Ingredient.Relationship.PARENT,
            state=Post.State.LIVE,
        )
        .prefetch_related("remix_shares")
        .order_by("pk")
    )
    found = [
        Parent(
            post.creator_id,
            post.remix_share_bp,
            tuple((row.person_id, row.share_bp) for row in post.remix_shares.all()),
        )
        for post in parents
    ]
    return divided(creator_id, found)


def named(parts: dict[int, int]) -> list[tuple[User, int]]:
    """The same for people to read, the largest part first."""
    people = User.objects.in_bulk(parts)
    return sorted(((people[pk], part) for pk, part in parts.items()), key=lambda one: (-one[1], one[0].pk))


def freeze(post: Post, seen: int | None = None) -> None:
    """Write down what a post that is being published owes; in the transaction that publishes it. Raises
    `SharesChanged` where the creator was shown another sum."""
    owed = owed_by(post.clip, post.creator_id)
    if seen is not None and seen != sum(owed.values()):
        raise SharesChanged()
    RemixShare.objects.bulk_create(
        RemixShare(post=post, person_id=person, share_bp=part) for person, part in sorted(owed.items())
    )


def owed(post_id: int) -> list[tuple[int, int]]:
    """(person, basis points of the creator's part) of a post, as it was when it was published."""
    return list(RemixShare.objects.filter(post=post_id).order_by("person").values_list("person", "share_bp"))


@transaction.atomic
def change(*, post: Post, by: User, now: datetime, **rights: bool | int) -> Post:
    """The creator decides anew what others may do from now on: any of `allow_remix`, `allow_comments`,
    `allow_tags`, `allow_download`, `remix_share_bp`. What was agreed for remixes that are out stays. Raises
    `NotYourPost`, `BadShare`."""
    if post.creator_id != by.pk:
        raise NotYourPost()
    check_share(int(rights.get("remix_share_bp", post.remix_share_bp)))
    for name, value in rights.items():
        setattr(post, name, value)
    post.save(update_fields=list(rights))
    return post


def may_download(post: Post, viewer_id: int | None) -> bool:
    return post.allow_download or viewer_id == post.creator_id
