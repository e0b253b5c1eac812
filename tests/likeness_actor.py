"""An actor for capture tests: one photograph that turns its head, blinks and speaks.

The face mesh of the photograph is moved in three dimensions and the picture is bent after it. The
photograph is NASA's portrait of Eileen Collins, in the public domain, packaged with scikit-image.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cameos import faces

WIDTH, HEIGHT = 640, 480
_FACES = Path(__file__).parent / "data" / "faces"

Pixels = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

_UPPER_LIDS = ((159, 145), (158, 153), (160, 144), (161, 163), (157, 154), (246, 7), (173, 155))
_LEFT_LIDS = ((386, 374), (385, 380), (387, 373), (388, 390), (384, 381), (466, 249), (398, 382))
_INNER_UPPER_LIP = (191, 80, 81, 82, 13, 312, 311, 310, 415)
_INNER_LOWER_LIP = (95, 88, 178, 87, 14, 317, 402, 318, 324)


@dataclass(frozen=True)
class Look:
    """How the actor looks in one frame: degrees, and 0..1 for lids and jaw; shift in pixels."""

    yaw: float = 0.0
    pitch: float = 0.0
    lids: float = 0.0
    jaw: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)


class Actor:
    """Somebody who can turn the head, blink and speak, made of one picture with one face."""

    def __init__(self, picture: Pixels, reshape: Floats | None = None) -> None:
        self.picture = _framed(picture)
        found = faces.find(self.picture)[0]
        self.rest = faces.mesh(self.picture, found).points.astype(np.float64)
        self.pivot = self.rest[[234, 454]].mean(axis=0)
        self.face_side = found.side
        self.fixed = _frame_points()
        self.ring = self._ring()
        self.target = self.rest if reshape is None else self._reshaped(reshape)
        self.drawn: dict[Look, Pixels] = {}

    def _ring(self) -> Floats:
        """Hair and neck around the face: they move with the head, from behind its middle."""
        oval = self.rest[list(_OVAL)]
        centre = oval[:, :2].mean(axis=0)
        out = centre + (oval[:, :2] - centre) * 1.35
        return np.column_stack([out, np.full(len(out), self.pivot[2])])

    def _reshaped(self, factors: Floats) -> Floats:
        """Another person's proportions: the mesh stretched about its middle by smooth factors."""
        centre = self.rest.mean(axis=0)
        across, down = ((self.rest - centre)[:, :2] / (self.face_side / 2)).T
        moved = self.rest.copy()
        moved[:, 0] += self.face_side * (factors[0] * across * np.exp(-((down - 0.7) ** 2) * 3))
        moved[:, 0] += self.face_side * (factors[1] * np.sign(across) * np.exp(-((down + 0.25) ** 2) * 8))
        moved[:, 1] += self.face_side * (factors[2] * np.exp(-((down - 0.25) ** 2) * 10))
        moved[:, 1] += self.face_side * (factors[3] * np.exp(-((down + 0.45) ** 2) * 14))
        return moved

    def frame(self, look: Look) -> Pixels:
        """The picture H W 3 with this look. Poses are drawn once, to half a degree; sway shifts it."""
        pose = replace(look, yaw=round(2 * look.yaw) / 2, pitch=round(2 * look.pitch) / 2, shift=(0.0, 0.0))
        pose = replace(pose, lids=round(8 * look.lids) / 8, jaw=round(8 * look.jaw) / 8)
        if pose not in self.drawn:
            self.drawn[pose] = self._draw(pose)
        across = np.array([[1, 0, look.shift[0]], [0, 1, look.shift[1]]])
        moved = cv2.warpAffine(self.drawn[pose], across, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        return np.asarray(moved, np.uint8)

    def _draw(self, look: Look) -> Pixels:
        base = self._with_jaw_and_lids(self.target, look)
        head = _turned(np.vstack([base, self.ring]), self.pivot, look.yaw, look.pitch)
        after = np.vstack([head, self.fixed])
        before = np.vstack([self.rest[:, :2], self.ring[:, :2], self.fixed])
        keep = np.r_[_ANCHORS, len(self.rest) : len(after)]
        bent = _bend(self.picture, before[keep], after[keep])
        open_lids = self._with_jaw_and_lids(self.target, replace(look, lids=0.0))
        eyes = _turned(open_lids, self.pivot, look.yaw, look.pitch)
        bent = self._mouth_inside(bent, head[: len(self.rest)], look.jaw)
        return _lids_down(bent, eyes, look.lids)

    def _with_jaw_and_lids(self, points: Floats, look: Look) -> Floats:
        moved = points.copy()
        height = self.face_side
        lips = points[13, 1]
        below = np.clip((points[:, 1] - lips) / (0.12 * height), 0, 1)
        near = np.exp(-(((points[:, 0] - points[13, 0]) / (0.45 * height)) ** 2))
        moved[:, 1] += look.jaw * 0.085 * height * below * near
        for upper, lower in _UPPER_LIDS + _LEFT_LIDS:
            moved[upper, 1] += look.lids * 0.92 * (points[lower, 1] - points[upper, 1])
        return moved

    def _mouth_inside(self, picture: Pixels, head: Floats, jaw: float) -> Pixels:
        if jaw < 0.05:
            return picture
        lips = np.vstack([head[list(_INNER_UPPER_LIP), :2], head[list(_INNER_LOWER_LIP)][::-1, :2]])
        inside = np.zeros(picture.shape[:2], np.float32)
        cv2.fillPoly(inside, [np.round(lips).astype(np.int32)], 1.0)
        mask = cv2.GaussianBlur(inside, (0, 0), 1.5)[..., None] * min(0.7, jaw)
        return np.asarray(picture * (1 - mask) + np.array([60, 25, 25]) * mask, np.uint8)


_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
# Upper lid, lower lid (corner to corner), and a point of skin under the eye (above it, a brow may begin).
_EYES = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133), 230),
    ((263, 466, 388, 387, 386, 385, 384, 398, 362), (263, 249, 390, 373, 374, 380, 381, 382, 362), 450),
)
# A fifth of the mesh carries the bend; lids, lips, brows and nose are all in it.
_ANCHORS = np.unique(
    [
        *_OVAL, *_INNER_UPPER_LIP, *_INNER_LOWER_LIP, *(i for pair in _UPPER_LIDS + _LEFT_LIDS for i in pair),
        33, 133, 263, 362, 61, 291, 0, 17, 37, 267, 84, 314, 1, 2, 4, 5, 6, 168, 195, 98, 327, 64, 294,
        48, 278, 70, 105, 107, 300, 334, 336, 50, 280, 205, 425, 187, 411, 151, 9, 18, 200, 199, 175,
        117, 346, 118, 347,
    ]
)  # fmt: skip


