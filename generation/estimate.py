"""What a clip costs before it is asked for: how long it takes, credits, seconds of compute, watt-hours.

Learned from this host, from the last READY clips of the same engine:

    line    seconds of work by length, by the median slope between any two clips
    work    line x (how verbs of this kind differ from it) x (how this length of this verb does), each the
            median ratio, shrunk towards 1 as if `PRIOR` clips had been exactly on the line
    wait    when the own job is done, if the waiting jobs are dealt in the order of the queue to the workers
            that are alive, each as soon as it is free; jobs in work are free after what is left of them
    left    of a job in work: by its steps once it reports some; before, the median of what such jobs still
            took that ran as long as this one did
    told    wait x the median of (real / uncorrected wait) of the last clips, shrunk the same way: others who
            come later and go first, work beside rendering
    range   wait x the 10th and 90th percentile of the same (0.7 to 1.5 before there are ten);
            watt-hours = work x HOST_WATTS / 3600

Before any history there is the engine's own first guess, and the page says so.
"""

from __future__ import annotations

import heapq
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from django.conf import settings

from accounts.models import User
from generation import queue
from generation.models import Generation
from generation.states import WORKING, State

HISTORY = 120
PRIOR = 2.0  # how many clips the line counts for beside those of the same verb and length
FIRST_GUESS = {"native": 4.0, "diffusers": 60.0, "studio": 1.5}  # seconds of work per second of clip
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
    uncorrected_s: float = (
        0.0  # before what was learned from earlier promises; kept, so that we go on learning
    )


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
        self.lines: dict[tuple[str, bool], _Line] = {}

    def work(self, kind: Kind) -> tuple[float, int]:
        """Seconds of work, and from how many clips that is known."""
        if kind not in self.known:
            self.known[kind] = self._learn(kind)
        return self.known[kind]

    def left_after(self, kind: Kind, gone: float) -> float:
        """Seconds that a job still takes which ran for `gone`: the median of those that took longer."""
        work, _examples = self.work(kind)
        took = [work * ratio for ratio in self._ratios(kind.engine, kind.is_preview) or [1.0]]
        longer = [seconds - gone for seconds in took if seconds > gone]
        return statistics.median(longer) if longer else 0.1 * work

    def _ratios(self, engine: str, is_preview: bool) -> list[float]:
        """Real work / what we would say of it, of each clip that we remember."""
        rows = self._of(engine, is_preview)
        return [took / self.work(Kind(engine, verb, length, is_preview))[0] for verb, length, took in rows]

    def _learn(self, kind: Kind) -> tuple[float, int]:
        rows = self._of(kind.engine, kind.is_preview)
        if not rows and kind.is_preview:
            whole, examples = self.work(Kind(kind.engine, kind.verb, kind.seconds))
            return whole * PREVIEW_SHARE, examples
        if not rows:
            return FIRST_GUESS.get(kind.engine, 30.0) * max(1, kind.seconds), 0
        line = self._line(kind.engine, kind.is_preview)
        alike = [(seconds, took / line.at(seconds)) for verb, seconds, took in rows if verb == kind.verb]
        of_verb = _shrunk([ratio for _seconds, ratio in alike])
        same = [ratio / of_verb for seconds, ratio in alike if seconds == kind.seconds]
        return line.at(kind.seconds) * of_verb * _shrunk(same), len(same) or len(alike) or len(rows)

    def _line(self, engine: str, is_preview: bool) -> _Line:
        key = (engine, is_preview)
        if key not in self.lines:
            self.lines[key] = _Line([(seconds, took) for _verb, seconds, took in self._of(*key)])
        return self.lines[key]

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


def _shrunk(ratios: Sequence[float]) -> float:
    """The median, drawn towards 1 as if `PRIOR` more had been there."""
    return (len(ratios) * statistics.median(ratios) + PRIOR) / (len(ratios) + PRIOR) if ratios else 1.0


