"""The files of a clip, written in one pass over its frames: two mp4 sizes and a poster.

    frame -> mark -> [720 mp4 while it arrives] + [360 mp4 in a thread beside it] + the samples that others
    look at

No frame is decoded or kept: a 10 s clip of 720x1280 would be 660 MB. The samples are what inspection
(unmarked, twice a second) and the fingerprint (marked, once a second) need.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generation.engines.base import EngineFailed, Frame, Rendered
from generation.provenance.marks import Marks
from model import video

SMALL_LONGEST = 640
POSTER_QUALITY = 82
SAMPLES_A_SECOND = 2
AHEAD = 8  # frames that the larger file may be ahead of the smaller one


@dataclass
class Samples:
    """Frames kept for those who look: `seen` unmarked for inspection, `seconds` marked for the
    fingerprint."""

    seen: list[Frame] = field(default_factory=list)
    seconds: list[Frame] = field(default_factory=list)


@dataclass(frozen=True)
class Written:
    """Paths by rendition kind, and what was learned on the way."""

    paths: dict[str, Path]
    sizes: dict[str, tuple[int, int]]
    duration_ms: int
    samples: Samples
    mark_payload: str


def write(rendered: Rendered, folder: Path, marks: Marks) -> Written:
    """Encode both sizes and the poster into `folder`. Raises what the engine raises,
    `EngineFailed("nan_frames")` for frames that are no pictures, `OSError` for a full disk; half-written
    files are the caller's to remove."""
    samples = Samples()
    small = video.fit(rendered.size, SMALL_LONGEST)
    large_path, small_path = folder / "mp4_720.mp4", folder / "mp4_360.mp4"
    first: list[Frame] = []

    def marked() -> Iterator[Frame]:
        stride = max(1, round(rendered.fps / SAMPLES_A_SECOND))
        for index, frame in enumerate(rendered.frames):
            _check(frame, rendered.size)
            if index % stride == 0:
                samples.seen.append(video.resize(frame, small))
            with_mark = marks.apply(frame, index / rendered.fps)
            if not first:
                first.append(with_mark)
            if index % max(1, round(rendered.fps)) == 0:
                samples.seconds.append(video.resize(with_mark, small))
            yield with_mark

    beside = _Beside(small_path, rendered.fps, rendered.audio, small)
    try:
        large = video.write_mp4(
            large_path, beside.copying(marked()), rendered.fps, rendered.audio, rendered.size, crf=20
        )
    except BaseException:
        beside.abandon()
        raise
    beside.finish()
    poster_path = folder / "poster.jpg"
    poster_path.write_bytes(video.poster(first[0], quality=POSTER_QUALITY))
    return Written(
        paths={"mp4_720": large_path, "mp4_360": small_path, "poster": poster_path},
        sizes={"mp4_720": large.size, "mp4_360": small, "poster": large.size},
        duration_ms=round(1000 * large.seconds),
        samples=samples,
        mark_payload=marks.payload_hex,
    )


def _check(frame: Frame, size: tuple[int, int]) -> None:
    if frame.dtype != np.uint8 or frame.shape != (size[1], size[0], 3):
        raise EngineFailed("nan_frames", f"{frame.dtype} {frame.shape}")


class _Beside:
    """Writes the smaller file in a thread from the frames that pass by."""

    def __init__(
        self, path: Path, fps: float, audio: NDArray[np.float32] | None, size: tuple[int, int]
    ) -> None:
        self.line: queue.Queue[Frame | None] = queue.Queue(maxsize=AHEAD)
        self.error: BaseException | None = None
        self.gone = threading.Event()
        self.size = size
        self.thread = threading.Thread(target=self._write, args=(path, fps, audio), daemon=True)
        self.thread.start()

    def copying(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        for frame in frames:
            self._put(video.resize(frame, self.size))
            yield frame
        self._put(None)

    def _put(self, frame: Frame | None) -> None:
        while self.error is None:
            try:
                self.line.put(frame, timeout=0.5)
                return
            except queue.Full:
                continue
        raise self.error

    def finish(self) -> None:
        self.thread.join()
        if self.error is not None:
            raise self.error

    def abandon(self) -> None:
        self.gone.set()
        self.thread.join(timeout=10)

    def _write(self, path: Path, fps: float, audio: NDArray[np.float32] | None) -> None:
        try:
            video.write_mp4(path, self._frames(), fps, audio, self.size, crf=22, threads=1)
        except _Abandoned:
            pass
        except BaseException as error:
            self.error = error

    def _frames(self) -> Iterator[Frame]:
        while True:
            try:
                frame = self.line.get(timeout=0.2)
            except queue.Empty:
                if self.gone.is_set():
                    raise _Abandoned from None
                continue
            if frame is None:
                return
            yield frame


class _Abandoned(Exception):
    """The larger file failed; the smaller one is not needed any more."""
