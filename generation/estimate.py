"""What a clip costs before it is asked for: how long it takes, credits, seconds of compute, watt-hours.

Learned from this host: the seconds of work per second of clip are the median of the last READY generations
of the same engine. Before there is any history, the engine's own guess is taken, and the page says "about".

    work          = seconds of clip x learned seconds per second (plus what stands round the rendering)
    wait          = (jobs ahead by the queue's rule x their usual work + own work) / workers at work
    range         = 0.7 to 1.5 times the wait, as measured errors were; watt-hours = work x HOST_WATTS / 3600
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count

from accounts.models import User
from generation import queue
from generation.models import Generation
from generation.states import WORKING, State

HISTORY = 40
FIRST_GUESS = {"native": 4.0, "diffusers": 60.0}  # seconds of work per second of clip
CREDITS_PER_SECOND = 1
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


def estimate(*, maker: User, seconds: int, engine: str, now: datetime) -> Estimate:
    per_second, examples = _learned(engine)
    work = seconds * per_second
    wait = work + _ahead(maker) * _usual_work(per_second) / _workers(now)
    return Estimate(
        wait_s_low=max(1, round(wait * 0.7)),
        wait_s_high=max(3, round(wait * 1.5)),
        credits=price(seconds=seconds),
        compute_s=round(work, 1),
        watt_hours=round(work * HOST_WATTS / 3600, 3),
        examples=examples,
    )


def price(*, seconds: int) -> int:
    """Credits of a clip: what it was said to cost is what is reserved."""
    return max(1, seconds * CREDITS_PER_SECOND)


def _learned(engine: str) -> tuple[float, int]:
    rows = (
        Generation.objects.filter(engine=engine, state=State.READY, finished_at__isnull=False)
        .exclude(started_at=None)
        .order_by("-finished_at")
        .values_list("seconds", "started_at", "finished_at")[:HISTORY]
    )
    rates = [
        (end - start).total_seconds() / max(1, seconds)
        for seconds, start, end in rows
        if start is not None and end is not None and end > start
    ]
    if not rates:
        return FIRST_GUESS.get(engine, 30.0), 0
    return statistics.median(rates), len(rates)


def _usual_work(per_second: float) -> float:
    return 5 * per_second


def _ahead(maker: User) -> int:
    """Jobs served before a new one of this person: their own, and as many rounds of everybody else's."""
    waiting = Generation.objects.filter(state=State.QUEUED).order_by().values("maker").annotate(n=Count("pk"))
    counts = dict(waiting.values_list("maker", "n"))
    mine = counts.pop(maker.pk, 0)
    in_work = Generation.objects.filter(state__in=WORKING).count()
    return mine + sum(min(count, mine + 1) for count in counts.values()) + in_work


def _workers(now: datetime) -> int:
    recent = Generation.objects.filter(started_at__gt=now - timedelta(hours=1)).exclude(worker="")
    return max(1, recent.values("worker").distinct().count())


def left(generation: Generation, now: datetime) -> Estimate:
    """What is left for a generation that was asked for: jobs before it, and its own work not done yet."""
    per_second, examples = _learned(generation.engine)
    work = generation.seconds * per_second
    done = generation.step / generation.steps if generation.steps else 0.0
    before = 0
    if generation.state == State.QUEUED:
        in_work = Generation.objects.filter(state__in=WORKING).count()
        before = queue.ahead_of(generation) + in_work
    wait = work * (1 - done) + before * _usual_work(per_second) / _workers(now)
    return Estimate(
        wait_s_low=max(1, round(wait * 0.7)),
        wait_s_high=max(3, round(wait * 1.5)),
        credits=generation.credits,
        compute_s=round(work, 1),
        watt_hours=round(work * HOST_WATTS / 3600, 3),
        examples=examples,
    )
