"""Tells how far a job is: the row, the small picture, the news for sockets.

An engine's step must not wait for them. A hand hands them to a thread of its own (`Aside`): of each step only
the question "shall I stop?" is asked in the engine's thread, one read of one row. Without a thread (`Inline`:
tests, `manage.py render --drain`) everything is written where the step is.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from django.db import DatabaseError, connection

from generation import glimpse, inform, queue
from generation.engines.base import Frame
from generation.models import Generation
from generation.queue import Claim, LostClaim

log = logging.getLogger(__name__)
TELL_EVERY_S = 0.25


class Reporter(AbstractContextManager["Reporter"], Protocol):
    """Takes steps from an engine while it is open."""

    def note(self, step: int, steps: int, picture: Frame | None) -> bool:
        """True when somebody wants the job stopped. Raises `LostClaim`, `DatabaseError`."""

    def somebody_waits(self) -> bool:
        """Whether it is time to look after others at this step border."""

    def hush(self) -> None:
        """There are no more steps: whoever moves the job on writes the last one with the arrow, and need not
        wait until what is being told has been told."""


Make = Callable[[Generation, Claim], Reporter]


class Inline:
    """Writes each step where it is noted; pictures, news and looks after others four times a second."""

    def __init__(self, generation: Generation, held: Claim) -> None:
        self.generation, self.held = generation, held
        self.told_at, self.is_time = 0.0, False

    def __enter__(self) -> Inline:
        inform.tell(self.generation)
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is left to be written."""

    def note(self, step: int, steps: int, picture: Frame | None) -> bool:
        stop = queue.report_step(self.held, step, steps)
        self.is_time = time.monotonic() - self.told_at >= TELL_EVERY_S or step >= steps
        if self.is_time:
            self.told_at = time.monotonic()
            if picture is not None:
                glimpse.keep(self.generation, picture, step)
            inform.tell(self.generation)
        return stop

    def somebody_waits(self) -> bool:
        return self.is_time

    def hush(self) -> None:
        """Everything is written already."""


@dataclass(frozen=True)
class _Step:
    step: int
    steps: int
    picture: Frame | None


class Aside:
    """Writes from a thread, the last step only, four times a second; what is left is written when it is
    closed. `look`: asked there whether somebody waits who is served at a step border."""

    def __init__(self, generation: Generation, held: Claim, look: Callable[[], bool] = lambda: False) -> None:
        self.generation, self.held, self.look = copy.copy(generation), held, look
        self.latest: _Step | None = None
        self.over, self.waits, self.is_hushed = threading.Event(), False, False
        self.thread = threading.Thread(target=self._keep, name=f"progress-{held.generation_id}", daemon=True)

    def __enter__(self) -> Aside:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Waits for what is being written: after the job's end no picture of it may appear."""
        self.over.set()
        self.thread.join()

    def note(self, step: int, steps: int, picture: Frame | None) -> bool:
        self.latest = _Step(step, steps, picture)
        return queue.is_cancelled(self.held)

    def somebody_waits(self) -> bool:
        waits, self.waits = self.waits, False
        return waits

    def hush(self) -> None:
        self.is_hushed = True
        self.over.set()

    def _keep(self) -> None:
        written: _Step | None = None
        is_told = is_over = False  # The news waits its quarter of a second: the engine is just being started.
        while not is_over:
            is_over = self.over.wait(TELL_EVERY_S)
            if self.is_hushed:
                break
            try:
                step = self.latest
                if step is not None and step is not written:
                    self._write(step, with_picture=not is_over)
                    written = step
                elif not is_told:
                    inform.tell(self.generation)
                is_told = True
                self.waits = not is_over and self.look()
            except LostClaim:
                break  # The engine's thread learns it at its next step.
            except DatabaseError:
                connection.close()  # The lease says whether the job is still ours when it is back.
            except Exception:
                log.exception("progress of generation %s could not be told", self.held.generation_id)
        connection.close()

    def _write(self, step: _Step, *, with_picture: bool) -> None:
        queue.note_step(self.held, step.step, step.steps)
        if with_picture and step.picture is not None:
            glimpse.keep(self.generation, step.picture, step.step)
        self.generation.step, self.generation.steps = step.step, step.steps
        inform.tell(self.generation)
