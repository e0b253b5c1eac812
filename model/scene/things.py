"""What people do with things, and what things do by themselves. Body units, facing right.

A thing is a dict of [n, N] arrays named as in `tracks.PROP_FIELDS`. Balls fly on parabolas and
bounce with `tracks.RESTITUTION`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from model.scene import tracks as T
from model.scene.actions import standing
from model.scene.bodies import TAU, Context, Pose, ease, hand_of, plant, reach, rest, stand, travel

Thing = dict[str, np.ndarray]
sin, cos = np.sin, np.cos
BALL_RADIUS = T.PROP_SIZE["ball"] / 2


def thing(c: Context, x: np.ndarray | float, y: np.ndarray | float, angle: np.ndarray | float = 0.0) -> Thing:
    zero = np.zeros_like(c.t)
    return {
        "x": zero + x,
        "y": zero + y,
        "z": zero - 0.01,
        "rot_sin": sin(zero + angle),
        "rot_cos": cos(zero + angle),
        "size": zero + 1,
        "phase_sin": zero,
        "phase_cos": zero + 1,
    }


def _cycle(q: Thing, turns: np.ndarray) -> Thing:
    q["phase_sin"], q["phase_cos"] = sin(TAU * turns), cos(TAU * turns)
    return q


def toss(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    """Throws it up and catches it, again and again."""
    p = rest(c)
    height, hold = 0.28 + 0.22 * c.u[:, 1:2], 0.34
    v0 = np.sqrt(2 * c.g * height)
    air = 2 * v0 / c.g
    tau = (c.t + c.u[:, :1] * (air + hold)) % (air + hold)
    fly = np.clip(tau - hold, 0, None)
    dip = -(v0 * hold / np.pi) * sin(np.pi * np.clip(tau / hold, 0, 1))
    aloft = tau > hold
    base = T.LEG + 0.17
    ball_y = base + np.where(aloft, v0 * fly - 0.5 * c.g * fly**2, dip)
    hand_y = base - BALL_RADIUS + np.where(aloft, 0.03 * sin(np.pi * fly / air), dip)
    p["turn"] = np.full_like(c.t, 0.55)
    for side, x in (("r", 0.23), ("l", 0.19)):
        reach(p, side, x + 0 * c.t, hand_y, 1)
    p["head"] = -0.06 - 0.12 * np.where(aloft, sin(np.pi * fly / air), 0)
    return stand(p, 0.08, (1, 1)), thing(c, 0.21, ball_y, 0.0), np.zeros_like(c.g)


def drop_height(t: np.ndarray, g: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Height above its rest of a ball let go at t = 0 from `height` over the ground [n, N]."""
    e = T.RESTITUTION
    first = np.sqrt(2 * height / g)
    y = np.where(t < 0, height, height - 0.5 * g * np.clip(t, 0, None) ** 2)
    begin, v = first, e * g * first
    for _ in range(12):
        tau = t - begin
        y = np.where(tau >= 0, np.clip(v * tau - 0.5 * g * tau**2, 0, None), y)
        begin, v = begin + 2 * v / g, e * v
    return np.clip(y, 0, None)


