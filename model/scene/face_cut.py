"""Cutting a head out of a frame: upright, at one scale, without neck and background.

The head is separated by colour (GrabCut started from the face's outline) and cut under the jaw.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from model.scene.draw_paint import Colour

R = 128  # pixels of one head radius in a sprite
SIDE_U, TOP_U, LOW_U = 1.75, 2.05, 1.55  # what a sprite shows around the head's centre, in radii
WIDTH, HEIGHT = round(2 * SIDE_U * R), round((TOP_U + LOW_U) * R)
CENTRE = (SIDE_U * R, TOP_U * R)
POINTS = (
    "eye_l", "eye_r", "lid_l", "lid_r", "low_l", "low_r", "mouth_l", "mouth_r", "lip", "upper",
    "chin", "nose", "side_l", "side_r",
)  # fmt: skip
MESH = {
    "eye_l": (33, 133), "eye_r": (362, 263), "lid_l": (159,), "lid_r": (386,), "low_l": (145,),
    "low_r": (374,), "mouth_l": (61,), "mouth_r": (291,), "lip": (14,), "upper": (13,),
    "chin": (152,), "nose": (1,), "side_l": (234,), "side_r": (454,),
}  # fmt: skip
MESH_OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
             148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip
DLIB = {
    "eye_l": tuple(range(36, 42)), "eye_r": tuple(range(42, 48)), "lid_l": (37, 38), "lid_r": (43, 44),
    "low_l": (40, 41), "low_r": (46, 47), "mouth_l": (48,), "mouth_r": (54,), "lip": (66,),
    "upper": (62,), "chin": (8,), "nose": (30,), "side_l": (0,), "side_r": (16,),
}  # fmt: skip


class NoFace(ValueError):
    """The pictures or points do not give a usable head; the message says why."""


@dataclass(frozen=True)
class Expression:
    """One cut-out: straight-alpha RGBA [HEIGHT, WIDTH, 4] and its points in pixels."""

    pixels: np.ndarray
    points: dict[str, tuple[float, float]]

    @property
    def smile(self) -> float:
        """Mouth's width against the distance of the eyes: what a smile changes most."""
        p = self.points
        return (p["mouth_r"][0] - p["mouth_l"][0]) / max(1.0, p["eye_r"][0] - p["eye_l"][0])

    @property
    def gape(self) -> float:
        return (self.points["lip"][1] - self.points["upper"][1]) / R

    @property
    def shut(self) -> float:
        """How little the eyes are open, in radii (smaller = more open is negative of it)."""
        p = self.points
        return -(p["low_l"][1] - p["lid_l"][1] + p["low_r"][1] - p["lid_r"][1]) / R

    @property
    def sideways(self) -> float:
        p = self.points
        middle = (p["side_l"][0] + p["side_r"][0]) / 2
        return abs(p["nose"][0] - middle) / R


@dataclass(frozen=True)
class Upright(Expression):
    oval: np.ndarray  # the face's outline, pixels


