"""Whose turn it is, and who holds which job.

The table is the queue; a broker only wakes workers. A worker *claims* a row: a lease (until when it is
theirs) and a fencing token (`fence`, one higher with each claim). Whoever writes for a claim names its
token, so a worker that lost its lease and comes back late changes nothing. A lease that nobody renewed is
swept back into the queue; the third time the row is QUARANTINED, because a job that kills workers must not
go round for ever.

Turn: people first, then their jobs, by start-time fair queuing (Goyal, Vin and Cheng, SIGCOMM 1996) with a
turn as the unit. Of each person the oldest job stands in line; it may start at max(round now, the person's
last finish), and moves that finish by 1 / weight of their plan. The smallest start is served. So somebody
with a hundred jobs waits like somebody with one, and somebody with weight 2 has two turns a round. Previews
go before whole clips.

Time is the database's (`clock`): a worker whose own clock is wrong by an hour holds leases as long as any.
"""

from __future__ import annotations

import heapq
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, FloatField, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.db.utils import DatabaseError

from accounts.models import User
from generation.models import Allowance, Generation, Turn, Worker
from generation.states import SET_ASIDE, WAITS, WORKING, State

STRIKES = 3
LEASE = timedelta(seconds=settings.GENERATION_LEASE_S)
STALL = timedelta(seconds=settings.GENERATION_STALL_S)
RENEWALS = 6  # in a lease: a thread that gets no turn for most of it still comes in time
ALIVE = timedelta(seconds=60)


@dataclass(frozen=True)
class Claim:
    """One worker's hold on one generation."""

    generation_id: int
    fence: int
    worker: str
    engine: str = ""


class LostClaim(Exception):
    """The lease went to somebody else; this worker must stop and write nothing."""


def clock() -> datetime:
    """What time it is for leases: the database's word, the same for all workers."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
            return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)
        cursor.execute("SELECT clock_timestamp()")
        told: datetime = cursor.fetchone()[0]
        return told


def claim(
    worker: str,
    now: datetime,
    *,
    engines: Collection[str] = (),
    previews: bool = False,
    where: Q | None = None,
    goes_on: bool = False,
) -> Claim | None:
    """Take the job whose turn it is, or None. At most one worker gets a row; none waits for another.
    `engines`: only jobs of these (all, when empty). `previews`: only previews. `where`: only jobs like this.
    `goes_on`: the job had its turn already (a remote worker rendered it), so that this one costs nothing."""
    for _attempt in range(3):  # Another worker may be faster; then it is somebody else's turn.
        with transaction.atomic():
            row = _next_in_turn(engines, previews, where)
            if row is None:
                return None
            taken = Generation.objects.filter(pk=row.pk, state=State.QUEUED, fence=row.fence).update(
                state=State.RENDERING,
                state_since=now,
                worker=worker[:80],
                lease_until=now + LEASE,
                fence=F("fence") + 1,
                attempts=F("attempts") + 1,
                started_at=Coalesce(F("started_at"), now) if goes_on else now,
                step=0,
                steps=0,
            )
            if taken:
                if not goes_on:
                    _take_turn(row, now)
                return Claim(row.pk, row.fence + 1, worker, row.engine)
    return None


def _next_in_turn(engines: Collection[str], previews: bool, where: Q | None) -> Generation | None:
    rows: QuerySet[Generation] = in_turn(engines=engines, previews=previews, where=where)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return rows.first()


def in_turn(
    *, engines: Collection[str] = (), previews: bool = False, where: Q | None = None
) -> QuerySet[Generation]:
    """The oldest waiting job of each person, whose turn comes first at the front."""
    waiting = Generation.objects.filter(state=State.QUEUED, cancel_requested_at=None)
    if where is not None:
        waiting = waiting.filter(where)
    if engines:
        waiting = waiting.filter(engine__in=engines)
    if previews:
        waiting = waiting.filter(is_preview=True)
    first = (
        waiting.filter(maker=OuterRef("maker")).order_by("-is_preview", "queued_at", "pk").values("pk")[:1]
    )
    finish = Coalesce(F("maker__turn__finish"), 0.0)
    return (
        waiting.filter(pk=Subquery(first))
        .annotate(served=finish, start=Greatest(finish, Value(round_now(), FloatField())))
        .order_by("-is_preview", "start", "served", "queued_at", "pk")
    )


def preview_waits(engines: Collection[str]) -> bool:
    """Whether a preview for one of these engines waits: a cheap look, asked at step borders."""
    rows = Generation.objects.filter(state=State.QUEUED, is_preview=True, engine__in=engines)
    return rows.filter(cancel_requested_at=None).exists()


def round_now() -> float:
    """How far the rounds are: the start of the turn that began last."""
    return Turn.objects.aggregate(most=Max("start"))["most"] or 0.0


def _take_turn(row: Generation, now: datetime) -> None:
    start: float = row.start  # type: ignore[attr-defined]  # annotated by `in_turn`
    turn = Turn(person_id=row.maker_id, start=start, finish=start + 1 / weight_of(row.maker_id, now))
    Turn.objects.bulk_create(  # one statement, new or not
        [turn], update_conflicts=True, unique_fields=["person"], update_fields=["start", "finish"]
    )


def weight_of(person_id: int, now: datetime) -> int:
    """Turns a round: what the person's plan gives, else one."""
    live = Allowance.objects.filter(person=person_id, until__gt=now)
    return live.values_list("weight", flat=True).first() or 1