def _lids_down(picture: Pixels, points: Floats, lids: float) -> Pixels:
    """Skin over the eyes down to where the lids are, with the line of the lashes under it."""
    if lids < 0.05:
        return picture
    out: Floats = picture.astype(np.float32)
    for upper, lower, skin in _EYES:
        top, bottom = points[list(upper), :2], points[list(lower), :2]
        edge = top + (bottom - top) * lids
        x, y = np.clip(np.round(points[skin, :2]).astype(int), 2, [WIDTH - 3, HEIGHT - 3])
        colour = np.median(picture[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3), axis=0)
        skin_area = np.zeros(picture.shape[:2], np.float32)
        cv2.fillPoly(skin_area, [np.round(np.vstack([top - [0, 2], edge[::-1]])).astype(np.int32)], 1.0)
        mask = cv2.GaussianBlur(skin_area, (0, 0), 1.2)[..., None]
        out = out * (1 - mask) + colour * mask
        cv2.polylines(out, [np.round(edge).astype(np.int32)], False, (70.0, 45.0, 40.0), 2, cv2.LINE_AA)
    return np.clip(out, 0, 255).astype(np.uint8)


def _framed(picture: Pixels) -> Pixels:
    """A webcam's picture: 640x480 with the largest face about 210 pixels high, a little above the middle."""
    found = faces.find(picture)[0]
    x, y, width, height = found.box
    scale = 210 / height
    matrix = np.array(
        [
            [scale, 0, WIDTH / 2 - scale * (x + width / 2)],
            [0, scale, HEIGHT * 0.48 - scale * (y + height / 2)],
        ]
    )
    return cv2.warpAffine(
        picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)


def _frame_points() -> Floats:
    xs, ys = np.linspace(0, WIDTH, 9), np.linspace(0, HEIGHT, 7)
    edge = [(x, y) for x in xs for y in ys if x in (0, WIDTH) or y in (0, HEIGHT)]
    return np.array(edge, np.float64)


def _turned(points: Floats, pivot: Floats, yaw: float, pitch: float) -> Floats:
    """Rotate about the pivot and drop the depth. Yaw > 0: to the person's left; pitch > 0: up."""
    a, b = np.radians(yaw), np.radians(pitch)
    about_y = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    return ((points - pivot) @ (about_x @ about_y).T + pivot)[:, :2]


def _bend(picture: Pixels, before: Floats, after: Floats) -> Pixels:
    """Bend the picture so that each point of `before` lands on its `after` (radial functions, kernel r)."""
    weights = np.linalg.solve(_distances(after, after) + 1e-3 * np.eye(len(after)), before - after)
    step = 10
    ys, xs = np.mgrid[0 : HEIGHT + 1 : step, 0 : WIDTH + 1 : step]
    grid = np.column_stack([xs.ravel(), ys.ravel()]).astype(np.float64)
    coarse = (_distances(grid, after) @ weights).reshape(*xs.shape, 2).astype(np.float32)
    matrix = np.array([[1 / step, 0, 0], [0, 1 / step, 0]], np.float32)
    shifts = cv2.warpAffine(coarse, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    moved = cv2.remap(
        picture, x + shifts[..., 0], y + shifts[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return moved.astype(np.uint8)


def _distances(a: Floats, b: Floats) -> Floats:
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
    return -np.sqrt(np.maximum(squares, 0))


@cache
def pictured(name: str) -> Actor:
    """Somebody made of one of the packaged portraits in `tests/data/faces`, or the astronaut."""
    if name == "astronaut":
        return astronaut()
    with Image.open(_FACES / f"{name}.jpg") as portrait:
        return Actor(np.asarray(portrait.convert("RGB"), np.uint8))


# Proportions that make another person of her, to the eye and to the embedding (0.68 apart).
OTHER = np.array([0.12, -0.05, 0.07, -0.04])


@cache
def astronaut(*, other: bool = False) -> Actor:
    """The actor, or with `other` somebody else made of the same picture."""
    from skimage.data import astronaut as photo

    return Actor(np.asarray(photo(), np.uint8), OTHER if other else None)