def _named(points: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """The points we use, and the face's outline if the set has one."""
    points = points[:, :2]
    if len(points) in (468, 478):
        return {k: points[list(i)].mean(0) for k, i in MESH.items()}, points[list(MESH_OVAL)]
    if len(points) == 68:
        brow = points[17:27] + (points[17:27] - points[30]) * 0.45  # dlib's outline stops at the brows
        return {k: points[list(i)].mean(0) for k, i in DLIB.items()}, np.concatenate(
            [points[:17], brow[::-1]]
        )
    if len(points) == 5:
        return _guess(points), None
    raise NoFace(f"a set of {len(points)} points is none that is known (478, 468, 68 or 5)")


def _guess(five: np.ndarray) -> dict[str, np.ndarray]:
    """All points from two eyes, a nose and the mouth's corners, by the proportions of a usual face."""
    (left, right, nose, ml, mr), eye = five, five[1] - five[0]
    down = np.array([-eye[1], eye[0]])
    middle, mouth = (left + right) / 2, (ml + mr) / 2
    return {
        "eye_l": left, "eye_r": right, "lid_l": left - 0.09 * down, "lid_r": right - 0.09 * down,
        "low_l": left + 0.08 * down, "low_r": right + 0.08 * down, "mouth_l": ml, "mouth_r": mr,
        "lip": mouth + 0.03 * down, "upper": mouth, "chin": mouth + 0.78 * down, "nose": nose,
        "side_l": middle - 1.12 * eye + 0.2 * down, "side_r": middle + 1.12 * eye + 0.2 * down,
    }  # fmt: skip


def upright(frame: np.ndarray, points: np.ndarray) -> Upright:
    """Turn, scale and shift so that the eyes are level, and eyes and chin lie where a head wants them."""
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        raise NoFace("a frame of a capture is uint8 RGB")
    if not np.isfinite(points).all():
        raise NoFace("the face's points are not numbers")
    named, oval = _named(points)
    eye = named["eye_r"] - named["eye_l"]
    between = float(np.hypot(*eye))
    if between < 18:
        raise NoFace("the face is too small in this picture")
    middle = (named["eye_l"] + named["eye_r"]) / 2
    h, w = frame.shape[:2]
    if not (0 <= middle[0] < w and 0 <= middle[1] < h):
        raise NoFace("the face lies outside the picture")
    length = float(np.hypot(*(named["chin"] - middle)))
    scale = 1.03 * R / max(length, 1.35 * between)
    c, s = eye / between * scale
    turn = np.array([[c, s], [-s, c]])
    shift = np.array([CENTRE[0], CENTRE[1] + 0.03 * R]) - turn @ middle
    matrix = np.concatenate([turn, shift[:, None]], 1)
    pixels = cv2.warpAffine(
        frame,
        matrix,
        (WIDTH, HEIGHT),
        flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    inside = cv2.warpAffine(np.full((h, w), 255, np.uint8), matrix, (WIDTH, HEIGHT))
    moved = {k: tuple(float(v) for v in turn @ p + shift) for k, p in named.items()}
    outline = _default_oval(moved) if oval is None else oval @ turn.T + shift
    return Upright(np.dstack([pixels, inside]), moved, outline.astype(np.float32))  # type: ignore[arg-type]


def _default_oval(p: dict) -> np.ndarray:
    x = (p["side_l"][0] + p["side_r"][0]) / 2
    top, low = p["eye_l"][1] - 0.75 * R, p["chin"][1]
    rx, ry = (p["side_r"][0] - p["side_l"][0]) / 2, (low - top) / 2
    a = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    return np.stack([x + rx * np.cos(a), (top + low) / 2 + ry * np.sin(a)], 1)


def cut(u: Upright) -> Expression:
    """Separate the head from its background and print it on paper."""
    rgb, inside = np.ascontiguousarray(u.pixels[..., :3]), u.pixels[..., 3]
    alpha = _matte(rgb, inside, u)
    pixels = _print(rgb, alpha)
    return Expression(np.dstack([pixels, alpha]), u.points)


def _matte(rgb: np.ndarray, inside: np.ndarray, u: Upright) -> np.ndarray:
    """Alpha [H, W] of head and hair without neck and background."""
    half = (WIDTH // 2, HEIGHT // 2)
    small = cv2.resize(rgb, half, interpolation=cv2.INTER_AREA)
    seen = cv2.resize(inside, half, interpolation=cv2.INTER_NEAREST)
    face = np.zeros(half[::-1], np.uint8)
    hull = cv2.convexHull((u.oval / 2).astype(np.float32)).astype(np.int32)
    cv2.fillConvexPoly(face, hull, 255)
    core = cv2.erode(face, np.ones((9, 9), np.uint8))
    mask = np.full(half[::-1], cv2.GC_BGD, np.uint8)
    cx, cy, r = CENTRE[0] / 2, CENTRE[1] / 2, R / 2
    hair = np.zeros_like(face)
    cv2.ellipse(
        hair, (round(cx), round(cy - 0.25 * r)), (round(1.42 * r), round(1.62 * r)), 0, 0, 360, 255, -1
    )
    mask[hair > 0] = cv2.GC_PR_BGD
    crown = np.zeros_like(face)
    cv2.ellipse(
        crown, (round(cx), round(cy - 0.18 * r)), (round(1.02 * r), round(1.28 * r)), 0, 0, 360, 255, -1
    )
    mask[(crown > 0)] = cv2.GC_PR_FGD
    mask[core > 0] = cv2.GC_FGD
    mask[seen == 0] = cv2.GC_BGD
    low = _under_jaw(face, u)
    mask[low > 0] = cv2.GC_BGD
    try:
        cv2.setRNGSeed(7)
        ground, front = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(small, mask, (0, 0, 1, 1), ground, front, 5, cv2.GC_INIT_WITH_MASK)
        found = np.where((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD), 255, 0).astype(np.uint8)
    except cv2.error:
        found = face
    found = _tidy(found, face, low)
    area, least = int((found > 0).sum()), int((face > 0).sum())
    if not 0.98 * least <= area <= 3.4 * least:  # the colours did not separate: the head's usual shape
        found = np.where((crown > 0) & (seen > 0) & (low == 0) | (face > 0), 255, 0).astype(np.uint8)
    big = cv2.resize(found, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    big = cv2.GaussianBlur(big, (0, 0), 2.6)
    return np.clip((big.astype(np.int16) - 118) * 9, 0, 255).astype(np.uint8)


def _under_jaw(face: np.ndarray, u: Upright) -> np.ndarray:
    """Everything below the jaw line, column by column: neck, collar and shoulders."""
    rows = np.arange(face.shape[0])[:, None]
    lowest = np.where(face > 0, rows, 0).max(axis=0)
    columns = np.flatnonzero(lowest)
    limit = np.full(face.shape[1], round(u.points["chin"][1] / 2), float)
    limit[columns] = lowest[columns]
    left, right = columns[0], columns[-1]
    # beside the face the cut goes on at the height of the mouth's corners plus a bit, for ears and hair
    side = (u.points["mouth_l"][1] + 0.55 * (u.points["chin"][1] - u.points["mouth_l"][1])) / 2
    limit[: left + 6], limit[right - 5 :] = side, side
    limit = np.maximum(cv2.GaussianBlur(limit[None].astype(np.float32), (0, 0), 3)[0], 0)
    return np.where(rows > limit[None] + 1, 255, 0).astype(np.uint8)


def _tidy(found: np.ndarray, face: np.ndarray, low: np.ndarray) -> np.ndarray:
    """One piece without holes or threads, containing the face."""
    found = cv2.bitwise_or(found, face)
    found[low > 0] = 0
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, kernel)
    found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, kernel)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(found)
    if count > 1:
        found = np.where(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])), 255, 0).astype(np.uint8)
    contours, _ = cv2.findContours(found, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(found)
    cv2.drawContours(filled, contours, -1, 255, -1)
    return filled


def _print(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Even out the light of the room and smooth the noise, as a good print would."""
    out = cv2.bilateralFilter(rgb, 7, 22, 5)
    lab = cv2.cvtColor(out, cv2.COLOR_RGB2LAB).astype(np.float32)
    inside = alpha > 128
    if inside.any():
        level = float(np.median(lab[..., 0][inside]))
        lab[..., 0] *= float(np.clip(132 / max(level, 1), 0.85, 1.35))
        tint = lab[..., 1:][inside].mean(0) - 128
        lab[..., 1:] -= np.clip(tint - np.clip(tint, (-2, -2), (22, 30)), -12, 12)  # a cast of the lamp only
    out = cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)
    sharp = cv2.addWeighted(out, 1.25, cv2.GaussianBlur(out, (0, 0), 2.0), -0.25, 0)
    return _bleed(sharp, alpha)


def _bleed(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Let the head's own colours run over its rim, so that no line of background shows there."""
    solid: np.ndarray = cv2.erode((alpha > 250).astype(np.float32), np.ones((5, 5), np.uint8))
    weight = cv2.GaussianBlur(solid, (0, 0), 5)
    spread = (
        cv2.GaussianBlur(rgb.astype(np.float32) * solid[..., None], (0, 0), 5)
        / np.maximum(weight, 1e-3)[..., None]
    )
    keep = solid[..., None]
    return np.clip(rgb * keep + spread * (1 - keep), 0, 255).astype(np.uint8)


def skin_of(e: Expression) -> Colour:
    """The cheeks' colour, for neck and hands."""
    p = e.points
    patches = []
    for eye, mouth in (("eye_l", "mouth_l"), ("eye_r", "mouth_r")):
        x, y = (2 * p[eye][0] + p[mouth][0]) / 3, (p[eye][1] + p[mouth][1]) / 2
        patches.append(e.pixels[int(y) - 9 : int(y) + 9, int(x) - 9 : int(x) + 9, :3].reshape(-1, 3))
    return np.median(np.concatenate(patches), axis=0) / 255