def served_before(
    waiting: QuerySet[Generation],
    maker: User,
    own: Generation | None,
    now: datetime,
    *,
    is_preview: bool = False,
) -> list[tuple[str, str, int, bool]]:
    """(engine, verb, seconds, is preview) of those among `waiting` whose turn comes before this person's next
    job (or before `own`), in the order of their turns, if nobody else comes."""
    lines: dict[int, list[_Waiting]] = {maker.pk: []}
    for row in waiting.order_by("-is_preview", "queued_at", "pk").values_list(
        "maker", "is_preview", "queued_at", "pk", "engine", "verb", "seconds"
    ):
        lines.setdefault(row[0], []).append(row)
    mine = lines[maker.pk]
    if own is not None:
        is_preview = own.is_preview
    last = (maker.pk, is_preview, own.queued_at if own else now, own.pk if own else sys.maxsize, "", "", 0)
    ahead = [row for row in mine if (not row[1], row[2]) <= (not is_preview, last[2])]
    lines[maker.pk] = [*ahead, last]
    return [(row[4], row[5], row[6], row[1]) for row in _in_order(lines, now, last)]


_Waiting = tuple[int, bool, Any, int, str, str, int]


def _in_order(lines: dict[int, list[_Waiting]], now: datetime, until: _Waiting) -> Iterator[_Waiting]:
    """Serve people's lines by the rule of `in_turn`, up to one job. (The start of a turn is the person's
    finish or the round, whichever is later: so those who are behind the round come by their finish.)"""
    round_, finishes = round_now(), dict(Turn.objects.values_list("person", "finish"))
    weights = dict(Allowance.objects.filter(until__gt=now).values_list("person", "weight"))
    heads = [_place(line, 0, finishes.get(person, 0.0)) for person, line in lines.items() if line]
    heapq.heapify(heads)
    while heads:
        _later, finish, _queued, _pk, person, index = heapq.heappop(heads)
        row = lines[person][index]
        if row is until:
            return
        yield row
        round_ = max(round_, finish)
        if index + 1 < len(lines[person]):
            finish = round_ if finish < round_ else finish
            heapq.heappush(heads, _place(lines[person], index + 1, finish + 1 / weights.get(person, 1)))


def _place(line: list[_Waiting], index: int, finish: float) -> tuple[bool, float, Any, int, int, int]:
    row = line[index]
    return (not row[1], finish, row[2], row[3], row[0], index)


