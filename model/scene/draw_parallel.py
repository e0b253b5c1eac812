"""Frames from several processes, in order, while the caller encodes them.

    for frame in draw_parallel.render(scene, workers=2, size=(720, 1280)): ...

The set is painted once and the workers are forked from here, so they share it. Each worker draws every
n-th frame into a few slots of shared memory; one byte through a pipe says "drawn", one back says "read".
Plain `os.fork` instead of `multiprocessing`, because a Celery worker may not have children of that kind.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import signal
import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from model.scene import tracks as T
from model.scene.draw import Film

if TYPE_CHECKING:
    from model.scene.faces import FaceSprites

SLOTS = 3  # frames a worker may be ahead of the reader


class DrawingFailed(RuntimeError):
    """A drawing process ended early; its own message went to stderr."""


def render(
    scene: T.Scene,
    *,
    workers: int = 2,
    size: tuple[int, int] = (720, 1280),
    fps: float = 24,
    first: int = 0,
    last: int | None = None,
    product_image: np.ndarray | None = None,
    faces: dict[int, FaceSprites] | None = None,
    backdrop: np.ndarray | None = None,
) -> Iterator[np.ndarray]:
    """The same frames as `draw.render`, drawn by `workers` processes. Closing the iterator ends them."""
    film = Film(scene, size=size, fps=fps, product_image=product_image, faces=faces, backdrop=backdrop)
    numbers = range(first, film.frames if last is None else min(last, film.frames))
    if workers <= 1 or len(numbers) < 2 * workers or not hasattr(os, "fork"):
        yield from (film.frame(i) for i in numbers)
        return
    crew = [_Worker(film, numbers[k::workers]) for k in range(workers)]
    try:
        for position in range(len(numbers)):
            yield crew[position % workers].read()
    finally:
        for worker in crew:
            worker.stop()


class _Worker:
    """One forked process and its slots."""

    def __init__(self, film: Film, numbers: range) -> None:
        width, height = film.size
        self.shape = (SLOTS, height, width, 3)
        self.memory = mmap.mmap(-1, int(np.prod(self.shape)))
        self.slots = np.frombuffer(self.memory, np.uint8).reshape(self.shape)
        self.drawn, drawn_end = os.pipe()
        credit_end, self.credit = os.pipe()
        os.write(self.credit, b"." * SLOTS)
        self.turn = 0
        self.pid = os.fork()
        if self.pid == 0:  # the child never returns: its parent's open sockets and handlers are not its own
            os.close(self.drawn)
            os.close(self.credit)
            _draw_all(film, numbers, self.slots, drawn_end, credit_end)
        os.close(drawn_end)
        os.close(credit_end)

    def read(self) -> np.ndarray:
        if os.read(self.drawn, 1) != b".":
            raise DrawingFailed("a drawing process stopped before its last frame")
        frame = self.slots[self.turn % SLOTS].copy()
        self.turn += 1
        with contextlib.suppress(BrokenPipeError):  # it may have drawn its last frame and gone
            os.write(self.credit, b".")
        return frame

    def stop(self) -> None:
        os.close(self.drawn)
        os.close(self.credit)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _draw_all(film: Film, numbers: range, slots: np.ndarray, drawn: int, credit: int) -> None:
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for turn, number in enumerate(numbers):
            if not os.read(credit, 1):
                break
            slots[turn % SLOTS] = film.frame(number)
            os.write(drawn, b".")
        code = 0
    except BaseException:  # whatever it was, the parent is told by the closed pipe
        traceback.print_exc()
    finally:
        os._exit(code)
