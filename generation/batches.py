"""Several takes of the same wishes: other seeds, one price told before, the best by its scores shown first.

Every take is a request of its own (turn, permits, credits); those that are not chosen stay drafts of their
maker's. What a take is ranked by is `scores.overall`.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from generation import actions, budgets, credits, estimate, scores, verbs
from generation.forms import MOST_TAKES
from generation.models import ClipScores, Generation
from generation.refusals import CannotMake, OutOfCredits
from generation.states import State


@dataclass(frozen=True)
class Take:
    """One of several: `score` 0..1 once it is measured."""

    generation: Generation
    score: float | None
    is_best: bool = False


def request(*, takes: int, now: datetime, **wishes: Any) -> list[Generation]:
    """Ask for `takes` clips of the same wishes; the first has the seed that was asked for. All or none: room
    and credits for all of them are looked at before the first is asked for. Raises what
    `actions.request_generation` raises."""
    if not 1 <= takes <= MOST_TAKES:
        raise CannotMake(f"1-{MOST_TAKES}", code="takes_unknown")
    if takes == 1:
        return [actions.request_generation(now=now, **wishes)]
    maker, seconds = wishes["maker"], _length(wishes)
    price = takes * estimate.price(seconds=seconds)
    if (has := credits.balance(maker)) < price:
        raise OutOfCredits(price, has)
    budgets.check(maker=maker, seconds=takes * seconds, is_preview=False, now=now, requests=takes)
    batch, made = uuid.uuid4(), list[Generation]()
    for seed in _seeds(wishes.get("seed"), takes):
        made.append(actions.request_generation(now=now, **(wishes | {"seed": seed, "batch": batch})))
        if made[-1].state == State.REFUSED:
            break  # the same words are refused the same way
    return made


def _length(wishes: dict[str, Any]) -> int:
    """Seconds of one take. A way of going on has a length of its own, whatever was asked for."""
    sources = [clip for clip in (wishes.get("parent"), *wishes.get("more_sources", ())) if clip is not None]
    asked = verbs.settle(
        wishes["verb"],
        prompt=wishes["prompt"],
        sources=sources,
        how=wishes.get("how") or {},
        seconds=wishes["seconds"],
        cast_count=len(wishes["cast"]),
    )
    return asked.seconds


def _seeds(first: int | None, count: int) -> list[int]:
    draw = random.SystemRandom()
    start = draw.randint(1, actions.MAX_SEED) if first is None else first
    rest = random.Random(start).sample(range(1, actions.MAX_SEED), count)  # seeded, no secret  # nosec B311
    return [start, *(seed for seed in rest if seed != start)][:count]


def best_first(rows: Iterable[Generation]) -> list[Take]:
    """Measured takes by their score, then those that are not over, then those without a clip. The first is
    the best once it is measured."""
    rows = list(rows)
    measured = {
        row.clip_id: row
        for row in ClipScores.objects.filter(clip__in=[row.clip_id for row in rows if row.clip_id])
    }
    takes = [Take(row, _score(row, measured)) for row in rows]
    takes.sort(key=_rank)
    if takes and takes[0].score is not None:
        takes[0] = Take(takes[0].generation, takes[0].score, is_best=True)
    return takes


def _rank(take: Take) -> tuple[bool, float, bool, int]:
    return take.score is None, -(take.score or 0.0), take.generation.is_over, take.generation.pk


def _score(row: Generation, measured: dict[Any, ClipScores]) -> float | None:
    if row.clip is None or row.clip.is_gone or row.clip_id not in measured:
        return None
    return scores.overall(measured[row.clip_id])
