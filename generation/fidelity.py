"""Is what a clip shows the product of the photos, or something that looks like it? Asked when its pictures
are made and before they are sealed.

    photo -> what stands out from its border (the product), its parts by colour, its outline
    photo laid on a picture of the clip: by points that match (SIFT, an affine map that many agree on), and
        where these leave a doubt by trying sizes, widths, leanings and places
    looks, each 0..1: colour and fine structure of all of it where they lie; the colour of the part that
        agrees least (another flavour has another band); edges of the picture along its outline; what is drawn
        on it (letters, signs) at its place, correlated in small windows; its points that were found again
    agreement 0..1: a logistic function of these five, fitted on products that the bench does not score
        (docs/algorithms/fidelity.md)
    clip: its worst shot counts, by the best of three of its pictures (in a fade two photos lie over each
        other); each picture by the photo that agrees best. Without shots, the worst tenth of its pictures

Pictures are looked at small (`SIDE`), so that grain and codecs count little. Workers only.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from cameos import faces

Frame = NDArray[np.uint8]
Floats = NDArray[np.float32]

SIDE = 320  # longest side of the pictures looked at
LEAST = 0.5  # below it the clip does not show the product of its photos
WORST = 10  # percentile of the pictures that counts
POINTS, RATIO, NEAR, AGREE = (
    600,
    0.8,
    4.0,
    8,
)  # SIFT: points, Lowe's ratio, pixels off, how many have to agree
FEW, CONFIRMED, MOST_ASKED = 20, 0.3, 150  # points: too few to ask, share that has to be found, of at most
SIZES = (0.35, 0.5, 0.65, 0.8, 1.0, 1.2)  # of the product in the picture, where no points match
COLOUR_OFF, LIGHT_OFF = 14.0, 26.0  # in CIELAB, at which agreement of a place has fallen to a third
LIGHTER = (0.7, 1.4)  # how much darker or lighter all of it may be
FLAT = 3.0  # spread of lightness below which a place has no structure of its own
WIDER, LEANS, TRIED = (0.85, 1.0, 1.15), (-6.0, 0.0, 6.0), 2  # ... its width, its lean, maps that are refined
COARSE = 4  # pixels to one, where sizes and places are tried
COLOURS_FIRST = np.array([0.5, 1, 1], np.float32)  # light differs between photos more than colour does
PARTS, LEAST_PART = 4, 0.04  # colours it is made of, and the share from which on one counts
STEEP = 60.0  # slope (CIELAB, Sobel) that is an edge for sure
DRAWN, SHIFT = 2.0, 2  # lightness that letters stand out by; pixels that they may be off
SURE = 0.9  # nobody looks for more
STEPS = 40  # of refining a map
WEIGHTS, BIAS = (1.85, 3.27, 2.82, 0.37, 3.18), 8.4  # of `Looks`, in its order
PLAIN, GRAIN = 2.0, 2.0  # of 255: how little one plain colour differs, and the grain that it is given
STANDS_OUT = 18.0  # how far from the border's colour a place is that belongs to the product
SHARES = (0.03, 0.9)  # of a photo that a product can have
FACE = 0.5  # score from which on something counts as a face
INSIDE = 0.6  # share of the product that has to lie within the picture


@dataclass(frozen=True)
class Try:
    """The product in one size, width and leaning, coarse: the map that makes it so (its middle goes to 0, 0),
    Lab and mask of its box."""

    matrix: NDArray[np.float64]
    lab: Floats
    mask: Floats


@dataclass(frozen=True)
class Product:
    """One photo, ready to be looked for: RGB, Lab, where the product is (0..1), what it is made of,
    its outline, its sizes to be tried, its points."""

    picture: Frame
    lab: Floats
    mask: Floats
    parts: NDArray[np.int8]
    edge: Floats
    tries: Sequence[Try]
    points: tuple[cv2.KeyPoint, ...]
    described: NDArray[np.float32] | None


@dataclass(frozen=True)
class Looks:
    """What was compared, each 0..1: colour and fine structure of all of it; the colour of the part that
    agrees least; its outline; its marks (letters, signs) at their places; its points found again."""

    places: float = 0.0
    parts: float = 0.0
    outline: float = 0.0
    marks: float = 0.0
    points: float = 0.0

    @property
    def told(self) -> tuple[float, float, float, float, float]:
        return (self.places, self.parts, self.outline, self.marks, self.points)

    @property
    def surely(self) -> float:
        told = float(np.dot(WEIGHTS, self.told)) - BIAS
        return float(1 / (1 + np.exp(-told)))


def clip_agreement(
    frames: Sequence[Frame], photos: Sequence[Frame], shots: Sequence[Sequence[int]] = ()
) -> float:
    """0..1: how surely every shot shows the product of the photos. Frames and photos H W 3 RGB; `shots`: the
    numbers of each shot's frames, of which a few are looked at, from its middle outward."""
    if not len(frames) or not len(photos):
        return 0.0
    products = [product_of(photo) for photo in photos]
    there = [[k for k in shot if k < len(frames)] for shot in shots]
    if any(there):
        return round(min(_best([frames[k] for k in _few(shot)], products) for shot in there if shot), 4)
    found = [_best([frame], products) for frame in frames]
    return round(float(np.percentile(found, WORST)), 4)


