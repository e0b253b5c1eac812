"""How the engines of this host do on this host, measured by the same numbers as clips (`generation.scores`).

`manage.py measure_engine NAME` makes a handful of clips from the prompts below and keeps one row; the page of
engines and the composer show the newest of each. The prompts name what the judges can look for: places,
people, things, actions, and movements whose physics is known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

import numpy as np

from generation import machine, scores
from generation.engines import base as engines
from generation.engines.base import CastMember, EngineFailed, Frame, Job, Rendered
from generation.models import EngineMeasure
from generation.scores import Looker, Scores
from generation.states import Verb

JUDGED = tuple(name for name in scores.NAMES if name != "fidelity")  # that is of photos, which no prompt has
PROMPTS = (
    "a woman walks on the beach at sunset",
    "a man in a red coat juggles in the park",
    "two robots dance on the stage at night",
    "a boy jumps in the snowfield",
    "a girl bounces a ball in the park",
    "a man tosses a blue ball in the meadow",
    "a cat runs in the forest in the rain",
    "一个女人在城市里挥手",
)
SEEN_A_SECOND = 2


@dataclass
class _Made:
    """One clip of a run."""

    prompt: str
    seconds: float = 0.0
    took_s: float = 0.0
    error: str = ""
    scores: Scores = field(default_factory=Scores)


def measure(
    name: str,
    *,
    now: datetime,
    count: int = len(PROMPTS),
    seconds: int | None = None,
    face: CastMember | None = None,
    resembles: Callable[[Sequence[Frame]], float | None] | None = None,
    said: Callable[[str], None] = lambda _line: None,
) -> EngineMeasure:
    """Make `count` clips and keep what was measured. `face` is cast in each where the engine casts, and
    `resembles` says how much the frames look like them. Raises `CannotMake`, `EngineFailed("engine_missing")`
    and, when no clip at all was made, the last failure."""
    entry = engines.entry(name)
    machine.forget_peak()
    engine = engines.get(name)
    can = entry.abilities
    length = seconds or min(can.seconds)
    made = []
    for index in range(count):
        job = Job(
            prompt=PROMPTS[index % len(PROMPTS)],
            verb=Verb.TEXT if Verb.TEXT in can.verbs else next(iter(sorted(can.verbs))),
            seed=100 + index,
            seconds=length,
            size=can.sizes.get("9:16") or next(iter(can.sizes.values())),
            cast=[face] if face is not None and can.max_cast else [],
        )
        made.append(_one(engine, job, resembles))
        said(f"{index + 1}/{count} {made[-1].took_s:.1f} s {made[-1].error or made[-1].scores}")
    good = [clip for clip in made if not clip.error]
    if not good:
        raise EngineFailed(made[-1].error if made else "engine_error", "not one clip could be made")
    return EngineMeasure.objects.create(
        engine=name,
        title=entry.title,
        measured_at=now,
        machine=machine.name(),
        clips=len(good),
        failed=len(made) - len(good),
        clip_seconds=round(sum(clip.seconds for clip in good), 2),
        seconds_a_second=round(sum(c.took_s for c in good) / max(1e-6, sum(c.seconds for c in good)), 6),
        memory_mb=machine.memory_mb(),
        details={"clips": [asdict(clip) for clip in made]},
        **{n: _mean([getattr(clip.scores, n) for clip in good]) for n in JUDGED},
    )


def _one(
    engine: engines.Engine, job: Job, resembles: Callable[[Sequence[Frame]], float | None] | None
) -> _Made:
    """Render one clip to its last frame; nothing is kept of it but the numbers."""
    made, began = _Made(job.prompt), time.monotonic()
    try:
        rendered = engine.render(job, lambda *_step: None, lambda: False)
        looker = Looker(rendered.fps)
        seen, count = _pulled(rendered, looker)
    except EngineFailed as failed:
        made.took_s, made.error = time.monotonic() - began, failed.code
        return made
    made.took_s, made.seconds = round(time.monotonic() - began, 6), count / rendered.fps
    like = resembles(seen) if resembles is not None and job.cast else None
    made.scores = scores.measure(
        prompt=job.prompt,
        looker=looker,
        material=rendered.material,
        identity=[] if like is None else [like],
    )
    return made


def _pulled(rendered: Rendered, looker: Looker) -> tuple[list[Frame], int]:
    """Every frame is drawn; `SEEN_A_SECOND` of them are kept for those who look."""
    seen, count, every = [], 0, max(1, round(rendered.fps / SEEN_A_SECOND))
    for index, frame in enumerate(looker.passing(rendered.frames)):
        count += 1
        if index % every == 0:
            seen.append(frame)
    return seen, count


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.mean(known)), 4) if known else None


def latest() -> dict[str, EngineMeasure]:
    """The newest row of each engine that was measured."""
    found: dict[str, EngineMeasure] = {}
    for row in EngineMeasure.objects.order_by("-measured_at", "-pk")[:200]:
        found.setdefault(row.engine, row)
    return found
