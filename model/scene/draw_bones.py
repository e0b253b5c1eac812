"""Skeletons: joints from one row of a person's numbers, by the conventions of `tracks`."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from model.scene import tracks as T

Point = tuple[float, float]
BUILD = {  # shoulders, waist, hips, limbs, head
    "woman": (0.90, 0.82, 1.02, 0.90, 1.10), "man": (1.16, 1.08, 0.96, 1.10, 1.06),
    "girl": (0.88, 0.92, 1.05, 0.92, 1.36), "boy": (1.03, 1.02, 0.96, 1.03, 1.36),
    "grandmother": (0.95, 1.12, 1.12, 1.0, 1.10), "grandfather": (1.08, 1.15, 1.02, 1.05, 1.08),
    "robot": (1.14, 1.1, 1.0, 0.85, 1.12), "astronaut": (1.25, 1.35, 1.25, 1.45, 1.08),
    "cat": (0.95, 1.1, 1.08, 1.05, 1.36), "bear": (1.15, 1.4, 1.25, 1.3, 1.34),
    "rabbit": (0.95, 1.08, 1.08, 1.05, 1.32), "panda": (1.15, 1.4, 1.25, 1.3, 1.38),
}  # fmt: skip


@dataclass(frozen=True)
class Bones:
    """Joints of one person in one frame, relative to the hip, body units, y down."""

    hips: tuple[Point, Point]
    knees: tuple[Point, Point]
    ankles: tuple[Point, Point]
    shoulders: tuple[Point, Point]
    elbows: tuple[Point, Point]
    hands: tuple[Point, Point]
    chest: Point
    head: Point
    lean: float
    tilt: float
    turn: float
    shins: tuple[float, float]
    forearms: tuple[float, float]

    def reach(self) -> tuple[float, float, float, float]:
        """Box around everything, with room for hair, skirts and shoes."""
        points = [*self.knees, *self.ankles, *self.hands, *self.elbows, self.chest, (0.0, 0.0)]
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        hx, hy = self.head
        return (
            min(min(xs) - 0.14, hx - 0.30),
            min(min(ys) - 0.14, hy - 0.34),
            max(max(xs) + 0.14, hx + 0.30),
            max(max(ys) + 0.08, hy + 0.38),
        )


def _end(root: Point, angle: float, length: float) -> Point:
    return root[0] + length * math.sin(angle), root[1] + length * math.cos(angle)


def bones_of(p: np.ndarray, kind: str) -> Bones:
    """Joints from one row of person numbers [HD]. The conventions are those of `tracks`."""
    h = T.H
    turn = float(np.clip(p[h["turn"]], -1, 1))
    narrow = 1 - 0.7 * abs(turn)
    lean, tilt = float(p[h["lean"]]), float(p[h["lean"]] + p[h["head"]])
    chest = (T.TORSO * math.sin(lean), -T.TORSO * math.cos(lean))
    hips = ((-T.HIP_HALF * narrow, 0.0), (T.HIP_HALF * narrow, 0.0))
    half = T.SHOULDER_HALF * narrow
    shoulders = ((chest[0] - half, chest[1]), (chest[0] + half, chest[1]))
    legs = [
        _limb(p, h, hips[i], f"hip_{side}", f"knee_{side}", -1, T.THIGH, T.SHIN)
        for i, side in enumerate("lr")
    ]
    legs = _straighter(hips, legs)
    arms = [
        _limb(p, h, shoulders[i], f"arm_{side}", f"elbow_{side}", 1, T.UPPER_ARM, T.FOREARM)
        for i, side in enumerate("lr")
    ]
    reach = T.NECK + T.HEAD * (0.25 + 0.75 * BUILD[kind][4])
    top = (chest[0] + reach * math.sin(tilt), chest[1] - reach * math.cos(tilt))
    return Bones(
        hips,
        (legs[0][0], legs[1][0]),
        (legs[0][1], legs[1][1]),
        shoulders,
        (arms[0][0], arms[1][0]),
        (arms[0][1], arms[1][1]),
        chest,
        top,
        lean,
        tilt,
        turn,
        (legs[0][2], legs[1][2]),
        (arms[0][2], arms[1][2]),
    )


BOW, BOWED = 0.075, 0.15  # u that both knees may stand out before it is meant, and the share that is drawn
Leg = tuple[Point, Point, float]


def _straighter(hips: tuple[Point, Point], legs: list[Leg]) -> list[Leg]:
    """Knees that bend towards whoever looks do not stand out sideways: what both of them stand out from the
    line between hip and ankle is taken back, unless it is so much that a squat is meant."""
    (left, out_left), (right, out_right) = (
        _beside(hips[i], legs[i], sign) for i, sign in ((0, -1.0), (1, 1.0))
    )
    back = (1 - BOWED) * min(max(min(out_left, out_right), 0.0), BOW)
    drawn: list[Leg] = []
    for (knee, ankle, shin), out, line in zip(legs, (out_left, out_right), (left, right), strict=True):
        if back > 0:
            share = back / out
            knee = knee[0] + share * (line[0] - knee[0]), knee[1] + share * (line[1] - knee[1])
            shin = math.atan2(ankle[0] - knee[0], ankle[1] - knee[1])
        drawn.append((knee, ankle, shin))
    return drawn


def _beside(hip: Point, leg: Leg, sign: float) -> tuple[Point, float]:
    """The point between hip and ankle nearest to the knee, and how far out the knee stands from it."""
    knee, ankle, _ = leg
    along = ankle[0] - hip[0], ankle[1] - hip[1]
    length = along[0] ** 2 + along[1] ** 2
    share = ((knee[0] - hip[0]) * along[0] + (knee[1] - hip[1]) * along[1]) / max(length, 1e-9)
    line = hip[0] + share * along[0], hip[1] + share * along[1]
    return line, math.copysign(math.dist(knee, line), sign * (knee[0] - line[0]))


def _limb(
    p: np.ndarray,
    h: dict[str, int],
    root: Point,
    angle: str,
    fold: str,
    sign: int,
    upper: float,
    lower: float,
) -> tuple[Point, Point, float]:
    """Middle joint, end and angle of the lower part of a two-part limb."""
    first = float(p[h[angle]])
    second = first + sign * float(p[h[fold]])
    middle = _end(root, first, upper)
    return middle, _end(middle, second, lower), second
