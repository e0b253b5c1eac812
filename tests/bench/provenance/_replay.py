"""An engine that hands over frames drawn before: what is measured is what comes after the last step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generation.engines.base import Abilities, Entry, Frame, Job, OnStep, Rendered, ShouldStop
from generation.states import Verb

FRAMES: list[Frame] = []
SOUND: list[NDArray[np.float32]] = []
FPS, SIZE = 24.0, (720, 1280)
CAN = Abilities(verbs=frozenset(Verb.values), seconds=(5, 10), sizes={"9:16": SIZE}, max_cast=3)
ENTRY = Entry("tests.bench.provenance._replay.Replay", CAN, "Replay")


class Replay:
    """The kept frames, there and back again as often as it takes."""

    def render(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
        count = round(job.seconds * FPS)
        sound = np.resize(SOUND[0], (job.seconds * 48_000, SOUND[0].shape[1])) if SOUND else None
        return Rendered(self._frames(count, on_step), count, FPS, SIZE, sound)

    def _frames(self, count: int, on_step: OnStep) -> Iterator[Frame]:
        there_and_back = FRAMES + FRAMES[::-1]
        for index in range(count):
            yield there_and_back[index % len(there_and_back)]
        on_step(count, count)
