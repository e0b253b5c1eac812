"""The files of a clip, written in one pass over its frames: two mp4 sizes, a poster (WebP, and AVIF for
browsers that read it) and a sprite of seconds; where the operator wants it, the larger size in AV1 too.

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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from PIL import Image

from generation import flashes, sound
from generation.engines.base import EngineFailed, Frame, Rendered
from generation.provenance import china
from generation.provenance.marks import Marks
from model import video

SMALL_LONGEST = 640
POSTER_QUALITY, SPRITE_QUALITY = 82, 70
WEBP_METHOD = 2  # a third of the time of 4 for a twentieth more bytes
AVIF_QUALITY, AVIF_SPEED = 55, 8  # as like the original as the WebP, in four fifths of its bytes
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
FULL_ENOUGH = 0.88  # of its bytes: one step finer would be 13 % more, and a try costs as much as seven frames
LARGE_CRF, SMALL_CRF = 20, 22
AV1_CRF, AV1_PRESET = 28, "8"


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
    seconds = rendered.frame_count / rendered.fps
    audio = None if rendered.audio is None else video.encode_sound(sound.levelled(rendered.audio), seconds)
    large_path, small_path = folder / "mp4_720.mp4", folder / "mp4_360.mp4"
    av1_path = folder / "av1_720.mp4"
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

    quantiser_room = room_for_first(seconds, sources)
    fields = dict(marks.fields)
    small_file = partial(_write_small, small_path, fps=rendered.fps, audio=audio, most=quantiser_room)
    beside = [_Beside(lambda frames: small_file(frames=frames, fields=fields))]
    if settings.AV1_FILMS:
        beside.append(_Beside(lambda frames: _write_av1(av1_path, frames, rendered.fps, audio, fields)))
    try:
        passing = _shared(marked(), beside)
        large = video.write_mp4(
            large_path, passing, rendered.fps, audio, rendered.size, crf=LARGE_CRF, metadata=fields
        )
    except BaseException:
        for other in beside:
            other.abandon()
        raise
    for other in beside:
        other.finish()
    xmp = china.xmp(fields) if fields else b""
    pictures = write_pictures(folder, first[0], marks.hide(sprite_of(samples.seconds)), xmp)
    films = {"mp4_720": large_path, "mp4_360": small_path} | (
        {"av1_720": av1_path} if len(beside) > 1 else {}
    )
    sizes = {"mp4_720": large.size, "mp4_360": small} | ({"av1_720": large.size} if len(beside) > 1 else {})
    return Written(
        paths=films | {kind: path for kind, (path, _) in pictures.items()},
        sizes=sizes | {kind: size for kind, (_, size) in pictures.items()},
        duration_ms=round(1000 * large.seconds),
        samples=samples,
        mark_payload=marks.payload_hex,
        flashes=watcher.too_much,
    )


def write_pictures(
    folder: Path, first: Frame, tiles: Frame, xmp: bytes = b""
) -> dict[str, tuple[Path, tuple[int, int]]]:
    """Poster in both formats and sprite: by kind the path and the size. `xmp` goes into each."""
    more = {"xmp": xmp} if xmp else {}
    still, sprite = Image.fromarray(first), Image.fromarray(tiles)
    paths = {
        "poster": folder / "poster.webp",
        "avif": folder / "poster.avif",
        "sprite": folder / "sprite.webp",
    }
    still.save(paths["poster"], "WEBP", quality=POSTER_QUALITY, method=WEBP_METHOD, **more)
    still.save(paths["avif"], "AVIF", quality=AVIF_QUALITY, speed=AVIF_SPEED, **more)
    sprite.save(paths["sprite"], "WEBP", quality=SPRITE_QUALITY, method=WEBP_METHOD, **more)
    return {kind: (path, sprite.size if kind == "sprite" else still.size) for kind, path in paths.items()}


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
    """A quantiser at which the first of these pictures takes at most `most` bytes: the finest one, or one
    that leaves less than a step unused."""
    low, high, guess = FINEST, COARSEST, LIKELY
    pictures = video.pictures(frames)
    while low < high:
        size = video.key_frame_bytes(pictures, fps, SMALL_CRF, guess)
        if FULL_ENOUGH * most <= size <= most:
            return guess
        low, high = (low, guess) if size <= most else (guess + 1, high)
        guess += round(TO_HALVE * math.log2(size / most))
        guess = max(low, min(guess, high - 1))
    return low


def _check(frame: Frame, size: tuple[int, int]) -> None:
    if frame.dtype != np.uint8 or frame.shape != (size[1], size[0], 3):
        raise EngineFailed("nan_frames", f"{frame.dtype} {frame.shape}")


def _write_small(
    path: Path,
    frames: Iterator[Frame],
    fps: float,
    audio: bytes | None,
    most: int,
    fields: dict[str, str],
) -> None:
    """The smaller film, the first picture of which takes at most `most` bytes."""
    ahead = list(itertools.islice(frames, video.LOOKAHEAD))
    if not ahead:
        return  # the larger file has none either, and says so
    opening = first_quantiser(ahead, fps, most)
    size = (ahead[0].shape[1], ahead[0].shape[0])
    all_frames = itertools.chain(ahead, frames)
    video.write_mp4(
        path, all_frames, fps, audio, size, crf=SMALL_CRF, threads=1, opening=opening, metadata=fields
    )


def _write_av1(
    path: Path, frames: Iterator[Frame], fps: float, audio: bytes | None, fields: dict[str, str]
) -> None:
    first = next(frames, None)
    if first is not None:
        both = itertools.chain([first], frames)
        kind: dict[str, Any] = {"crf": AV1_CRF, "preset": AV1_PRESET, "codec": "libsvtav1", "threads": 1}
        video.write_mp4(path, both, fps, audio, metadata=fields, **kind)


def _shared(frames: Iterator[tuple[Frame, Frame]], beside: Sequence[_Beside]) -> Iterator[Frame]:
    """The larger frames, while the others get theirs: the first of `beside` the smaller ones."""
    for frame, smaller in frames:
        for number, other in enumerate(beside):
            other.put(frame if number else smaller)
        yield frame
    for other in beside:
        other.put(None)


class _Beside:
    """Writes a further file in a thread, from the frames that pass by."""

    def __init__(self, write: Callable[[Iterator[Frame]], None]) -> None:
        self.line: queue.Queue[Frame | None] = queue.Queue(maxsize=AHEAD)
        self.error: BaseException | None = None
        self.gone = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(write,), daemon=True)
        self.thread.start()

    def put(self, frame: Frame | None) -> None:
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

    def _run(self, write: Callable[[Iterator[Frame]], None]) -> None:
        try:
            write(self._frames())
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
    """The larger file failed; the others are not needed any more."""
