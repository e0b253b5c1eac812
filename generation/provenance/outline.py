"""Where a picture is brighter than its surroundings, a bit for each cell: finds a part of a picture wherever
it was cut out, which PDQ cannot (one and a half per cent off and it is another hash).

`CELLS` cells cover a picture; cell by cell a *band* (brightness less its blur over `BLUR` cells) is kept as
its sign, 200 bytes. What is asked is laid over what is kept at every scale of `SCALES` and every place, both
ways round: the agreement is the asked band (softly clipped, unit length) times the kept signs, measured in
standard deviations of what independent signs would give. Pictures are not independent of each other, so
`LEAST` was chosen on the 1,000 clean clips of the bench: four fifths of the same second of the same clip,
halved and strongly compressed, never fell below 17.0; of 249,000 pairs of different clips, with cuts down to
two thirds and to squares, six lay above 16.5.
Laying every scale and place over all that is kept is one product of matrices; every second place is tried
first, and only what comes near is tried finely.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

CELLS, BLUR = 1600, 2.0
SCALES = (*np.exp(np.arange(math.log(0.62), -0.015, 0.05)), 1.0)
LEAST, NEARLY = 16.5, 9.5
AT_ONCE = 4096  # rows that are unpacked at a time: 26 MB

Frame = NDArray[np.uint8]
Grid = NDArray[np.float32]
Canvas = tuple[int, int]  # cells across and down


def canvas_of(width: int, height: int) -> Canvas:
    """Square cells, `CELLS` of them or so, for a picture of this shape."""
    across = max(4, round(math.sqrt(CELLS * width / height)))
    return across, max(4, round(CELLS / across))


def bytes_of(canvas: Canvas) -> int:
    return -(-canvas[0] * canvas[1] // 8)


def of_frame(frame: Frame) -> bytes:
    """What is kept of a picture H W 3: a bit for each cell of its canvas, row by row."""
    signs = _band(_grey(frame), canvas_of(frame.shape[1], frame.shape[0])) >= 0
    return np.packbits(signs).tobytes()


@dataclass(frozen=True)
class Rows:
    """Kept outlines of one canvas: whose they are, and their bits."""

    clips: NDArray[np.int64]
    bits: NDArray[np.uint8]


@dataclass(frozen=True)
class Outlines:
    """What is kept, by canvas: pictures of different shapes have different cells."""

    by_canvas: Mapping[Canvas, Rows] = field(default_factory=dict)

    def and_those(self, rows: Iterable[tuple[int, Canvas, bytes]]) -> Outlines:
        """With further (clip, canvas, bytes)."""
        grouped: dict[Canvas, list[tuple[int, bytes]]] = {}
        for clip, canvas, packed in rows:
            grouped.setdefault(canvas, []).append((clip, packed))
        joined = dict(self.by_canvas)
        for canvas, more in grouped.items():
            joined_bits = b"".join(packed for _, packed in more)
            bits = np.frombuffer(joined_bits, np.uint8).reshape(len(more), -1)
            clips = np.array([clip for clip, _ in more], np.int64)
            if (there := joined.get(canvas)) is not None:
                clips, bits = np.concatenate([there.clips, clips]), np.concatenate([there.bits, bits])
            joined[canvas] = Rows(clips, bits)
        return Outlines(joined)

    def near(self, frame: Frame) -> dict[int, float]:
        """The best agreement of each clip of which this picture is one, or a part of one (`LEAST`)."""
        grey = _grey(frame)
        best: dict[int, float] = {}
        for canvas, rows in self.by_canvas.items():
            rough, fine = _laid(grey, canvas, 2), None
            for start in range(0, len(rows.clips), AT_ONCE):
                part = slice(start, start + AT_ONCE)
                signs = _signs(rows.bits[part], canvas)
                hopeful = np.flatnonzero(_most(rough, signs) >= NEARLY)
                if not len(hopeful):
                    continue
                fine = _laid(grey, canvas, 1) if fine is None else fine
                for at, agreement in zip(hopeful, _most(fine, signs[hopeful]), strict=True):
                    if agreement >= LEAST:
                        clip = int(rows.clips[start + at])
                        best[clip] = max(best.get(clip, 0.0), float(agreement))
        return best


def _grey(frame: Frame) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8)


def _band(grey: NDArray[np.uint8], size: Canvas) -> Grid:
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(small - cv2.GaussianBlur(small, (0, 0), BLUR), np.float32)


def _laid(grey: NDArray[np.uint8], canvas: Canvas, step: int) -> Grid:
    """The picture laid over a canvas at each scale and each `step`-th place, upright and mirrored: a row
    each, of length 1."""
    laid = []
    for width, height in _windows(grey.shape[1] / grey.shape[0], canvas):
        band = _band(grey, (width, height))
        soft = np.clip(band / (2 * float(np.abs(band).mean()) + 1e-6), -1, 1)
        soft /= float(np.linalg.norm(soft)) + 1e-9
        for way in (soft, soft[:, ::-1]):
            for top in _places(canvas[1] - height, step):
                for left in _places(canvas[0] - width, step):
                    whole = np.zeros((canvas[1], canvas[0]), np.float32)
                    whole[top : top + height, left : left + width] = way
                    laid.append(whole.ravel())
    return np.array(laid, np.float32)


@lru_cache(maxsize=64)
def _windows(shape: float, canvas: Canvas) -> tuple[Canvas, ...]:
    """Sizes in cells that a part of this shape (width over height) may have."""
    widest = min(float(canvas[0]), canvas[1] * shape)
    sizes = [(round(scale * widest), round(scale * widest / shape)) for scale in SCALES]
    return tuple(dict.fromkeys(size for size in sizes if min(size) >= 4))


def _places(room: int, step: int) -> list[int]:
    """Every `step`-th place, and the last."""
    return sorted({*range(0, room + 1, step), room})


def _signs(bits: NDArray[np.uint8], canvas: Canvas) -> Grid:
    """-1 and 1, a row each."""
    unpacked = np.unpackbits(bits, axis=1, count=canvas[0] * canvas[1])
    return unpacked.astype(np.float32) * 2 - 1


def _most(laid: Grid, signs: Grid) -> Grid:
    return np.asarray((laid @ signs.T).max(axis=0), np.float32)
