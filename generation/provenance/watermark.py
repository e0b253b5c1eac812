"""The mark that nobody sees: 64 keyed bits in the brightness of every frame and of the poster.

    key -> a plane of cells, repeating after `TORUS`: each cell a sign, and a role (a quarter is the pilot,
           the others carry one of the coded bits)
    embed     brightness += STRENGTH * sign * (1 or the coded bit), one soft blob a cell, `CELLS` cells in a
              picture of whatever size, its middle on the plane's middle
    features  band-passed, evened brightness, summed over frames: knows no key and no bit
    find      the pilot under the full picture, upright and mirrored; else under every crop and scale of
              the search, each by one Fourier correlation; then the bits, by soft decision

Time plays no part, so dropped frames and other speeds do not matter. What can be said about mistakes: under
a key that was not used, the pilot's signs are independent of the file, and the score is a sum of fixed
numbers with random signs over their norm. Hoeffding's inequality then gives P(score >= t) <= exp(-t^2 / 2)
for any file at all, and `FALSE_POSITIVE_BOUND` adds that up over everything that is tried.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import shake_256
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from generation.provenance import borders, mark_code

Frame = NDArray[np.uint8]  # H W 3, RGB
Grid = NDArray[np.float32]

CELLS = 10_000  # in one picture, whatever its shape
TORUS = 160  # the plane repeats after so many cells each way
STRENGTH = 1.5  # root mean square of what is added, of 255: 44.5 dB
PILOT_SHARE = 64  # of 256 cells
SAMPLES = 3.0  # of the features, per cell of an uncropped picture
MOST_FRAMES = 24
PARTS = 4  # of a film, each asked for a mark of its own

# Cells that an uncropped picture's cell is as large as: below 1 the picture is a part of what is seen (a
# recorded screen), above 1 it was cropped.
ZOOMS = np.exp(np.arange(math.log(0.55), math.log(1.62), 0.01))
PHASES = tuple((y, x) for y in (0.0, 0.5) for x in (0.0, 0.5))
PLAIN_SCORE, SEARCH_SCORE = 6.0, 8.2
SEARCHED = len(ZOOMS) * len(PHASES) * 2 * TORUS**2
# Of one file under one key: the whole with and without even borders, and plainly each part; each both ways
# round.
PLAIN_LOOKS, SEARCHES = 2 * (2 + PARTS), 2
FALSE_POSITIVE_BOUND = PLAIN_LOOKS * math.exp(-(PLAIN_SCORE**2) / 2) + SEARCHES * SEARCHED * math.exp(
    -(SEARCH_SCORE**2) / 2
)


@dataclass(frozen=True)
class Plane:
    """What a key says about each cell: its sign, and its role (-1 pilot, else the number of a coded bit)."""

    signs: Grid
    roles: NDArray[np.int16]

    @property
    def pilot(self) -> Grid:
        return np.where(self.roles < 0, self.signs, 0).astype(np.float32)


@dataclass(frozen=True)
class Features:
    """Of a film or picture, key-free: H W, about `SAMPLES` a cell if nothing was cropped."""

    values: Grid
    cell: float  # side of a cell in these samples, if nothing was cropped

    @property
    def plain(self) -> Grid:
        """Folded onto the torus for a picture that was neither cropped nor framed."""
        return _fold(self.values, self.cell, 0.0, 0.0, mirrored=False)

    @property
    def mirrored(self) -> Grid:
        return _fold(self.values, self.cell, 0.0, 0.0, mirrored=True)


@dataclass(frozen=True)
class Mark:
    """A pilot that was found. `payload` is None where its bits could not be read."""

    payload: int | None
    score: float
    key: int  # which of the keys asked for
    mirrored: bool
    zoom: float  # 1: the whole picture; above: cropped; below: seen within something larger
    clarity: float  # how well the bits fit their code, 0 to 1


def new_payload() -> int:
    """64 random bits, never 0."""
    return secrets.randbits(64) or 1


@lru_cache(maxsize=16)
def plane(key: bytes) -> Plane:
    cells = TORUS * TORUS
    stream = np.frombuffer(shake_256(b"understudy mark 1" + key).digest(4 * cells), np.uint8).reshape(4, -1)
    signs = np.where(stream[0] & 1, 1.0, -1.0).astype(np.float32)
    bits = (stream[2].astype(np.int32) << 8 | stream[3]) % mark_code.CODED
    roles = np.where(stream[1] < PILOT_SHARE, -1, bits).astype(np.int16)
    return Plane(signs.reshape(TORUS, TORUS), roles.reshape(TORUS, TORUS))


def marker(size: tuple[int, int], payload: int, key: bytes) -> Callable[[Frame], Frame]:
    """A function frame -> marked copy, for frames of `size` (width, height)."""
    pattern = np.rint(pattern_of(size, payload, key))
    brighter = np.repeat(np.clip(pattern, 0, None).astype(np.uint8)[:, :, None], 3, axis=2)
    darker = np.repeat(np.clip(-pattern, 0, None).astype(np.uint8)[:, :, None], 3, axis=2)

    def apply(frame: Frame) -> Frame:
        lighter = cv2.add(frame, brighter)
        return np.asarray(cv2.subtract(lighter, darker, dst=lighter), np.uint8)

    return apply


def pattern_of(size: tuple[int, int], payload: int, key: bytes) -> Grid:
    """What is added to the brightness of a picture of `size`: H W, of root mean square `STRENGTH`."""
    known = plane(key)
    bits = np.append(mark_code.encode(payload), np.float32(1))  # the pilot's role -1 finds its 1 here
    cells = known.signs * bits[known.roles]
    width, height = size
    cell = math.sqrt(width * height / CELLS)
    tiled, middle = np.tile(cells, (2, 2)), float(TORUS)
    place = np.array(
        [
            [1 / cell, 0, middle + (0.5 - width / 2) / cell],
            [0, 1 / cell, middle + (0.5 - height / 2) / cell],
        ]
    )
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    pattern = cv2.warpAffine(tiled, place, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(pattern * (STRENGTH / max(1e-6, float(pattern.std()))), np.float32)


def features(frames: Iterable[Frame]) -> Features:
    """Sum of evened band-passed brightness over frames of one size. Raises ValueError without frames."""
    values: NDArray[np.float32] | None = None
    cell = SAMPLES
    size = (0, 0)
    for frame in frames:
        if values is None:
            height, width = frame.shape[:2]
            scale = SAMPLES / math.sqrt(width * height / CELLS)
            size = (max(8, round(width * scale)), max(8, round(height * scale)))
            cell = math.sqrt(size[0] * size[1] / CELLS)
            values = np.zeros((size[1], size[0]), np.float32)
        values = np.add(values, _evened(frame, size), dtype=np.float32)
    if values is None:
        raise ValueError("no frames")
    return Features(values, cell)


def _evened(frame: Frame, size: tuple[int, int]) -> Grid:
    """Where the picture is calm a faint blob counts for much, at an edge for little."""
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
    shrinks = size[0] < grey.shape[1]
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    rest = small - cv2.GaussianBlur(small, (0, 0), SAMPLES)
    spread = np.sqrt(cv2.GaussianBlur(rest * rest, (0, 0), 1.5 * SAMPLES) + 0.3)
    return np.asarray(np.clip(rest / spread, -2, 2) / np.sqrt(spread), np.float32)


def spread_evenly(frames: Sequence[Frame]) -> list[Frame]:
    """At most `MOST_FRAMES` of them."""
    count = min(MOST_FRAMES, len(frames))
    return [frames[i] for i in np.linspace(0, len(frames) - 1, count).astype(int)] if count else []


def find(seen: Features, keys: Sequence[bytes]) -> Mark | None:
    """The mark of one of the keys, or None; `FALSE_POSITIVE_BOUND` holds for each key."""
    for plain in (True, False):
        for number, key in enumerate(keys):
            known = plane(key)
            place = _plain(seen, known) if plain else _search(seen, known)
            if place is not None:
                return _read(seen, known, place, number)
    return None


def score(grid: Grid, pilot: Grid) -> float:
    """Agreement of folded features with a pilot, in standard deviations under a foreign key."""
    there = grid[pilot != 0]
    norm = float(np.linalg.norm(there))
    return float((grid * pilot).sum()) / norm if norm else 0.0


@dataclass(frozen=True)
class _Place:
    """Where the plane lies under the features: shifts in cells."""

    zoom: float
    y: float
    x: float
    mirrored: bool
    score: float


def _plain(seen: Features, known: Plane) -> _Place | None:
    found = [
        _Place(1.0, 0.0, 0.0, mirrored, score(grid, known.pilot))
        for mirrored, grid in ((False, seen.plain), (True, seen.mirrored))
    ]
    best = max(found, key=lambda place: place.score)
    return best if best.score >= PLAIN_SCORE else None


def _search(seen: Features, known: Plane) -> _Place | None:
    """The best of all crops and scales. Mirrored pictures are found with a mirrored pilot."""
    pilot = known.pilot
    spectra = [np.conj(fft.rfft2(p)) for p in (pilot, _flipped(pilot))]
    share = PILOT_SHARE / 256
    best, least = None, 0.0
    for zoom in ZOOMS:
        for y, x in PHASES:
            grid = _fold(seen.values, seen.cell * zoom, y, x, mirrored=False)
            norm = math.sqrt(share * float(np.square(grid).sum()))
            if norm == 0:
                continue
            spectrum = fft.rfft2(grid)
            for mirrored, wanted in enumerate(spectra):
                agreement = fft.irfft2(spectrum * wanted, s=(TORUS, TORUS))
                at = int(agreement.argmax())
                if (roughly := float(agreement.flat[at]) / norm) > least:
                    least = roughly
                    best = (float(zoom), y, x, bool(mirrored), divmod(at, TORUS))
    if best is None or least < 0.9 * SEARCH_SCORE:
        return None
    zoom, y, x, mirrored, (down, right) = best
    place = _Place(zoom, y + down, (-1 if mirrored else 1) * (x + right), mirrored, 0.0)
    return _settled(seen, pilot, place)


def _flipped(plane_of_cells: Grid) -> Grid:
    """Mirrored about cell 0, left and right."""
    return np.roll(plane_of_cells[:, ::-1], 1, axis=1)


def _settled(seen: Features, pilot: Grid, rough: _Place) -> _Place | None:
    """The neighbourhood of a rough place, finer; None if even its best is too weak."""
    best = rough
    for step_zoom, step in ((0.004, 0.25), (0.002, 0.125)):
        middle = best
        for zoom in (middle.zoom * (1 - step_zoom), middle.zoom, middle.zoom * (1 + step_zoom)):
            for y in (middle.y - step, middle.y, middle.y + step):
                for x in (middle.x - step, middle.x, middle.x + step):
                    grid = _fold(seen.values, seen.cell * zoom, y, x, mirrored=middle.mirrored)
                    if (agreement := score(grid, pilot)) > best.score:
                        best = _Place(zoom, y, x, middle.mirrored, agreement)
    return best if best.score >= SEARCH_SCORE else None


def _fold(values: Grid, cell: float, down: float, right: float, *, mirrored: bool) -> Grid:
    """Features sampled at the cells of a grid whose cell 0 lies `down` and `right` cells off the middle, and
    summed onto the torus. Each sample is the mean over its cell."""
    way = values[:, ::-1] if mirrored else values
    width = max(1, round(cell))
    seen = cv2.blur(np.ascontiguousarray(way), (width, width))
    height, length = seen.shape
    rows, columns = _cells(height, cell, down), _cells(length, cell, right)
    place = np.array(
        [
            [cell, 0, length / 2 - 0.5 + cell * (columns[0] + right)],
            [0, cell, height / 2 - 0.5 + cell * (rows[0] + down)],
        ]
    )
    size = (len(columns), len(rows))
    sampled = cv2.warpAffine(seen, place, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    whole = np.zeros((-(-len(rows) // TORUS) * TORUS, -(-len(columns) // TORUS) * TORUS), np.float32)
    whole[: len(rows), : len(columns)] = sampled
    folded = whole.reshape(whole.shape[0] // TORUS, TORUS, -1, TORUS).sum(axis=(0, 2))
    return np.asarray(np.roll(folded, (rows[0] % TORUS, columns[0] % TORUS), axis=(0, 1)), np.float32)


def _cells(samples: int, cell: float, shift: float) -> range:
    """Numbers of the cells whose middles lie within so many samples."""
    half = samples / 2 / cell
    return range(math.ceil(-half - shift), math.floor(half - shift) + 1)


def _read(seen: Features, known: Plane, place: _Place, number: int) -> Mark:
    grid = _fold(seen.values, seen.cell * place.zoom, place.y, place.x, mirrored=place.mirrored)
    carrying = known.roles >= 0
    agreement = (grid * known.signs)[carrying]
    values = np.bincount(known.roles[carrying], weights=agreement, minlength=mark_code.CODED)
    payload = mark_code.decode(values.astype(np.float32))
    clarity = 0.0
    if payload is not None:
        clarity = float((mark_code.encode(payload) * values).sum() / max(1e-9, np.abs(values).sum()))
    return Mark(payload, place.score, number, place.mirrored, place.zoom, clarity)


def find_all(frames: Sequence[Frame], keys: Sequence[bytes]) -> list[Mark]:
    """Every mark of the keys in a film's frames: that of the whole first, then those that only a quarter of
    it carries (films put together from several)."""
    found = [mark] if (mark := _within_borders(frames, keys)) else []
    if len(frames) >= PARTS:
        edges = np.linspace(0, len(frames), PARTS + 1).astype(int)
        for start, end in pairwise(edges):
            found += _plainly_there(features(spread_evenly(frames[start:end])), keys)
    distinct: dict[int, Mark] = {}
    for mark in found:
        if mark.payload is not None:
            distinct.setdefault(mark.payload, mark)
    return list(distinct.values()) or found[:1]


def _within_borders(frames: Sequence[Frame], keys: Sequence[bytes]) -> Mark | None:
    """The mark of the whole: plainly, then without even borders where there are any, then searched for."""
    shown = spread_evenly(frames)
    if plain := _plainly_there(features(shown), keys):
        return plain[0]
    bare = borders.without(shown)
    if bare[0].shape != shown[0].shape and (mark := find(features(bare), keys)):
        return mark
    return find(features(shown), keys)


def _plainly_there(seen: Features, keys: Sequence[bytes]) -> list[Mark]:
    places = [(number, key, _plain(seen, plane(key))) for number, key in enumerate(keys)]
    return [_read(seen, plane(key), place, number) for number, key, place in places if place is not None]
