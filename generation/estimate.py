"""What a clip costs before it is asked for: how long it takes, credits, seconds of compute, watt-hours.

Learned from this host: of the last READY clips of the same engine, those of the same verb and length tell the
seconds of work by their median; without enough of them, a line (fixed + per second of clip) is laid through
all lengths; before any history there is the engine's own first guess, and the page says so.

    work    = seconds from taking a job until READY, as learned
    before  = what is left of the jobs in work, and the work of each job that the queue serves first
    wait    = before / workers alive + work
    range   = wait times the 10th and 90th percentile of (real / promised) of the last clips (0.7 to 1.5
              before there are any); watt-hours = work x HOST_WATTS / 3600
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.models import User
from generation import queue
from generation.models import Generation
from generation.states import WORKING, State

HISTORY = 60
ENOUGH = 3  # clips of the same verb and length that tell by themselves
FIRST_GUESS = {"native": 4.0, "diffusers": 60.0}  # seconds of work per second of clip
CREDITS_PER_SECOND = 1
PREVIEW_CREDITS = 1
PREVIEW_SHARE = 0.35  # of the work of a whole clip, before previews taught better
HOST_WATTS = settings.HOST_WATTS  # what one busy worker draws on this host


@dataclass(frozen=True)
class Estimate:
    """Seconds until READY (low and high), credits, seconds of compute, watt-hours, from how many examples."""

    wait_s_low: int
    wait_s_high: int
    credits: int
    compute_s: float
    watt_hours: float
    examples: int
    wait_s: float = 0.0


@dataclass(frozen=True)
class Kind:
    """What decides how long the work takes."""

    engine: str
    verb: str
    seconds: int
    is_preview: bool = False


class History:
    """What this host learned, read once: seconds of work by engine, verb, length and size."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, bool], list[tuple[str, int, float]]] = {}
        self.known: dict[Kind, tuple[float, int]] = {}

    def work(self, kind: Kind) -> tuple[float, int]:
        """Seconds of work, and from how many clips that is known."""
        if kind not in self.known:
            self.known[kind] = self._learn(kind)
        return self.known[kind]

    def _learn(self, kind: Kind) -> tuple[float, int]:
        rows = self._of(kind.engine, kind.is_preview)
        if not rows and kind.is_preview:
            whole, examples = self.work(Kind(kind.engine, kind.verb, kind.seconds))
            return whole * PREVIEW_SHARE, examples
        if not rows:
            return FIRST_GUESS.get(kind.engine, 30.0) * max(1, kind.seconds), 0
        same = [took for verb, seconds, took in rows if verb == kind.verb and seconds == kind.seconds]
        if len(same) >= ENOUGH:
            return statistics.median(same), len(same)
        alike = [(seconds, took) for verb, seconds, took in rows if verb == kind.verb]
        points = alike if len(alike) >= ENOUGH else [(seconds, took) for _verb, seconds, took in rows]
        return _on_line(points, kind.seconds), len(points)

    def _of(self, engine: str, is_preview: bool) -> list[tuple[str, int, float]]:
        key = (engine, is_preview)
        if key not in self.rows:
            rows = (
                Generation.objects.filter(engine=engine, is_preview=is_preview, state=State.READY)
                .exclude(started_at=None)
                .exclude(finished_at=None)
                .order_by("-finished_at")
                .values_list("verb", "seconds", "started_at", "finished_at")[:HISTORY]
            )
            self.rows[key] = [
                (verb, seconds, (end - start).total_seconds())
                for verb, seconds, start, end in rows
                if start is not None and end is not None and end > start
            ]
        return self.rows[key]


def _on_line(points: Sequence[tuple[int, float]], seconds: int) -> float:
    """Work at a length, by a line through the median of each length (never below a tenth of the smallest)."""
    by_length = defaultdict(list)
    for length, took in points:
        by_length[length].append(took)
    middles = sorted((length, statistics.median(took)) for length, took in by_length.items())
    if len(middles) < 2:
        length, took = middles[0]
        return took * max(1, seconds) / max(1, length)
    slope, fixed = statistics.linear_regression(*zip(*middles, strict=True))
    return max(fixed + slope * seconds, 0.1 * min(took for _length, took in middles))


