"""Engines that do nothing but sleep, a step at a time, and then give a few small frames."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from generation.engines.base import (
    Abilities,
    Entry,
    Frame,
    Job,
    OnStep,
    Rendered,
    ShouldStop,
    Stopped,
)

CAN = Abilities(verbs=frozenset({"text"}), seconds=(1, 2, 5, 10), sizes={"9:16": (72, 128)}, max_cast=0)
FRAMES = 4


class Sleeper:
    """`STEP_S` a step; as many steps as the seed says."""

    STEP_S = 0.2
    slept = 0.0

    def render(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
        steps = max(1, job.seed)
        for step in range(steps):
            if should_stop():
                raise Stopped
            started = time.monotonic()
            time.sleep(self.STEP_S)
            self.slept += time.monotonic() - started
            on_step(step + 1, steps)
        return Rendered(frames=self._frames(job), frame_count=FRAMES, fps=4.0, size=job.size)

    def _frames(self, job: Job) -> Iterator[Frame]:
        for index in range(FRAMES):
            yield np.full((job.size[1], job.size[0], 3), 40 * index, np.uint8)


ENGINES = {"sleeper": Entry("tests.bench.sleeper.Sleeper", CAN, "Sleeper")}
