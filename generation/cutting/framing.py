"""Where a film is cut to another shape, and how a shaky hand is taken out of it.

The window follows the faces (all of them where they fit, else the largest), else what is sharp and moves; it
glides, and rests where little would be gained.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter

from generation.cutting.looking import GRID, Box, Floats, Seen

GLIDE_S = 0.5  # how softly the window follows
STILL_S = 0.45  # of hand movement that is smoothed away
MOST_STEADY = 0.06  # of a side that holding still may cost
MARGIN = 0.25  # of a face's size that is kept free around it


@dataclass(frozen=True)
class Path:
    """For each picture of a film: the matrix 2x3 that lays its pixels (shares of its sides) on the new
    picture's (shares as well)."""

    times: Floats
    matrices: Floats  # n 2 3

    def at(self, second: float) -> Floats:
        """The matrix of the picture nearest to this moment."""
        right = int(np.clip(np.searchsorted(self.times, second), 1, max(1, len(self.times) - 1)))
        left = right - 1
        if right >= len(self.times) or second - self.times[left] <= self.times[right] - second:
            return self.matrices[left]
        return self.matrices[right]


def path(seen: Seen, size: tuple[int, int], spans: list[tuple[int, int]], *, steady: bool = True) -> Path:
    """How each picture of a film is laid into a picture of `size` (width, height), shot by shot."""
    ratio = size[0] / size[1]
    own = seen.width / seen.height
    width, height = (min(1.0, ratio / own), min(1.0, own / ratio))
    matrices = np.zeros((len(seen.times), 2, 3))
    for first, last in spans:
        part = slice(first, last)
        held = _held(seen, part) if steady else np.tile(np.array([0.0, 0.0, 0.0, 0.0]), (last - first, 1))
        zoom = 1 - MOST_STEADY if steady and np.abs(held).max() > 1e-4 else 1.0
        centres = _centres(seen, part, width * zoom, height * zoom)
        for k in range(first, last):
            matrices[k] = _matrix(centres[k - first], width * zoom, height * zoom, held[k - first], own)
    return Path(seen.times, matrices)


def lay(picture: np.ndarray, matrix: Floats, size: tuple[int, int]) -> np.ndarray:
    """The new picture H W 3 of `size`."""
    height, width = picture.shape[:2]
    to_shares = np.array([[1 / width, 0, 0.5 / width], [0, 1 / height, 0.5 / height], [0, 0, 1]])
    out = np.array([[size[0], 0, -0.5], [0, size[1], -0.5], [0, 0, 1]])
    whole = out @ np.vstack([matrix, [0, 0, 1]]) @ to_shares
    shrinks = np.sqrt(abs(np.linalg.det(whole[:2, :2]))) < 0.7
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.warpAffine(picture, whole[:2], size, flags=how, borderMode=cv2.BORDER_REPLICATE)


def _matrix(centre: Floats, width: float, height: float, held: Floats, own: float) -> Floats:
    """A window of `width` x `height` around `centre`, turned and shifted by what was held still."""
    x, y = centre + np.array([held[0] / own, held[1]])
    x = float(np.clip(x, width / 2, 1 - width / 2))
    y = float(np.clip(y, height / 2, 1 - height / 2))
    return np.array([[1 / width, 0, 0.5 - x / width], [0, 1 / height, 0.5 - y / height]])


def _held(seen: Seen, part: slice) -> Floats:
    """How far the hand was from where a calm hand would have been, per picture (shares of the height)."""
    way = np.cumsum(seen.move[part], axis=0)
    sigma = max(1.0, STILL_S / seen.pace)
    calm = gaussian_filter1d(way, sigma, axis=0, mode="nearest")
    most = MOST_STEADY / 2
    return np.clip(way - calm, -most, most)


def _centres(seen: Seen, part: slice, width: float, height: float) -> Floats:
    """Where the window stands, picture by picture, so that faces stay inside."""
    first, last = part.start, part.stop
    wanted: list[tuple[int, Floats]] = []
    must: list[tuple[int, Box]] = []
    for index, boxes in seen.faces:
        if first <= index < last and boxes:
            box = _together(boxes, width, height)
            must.append((index, box))
            wanted.append((index, np.array([box[0] + box[2] / 2, box[1] + box[3] * 0.6])))
    if not wanted:
        wanted = [(first, _interesting(seen, part))]
    at = np.array([index for index, _ in wanted])
    ways = np.array([centre for _, centre in wanted])
    if len(ways) >= 5:
        ways = median_filter(ways, size=(5, 1), mode="nearest")
    every = np.column_stack([np.interp(np.arange(first, last), at, ways[:, i]) for i in (0, 1)])
    smooth = gaussian_filter1d(every, max(1.0, GLIDE_S / seen.pace), axis=0, mode="nearest")
    return _keeping(smooth, must, first, width, height)


def _keeping(centres: Floats, must: list[tuple[int, Box]], first: int, width: float, height: float) -> Floats:
    """Moved as little as it takes for each face that was found to lie inside, also between two looks."""
    if not must:
        return centres
    at = np.array([index for index, _ in must])
    boxes = np.array([box for _, box in must])
    every = np.column_stack(
        [np.interp(np.arange(first, first + len(centres)), at, boxes[:, i]) for i in range(4)]
    )
    moved = centres.copy()
    for axis, side in ((0, width), (1, height)):
        low = every[:, axis] + every[:, axis + 2] - side / 2
        high = every[:, axis] + side / 2
        fits = low <= high
        moved[fits, axis] = np.clip(moved[fits, axis], low[fits], high[fits])
        moved[~fits, axis] = (every[:, axis] + every[:, axis + 2] / 2)[~fits]
    return moved


def _together(boxes: tuple[Box, ...], width: float, height: float) -> Box:
    """One box around as many faces as fit into the window, the largest first, with some room."""
    x0, y0, x1, y1 = _wide(boxes[0])
    for box in boxes[1:]:
        a0, b0, a1, b1 = _wide(box)
        if max(x1, a1) - min(x0, a0) <= width and max(y1, b1) - min(y0, b0) <= height:
            x0, y0, x1, y1 = min(x0, a0), min(y0, b0), max(x1, a1), max(y1, b1)
    return x0, y0, x1 - x0, y1 - y0


def _wide(box: Box) -> tuple[float, float, float, float]:
    x, y, w, h = box
    return x - MARGIN * w, y - MARGIN * h, x + (1 + MARGIN) * w, y + (1 + MARGIN) * h


def _interesting(seen: Seen, part: slice) -> Floats:
    """Where things move and differ from their surroundings; the middle where nothing does."""
    grid = seen.grid[part].reshape(-1, GRID, GRID)
    moves = np.abs(np.diff(grid, axis=0)).mean(axis=0) if len(grid) > 1 else np.zeros((GRID, GRID))
    stands = np.abs(grid.mean(axis=0) - grid.mean())
    weight = moves / (moves.max() + 1e-6) + 0.5 * stands / (stands.max() + 1e-6)
    weight = np.maximum(weight - np.median(weight), 0) ** 2
    if weight.sum() < 1e-9:
        return np.array([0.5, 0.5])
    ys, xs = np.mgrid[0:GRID, 0:GRID]
    found = np.array([(weight * xs).sum(), (weight * ys).sum()]) / weight.sum()
    return 0.7 * ((found + 0.5) / GRID) + 0.3 * 0.5