def _best(frames: Sequence[Frame], products: Sequence[Product]) -> float:
    """The surest of these pictures, of which no more are looked at once one is sure."""
    best = 0.0
    for frame in frames:
        for product in products:
            best = max(best, agreement(frame, product))
            if best >= SURE:
                return best
    return best


def _few(shot: Sequence[int]) -> list[int]:
    """Its middle, its end, its beginning: in a fade two photos lie over each other."""
    return list(dict.fromkeys([shot[len(shot) // 2], shot[-1], shot[0]]))


def by_shot(shots: Sequence[tuple[float, float]], rate: float) -> list[list[int]]:
    """The numbers of the frames of each shot (seconds from, until) where `rate` a second were kept."""
    return [
        [k for k in range(int(start * rate), int(end * rate) + 1) if start <= k / rate < end]
        for start, end in shots
    ]


def product_of(photo: Frame) -> Product:
    picture = _small(photo)
    lab = _lab(picture)
    mask = _stands_out(lab)
    for face in faces.find(picture, min_score=FACE):  # hidden in the clip, and no part of what is sold
        x, y, width, height = face.box
        middle = (round(x + width / 2), round(y + height / 2))
        cv2.ellipse(mask, middle, (round(width * 0.9), round(height * 0.9)), 0, 0, 360, 0.0, -1)
    inside = cv2.erode((mask > 0.5).astype(np.uint8), np.ones((9, 9), np.uint8))
    points, described = _points(picture, np.asarray(inside, np.uint8))  # its outline is half of the room
    parts, edge, tries = _parts(lab, mask), _outline(mask), _tries(lab, mask)
    return Product(picture, lab, mask, parts, edge, tries, points, described)


def agreement(frame: Frame, product: Product) -> float:
    """0..1 of one picture."""
    return looks(frame, product).surely


def looks(frame: Frame, product: Product) -> Looks:
    """How the product is in one picture, laid where it looks most like itself: by its points, and where these
    leave a doubt by trying sizes and places too."""
    small = _small(frame)
    lab = _lab(small)
    slopes, (by_points, found) = _slopes(lab), _by_points(small, product)
    confirmed = _confirmed(found, len(product.points))
    best = Looks() if by_points is None else _looks(lab, slopes, product, by_points, confirmed)
    if best.surely >= SURE:
        return best
    tried = [_looks(lab, slopes, product, matrix, confirmed) for matrix in _by_trying(lab, product)]
    return max([best, *tried], key=lambda one: one.surely)


def _confirmed(found: int, points: int) -> float:
    """Colours and outlines of a look-alike agree; its letters and signs do not. 1 for what has few points."""
    return 1.0 if points < FEW else min(1.0, found / (CONFIRMED * min(points, MOST_ASKED)))


def _small(picture: Frame) -> Frame:
    scale = SIDE / max(picture.shape[:2])
    size = (max(16, round(picture.shape[1] * scale)), max(16, round(picture.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def _lab(picture: Frame) -> Floats:
    """CIELAB, lightness 0..100, a little blurred."""
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(soft, cv2.COLOR_RGB2LAB), np.float32)


def _stands_out(lab: Floats) -> Floats:
    """Where the product is: what differs from the photo's border, the middle where nothing or all does."""
    height, width = lab.shape[:2]
    edge = max(2, min(height, width) // 20)
    bands = (lab[:edge], lab[-edge:], lab[:, :edge].swapaxes(0, 1), lab[:, -edge:].swapaxes(0, 1))
    rim = [
        np.median(half.reshape(-1, 3), axis=0) for band in bands for half in np.array_split(band, 2, axis=1)
    ]
    far = np.min([np.linalg.norm(lab - colour, axis=2) for colour in rim], axis=0)
    mask = (far > STANDS_OUT).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    if not SHARES[0] <= float(mask.mean()) <= SHARES[1]:
        mask = _cut_out(lab)
    return mask.astype(np.float32)


def _cut_out(lab: Floats) -> NDArray[np.uint8]:
    """What is unlike the rim by many colours together (GrabCut, Rother et al. 2004), begun at the middle; the
    middle itself where that finds next to nothing or nearly all."""
    height, width = lab.shape[:2]
    middle = np.zeros((height, width), np.uint8)
    reach = (round(width * 0.36), round(height * 0.36))
    cv2.ellipse(middle, (width // 2, height // 2), reach, 0, 0, 360, 1, -1)
    marked = np.where(middle > 0, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    picture = _grained(np.clip(lab * (2.55, 1, 1) + (0, 128, 128), 0, 255)).astype(np.uint8)
    cv2.setRNGSeed(7)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture, marked, (0, 0, 1, 1), *models, 3, cv2.GC_INIT_WITH_MASK)
    found = np.isin(marked, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    return found if SHARES[0] <= float(found.mean()) <= SHARES[1] else middle


def _grained(picture: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """With a little grain where most of it is one plain colour (a white sheet): there every cut is as good as
    any other, and GrabCut goes on for minutes."""
    plain = (np.abs(picture - np.median(picture, axis=(0, 1))) <= PLAIN).all(axis=2)
    if plain.mean() <= 0.5:
        return picture
    return np.clip(picture + np.random.default_rng(7).normal(0, GRAIN, picture.shape), 0, 255)


def _points(
    picture: Frame, mask: NDArray[np.uint8] | None
) -> tuple[tuple[cv2.KeyPoint, ...], NDArray[np.float32] | None]:
    sift = cv2.SIFT.create(nfeatures=POINTS, contrastThreshold=0.02)
    points, found = sift.detectAndCompute(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), mask)
    described: NDArray[np.float32] | None = None if found is None else np.asarray(found, np.float32)
    return tuple(points), described


def _by_points(small: Frame, product: Product) -> tuple[Floats | None, int]:
    """The affine map from photo to picture that enough points agree on, and how many do."""
    points, described = _points(small, None)
    if described is None or product.described is None or min(len(described), len(product.described)) < AGREE:
        return None, 0
    pairs = cv2.BFMatcher().knnMatch(product.described, described, k=2)
    good = [p[0] for p in pairs if len(p) == 2 and p[0].distance < RATIO * p[1].distance]
    if len(good) < AGREE:
        return None, 0
    source = np.array([product.points[m.queryIdx].pt for m in good], np.float32)
    target = np.array([points[m.trainIdx].pt for m in good], np.float32)
    matrix, inside = cv2.estimateAffine2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=NEAR)
    if matrix is None or int(inside.sum()) < AGREE or not 0.02 < np.linalg.det(matrix[:, :2]) < 25:
        return None, 0
    return np.asarray(matrix, np.float32), int(inside.sum())


def _tries(lab: Floats, mask: Floats) -> list[Try]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    made: list[Try] = []
    for size, wider, lean in itertools.product(SIZES, WIDER, LEANS):
        turn = _turned(size, wider, lean, box)
        wide, high = _reach(turn, box)
        if min(wide, high) < 6 or max(wide, high) > SIDE // COARSE:
            continue
        coarse = turn.copy()
        coarse[:, 2] += (wide * COARSE / 2, high * COARSE / 2)
        coarse /= COARSE
        there = cv2.warpAffine(mask, coarse, (wide, high), flags=cv2.INTER_AREA)
        if there.sum() >= 12:
            piece = cv2.warpAffine(lab * COLOURS_FIRST, coarse, (wide, high), flags=cv2.INTER_AREA)
            made.append(Try(turn, np.asarray(piece, np.float32), np.asarray(there, np.float32)))
    return made


def _by_trying(lab: Floats, product: Product) -> list[Floats]:
    """The sizes, leanings and places at which the product fits the picture best, for what has few points."""
    coarse = cv2.resize(lab * COLOURS_FIRST, None, fx=1 / COARSE, fy=1 / COARSE, interpolation=cv2.INTER_AREA)
    found: list[tuple[float, Floats]] = []
    for tried in product.tries:
        high, wide = tried.mask.shape
        if wide > coarse.shape[1] or high > coarse.shape[0]:
            continue
        mask = np.repeat(tried.mask[..., None], 3, axis=2)
        off = cv2.matchTemplate(coarse, tried.lab, cv2.TM_SQDIFF, mask=mask)
        least, _, place, _ = cv2.minMaxLoc(off)
        matrix = tried.matrix.copy()
        matrix[:, 2] += ((place[0] + wide / 2) * COARSE, (place[1] + high / 2) * COARSE)
        size = abs(float(np.linalg.det(matrix[:, :2]))) ** 0.25  # a small one fits a plain place by chance
        found.append((least / float(tried.mask.sum()) / size, matrix.astype(np.float32)))
    found.sort(key=lambda one: one[0])
    return [_refined(lab, product, matrix) for _off, matrix in found[:TRIED]]


def _turned(size: float, wider: float, lean: float, box: tuple[int, int, int, int]) -> NDArray[np.float64]:
    """The map that makes what is in the box so large and so leaning, with its middle at (0, 0)."""
    turn, (left, top, right, bottom) = np.deg2rad(lean), box
    leaning = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    linear = leaning @ np.diag([size * wider, size])
    return np.column_stack([linear, -linear @ ((left + right) / 2, (top + bottom) / 2)])


def _reach(turn: NDArray[np.float64], box: tuple[int, int, int, int]) -> tuple[int, int]:
    """Width and height of what the map makes of the box, coarse."""
    left, top, right, bottom = box
    corners = turn[:, :2] @ np.array([[left, right, right, left], [top, top, bottom, bottom]]) + turn[:, 2:]
    far = 2 * np.abs(corners).max(axis=1) / COARSE
    return int(np.ceil(far[0])), int(np.ceil(far[1]))


def _refined(lab: Floats, product: Product, matrix: Floats) -> Floats:
    """The same map, moved to where lightness agrees best (Evangelidis and Psarakis, 2008)."""
    back = cv2.invertAffineTransform(matrix).astype(np.float32)
    here, there = (np.ascontiguousarray(one[..., 0]) for one in (lab, product.lab))
    within = (product.mask > 0.5).astype(np.uint8)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, STEPS, 1e-4)
    try:
        _, found = cv2.findTransformECC(here, there, back, cv2.MOTION_AFFINE, stop, within, 5)
    except cv2.error:  # it did not converge: where it was is as good as it gets
        return matrix
    better = np.asarray(cv2.invertAffineTransform(found), np.float32)
    moved = float(np.abs(better - matrix).max())
    return better if moved < SIDE / 4 else matrix


def _looks(lab: Floats, slopes: Floats, product: Product, matrix: Floats, points: float) -> Looks:
    """How the product is in the picture where the map lays it."""
    size = (lab.shape[1], lab.shape[0])
    laid = cv2.warpAffine(product.lab, matrix, size, flags=cv2.INTER_AREA)
    mask = cv2.warpAffine(product.mask, matrix, size, flags=cv2.INTER_LINEAR)
    whole = float(product.mask.sum()) * abs(float(np.linalg.det(matrix[:, :2].astype(np.float64))))
    there = float(mask.sum())
    within = mask > 0.5
    if there < 60 or whole <= 0 or within.sum() < 40:
        return Looks()
    seen = min(1.0, there / whole / INSIDE)
    lighter = np.median(lab[..., 0][within]) / max(1.0, float(np.median(laid[..., 0][within])))
    laid = laid * np.clip(lighter, *LIGHTER)
    light = (lab[..., 0] - laid[..., 0]) / LIGHT_OFF
    colour = np.linalg.norm(lab[..., 1:] - laid[..., 1:], axis=2) / COLOUR_OFF
    alike = np.exp(-np.square(colour)) * np.exp(-np.square(light))
    structure, has = _structure(lab[..., 0], laid[..., 0])
    weight = mask * (1 + 3 * has)
    share = float((alike * np.where(has, structure, 1.0) * weight).sum() / weight.sum())
    parts = np.asarray(cv2.warpAffine(product.parts, matrix, size, flags=cv2.INTER_NEAREST), np.int8)
    edge = np.asarray(cv2.warpAffine(product.edge, matrix, size, flags=cv2.INTER_LINEAR), np.float32)
    return Looks(
        share * seen,
        _least_part(alike, parts, within) * seen,
        _along(slopes, edge),
        _marked(lab[..., 0], laid[..., 0], within),
        points,
    )


def _parts(lab: Floats, mask: Floats) -> NDArray[np.int8]:
    """The product by its colours: 0 is around it, 1 to `PARTS` what it is made of, without small ones."""
    inside = mask > 0.5
    values = np.ascontiguousarray((lab * COLOURS_FIRST)[inside], np.float32)
    out = np.zeros(mask.shape, np.int8)
    if len(values) < 50:
        return out
    cv2.setRNGSeed(7)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    _, which, _ = cv2.kmeans(values, PARTS, None, stop, 2, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    out[inside] = which.ravel() + 1
    for part in range(1, PARTS + 1):
        thick = cv2.erode((out == part).astype(np.uint8), np.ones((3, 3), np.uint8))
        out[(out == part) & (thick == 0)] = 0
        if (out == part).sum() < LEAST_PART * len(values):
            out[out == part] = 0
    return out


def _least_part(alike: Floats, parts: NDArray[np.int8], within: NDArray[np.bool_]) -> float:
    """The colour of the part that agrees least, by the middle of its places."""
    found = [
        float(np.median(alike[(parts == part) & within]))
        for part in range(1, PARTS + 1)
        if ((parts == part) & within).sum() >= 20
    ]
    return min(found, default=float(np.median(alike[within])))


def _outline(mask: Floats) -> Floats:
    inside = (mask > 0.5).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.float32)


def _slopes(lab: Floats) -> Floats:
    """Where the picture has an edge of any colour, 0..1, widened a little."""
    steep = np.zeros(lab.shape[:2], np.float32)
    for channel in range(3):
        x = cv2.Sobel(lab[..., channel], cv2.CV_32F, 1, 0)
        y = cv2.Sobel(lab[..., channel], cv2.CV_32F, 0, 1)
        steep = np.maximum(steep, np.hypot(x, y))
    return np.asarray(cv2.dilate(np.minimum(steep / STEEP, 1), np.ones((3, 3), np.uint8)), np.float32)


def _along(slopes: Floats, edge: Floats) -> float:
    total = float(edge.sum())
    return float((slopes * edge).sum() / total) if total > 1 else 0.0


def _marked(here: Floats, there: Floats, within: NDArray[np.bool_]) -> float:
    """How much of what is drawn on it (letters, signs) is at its place, give or take `SHIFT` pixels: the
    correlation of small windows, the more is drawn there the more it counts. 1 for what has nothing drawn."""
    inside = cv2.erode(within.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(np.float32)
    here, there = (one - cv2.GaussianBlur(one, (0, 0), 6) for one in (here, there))

    def around(values: Floats) -> Floats:
        return np.asarray(cv2.GaussianBlur(values * inside, (0, 0), 4), np.float32)

    drawn = around(there * there)
    weight = np.where((drawn > DRAWN**2) & (inside > 0), drawn**0.5, 0).astype(np.float32)
    if (weight > 0).sum() < 30:
        return 1.0
    best = np.full(here.shape, -1, np.float32)
    for y in range(-SHIFT, SHIFT + 1):
        for x in range(-SHIFT, SHIFT + 1):
            moved = np.roll(here, (y, x), axis=(0, 1))
            both = around(moved * there)
            best = np.maximum(best, both / np.sqrt(np.maximum(around(moved * moved) * drawn, 1e-3)))
    return float((np.clip(best, 0, 1) * weight).sum() / weight.sum())


def _structure(a: Floats, b: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Correlation of the surroundings of each place, 0..1, and where either has structure at all."""
    side = (11, 11)
    mean_a, mean_b = cv2.blur(a, side), cv2.blur(b, side)
    spread_a = np.sqrt(np.maximum(cv2.blur(a * a, side) - mean_a**2, 0))
    spread_b = np.sqrt(np.maximum(cv2.blur(b * b, side) - mean_b**2, 0))
    both = cv2.blur(a * b, side) - mean_a * mean_b
    correlation = both / np.maximum(spread_a * spread_b, FLAT**2)
    return np.clip(correlation, 0, 1), np.maximum(spread_a, spread_b) > FLAT
