"""Puts right what nobody is doing: lost leases, states that waited too long, rows that a judge was away for.

Run by every rendering worker and by the beat. Running it twice at once does no harm: each arrow is taken by
one. What takes long is not begun here: archives of people who move are the beat's (`tasks.sweep`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from cameos import references
from generation import actions, footage, holds, inspecting, orphans, queue
from generation.models import Generation, PlayFace, RemotePromise
from generation.screening import Outcome, Verdict
from generation.states import State

RETRY_JUDGES = timedelta(seconds=2)


@dataclass
class Swept:
    requeued: int = 0
    quarantined: int = 0
    expired: int = 0
    cancelled: int = 0
    judged: int = 0
    cleared: int = 0


def sweep(now: datetime) -> Swept:
    swept = bring_back(now)
    for row in queue.overdue(now).select_related("maker"):
        swept.expired += _expired(row, now)
    waiting = Generation.objects.filter(state__in=[State.QUEUED, State.SCREENING, State.HELD, State.PLAYING])
    for row in waiting.filter(cancel_requested_at__isnull=False).select_related("maker"):
        swept.cancelled += actions.end_cancelled(row, now)
    for row in Generation.objects.filter(state=State.SCREENING, created_at__lt=now - RETRY_JUDGES):
        swept.judged += actions.admit(row, now).state != State.SCREENING
    PlayFace.objects.filter(expires_at__lt=now).delete()
    RemotePromise.objects.filter(expires_at__lt=now).delete()
    swept.cleared = orphans.clear(now)
    inspecting.forget_frames()
    references.drop_erased()
    footage.sweep(now)
    holds.sweep(now)
    return swept


def bring_back(now: datetime) -> Swept:
    """Jobs whose worker vanished, alone: cheap enough to be asked before each job."""
    swept = Swept()
    for row in queue.lost_leases(now):
        _lost(row.pk, now, swept)
    return swept


@transaction.atomic
def _lost(pk: int, now: datetime, swept: Swept) -> None:
    """A worker vanished. Its fence is passed, so that it cannot write any more if it comes back. One that
    renewed late, while this was on its way, keeps its job."""
    row = queue.lost_leases(now).select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        return
    if row.cancel_requested_at is not None:
        swept.cancelled += actions.end_cancelled(row, now)
    elif row.attempts >= queue.STRIKES:
        swept.quarantined += actions.end_quarantined(row, now)
    else:
        swept.requeued += queue.requeue(row, now)


def _expired(row: Generation, now: datetime) -> bool:
    if row.state == State.QUARANTINED:
        return actions.drop_set_aside(row, now)
    if row.state == State.SCREENING:
        return actions.end_failed(row, now, error="screening_timeout")
    if row.state == State.PLAYING:
        row.cancel_reason = "maker"  # nobody kept it: no news
        return actions.end_cancelled(row, now)
    if row.state == State.QUEUED:
        return actions.end_failed(row, now, error="queue_timeout")
    verdict = Verdict(Outcome.REFUSE, stage="review", rule="review_expired", evidence=row.refusal_evidence)
    return actions.end_refused(row, now, verdict=verdict)
