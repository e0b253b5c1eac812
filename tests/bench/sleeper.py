"""Engines that do nothing but sleep, a step at a time, and then give a few small frames."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from typing import Any

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


def write_down(**said: Any) -> None:
    """A line for the bench, with the machine's own steady clock (the same in all its processes); nothing
    where it wants none."""
    if "BENCH_NOTES" not in os.environ:
        return
    with open(os.environ["BENCH_NOTES"], "a") as notes:
        notes.write(json.dumps({"at": time.monotonic(), **said}) + "\n")


def note_arrows() -> None:
    """From now on this process writes down when each arrow was taken."""
    from generation.models.generation import GenerationQuerySet

    move = GenerationQuerySet.move

    def noted(self: Any, row: Any, after: Any, *args: Any, **fields: Any) -> bool:
        moved = move(self, row, after, *args, **fields)
        write_down(arrow=str(after), row=row.pk)
        return moved

    GenerationQuerySet.move = noted  # type: ignore[method-assign]


class Sleeper:
    """`STEP_S` a step; as many steps as the seed says. With BENCH_NOTES set it writes down what it did."""

    STEP_S = 0.2
    slept = 0.0

    def __init__(self) -> None:
        if "BENCH_NOTES" in os.environ:
            write_down(loaded=os.getpid())
            note_arrows()

    def render(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
        steps, before = max(1, job.seed), self.slept
        write_down(began=True)
        for step in range(steps):
            if should_stop():
                raise Stopped
            started = time.monotonic()
            time.sleep(self.STEP_S)
            self.slept += time.monotonic() - started
            on_step(step + 1, steps)
        write_down(slept=self.slept - before)
        return Rendered(frames=self._frames(job), frame_count=FRAMES, fps=4.0, size=job.size)

    def _frames(self, job: Job) -> Iterator[Frame]:
        for index in range(FRAMES):
            yield np.full((job.size[1], job.size[0], 3), 40 * index, np.uint8)


ENGINES = {"sleeper": Entry("tests.bench.sleeper.Sleeper", CAN, "Sleeper")}