class _Line:
    """Work by length (Theil, 1950, and Sen, 1968: the median slope between any two clips, so that a few odd
    ones bend nothing); in proportion where only one length is known. Never below a tenth of the smallest, and
    never less for a longer clip: short ones that came while the host was busy are no reason."""

    def __init__(self, points: Sequence[tuple[int, float]]) -> None:
        self.least = 0.1 * min(took for _length, took in points)
        slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if a[0] != b[0]]
        if not slopes:
            self.fixed, self.slope = 0.0, statistics.median(took / max(1, length) for length, took in points)
            return
        self.slope = max(0.0, statistics.median(slopes))
        self.fixed = statistics.median(took - self.slope * length for length, took in points)

    def at(self, seconds: int) -> float:
        return max(self.fixed + self.slope * max(1, seconds), self.least)


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
    wait = _queue_s(history, maker, is_preview, None, now) + work
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
        return _told(_left_of(generation, history, now), work, generation.credits, examples, "")
    waits = 0.0
    if generation.state in (State.SCREENING, State.QUEUED):
        own = generation if generation.state == State.QUEUED else None
        waits = _queue_s(history, generation.maker, generation.is_preview, own, now)
    return _told(waits + work, work, generation.credits, examples, generation.engine)


def backlog_s(now: datetime) -> float:
    """Seconds until this host has done all that waits, if nobody else comes."""
    history = History()
    waiting = Generation.objects.filter(state=State.QUEUED).values_list(
        "engine", "verb", "seconds", "is_preview"
    )
    return sum(history.work(Kind(*row))[0] for row in waiting) / _workers(now)


def _told(wait: float, work: float, cost: int, examples: int, engine: str) -> Estimate:
    """`engine` "" for a job in work: what was learned from promises is about those who wait."""
    low, middle, high = _spread(engine) if engine else (0.7, 1.0, 1.5)
    return Estimate(
        wait_s_low=max(1, round(wait * low)),
        wait_s_high=max(3, round(wait * high)),
        credits=cost,
        compute_s=round(work, 1),
        watt_hours=round(work * HOST_WATTS / 3600, 3),
        examples=examples,
        wait_s=round(wait * middle, 2),
        uncorrected_s=round(wait, 2),
    )


def _spread(engine: str) -> tuple[float, float, float]:
    """How far reality was from the promise lately: 10th percentile, median (shrunk), 90th percentile; at
    least 0.7 to 1.5 wide when there is little to learn from."""
    rows = (
        Generation.objects.filter(engine=engine, state=State.READY, promised_s__gt=0)
        .exclude(finished_at=None)
        .exclude(queued_at=None)
        .order_by("-finished_at")
        .values_list("promised_s", "queued_at", "finished_at")[:HISTORY]
    )
    ratios = [(end - asked).total_seconds() / promised for promised, asked, end in rows if end and asked]
    if len(ratios) < 10:
        return 0.7, 1.0, 1.5
    tenths = statistics.quantiles(ratios, n=10)
    return max(0.2, min(0.9, tenths[0])), _shrunk(ratios), min(4.0, max(1.2, tenths[-1]))


def _kind(row: Generation) -> Kind:
    return Kind(row.engine, row.verb, row.seconds, row.is_preview)


def _left_of(row: Generation, history: History, now: datetime) -> float:
    """Seconds left of a job in work: by its steps once it reports some, by the clock before."""
    work, _examples = history.work(_kind(row))
    gone = (now - row.started_at).total_seconds() if row.started_at else 0.0
    if not row.step or not row.steps:
        return history.left_after(_kind(row), gone)
    done = row.step / row.steps
    by_clock, by_work = gone * (1 / done - 1), work * (1 - done)
    return max(0.05 * work, done * by_clock + (1 - done) * by_work)


def _queue_s(history: History, maker: User, is_preview: bool, own: Generation | None, now: datetime) -> float:
    """Seconds until a worker takes this person's next job (or `own`): those in work end, and those whose turn
    comes before are dealt to whoever is free first."""
    working = Generation.objects.filter(state__in=WORKING).exclude(worker="")
    free = [_left_of(row, history, now) for row in working]
    free += [0.0] * (queue.workers_alive(now) - len(free))
    free = free or [0.0]  # nobody is there: somebody will come
    heapq.heapify(free)
    waiting = Generation.objects.filter(state=State.QUEUED, cancel_requested_at=None)
    if is_preview:
        waiting = waiting.filter(is_preview=True)
    if own is not None:
        waiting = waiting.exclude(pk=own.pk)
    for kind in queue.served_before(waiting, maker, own, now, is_preview=is_preview):
        heapq.heapreplace(free, free[0] + history.work(Kind(*kind))[0])
    return free[0]


def _workers(now: datetime) -> int:
    """Workers that gave a sign of life, or hold a job; one when there is none (it will come)."""
    holding = Generation.objects.filter(state__in=WORKING).exclude(worker="").values("worker").distinct()
    return max(1, queue.workers_alive(now), holding.count())
