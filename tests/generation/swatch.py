"""A small real engine for tests: a checked cloth that waves, in a few frames, with a tone for sound."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from generation.engines.base import (
    Abilities,
    EngineFailed,
    Entry,
    Frame,
    Job,
    OnStep,
    Rendered,
    ShouldStop,
    Stopped,
)
from generation.states import Verb

SIZE = (216, 384)
FPS = 8.0
CAN = Abilities(
    verbs=frozenset(Verb.values), seconds=(1, 2, 5), sizes={"9:16": SIZE}, max_cast=3, products=True
)
SWATCH = Entry("tests.generation.swatch.Swatch", CAN, "Swatch")
BROKEN = Entry("tests.generation.swatch.Torn", CAN, "Torn")
ABSENT = Entry("tests.generation.nowhere.Engine", CAN, "Absent")
HUNGRY = Entry("tests.generation.swatch.Hungry", CAN, "Hungry")
ENGINES = {"swatch": SWATCH, "torn": BROKEN, "absent": ABSENT, "hungry": HUNGRY}


class Swatch:
    """Draws `seconds * FPS` frames; the seed decides the pattern, and the parent's material shifts it."""

    def render(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
        count = round(job.seconds * FPS)
        shift = len(job.parent_material or b"") % 97
        return Rendered(
            frames=self.draw(job, count, shift, on_step, should_stop),
            frame_count=count,
            fps=FPS,
            size=job.size,
            audio=np.sin(np.arange(48_000 * job.seconds) / 20).astype(np.float32)[:, None] * 0.1,
            material=f"swatch {job.seed}".encode(),
        )

    def draw(
        self, job: Job, count: int, shift: int, on_step: OnStep, should_stop: ShouldStop
    ) -> Iterator[Frame]:
        cloth = np.random.default_rng(job.seed).integers(0, 255, (24, 14, 3), np.uint8)
        for index in range(count):
            if should_stop():
                raise Stopped
            big = cv2.resize(np.roll(cloth, index + shift, axis=0), job.size, interpolation=cv2.INTER_CUBIC)
            yield self.finish(big)
            on_step(index + 1, count)

    def finish(self, frame: Frame) -> Frame:
        return frame


class Torn(Swatch):
    """Gives numbers that are no picture."""

    def finish(self, frame: Frame) -> Frame:
        return np.full(frame.shape, np.nan)


class Hungry(Swatch):
    """Runs out of memory."""

    def finish(self, frame: Frame) -> Frame:
        raise EngineFailed("out_of_memory")


class Stalling(Swatch):
    """Waits in its third frame until the file STALL_UNTIL is there: somewhere to be killed."""

    def draw(
        self, job: Job, count: int, shift: int, on_step: OnStep, should_stop: ShouldStop
    ) -> Iterator[Frame]:
        for index, frame in enumerate(super().draw(job, count, shift, on_step, should_stop)):
            yield frame
            while index == 2 and not Path(os.environ["STALL_UNTIL"]).exists():
                time.sleep(0.05)


ENGINES["stalling"] = Entry("tests.generation.swatch.Stalling", CAN, "Stalling")


class Peckish(Swatch):
    """Runs out of memory at its full size, and has enough for half."""

    def finish(self, frame: Frame) -> Frame:
        if frame.shape[1] >= SIZE[0]:
            raise MemoryError
        return frame


class Breaking(Swatch):
    """Stops with an error that nobody named."""

    def finish(self, frame: Frame) -> Frame:
        raise ZeroDivisionError("a mistake of the engine's author")


ENGINES["peckish"] = Entry("tests.generation.swatch.Peckish", CAN, "Peckish")
ENGINES["breaking"] = Entry("tests.generation.swatch.Breaking", CAN, "Breaking")


class Failing(Swatch):
    """Fails at its first frame with the code that stands here."""

    code = "engine_error"

    def finish(self, frame: Frame) -> Frame:
        raise EngineFailed(self.code)


class Deaf(Swatch):
    """Goes on to its last frame, whoever wants it stopped."""

    def draw(
        self, job: Job, count: int, shift: int, on_step: OnStep, should_stop: ShouldStop
    ) -> Iterator[Frame]:
        yield from super().draw(job, count, shift, on_step, lambda: False)


ENGINES["failing"] = Entry("tests.generation.swatch.Failing", CAN, "Failing")
ENGINES["deaf"] = Entry("tests.generation.swatch.Deaf", CAN, "Deaf")
