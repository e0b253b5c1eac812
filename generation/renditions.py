"""The files of a clip, written in one pass over its frames: two mp4 sizes, a poster and a sprite of seconds.

    frame -> marks -> [720 mp4 while it arrives] + [360 mp4 in a thread beside it] + the samples that others
    look at

No frame is decoded or kept: a 10 s clip of 720x1280 would be 660 MB. The samples are what inspection
(unmarked, twice a second) and the fingerprint (marked, once a second) need. The first picture of the smaller
film is made small enough to arrive, with everything before it, in the first `FIRST_BYTES`.
"""

from __future__ import annotations

import itertools
import math
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation import flashes, sound
from generation.engines.base import EngineFailed, Frame, Rendered
from generation.provenance.marks import Marks
from model import video

SMALL_LONGEST = 640
POSTER_QUALITY, SPRITE_QUALITY = 82, 70
SAMPLES_A_SECOND = 2
AHEAD = 8  # frames that the larger file may be ahead of the smaller one
TILE_LONGEST, TILES_ACROSS = 160, 10
FIRST_BYTES = 32_768
# What stands before the first picture: the manifest, which grows with the sources, and the index, which grows
# with the seconds.
MANIFEST_BYTES, MANIFEST_BYTES_A_SOURCE, INDEX_BYTES, INDEX_BYTES_A_SECOND = 4_000, 6_400, 1_800, 620
LEAST_FIRST = 8_000
# Quantisers of the first picture, and by how much more of them its bytes halve.
COARSEST, FINEST, LIKELY, TO_HALVE = 40, 18, 27, 5.5
LARGE_CRF, SMALL_CRF = 20, 22


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
    flashes: bool


def write(rendered: Rendered, folder: Path, marks: Marks, *, sources: int = 0) -> Written:
    """Encode both sizes, poster and sprite into `folder`; `sources`: how many clips its manifest will hold.
    Raises what the engine raises,
    `EngineFailed("nan_frames")` for frames that are no pictures, `OSError` for a full disk; half-written
    files are the caller's to remove."""
    samples, watcher = Samples(), flashes.Watcher(rendered.fps)
    small = video.fit(rendered.size, SMALL_LONGEST)
    audio = None if rendered.audio is None else sound.levelled(rendered.audio)
    large_path, small_path = folder / "mp4_720.mp4", folder / "mp4_360.mp4"
    first: list[Frame] = []

    def marked() -> Iterator[tuple[Frame, Frame]]:
        """Each frame with its marks, in both sizes."""
        stride = max(1, round(rendered.fps / SAMPLES_A_SECOND))
        for index, frame in enumerate(rendered.frames):
            _check(frame, rendered.size)
            if index % stride == 0:
                samples.seen.append(video.resize(frame, small))
            with_marks = marks.apply(frame, index / rendered.fps)
            smaller = video.resize(with_marks, small)
            watcher.see(smaller)
            if not first:
                first.append(with_marks)
            if index % max(1, round(rendered.fps)) == 0:
                samples.seconds.append(smaller)
            yield with_marks, smaller

    seconds = rendered.frame_count / rendered.fps
    beside = _Beside(small_path, rendered.fps, audio, small, room_for_first(seconds, sources))
    try:
        large = video.write_mp4(
            large_path, beside.copying(marked()), rendered.fps, audio, rendered.size, crf=LARGE_CRF
        )
    except BaseException:
        beside.abandon()
        raise
    beside.finish()
    poster, sprite = folder / "poster.webp", folder / "sprite.webp"
    Image.fromarray(first[0]).save(poster, "WEBP", quality=POSTER_QUALITY, method=4)
    tiles = marks.hide(sprite_of(samples.seconds))
    Image.fromarray(tiles).save(sprite, "WEBP", quality=SPRITE_QUALITY, method=4)
    return Written(
        paths={"mp4_720": large_path, "mp4_360": small_path, "poster": poster, "sprite": sprite},
        sizes={
            "mp4_720": large.size,
            "mp4_360": small,
            "poster": large.size,
            "sprite": (tiles.shape[1], tiles.shape[0]),
        },
        duration_ms=round(1000 * large.seconds),
        samples=samples,
        mark_payload=marks.payload_hex,
        flashes=watcher.too_much,
    )


def room_for_first(seconds: float, sources: int) -> int:
    """Bytes that the first picture of the smaller film may have."""
    manifest = MANIFEST_BYTES + MANIFEST_BYTES_A_SOURCE * sources
    return max(LEAST_FIRST, round(FIRST_BYTES - manifest - INDEX_BYTES - INDEX_BYTES_A_SECOND * seconds))


def sprite_of(seconds: Sequence[Frame]) -> Frame:
    """Small pictures of each second in rows of `TILES_ACROSS`, black where none is left."""
    width, height = video.fit((seconds[0].shape[1], seconds[0].shape[0]), TILE_LONGEST)
    across = min(TILES_ACROSS, len(seconds))
    tiles = np.zeros((-(-len(seconds) // across) * height, across * width, 3), np.uint8)
    for number, frame in enumerate(seconds):
        top, left = number // across * height, number % across * width
        tiles[top : top + height, left : left + width] = video.resize(frame, (width, height))
    return tiles


def first_quantiser(frames: Sequence[Frame], fps: float, most: int) -> int:
    """The finest quantiser at which the first of these pictures takes at most `most` bytes."""
    low, high, guess = FINEST, COARSEST, LIKELY
    while low < high:
        size = video.key_frame_bytes(frames, fps, SMALL_CRF, guess)
        low, high = (low, guess) if size <= most else (guess + 1, high)
        guess += round(TO_HALVE * math.log2(size / most))
        guess = max(low, min(guess, high - 1))
    return low


def _check(frame: Frame, size: tuple[int, int]) -> None:
    if frame.dtype != np.uint8 or frame.shape != (size[1], size[0], 3):
        raise EngineFailed("nan_frames", f"{frame.dtype} {frame.shape}")


class _Beside:
    """Writes the smaller file in a thread from the frames that pass by."""

    def __init__(
        self, path: Path, fps: float, audio: NDArray[np.float32] | None, size: tuple[int, int], first: int
    ) -> None:
        self.line: queue.Queue[Frame | None] = queue.Queue(maxsize=AHEAD)
        self.error: BaseException | None = None
        self.gone = threading.Event()
        self.size, self.first = size, first
        self.thread = threading.Thread(target=self._write, args=(path, fps, audio), daemon=True)
        self.thread.start()

    def copying(self, frames: Iterator[tuple[Frame, Frame]]) -> Iterator[Frame]:
        for frame, smaller in frames:
            self._put(smaller)
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
            frames = self._frames()
            ahead = list(itertools.islice(frames, video.LOOKAHEAD))
            if not ahead:
                return  # the larger file has none either, and says so
            quantiser = first_quantiser(ahead, fps, self.first)
            video.write_mp4(
                path,
                itertools.chain(ahead, frames),
                fps,
                audio,
                self.size,
                crf=SMALL_CRF,
                threads=1,
                opening=quantiser,
            )
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
