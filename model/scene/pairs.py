"""What two people do together. Each function gives both poses (in body units around the place where
they meet), the thing between them if any, and their common speed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from model.scene import tracks as T
from model.scene.bodies import (
    GAITS,
    TAU,
    Context,
    Pose,
    blend,
    ease,
    plant,
    reach,
    rest,
    stand,
    step_pose,
    travel,
)
from model.scene.things import Thing, thing

sin, cos = np.sin, np.cos
Pair = tuple[Pose, Pose, Thing | None, np.ndarray]


def mirrored(p: Pose) -> Pose:
    """The pose in a mirror: L and R limbs change places."""
    signs = dict(zip(T.H, T.MIRROR["person"], strict=False))
    swap = {"l": "r", "r": "l"}
    return {k: signs[k] * p[k[:-1] + swap[k[-1]] if k[-2:] in ("_l", "_r") else k] for k in p}


def approach(c: Context, gap: float, finish: Pose, luck: int) -> tuple[Pose, np.ndarray]:
    """Walks up from the left to x = -gap, slows down and blends into `finish` [pose, moment]."""
    arrive = 0.9 + 0.5 * c.u[:, 1:2]
    gait = GAITS["walk"]
    rate = gait.hz * (0.9 + 0.2 * c.u[:, luck : luck + 1]) * c.tempo
    brake = 0.6
    w = np.clip((c.t - arrive + brake) / brake, 0, 1)
    left = np.clip(arrive - brake - c.t, 0, None) + brake * (0.5 - (w - w**3 + w**4 / 2))
    p = step_pose(c, gait, c.u[:, luck : luck + 1] - rate * left)
    c_in = ease(arrive - 0.40, arrive + 0.15, c.t)
    p = blend(p, finish, c_in)
    p["x"] = -gap - 2 * gait.half_step * rate / gait.duty * left
    return p, arrive


def _facing(c: Context) -> Pose:
    p = rest(c)
    p["turn"] = np.full_like(c.t, 0.65)
    return p


def hug(c: Context) -> Pair:
    sway = sin(TAU * c.cycle(0.3, 2))
    end = _facing(c)
    end["lean"], end["smile"] = 0.12 + 0.02 * sway, end["smile"] + 0.4
    end["arm_r"], end["elbow_r"] = 1.15 + 0.03 * sway, 0.5 + 0 * sway
    end["arm_l"], end["elbow_l"] = 1.0 + 0.03 * sway, 0.6 + 0 * sway
    stand(end, 0.05, (1, 1))
    a, _ = approach(c, 0.11, end, 3)
    b, _ = approach(c, 0.11, end, 4)
    return a, mirrored(b), None, np.zeros_like(c.g)


def high_five(c: Context) -> Pair:
    poses = []
    for luck in (3, 4):
        end = stand(_facing(c), 0.06, (1, 1))
        p, arrive = approach(c, 0.22, end, luck)
        up = ease(arrive - 0.1, arrive + 0.25, c.t) * (1 - ease(arrive + 0.5, arrive + 0.9, c.t))
        p["arm_r"] = p["arm_r"] * (1 - up) + 2.15 * up
        p["elbow_r"] = p["elbow_r"] * (1 - up) + 0.1 * up
        p["smile"] = p["smile"] + 0.4 * ease(arrive - 0.3, arrive + 0.2, c.t)
        poses.append(p)
    return poses[0], mirrored(poses[1]), None, np.zeros_like(c.g)


def handshake(c: Context) -> Pair:
    poses = []
    for luck in (3, 4):
        end = stand(_facing(c), 0.06, (1, 1))
        p, arrive = approach(c, 0.24, end, luck)
        grip = ease(arrive - 0.1, arrive + 0.25, c.t)
        shaken = dict(p)
        reach(shaken, "r", p["x"] + 0.235, T.LEG + 0.14 + 0.025 * sin(TAU * 1.5 * (c.t - arrive)), 1)
        for k in ("arm_r", "elbow_r"):
            p[k] = p[k] * (1 - grip) + shaken[k] * grip
        p["smile"] = p["smile"] + 0.2 * grip
        poses.append(p)
    return poses[0], mirrored(poses[1]), None, np.zeros_like(c.g)


def waltz(c: Context) -> Pair:
    """Turns around each other, holding on: the nearer one passes in front."""
    turns = c.cycle(0.30)

    def one(offset: float) -> Pose:
        ph = TAU * (turns + offset)
        p = rest(c)
        p["x"], p["z"], p["turn"] = -0.15 * cos(ph), 0.05 * sin(ph), 0.7 * cos(ph)
        p["y"] = -0.03 + 0.012 * cos(3 * ph)
        p["arm_r"], p["arm_l"] = 0.25 + 1.1 * cos(ph), -0.25 + 1.1 * cos(ph)
        p["elbow_r"], p["elbow_l"] = 0.5 * cos(ph), 0.5 * cos(ph)
        p["smile"] = p["smile"] + 0.3
        lift = 0.035 * sin(3 * ph)
        x = p["x"]
        return plant(p, (x - 0.07, np.clip(lift, 0, None)), (x + 0.07, np.clip(-lift, 0, None)))

    return one(0.0), one(0.5), None, np.zeros_like(c.g)


def catch(c: Context) -> Pair:
    """Throws a ball to and fro; it flies on a parabola."""
    air = np.where(c.g < 4, 1.35, 0.80) * (0.95 + 0.15 * c.u[:, 1:2])
    hold, reach_x, base = 0.42, 0.16, T.LEG + 0.20
    place = 0.34
    v = c.g * air / 2
    vx = 2 * (place - reach_x) / air
    leg = (c.t + c.u[:, :1] * 2 * (air + hold)) / (air + hold)
    side = np.where(leg.astype(int) % 2 == 0, -1.0, 1.0)  # who holds it, then throws: A is at -1
    tau = (leg % 1) * (air + hold)
    aloft = tau > hold
    fly = np.clip(tau - hold, 0, None)
    held = sin(np.pi * np.clip(tau / hold, 0, 1))
    x = side * np.where(aloft, (place - reach_x) - vx * fly, (place - reach_x) + vx * hold / np.pi * held)
    y = base + np.where(aloft, v * fly - 0.5 * c.g * fly**2, -(v * hold / np.pi) * held)
    poses = []
    for me in (-1.0, 1.0):
        p = _facing(c)
        p["x"] = np.full_like(c.t, -place)
        mine = np.where(side == me, 1.0, 0.0) * ~aloft
        waiting = base - 0.02 + 0 * c.t
        hand_x = np.where(mine > 0, -np.abs(x), -place + reach_x)
        hand_y = np.where(mine > 0, y, waiting)
        reach(p, "r", hand_x, hand_y, 1)
        reach(p, "l", hand_x - 0.03, hand_y, 1)
        p["head"] = -0.05 + 0 * c.t
        plant(p, (-place - 0.07, 0.0), (-place + 0.07, 0.0), (1, 1))
        poses.append(p)
    return poses[0], mirrored(poses[1]), thing(c, x, y), np.zeros_like(c.g)


def give(c: Context) -> Pair:
    """A hands B a thing."""
    when = 1.0 + 1.2 * c.u[:, 1:2]
    over = ease(when, when + 0.9, c.t)
    poses = []
    x = -0.16 + 0.32 * over
    y = T.LEG + 0.17 + 0.05 * sin(np.pi * over)
    for mine in (1 - over, over):
        p = _facing(c)
        p["x"] = np.full_like(c.t, -0.33)
        near = -0.16 + 0.14 * np.clip(2 * (1 - mine), 0, 1)  # reaches for the middle, then lets go
        hold = ease(0.02, 0.35, mine)
        hand_x = np.where(mine >= 0.5, -0.16 + 0.16 * 2 * (1 - mine), near * 0 - 0.02 - 0.0 * mine)
        hand_x = -0.02 - 0.14 * ease(0.5, 1.0, mine)
        reach(p, "r", hand_x * hold + (1 - hold) * -0.24, (y - 0.07) * hold + (1 - hold) * (T.LEG + 0.02), 1)
        reach(
            p,
            "l",
            (hand_x - 0.03) * hold + (1 - hold) * -0.28,
            (y - 0.07) * hold + (1 - hold) * (T.LEG + 0.02),
            1,
        )
        p["smile"] = p["smile"] + 0.5 * over
        plant(p, (-0.39, 0.0), (-0.27, 0.0), (1, 1))
        poses.append(p)
    return poses[0], mirrored(poses[1]), thing(c, x, y), np.zeros_like(c.g)


def race(c: Context) -> Pair:
    a, speed = travel(c, "run")
    late = Context(
        c.t,
        np.roll(c.u, 0, 1) * np.array([0, 1, 1, 1, 1, 1, 1, 1]) + (c.u[:, 3:4] * np.eye(8)[0]),
        c.g,
        c.tempo,
        c.scale,
    )
    b, _ = travel(late, "run")
    gap = 0.27 + 0.06 * sin(TAU * (0.15 * c.t + c.u[:, 2:3]))
    a["x"], b["x"] = -gap, gap
    # both ran with the hip at 0: moving the hip moves the feet with it, so no foot slides against the ground
    return a, b, None, speed


PAIRS: dict[str, Callable[[Context], Pair]] = {
    "hug": hug, "high_five": high_five, "handshake": handshake, "waltz": waltz, "catch": catch,
    "give": give, "race": race,
}  # fmt: skip
