"""Faces as people bring them, and pictures that only look like one: each has an outcome, none an error."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest

from cameos import faces, inspection, watching
from cameos.search import FaceIndex
from tests.likeness_actor import Look, Pixels, pictured

NOBODY = FaceIndex(np.zeros((0, 128), np.float32), ())
REAL, NOTHING = "face_without_grant", ""


@cache
def her(yaw: float = 0.0) -> Pixels:
    return pictured("astronaut").frame(Look(yaw=yaw))


def lit(share: float, more: float = 0.0) -> Pixels:
    return np.clip(her() * share + more, 0, 255).astype(np.uint8)


def grey() -> Pixels:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(her(), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)


def statue() -> Pixels:
    smooth = cv2.bilateralFilter(grey(), 9, 60, 9).astype(np.float64)
    return np.clip(150 + (smooth - smooth.mean()) * 0.6, 0, 255).astype(np.uint8)


def dark_glasses() -> Pixels:
    picture = her().copy()
    for x, y in ((283, 187), (358, 192)):
        cv2.ellipse(picture, (x, y), (30, 20), 0, 0, 360, (10, 10, 10), -1)
    cv2.line(picture, (300, 187), (340, 190), (10, 10, 10), 5)
    return picture


def beard() -> Pixels:
    picture, mask = her().copy(), np.zeros(her().shape[:2], np.uint8)
    cv2.ellipse(mask, (318, 300), (70, 55), 0, -20, 200, 1, -1)
    picture[mask > 0] = (picture[mask > 0] * 0.25).astype(np.uint8)
    return picture


def moved(x: float) -> Pixels:
    across = np.array([[1, 0, x], [0, 1, 0]], np.float64)
    return np.asarray(cv2.warpAffine(her(), across, (640, 480), borderValue=(90, 90, 90)), np.uint8)


def small(share: float) -> Pixels:
    picture = np.full((480, 640, 3), 120, np.uint8)
    part = cv2.resize(her(), None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    picture[200 : 200 + part.shape[0], 300 : 300 + part.shape[1]] = part
    return picture


def two_sizes() -> Pixels:
    picture = her().copy()
    part = cv2.resize(pictured("biden").frame(Look())[60:420, 150:490], None, fx=0.25, fy=0.25)
    picture[10 : 10 + part.shape[0], 10 : 10 + part.shape[1]] = part
    return picture


def cartoon() -> Pixels:
    picture = np.full((480, 640, 3), 240, np.uint8)
    cv2.circle(picture, (320, 240), 120, (255, 220, 170), -1)
    for x in (280, 360):
        cv2.circle(picture, (x, 210), 14, (0, 0, 0), -1)
    cv2.ellipse(picture, (320, 280), (50, 25), 0, 0, 180, (200, 40, 40), 6)
    return picture


def childs_drawing() -> Pixels:
    picture = np.full((480, 640, 3), 255, np.uint8)
    cv2.circle(picture, (320, 200), 90, (0, 0, 0), 3)
    for x in (290, 350):
        cv2.circle(picture, (x, 180), 8, (0, 0, 0), 2)
    cv2.ellipse(picture, (320, 235), (30, 12), 0, 0, 180, (0, 0, 0), 2)
    cv2.line(picture, (320, 290), (320, 420), (0, 0, 0), 3)
    return picture


def plain(value: int) -> Pixels:
    return np.full((480, 640, 3), value, np.uint8)


ODD: dict[str, tuple[Callable[[], Pixels], int, str]] = {
    "very dark": (lambda: lit(0.06), 1, REAL),
    "very light": (lambda: lit(1.0, 110), 1, REAL),
    "half profile": (lambda: her(45.0), 1, REAL),
    "dark glasses": (dark_glasses, 1, REAL),
    "beard": (beard, 1, REAL),
    "statue": (statue, 1, REAL),  # who looks like a person is asked for like one
    "two sizes": (two_sizes, 2, REAL),
    "cut by the right edge": (lambda: moved(300), 1, REAL),
    "cut by the left edge": (lambda: moved(-260), 1, REAL),
    "small": (lambda: small(0.15), 1, REAL),
    "too small to be anybody": (lambda: small(0.06), 0, NOTHING),
    "upside down": (lambda: her()[::-1, ::-1].copy(), 1, REAL),
    "black and white": (grey, 1, REAL),
    "cartoon": (cartoon, 0, NOTHING),
    "a child's drawing": (childs_drawing, 0, NOTHING),
    "black": (lambda: plain(0), 0, NOTHING),
    "white": (lambda: plain(255), 0, NOTHING),
    "noise": (lambda: np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8), 0, NOTHING),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_picture_offered_for_a_clip_has_an_outcome(name: str) -> None:
    picture, count, rule = ODD[name]
    seen = inspection.inspect_photo(picture(), index=NOBODY)
    assert (seen.face_count, seen.rule) == (count, rule)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_picture_before_the_camera_is_measured_without_an_error(name: str) -> None:
    picture = ODD[name][0]()
    found = faces.find(picture)
    looked = watching._look(picture, found[0]) if found else None
    assert looked is None or np.isfinite([looked.eyes, looked.opening, looked.luma, looked.sharpness]).all()


@pytest.mark.parametrize("seed", range(40))
def test_a_finder_that_errs_about_where_the_face_is_ends_nothing(seed: int) -> None:
    """Boxes outside the picture, of no size, with eyes in one place."""
    rng = np.random.default_rng(seed)
    x, y, side = rng.normal(0, 500), rng.normal(0, 500), abs(rng.normal(0, 200)) * (seed % 5 > 0)
    points = rng.normal(300, 400, (5, 2)) if seed % 3 else np.zeros((5, 2))
    watching._look(her(), faces.Found((x, y, side, side), points, 0.9))
