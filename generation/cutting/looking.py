"""One pass over a film in small pictures: everything that the cutting room asks about it later.

Costs about a tenth of the film's length on one core, most of it decoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from cameos import faces
from cameos.intake import sandbox
from cameos.intake.kinds import StreamLimits

SMALL = 320  # longest side of the pictures looked at
RATE = 30.0
FACES_EVERY_S = 0.2
GRID = 24  # cells a side of the blurred brightness that cuts are found in
BINS = (8, 4, 4)  # of hue, saturation, value
LEAST_FACE = 12  # pixels of the small picture

Floats = NDArray[np.float64]
Pixels = np.ndarray  # uint8, H W 3 RGB, or H W
Box = tuple[float, float, float, float]  # x, y, width, height as shares of the picture's sides


@dataclass(frozen=True)
class Seen:
    """A film by the numbers of its n pictures. `move`: how the picture lies on the one before, as x, y
    (shares of its height), angle (radians) and log of scale. `faces`: (picture, boxes), largest first."""

    width: int
    height: int
    times: Floats  # n, seconds
    grid: NDArray[np.float32]  # n GRID*GRID, 0..1
    colours: NDArray[np.float32]  # n bins, sums to 1
    sharpness: Floats  # n
    light: Floats  # n, 0..1
    lab: Floats  # n 6: means and spreads of L, a, b
    move: Floats  # n 4
    faces: tuple[tuple[int, tuple[Box, ...]], ...] = ()
    sound: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))  # mono, 48 kHz
    has_sound: bool = False

    @property
    def seconds(self) -> float:
        """From the first picture to the end of the last."""
        return float(self.times[-1] + self.pace) if len(self.times) else 0.0

    @property
    def pace(self) -> float:
        """Seconds between two pictures."""
        return float(np.median(np.diff(self.times))) if len(self.times) > 1 else 1 / RATE


def look(path: Path, on_picture: Callable[[float], None] = lambda share: None) -> Seen:
    """Everything about one film. `on_picture` hears how far it is, 0..1. Raises `IntakeRefused`."""
    limits = StreamLimits(keep_side=SMALL, stream_fps=RATE)
    with closing(sandbox.open_film(path, limits)) as film:
        length = film.claimed_s or limits.max_s
        pictures = _telling(film.timed(), lambda at: on_picture(min(1.0, at / length)))
        heard = np.zeros(0) if film.sound is None else film.sound.mean(axis=1) / 32768
        return of_pictures(pictures, sound=np.asarray(heard, np.float32), has_sound=film.sound is not None)


def of_pictures(
    pictures: Iterator[tuple[float, Pixels]],
    *,
    sound: NDArray[np.float32] | None = None,
    has_sound: bool = False,
) -> Seen:
    """The same of pictures H W 3 RGB with their times. Raises `ValueError` where there are none."""
    rows: dict[str, list[Any]] = {
        name: [] for name in ("t", "grid", "colours", "sharp", "light", "lab", "move")
    }
    found: list[tuple[int, tuple[Box, ...]]] = []
    before: Pixels | None = None
    next_face = 0.0
    size = (0, 0)
    for index, (at, picture) in enumerate(pictures):
        size = (picture.shape[1], picture.shape[0])
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.float32)
        rows["t"].append(at)
        rows["grid"].append(_grid(grey))
        rows["colours"].append(_colours(picture))
        rows["sharp"].append(_sharpness(grey))
        rows["light"].append(float(grey.mean()) / 255)
        rows["lab"].append(np.concatenate([lab.mean(axis=0), lab.std(axis=0)]))
        rows["move"].append(np.zeros(4) if before is None else motion(before, grey))
        if at >= next_face:
            found.append((index, boxes_of(picture)))
            next_face = at + FACES_EVERY_S
        before = grey
    if not rows["t"]:
        raise ValueError("no pictures")
    return Seen(
        *size,
        times=np.array(rows["t"]),
        grid=np.array(rows["grid"], np.float32),
        colours=np.array(rows["colours"], np.float32),
        sharpness=np.array(rows["sharp"]),
        light=np.array(rows["light"]),
        lab=np.array(rows["lab"], np.float64),
        move=np.array(rows["move"]),
        faces=tuple(found),
        sound=np.zeros(0, np.float32) if sound is None else sound,
        has_sound=has_sound,
    )


def _telling(
    pictures: Iterator[tuple[float, Pixels]], tell: Callable[[float], None]
) -> Iterator[tuple[float, Pixels]]:
    for at, picture in pictures:
        yield at, picture
        tell(at)


def boxes_of(picture: Pixels) -> tuple[Box, ...]:
    """Faces as shares of the picture's sides, largest first."""
    height, width = picture.shape[:2]
    return tuple(
        (f.box[0] / width, f.box[1] / height, f.box[2] / width, f.box[3] / height)
        for f in faces.find(picture)
        if f.side >= LEAST_FACE
    )


def motion(before: Pixels, after: Pixels) -> Floats:
    """How `after` lies on `before`: shifts in shares of the height, angle, log of scale. Zero where too few
    corners are found in both (a cut, a white wall)."""
    corners = cv2.goodFeaturesToTrack(before, 120, 0.01, 8)
    if corners is None or len(corners) < 12:
        return np.zeros(4)
    moved, status, _error = cv2.calcOpticalFlowPyrLK(
        before, after, corners, np.empty_like(corners), winSize=(15, 15), maxLevel=3
    )
    kept = status.ravel() == 1
    if kept.sum() < 12:
        return np.zeros(4)
    middle = np.array([before.shape[1] / 2, before.shape[0] / 2], np.float32)
    matrix, inliers = cv2.estimateAffinePartial2D(
        corners[kept] - middle, moved[kept] - middle, ransacReprojThreshold=1.5
    )
    if matrix is None or inliers.mean() < 0.35:
        return np.zeros(4)
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    angle = float(np.arctan2(matrix[1, 0], matrix[0, 0]))
    if not 0.8 < scale < 1.25 or abs(angle) > 0.3:
        return np.zeros(4)
    shift = matrix[:, 2] / before.shape[0]
    return np.array([shift[0], shift[1], angle, np.log(scale)])


def _grid(grey: Pixels) -> NDArray[np.float32]:
    small = cv2.resize(grey, (GRID, GRID), interpolation=cv2.INTER_AREA)
    return np.asarray(small.ravel() / 255, np.float32)


def _colours(picture: Pixels) -> NDArray[np.float32]:
    small = cv2.resize(picture, (80, 80), interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    counts = cv2.calcHist([hsv], [0, 1, 2], None, list(BINS), [0, 180, 0, 256, 0, 256])
    return (counts / counts.sum()).ravel().astype(np.float32)


def _sharpness(grey: Pixels) -> float:
    """Spread of the second derivative beside the spread of the picture itself: 0 a blur, about 1 crisp."""
    edges = cv2.Laplacian(grey, cv2.CV_32F)
    return float(edges.std() / (grey.std() + 8))
