"""Playable clips: a question at one moment of a clip, and two to four clips of its creator to go on with.

Each way is rendered before; a tap leads to it. What of them a viewer is offered is the rule of the clips
themselves: a way whose clip is withdrawn or hidden is not there, a paid one is offered for its price, and
where none is left the clip plays on as if it had none. (Playing a clip live is `generation.playing`.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.social import Viewer
from feed import text
from feed.models import BranchPoint, BranchWay, Post
from feed.refusals import BadBranch, BranchElsewhere, NotYourPost

LEAST, MOST = 2, 4
EARLIEST_MS = 500


@dataclass(frozen=True)
class Way:
    label: str
    url: str
    is_paid: bool


@dataclass(frozen=True)
class Choice:
    """What a viewer is asked, with the ways that they may go."""

    at_ms: int
    question: str
    ways: list[Way]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@transaction.atomic
def ask(
    *, post: Post, by: User, question: str, at_ms: int, ways: Sequence[tuple[str, Post]], now: datetime
) -> BranchPoint:
    """Ask at this moment of the clip, in place of what was asked there before. Raises `NotYourPost`,
    `BadBranch`, `BranchElsewhere`."""
    if post.creator_id != by.pk:
        raise NotYourPost()
    question = text.clean(question[:480]).replace("\n", " ")[:120]
    told = [(text.clean(label[:240]).replace("\n", " ")[:60], target) for label, target in ways]
    targets = {target.pk for _label, target in told}
    if not question or not LEAST <= len(told) <= MOST or len(targets) != len(told):
        raise BadBranch()
    if not all(label for label, _target in told) or not EARLIEST_MS <= at_ms <= post.clip.duration_ms:
        raise BadBranch()
    mine = Post.objects.visible_to(by, now).filter(creator=by, pk__in=targets).exclude(pk=post.pk)
    if mine.count() != len(targets):
        raise BranchElsewhere()
    BranchPoint.objects.filter(post=post).delete()
    point = BranchPoint.objects.create(post=post, at_ms=at_ms, question=question)
    BranchWay.objects.bulk_create(
        BranchWay(point=point, position=position, label=label, target=target)
        for position, (label, target) in enumerate(told)
    )
    _mark(post, True)
    return point


@transaction.atomic
def take_away(*, post: Post, by: User) -> None:
    """The clip is played through again. Twice is once."""
    if post.creator_id != by.pk:
        raise NotYourPost()
    BranchPoint.objects.filter(post=post).delete()
    _mark(post, False)


def _mark(post: Post, has_ways: bool) -> None:
    """Cards ask for ways only where there are any."""
    Post.objects.filter(pk=post.pk).update(has_ways=has_ways)
    post.has_ways = has_ways


def choice(viewer: Viewer, post: Post, now: datetime) -> Choice | None:
    """What this viewer is asked; None where no way is left to them. The caller has checked that they may see
    the post."""
    point = BranchPoint.objects.filter(post=post).first()
    if point is None:
        return None
    rows = list(point.ways.select_related("target"))
    ids = [row.target_id for row in rows]
    seen = set(Post.objects.visible_to(viewer, now).filter(pk__in=ids).values_list("pk", flat=True))
    sold = set(Post.objects.offered_to(viewer, now).filter(pk__in=ids).values_list("pk", flat=True))
    ways = [
        Way(
            row.label,
            f"/unlock/{row.target.public_id}" if row.target_id in sold else f"/p/{row.target.public_id}",
            row.target_id in sold,
        )
        for row in rows
        if row.target_id in seen | sold
    ]
    return Choice(point.at_ms, point.question, ways) if ways else None
