"""How a body in the simulator stands, steps and reaches: two-bone inverse kinematics.

Poses are dicts of [n, N] arrays named as in `tracks.PERSON_FIELDS`, in body units (scale 1), facing
picture right, x = 0 where the person stands. Feet are placed first and legs follow, so that a
planted foot never slides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.scene import tracks as T

Pose = dict[str, np.ndarray]
TAU = 2 * np.pi


@dataclass
class Context:
    """What a movement may depend on, for n people at once."""

    t: np.ndarray  # [n, N] seconds since the clip began
    u: np.ndarray  # [n, 8] uniform luck
    g: np.ndarray  # [n, 1] gravity in body units
    tempo: np.ndarray  # [n, 1] factor on every frequency
    scale: np.ndarray  # [n, 1] body size

    def cycle(self, hz: float, luck: int = 0, spread: float = 0.15) -> np.ndarray:
        """Phase in turns [n, N] of a rhythm of about `hz`."""
        rate = hz * (1 + spread * (2 * self.u[:, 7:8] - 1)) * self.tempo
        return rate * self.t + self.u[:, luck : luck + 1]


def ease(a: np.ndarray | float, b: np.ndarray | float, x: np.ndarray) -> np.ndarray:
    """0 before a, 1 after b, smooth between."""
    w = np.clip((x - a) / (b - a), 0, 1)
    return w * w * (3 - 2 * w)


def blend(a: Pose, b: Pose, c: np.ndarray) -> Pose:
    """From pose a (c = 0) to pose b (c = 1)."""
    return {k: a[k] * (1 - c) + b[k] * c for k in a}


def rest(c: Context) -> Pose:
    """Somebody who stands at ease, half turned, breathing."""
    breath = np.sin(TAU * c.cycle(0.3, 5))
    p = {name: np.zeros_like(c.t) for name in T.H}
    p["spin_cos"] += 1
    p["turn"] += 0.25
    p["arm_l"] += -0.12 - 0.01 * breath
    p["arm_r"] += 0.12 + 0.01 * breath
    p["elbow_l"] += 0.1
    p["elbow_r"] += 0.1
    p["y"] += -0.012 + 0.004 * breath
    p["smile"] += 0.3
    return p


def _two_bones(dx: np.ndarray, down: np.ndarray, bone: float) -> tuple[np.ndarray, np.ndarray]:
    """Angle to the target and fold that reaches it with two equal bones."""
    reach = np.clip(np.hypot(dx, down), 0.04, 1.998 * bone)
    return np.arctan2(dx, down), 2 * np.arccos(reach / (2 * bone))


def plant(p: Pose, left: tuple, right: tuple, knees: tuple[int, int] = (-1, 1)) -> Pose:
    """Bend the legs so that the feet are at left = (x, y) and right = (x, y) above the ground.

    knees: side to which each knee points (-1 left, +1 right)."""
    half = T.HIP_HALF * (1 - 0.7 * np.abs(p["turn"]))
    for side, foot, sign, offset in (("l", left, knees[0], -half), ("r", right, knees[1], half)):
        dx = foot[0] - (p["x"] + offset)
        angle, fold = _two_bones(dx, T.LEG + p["y"] - foot[1], T.THIGH)
        p["hip_" + side] = angle + sign * fold / 2
        p["knee_" + side] = sign * fold
    return p


def stand(p: Pose, width: float | np.ndarray = 0.075, knees: tuple[int, int] = (-1, 1)) -> Pose:
    """Both feet flat on the ground around x = 0."""
    return plant(p, (-width, 0.0), (width, 0.0), knees)


def reach(p: Pose, side: str, x: np.ndarray, y: np.ndarray, fold: int = 1) -> Pose:
    """Put a hand at (x, y), from the person's x and the ground, in body units."""
    half = T.SHOULDER_HALF * (1 - 0.7 * np.abs(p["turn"])) * (1 if side == "r" else -1)
    dx = x - (p["x"] + T.TORSO * np.sin(p["lean"]) + half)
    dy = y - (p["y"] + T.LEG + T.TORSO * np.cos(p["lean"]))
    angle, bend = _two_bones(dx, -dy, T.UPPER_ARM)
    p["arm_" + side] = angle - fold * bend / 2
    p["elbow_" + side] = fold * bend
    return p