def estimate(
    *,
    maker: User,
    seconds: int,
    engine: str,
    now: datetime,
    verb: str = "text",
    is_preview: bool = False,
) -> Estimate:
    history = History()
    work, examples = history.work(Kind(engine, verb, seconds, is_preview))
    wait = _before(history, maker, is_preview, None, now) / _workers(now) + work
    cost = price(seconds=seconds, is_preview=is_preview)
    return _told(wait, work, cost, examples, engine)


def price(*, seconds: int, is_preview: bool = False) -> int:
    """Credits of a clip: what it was said to cost is what is reserved."""
    return PREVIEW_CREDITS if is_preview else max(1, seconds * CREDITS_PER_SECOND)


def left(generation: Generation, now: datetime) -> Estimate:
    """What is left for a generation that was asked for: jobs before it, and its own work not done yet."""
    history = History()
    work, examples = history.work(_kind(generation))
    if generation.state in WORKING:
        wait = _left_of(generation, work, now)
    else:
        before = 0.0
        if generation.state == State.QUEUED:
            before = _before(history, generation.maker, generation.is_preview, generation, now)
        wait = before / _workers(now) + work
    return _told(wait, work, generation.credits, examples, generation.engine)


def backlog_s(now: datetime) -> float:
    """Seconds until this host has done all that waits, if nobody else comes."""
    history = History()
    waiting = Generation.objects.filter(state=State.QUEUED).values_list(
        "engine", "verb", "seconds", "is_preview"
    )
    return sum(history.work(Kind(*row))[0] for row in waiting) / _workers(now)


def _told(wait: float, work: float, cost: int, examples: int, engine: str) -> Estimate:
    low, high = _spread(engine)
    return Estimate(
        wait_s_low=max(1, round(wait * low)),
        wait_s_high=max(3, round(wait * high)),
        credits=cost,
        compute_s=round(work, 1),
        watt_hours=round(work * HOST_WATTS / 3600, 3),
        examples=examples,
        wait_s=round(wait, 2),
    )


def _spread(engine: str) -> tuple[float, float]:
    """How far reality was from the promise lately: 10th and 90th percentile, at least 0.7 to 1.5 wide when
    there is little to learn from."""
    rows = (
        Generation.objects.filter(engine=engine, state=State.READY, promised_s__gt=0)
        .exclude(finished_at=None)
        .exclude(queued_at=None)
        .order_by("-finished_at")
        .values_list("promised_s", "queued_at", "finished_at")[:HISTORY]
    )
    ratios = [(end - asked).total_seconds() / promised for promised, asked, end in rows if end and asked]
    if len(ratios) < 10:
        return 0.7, 1.5
    tenths = statistics.quantiles(ratios, n=10)
    return max(0.2, min(0.9, tenths[0])), min(4.0, max(1.2, tenths[-1]))


def _kind(row: Generation) -> Kind:
    return Kind(row.engine, row.verb, row.seconds, row.is_preview)


def _left_of(row: Generation, work: float, now: datetime) -> float:
    """Seconds left of a job in work: by its steps once it reports some, by the clock before."""
    gone = (now - row.started_at).total_seconds() if row.started_at else 0.0
    by_clock = max(0.1 * work, work - gone)
    return max(0.05 * work, work * (1 - row.step / row.steps)) if row.steps and row.step else by_clock


def _before(history: History, maker: User, is_preview: bool, own: Generation | None, now: datetime) -> float:
    """Seconds of work served first: what is left of the jobs in work, and of those that wait, each person's
    jobs as far as their turns come before this one's."""
    working = Generation.objects.filter(state__in=WORKING)
    total = sum(_left_of(row, history.work(_kind(row))[0], now) for row in working)
    waiting = Generation.objects.filter(state=State.QUEUED, cancel_requested_at=None)
    if is_preview:
        waiting = waiting.filter(is_preview=True)
    if own is not None:
        waiting = waiting.exclude(pk=own.pk)
    for kind in queue.served_before(waiting, maker, own, now):
        total += history.work(Kind(*kind))[0]
    return total


def _workers(now: datetime) -> int:
    """Workers that gave a sign of life, or hold a job; one when there is none (it will come)."""
    holding = Generation.objects.filter(state__in=WORKING).exclude(worker="").values("worker").distinct()
    return max(1, queue.workers_alive(now), holding.count())