def seen(worker: str, now: datetime) -> None:
    """A worker's sign of life, for estimates."""
    Worker.objects.update_or_create(name=worker[:80], defaults={"seen_at": now})


def workers_alive(now: datetime) -> int:
    return Worker.objects.filter(seen_at__gt=now - ALIVE).count()


def renew(held: Claim, now: datetime) -> None:
    """Hold the job a lease longer. Raises `LostClaim`."""
    if not _held(held).filter(state__in=WORKING).update(lease_until=now + LEASE):
        raise LostClaim(held)


def report_step(held: Claim, step: int, steps: int) -> bool:
    """Note progress. True when somebody wants the job stopped. Raises `LostClaim`."""
    note_step(held, step, steps)
    return is_cancelled(held)


def note_step(held: Claim, step: int, steps: int) -> None:
    """Raises `LostClaim`, also when the job left RENDERING (a late step must not overwrite the last)."""
    if not _held(held).filter(state=State.RENDERING).update(step=min(step, steps), steps=steps):
        raise LostClaim(held)


def is_cancelled(held: Claim) -> bool:
    """Whether somebody wants the job stopped. Raises `LostClaim`. Asked at every step, so it is one read
    without a query built for it."""
    table = Generation._meta.db_table  # the only thing put into the words
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT cancel_requested_at IS NOT NULL FROM {table} WHERE id=%s AND fence=%s",  # nosec B608
            [held.generation_id, held.fence],
        )
        row = cursor.fetchone()
    if row is None:
        raise LostClaim(held)
    return bool(row[0])


def finish(held: Claim, now: datetime) -> None:
    """Let go of the lease after the last arrow."""
    _held(held).update(lease_until=None, finished_at=now)


def _held(held: Claim) -> QuerySet[Generation]:
    return Generation.objects.filter(pk=held.generation_id, fence=held.fence)


@contextmanager
def renewing(held: Claim, every: timedelta = LEASE / RENEWALS) -> Iterator[Callable[[], None]]:
    """Renew from a thread while the body runs. Yields `pulse`: without one for `STALL`, the thread stops
    renewing, so that a worker that hangs loses the job although its process lives."""
    over = threading.Event()
    last = [time.monotonic()]

    def pulse() -> None:
        last[0] = time.monotonic()

    def keep() -> None:
        try:
            while not over.wait(every.total_seconds()):
                if time.monotonic() - last[0] > STALL.total_seconds():
                    return
                _renew_if_reachable(held)
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


def _renew_if_reachable(held: Claim) -> None:
    """A database that is away for a moment costs nothing while the lease lasts; then it is lost anyway."""
    try:
        renew(held, clock())
    except DatabaseError:
        connection.close()


def hand_back(held: Claim, now: datetime) -> bool:
    """Put the job back as if it had not been taken: what went wrong was not the job's fault, so it is no
    strike. False when the claim is lost."""
    return bool(
        _held(held)
        .filter(state__in=WORKING, attempts__gt=0)
        .update(
            state=State.QUEUED,
            state_since=now,
            fence=F("fence") + 1,
            attempts=F("attempts") - 1,
            worker="",
            lease_until=None,
            step=0,
            steps=0,
        )
    )


def lost_leases(now: datetime) -> QuerySet[Generation]:
    return Generation.objects.filter(state__in=WORKING, lease_until__lt=now)


def overdue(now: datetime) -> QuerySet[Generation]:
    """Rows that waited longer than their state allows."""
    late = Q(state=State.QUARANTINED, state_since__lt=now - SET_ASIDE)
    for state, wait in WAITS.items():
        late |= Q(state=state, state_since__lt=now - wait)
    return Generation.objects.filter(late)


def requeue(row: Generation, now: datetime) -> bool:
    """Put a job back whose worker vanished. The fence grows, so that the vanished one cannot come back."""
    return Generation.objects.move(
        row, State.QUEUED, now, fence=row.fence + 1, worker="", lease_until=None, step=0, steps=0
    )