def hand_of(p: Pose, side: str = "r") -> tuple[np.ndarray, np.ndarray]:
    """Where a hand is, in body units."""
    dx, dy = T.limb(p["arm_" + side], p["elbow_" + side], T.UPPER_ARM, T.FOREARM, 1)
    half = T.SHOULDER_HALF * (1 - 0.7 * np.abs(p["turn"])) * (1 if side == "r" else -1)
    return (
        p["x"] + T.TORSO * np.sin(p["lean"]) + half + dx,
        p["y"] + T.LEG + T.TORSO * np.cos(p["lean"]) + dy,
    )


@dataclass(frozen=True)
class Gait:
    """One way of going: cycles a second, half a step's length, share of the cycle a foot stands,
    lift of the swinging foot, sinking of the hip, bob, lean, arm swing and elbow."""

    hz: float
    half_step: float
    duty: float
    lift: float
    sink: float
    bob: float
    lean: float
    swing: float
    elbow: float
    bob_at: float


GAITS = {
    "walk": Gait(0.95, 0.15, 0.60, 0.05, 0.036, 0.008, 0.03, 0.45, 0.25, 0.30),
    "run": Gait(1.45, 0.17, 0.36, 0.15, 0.060, 0.030, 0.20, 0.75, 1.45, 0.43),
    "skip": Gait(1.15, 0.14, 0.40, 0.14, 0.030, 0.060, 0.05, 0.85, 0.50, 0.45),
    "sneak": Gait(0.60, 0.14, 0.66, 0.12, 0.120, 0.012, 0.30, 0.25, 1.60, 0.33),
    "march": Gait(0.95, 0.12, 0.56, 0.17, 0.028, 0.006, -0.04, 0.95, 0.15, 0.28),
}


def _foot(phase: np.ndarray, gait: Gait) -> tuple[np.ndarray, np.ndarray]:
    """(x, y) of a foot from the hip: straight back at constant speed while it stands, then a
    swing that leaves and lands at that same speed."""
    u, a, d = phase % 1, gait.half_step, gait.duty
    w = np.clip((u - d) / (1 - d), 0, 1)
    slope = -2 * a * (1 - d) / d
    swing = a * (-1 + 2 * w * w * (3 - 2 * w)) + slope * (w - 3 * w**2 + 2 * w**3)
    x = np.where(u < d, a * (1 - 2 * u / d), swing)
    return x, np.where(u < d, 0.0, gait.lift * np.sin(np.pi * w) ** 2)


def travel(c: Context, name: str) -> tuple[Pose, np.ndarray]:
    """Pose of a traveller (x = 0 throughout) and speed [n, 1] in body units a second."""
    gait = GAITS[name]
    rate = gait.hz * (0.9 + 0.2 * c.u[:, 7:8]) * c.tempo
    phase = rate * c.t + c.u[:, 0:1]
    return step_pose(c, gait, phase), 2 * gait.half_step * rate / gait.duty


def step_pose(c: Context, gait: Gait, phase: np.ndarray) -> Pose:
    """The body at a phase (in turns) of its gait."""
    p = rest(c)
    p["turn"] = np.full_like(c.t, 0.85)
    p["y"] = -gait.sink + gait.bob * np.cos(2 * TAU * (phase - gait.bob_at))
    left, right = _foot(phase, gait), _foot(phase + 0.5, gait)
    plant(p, left, right, (1, 1))
    swing = np.cos(TAU * phase)
    p["arm_l"], p["arm_r"] = -gait.swing * swing + gait.lean, gait.swing * swing + gait.lean
    p["elbow_l"] = gait.elbow - 0.25 * gait.swing * swing
    p["elbow_r"] = gait.elbow + 0.25 * gait.swing * swing
    p["lean"] = gait.lean + 0.02 * np.sin(2 * TAU * phase)
    p["head"] = -0.5 * p["lean"]
    return p
