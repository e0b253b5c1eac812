"""Whose turn it is, and who holds which job.

The table is the queue; a broker only wakes workers. A worker *claims* a row: a lease (until when it is
theirs) and a fencing token (`fence`, one higher with each claim). Whoever writes for a claim names its
token, so a worker that lost its lease and comes back late changes nothing. A lease that nobody renewed is
swept back into the queue; the third time the row is QUARANTINED, because a job that kills workers must not
go round for ever.

Turn: people first, then their jobs. Among the oldest waiting job of each person, the person with the fewest
jobs in work is served, then the one served longest ago. So somebody with a hundred jobs waits like somebody
with one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from generation.models import Generation
from generation.states import WAITS, WORKING, State

STRIKES = 3
LEASE = timedelta(seconds=settings.GENERATION_LEASE_S)
STALL = timedelta(seconds=getattr(settings, "GENERATION_STALL_S", 300))


@dataclass(frozen=True)
class Claim:
    """One worker's hold on one generation."""

    generation_id: int
    fence: int
    worker: str


class LostClaim(Exception):
    """The lease went to somebody else; this worker must stop and write nothing."""


def claim(worker: str, now: datetime) -> Claim | None:
    """Take the job whose turn it is, or None. At most one worker gets a row; none waits for another."""
    for _attempt in range(3):  # Another worker may be faster; then it is somebody else's turn.
        with transaction.atomic():
            row = _next_in_turn()
            if row is None:
                return None
            taken = Generation.objects.filter(pk=row.pk, state=State.QUEUED, fence=row.fence).update(
                state=State.RENDERING,
                state_since=now,
                worker=worker[:80],
                lease_until=now + LEASE,
                fence=F("fence") + 1,
                attempts=F("attempts") + 1,
                started_at=now,
                step=0,
                steps=0,
            )
            if taken:
                return Claim(row.pk, row.fence + 1, worker)
    return None


def _next_in_turn() -> Generation | None:
    rows: QuerySet[Generation] = in_turn()
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return rows.first()


def in_turn() -> QuerySet[Generation]:
    """The oldest waiting job of each person, whose turn comes first at the front."""
    same_maker = Generation.objects.filter(maker=OuterRef("maker")).order_by()
    older = same_maker.filter(state=State.QUEUED, cancel_requested_at=None).filter(
        Q(queued_at__lt=OuterRef("queued_at")) | Q(queued_at=OuterRef("queued_at"), pk__lt=OuterRef("pk"))
    )
    in_work = same_maker.filter(state__in=WORKING).values("maker").annotate(n=Count("pk")).values("n")
    served = same_maker.values("maker").annotate(last=Max("started_at")).values("last")
    return (
        Generation.objects.filter(~Exists(older), state=State.QUEUED, cancel_requested_at=None)
        .annotate(in_work=Coalesce(Subquery(in_work), 0), served_at=Subquery(served))
        .order_by("in_work", F("served_at").asc(nulls_first=True), "queued_at", "pk")
    )


def ahead_of(generation: Generation) -> int:
    """How many jobs are served before this one if nobody else comes: each waiting person's turn, round by
    round."""
    mine = Generation.objects.filter(
        maker=generation.maker, state=State.QUEUED, queued_at__lt=generation.queued_at
    ).count()
    others = (
        Generation.objects.filter(state=State.QUEUED)
        .exclude(maker=generation.maker)
        .order_by()
        .values("maker")
        .annotate(n=Count("pk"))
        .values_list("n", flat=True)
    )
    return mine + sum(min(count, mine + 1) for count in others)


def renew(held: Claim, now: datetime) -> None:
    """Hold the job a lease longer. Raises `LostClaim`."""
    if not _held(held).filter(state__in=WORKING).update(lease_until=now + LEASE):
        raise LostClaim(held)


def report_step(held: Claim, step: int, steps: int) -> bool:
    """Note progress. True when somebody wants the job stopped. Raises `LostClaim`."""
    if not _held(held).update(step=min(step, steps), steps=steps):
        raise LostClaim(held)
    return _held(held).filter(cancel_requested_at__isnull=False).exists()


def is_cancelled(held: Claim) -> bool:
    """Whether somebody wants the job stopped. Raises `LostClaim`."""
    row = _held(held).values_list("cancel_requested_at", flat=True).first()
    if row is None and not _held(held).exists():
        raise LostClaim(held)
    return row is not None


def finish(held: Claim, now: datetime) -> None:
    """Let go of the lease after the last arrow."""
    _held(held).update(lease_until=None, finished_at=now)


def _held(held: Claim) -> QuerySet[Generation]:
    return Generation.objects.filter(pk=held.generation_id, fence=held.fence)


@contextmanager
def renewing(held: Claim, every: timedelta = LEASE / 3) -> Iterator[Callable[[], None]]:
    """Renew from a thread while the body runs. Yields `pulse`: without one for `STALL`, the thread stops
    renewing, so that a worker that hangs loses the job although its process lives."""
    over = threading.Event()
    last = [timezone.now()]

    def pulse() -> None:
        last[0] = timezone.now()

    def keep() -> None:
        try:
            while not over.wait(every.total_seconds()):
                if timezone.now() - last[0] > STALL:
                    return
                renew(held, timezone.now())
        except LostClaim:
            return
        finally:
            connection.close()

    thread = threading.Thread(target=keep, name=f"renew-{held.generation_id}", daemon=True)
    thread.start()
    try:
        yield pulse
    finally:
        over.set()
        thread.join(timeout=5)


def lost_leases(now: datetime) -> QuerySet[Generation]:
    return Generation.objects.filter(state__in=WORKING, lease_until__lt=now)


def overdue(now: datetime) -> QuerySet[Generation]:
    """Rows that waited longer than their state allows."""
    late = Q(pk__in=[])
    for state, wait in WAITS.items():
        late |= Q(state=state, state_since__lt=now - wait)
    return Generation.objects.filter(late)


def requeue(row: Generation, now: datetime) -> bool:
    """Put a job back whose worker vanished. The fence grows, so that the vanished one cannot come back."""
    return Generation.objects.move(
        row, State.QUEUED, now, fence=row.fence + 1, worker="", lease_until=None, step=0, steps=0
    )
