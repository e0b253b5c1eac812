"""Is what a clip shows the product of the photos, or something that looks like it? Asked when its pictures
are made and before they are sealed.

    photo -> what stands out from its border (the product)
    photo laid on a picture of the clip: by points that match (SIFT, an affine map that many agree on), and by
        trying sizes and places
    agreement 0..1: share of the product whose colour and whose fine structure are the photo's where they lie,
        times how many of its points were found again (letters and signs of a look-alike are others)
    clip: its worst shot counts, by the best of its pictures (in a fade two photos lie over each other); each
        picture by the photo that agrees best. Without shots, the worst tenth of its pictures

Pictures are looked at small (`SIDE`), so that grain and codecs count little. Workers only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
STEPS = 40  # of refining a map
STANDS_OUT = 18.0  # how far from the border's colour a place is that belongs to the product
FACE = 0.5  # score from which on something counts as a face
INSIDE = 0.6  # share of the product that has to lie within the picture


@dataclass(frozen=True)
class Product:
    """One photo, ready to be looked for: RGB, Lab, where the product is (0..1), its points."""

    picture: Frame
    lab: Floats
    mask: Floats
    points: tuple[cv2.KeyPoint, ...]
    described: NDArray[np.float32] | None


def clip_agreement(
    frames: Sequence[Frame], photos: Sequence[Frame], shots: Sequence[Sequence[int]] = ()
) -> float:
    """0..1: how surely every shot shows the product of the photos. Frames and photos H W 3 RGB; `shots`: the
    numbers of each shot's frames."""
    if not len(frames) or not len(photos):
        return 0.0
    products = [product_of(photo) for photo in photos]
    found = [max(agreement(frame, product) for product in products) for frame in frames]
    seen = [
        max(found[k] for k in shot if k < len(found)) for shot in shots if any(k < len(found) for k in shot)
    ]
    return round(min(seen) if seen else float(np.percentile(found, WORST)), 4)


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
    points, described = _points(picture, (mask > 0.5).astype(np.uint8))
    return Product(picture, lab, mask, points, described)


def agreement(frame: Frame, product: Product) -> float:
    """0..1 of one picture."""
    small = _small(frame)
    lab = _lab(small)
    by_points, found = _by_points(small, product)
    maps = [m for m in (by_points, _by_trying(lab, product)) if m is not None]
    places = max((_agrees(lab, product, matrix) for matrix in maps), default=0.0)
    return places * _confirmed(found, len(product.points))


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
    share = float(mask.mean())
    if not 0.03 <= share <= 0.9:
        mask = np.zeros_like(mask)
        cv2.ellipse(mask, (width // 2, height // 2), (round(width * 0.36), round(height * 0.36)),
                    0, 0, 360, 1, -1)  # fmt: skip
    return mask.astype(np.float32)


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


def _by_trying(lab: Floats, product: Product) -> Floats | None:
    """The size and place at which the product's box fits the picture best, for what has few points."""
    rows, columns = np.flatnonzero(product.mask.any(axis=1)), np.flatnonzero(product.mask.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    best, found = -1.0, None
    half = cv2.resize(lab, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    box, weight = product.lab[top:bottom, left:right], product.mask[top:bottom, left:right]
    for size in SIZES:
        wide, high = round((right - left) * size / 2), round((bottom - top) * size / 2)
        if min(wide, high) < 8 or wide > half.shape[1] or high > half.shape[0]:
            continue
        piece = cv2.resize(box, (wide, high), interpolation=cv2.INTER_AREA)
        mask = cv2.resize(weight, (wide, high), interpolation=cv2.INTER_AREA)
        off = cv2.matchTemplate(half, piece, cv2.TM_SQDIFF, mask=np.repeat(mask[..., None], 3, axis=2))
        least, _, place, _ = cv2.minMaxLoc(off)
        fits = -least / max(1e-6, float(mask.sum()))
        if found is None or fits > best:
            best = fits
            x, y = 2 * place[0] - left * size, 2 * place[1] - top * size
            found = np.array([[size, 0, x], [0, size, y]], np.float32)
    return None if found is None else _refined(lab, product, found)


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


def _agrees(lab: Floats, product: Product, matrix: Floats) -> float:
    """How much of the product is in the picture where the map lays it."""
    size = (lab.shape[1], lab.shape[0])
    laid = cv2.warpAffine(product.lab, matrix, size, flags=cv2.INTER_AREA)
    mask = cv2.warpAffine(product.mask, matrix, size, flags=cv2.INTER_LINEAR)
    whole = float(product.mask.sum()) * abs(float(np.linalg.det(matrix[:, :2].astype(np.float64))))
    there = float(mask.sum())
    if there < 60 or whole <= 0:
        return 0.0
    within = mask > 0.5
    if within.sum() < 40:
        return 0.0
    lighter = np.median(lab[..., 0][within]) / max(1.0, float(np.median(laid[..., 0][within])))
    laid = laid * np.clip(lighter, *LIGHTER)
    light = (lab[..., 0] - laid[..., 0]) / LIGHT_OFF
    colour = np.linalg.norm(lab[..., 1:] - laid[..., 1:], axis=2) / COLOUR_OFF
    alike = np.exp(-np.square(colour)) * np.exp(-np.square(light))
    structure, has = _structure(lab[..., 0], laid[..., 0])
    weight = mask * (1 + 3 * has)
    places = alike * np.where(has, structure, 1.0)
    share = float((places * weight).sum() / weight.sum())
    return share * min(1.0, there / whole / INSIDE)


def _structure(a: Floats, b: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Correlation of the surroundings of each place, 0..1, and where either has structure at all."""
    side = (11, 11)
    mean_a, mean_b = cv2.blur(a, side), cv2.blur(b, side)
    spread_a = np.sqrt(np.maximum(cv2.blur(a * a, side) - mean_a**2, 0))
    spread_b = np.sqrt(np.maximum(cv2.blur(b * b, side) - mean_b**2, 0))
    both = cv2.blur(a * b, side) - mean_a * mean_b
    correlation = both / np.maximum(spread_a * spread_b, FLAT**2)
    return np.clip(correlation, 0, 1), np.maximum(spread_a, spread_b) > FLAT