def bounce(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    """Lets it fall, and it bounces lower and lower."""
    p = rest(c)
    begin = 0.25 + 0.4 * c.u[:, 1:2]
    height = 0.60 + 0.10 * c.u[:, 2:3]
    y = BALL_RADIUS + drop_height(c.t - begin, c.g, height - BALL_RADIUS)
    free = ease(0.0, 0.4, c.t - begin)
    p["turn"] = np.full_like(c.t, 0.55)
    reach(p, "r", 0.27 + 0.03 * free, height - 0.06 + 0.10 * free, 1)
    p["head"] = 0.15 * free
    p["lean"] = 0.06 * free
    roll = 0.10 * np.clip(c.t - begin, 0, 6)
    return stand(p, 0.08, (1, 1)), thing(c, 0.29 + 0.3 * roll, y, 3 * roll), np.zeros_like(c.g)


def kick(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    """Keeps the ball up with a foot."""
    p = rest(c)
    low, height = 0.16, 0.32 + 0.15 * c.u[:, 1:2]
    v0 = np.sqrt(2 * c.g * height)
    air = 2 * v0 / c.g
    tau = (c.t + c.u[:, :1] * air) % air
    y = low + v0 * tau - 0.5 * c.g * tau**2
    near = np.minimum(tau, air - tau)
    raised = ease(0.30, 0.0, near)
    p["turn"], p["lean"] = np.full_like(c.t, 0.7), -0.08 * raised
    p["arm_r"], p["arm_l"] = 0.3 + 0.4 * raised, -0.5 - 0.4 * raised
    plant(p, (-0.04, 0.0), (0.05 + 0.14 * raised, 0.07 * raised), (1, 1))
    return p, thing(c, 0.21, y, 0.0), np.zeros_like(c.g)


def balloon(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    """Hangs on a balloon and floats."""
    p, ph = rest(c), TAU * c.cycle(0.4)
    p["y"] = 0.30 + 0.08 * c.u[:, 1:2] + 0.05 * sin(ph)
    p["x"], p["lean"] = 0.06 * sin(ph / 2), 0.06 * cos(ph / 2)
    p["arm_r"], p["elbow_r"] = 2.95 + 0.05 * sin(ph), 0.05 + 0 * ph
    p["arm_l"], p["elbow_l"] = -0.6 - 0.2 * sin(ph), -0.2 + 0 * ph
    p["hip_l"], p["hip_r"] = -0.12 + 0.15 * sin(ph), 0.18 + 0.15 * sin(ph + 0.7)
    p["knee_l"], p["knee_r"] = -0.3 - 0.1 * sin(ph), 0.4 + 0.1 * sin(ph)
    x, y = hand_of(p)
    return p, thing(c, x + 0.02 * sin(ph / 2), y + 0.34, 0.08 * sin(ph / 2)), np.zeros_like(c.g)


def boat(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    """Rows over the waves."""
    p, ph, stroke = rest(c), TAU * c.cycle(0.35), TAU * c.cycle(0.5, 2)
    swell = 0.03 * sin(ph)
    p["y"], p["turn"] = -0.22 + swell, np.full_like(c.t, 0.6)
    p["lean"] = 0.15 * sin(stroke) + 0.03 * cos(ph)
    for side, lag in (("r", 0.0), ("l", 0.1)):
        reach(p, side, 0.20 + 0.06 * sin(stroke + lag), T.LEG + p["y"] + 0.15 + 0.04 * cos(stroke + lag), 1)
    for side, bend in (("l", 1.0), ("r", 1.1)):
        p["hip_" + side], p["knee_" + side] = 1.25 + 0 * ph, bend + 0 * ph
    q = thing(c, 0.05, 0.13 + swell, -0.05 * cos(ph))
    return p, _cycle(q, stroke / TAU), 0.30 * c.tempo


def skateboard(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    p, ph = rest(c), TAU * c.cycle(0.5)
    p["turn"], p["y"] = np.full_like(c.t, 0.6), 0.02 + 0.02 * sin(ph)
    p["lean"] = 0.08 * sin(ph + 1)
    p["arm_r"], p["arm_l"] = 1.1 + 0.25 * sin(ph), -1.1 + 0.25 * sin(ph)
    board = 0.07
    plant(p, (-0.13, board), (0.13, board), (-1, 1))
    speed = 0.9 * c.tempo
    return p, _cycle(thing(c, 0.0, board / 2 + 0.005), speed * c.t / 0.2), speed


def bicycle(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    p, turns = rest(c), c.cycle(1.0)
    ph = TAU * turns
    p["turn"], p["lean"] = np.full_like(c.t, 0.9), np.full_like(c.t, 0.35)
    p["y"] = 0.11 + 0.004 * sin(2 * ph)
    crank = 0.075
    left = (0.08 + crank * sin(ph), 0.22 + crank * cos(ph))
    right = (0.08 - crank * sin(ph), 0.22 - crank * cos(ph))
    plant(p, left, right, (1, 1))
    for side in "rl":
        reach(p, side, 0.33 + 0 * ph, 0.66 + 0 * ph, 1)
    rate = (1 + 0.15 * (2 * c.u[:, 7:8] - 1)) * c.tempo
    return p, _cycle(thing(c, 0.08, 0.30), turns), 1.1 * rate


def kite(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    p, ph = rest(c), TAU * c.cycle(0.35)
    p["turn"], p["lean"] = np.full_like(c.t, 0.5), -0.10 + 0.03 * sin(ph)
    p["arm_r"], p["elbow_r"] = 2.0 + 0.15 * sin(ph), 0.3 + 0 * ph
    p["arm_l"], p["elbow_l"] = 1.4 + 0.15 * sin(ph), 0.5 + 0 * ph
    p["head"] = -0.2 + 0.05 * sin(ph)
    q = thing(c, 0.36 + 0.07 * sin(ph), 1.30 + 0.07 * sin(2 * ph), 0.3 + 0.25 * cos(ph))
    return stand(p, 0.08, (1, 1)), _cycle(q, 2 * ph / TAU), np.zeros_like(c.g)


def paws(c: Context, x: float, fast: bool) -> Thing:
    """A dog or cat that trots along at x."""
    turns = c.cycle(2.2 if fast else 1.5, 3)
    hop = np.clip(sin(TAU * turns), 0, 1)
    q = thing(
        c,
        x + 0.03 * sin(TAU * c.cycle(0.2, 4)),
        0.17 + (0.05 if fast else 0.01) * hop,
        -0.06 * cos(TAU * turns) * fast,
    )
    return _cycle(q, turns)


def chase(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    p, speed = travel(c, "run")
    p["arm_r"] = p["arm_r"] * 0.3 + 1.2
    return p, paws(c, 0.48, True), speed


def guitar(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    p, ph = rest(c), TAU * c.cycle(1.4)
    p["lean"], p["x"], p["head"] = 0.05 * sin(ph / 2), 0.015 * sin(ph / 2), 0.08 * sin(ph)
    reach(p, "r", 0.03 + 0.01 * sin(ph), T.LEG + 0.09 + 0.035 * sin(ph), -1)
    reach(p, "l", -0.24 + 0 * ph, T.LEG + 0.20 + 0.01 * sin(ph / 2), -1)
    q = thing(c, p["x"] - 0.04, T.LEG + 0.11, 0.35 + 0.03 * sin(ph / 2))
    return stand(p, 0.09), _cycle(q, ph / TAU), np.zeros_like(c.g)


def drum(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    p, ph = rest(c), TAU * c.cycle(1.3)
    p["turn"], p["head"] = np.full_like(c.t, 0.3), 0.06 * sin(2 * ph)
    reach(p, "r", 0.20 + 0 * ph, 0.48 + 0.08 * np.clip(sin(ph), 0, 1), 1)
    reach(p, "l", 0.10 + 0 * ph, 0.48 + 0.08 * np.clip(-sin(ph), 0, 1), 1)
    return stand(p, 0.09), _cycle(thing(c, 0.20, 0.20), ph / TAU), np.zeros_like(c.g)


def read(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    p, s = rest(c), sin(TAU * c.cycle(0.25))
    high = T.LEG + 0.20 + 0.006 * s
    p["turn"], p["head"], p["gaze"] = (
        np.full_like(c.t, 0.45),
        0.16 + 0.02 * s,
        0.3 * sin(TAU * c.cycle(0.5, 2)),
    )
    reach(p, "r", 0.19 + 0 * s, high, 1)
    reach(p, "l", 0.15 + 0 * s, high, 1)
    return stand(p), thing(c, 0.19, high + 0.04, 0.15), np.zeros_like(c.g)


def drink(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    p = rest(c)
    up = ease(0.25, 0.75, 0.5 - 0.5 * cos(TAU * c.cycle(0.3)))
    p["turn"], p["head"] = np.full_like(c.t, 0.5), -0.18 * up
    reach(p, "r", 0.20 - 0.09 * up, T.LEG + 0.15 + 0.19 * up, 1)
    x, y = hand_of(p)
    return stand(p), thing(c, x + 0.01, y + 0.03, -0.9 * up), np.zeros_like(c.g)


def selfie(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    p, s = rest(c), sin(TAU * c.cycle(0.4))
    p["lean"], p["head"], p["smile"] = -0.06 + 0.03 * s, 0.10 * s, p["smile"] + 0.4
    p["arm_r"], p["elbow_r"] = 1.95 + 0.05 * s, 0.15 + 0 * s
    p["arm_l"], p["elbow_l"] = -0.9 + 0 * s, -1.6 + 0.1 * s
    p["gaze"] = 0.6 + 0 * s
    x, y = hand_of(p)
    return stand(p), thing(c, x, y + 0.04, -0.2), np.zeros_like(c.g)


def show(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    """Holds it up for everyone to see."""
    p, s = rest(c), sin(TAU * c.cycle(0.5))
    high = T.LEG + 0.27 + 0.02 * s
    p["turn"], p["smile"], p["head"] = np.full_like(c.t, 0.2), p["smile"] + 0.4, 0.05 * s
    reach(p, "r", 0.20 + 0.01 * s, high, 1)
    reach(p, "l", 0.12 + 0.01 * s, high - 0.02, 1)
    p["mouth"] = 0.2 + 0.18 * sin(TAU * c.cycle(1.9, 1))
    return stand(p), thing(c, 0.18 + 0.01 * s, high + 0.08, 0.05 * s), np.zeros_like(c.g)


def hoop(c: Context) -> tuple[Pose, Thing, np.ndarray]:
    p, turns = rest(c), c.cycle(1.1)
    ph = TAU * turns
    p["x"], p["y"], p["lean"] = 0.04 * sin(ph), -0.03 + 0.008 * cos(ph), -0.10 * sin(ph)
    p["arm_r"], p["arm_l"] = 1.7 + 0.1 * sin(ph), -1.7 + 0.1 * sin(ph)
    p["elbow_r"], p["elbow_l"] = 0.8 + 0 * ph, -0.8 + 0 * ph
    p["turn"] = np.zeros_like(c.t)
    q = thing(c, -0.06 * sin(ph), T.LEG + 0.03 + 0.01 * cos(ph), 0.10 * cos(ph))
    return stand(p, 0.09), _cycle(q, turns), np.zeros_like(c.g)


WITH_PROP: dict[str, Callable[[Context], tuple[Pose, Thing, np.ndarray]]] = {
    "toss": toss,
    "bounce": bounce,
    "kick": kick,
    "balloon": balloon,
    "boat": boat,
    "skateboard": skateboard,
    "bicycle": bicycle,
    "kite": kite,
    "chase": chase,
    "guitar": guitar,
    "drum": drum,
    "read": read,
    "drink": drink,
    "selfie": selfie,
    "show": show,
    "hoop": hoop,
}

# a thing carried while doing something else: (distance of the hand, its height over the hip, the
# thing over the hand)
CARRIED = {
    "umbrella": (0.12, 0.20, 0.33),
    "flower": (0.16, 0.16, 0.08),
    "lantern": (0.18, 0.12, -0.13),
    "flag": (0.16, 0.20, 0.16),
    "ice_cream": (0.14, 0.18, 0.07),
    "cup": (0.17, 0.13, 0.03),
    "microphone": (0.12, 0.24, 0.04),
    "gift": (0.17, 0.12, 0.09),
    "cake": (0.17, 0.12, 0.09),
    "suitcase": (0.06, -0.06, -0.15),
    "phone": (0.16, 0.18, 0.04),
    "sign": (0.16, 0.20, 0.20),
    "product": (0.17, 0.14, 0.11),
    "book": (0.16, 0.16, 0.04),
}


def carry(c: Context, p: Pose, kind: str) -> Thing:
    """Puts a thing into the right hand of a pose, whatever the legs do."""
    ahead, over_hip, above = CARRIED[kind]
    reach(p, "r", p["x"] + ahead, p["y"] + T.LEG + over_hip, 1)
    x, y = hand_of(p)
    sway = 0.04 * sin(TAU * c.cycle(0.5, 6))
    return thing(c, x, y + above, sway)


def ambient(c: Context, kind: str, x: np.ndarray, travelling: np.ndarray) -> Thing:
    """A thing that lives by itself near x, in u."""
    ph = TAU * c.cycle(0.3, 3)
    if kind in ("dog", "cat"):
        moving = paws(c, 0.0, False)
        q = thing(c, 0.0, 0.17 + 0.004 * sin(ph))
        q = {k: np.where(travelling, moving[k], q[k]) for k in q}
        q["x"] = x + q["x"] * travelling
        return q
    if kind == "bird":
        return _cycle(thing(c, x + 0.16 * sin(ph), 1.18 + 0.05 * sin(2 * ph)), c.cycle(2.2, 4))
    if kind == "butterfly":
        return _cycle(
            thing(c, x + 0.10 * sin(ph), 0.80 + 0.09 * sin(1.6 * ph + 1), 0.2 * cos(ph)), c.cycle(2.4, 4)
        )
    if kind == "fish":
        return _cycle(thing(c, x + 0.18 * sin(ph), 0.85 + 0.06 * sin(ph + 1)), c.cycle(1.6, 4))
    if kind == "balloon":
        return thing(c, x + 0.03 * sin(ph), 0.95 + 0.03 * sin(2 * ph), 0.06 * sin(ph))
    height = {"product": 0.47, "ball": BALL_RADIUS}.get(kind, T.PROP_SIZE.get(kind, 0.3) / 2)
    return thing(c, x, height)


__all__ = ["CARRIED", "WITH_PROP", "Thing", "ambient", "carry", "drop_height", "standing", "thing"]
