"""What one person does, without props: a function per action, in body units, facing right.

Every function takes a `Context` for n people and gives their pose; travellers give their speed too.
Feet are planted by inverse kinematics and flights are parabolas, so the physics is right by
construction (`tests/model/test_world.py` measures it all the same).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from model.scene import tracks as T
from model.scene.bodies import GAITS, TAU, Context, Pose, ease, plant, reach, rest, stand, travel

sin, cos = np.sin, np.cos


def standing(c: Context) -> Pose:
    p = rest(c)
    p["head"] = 0.05 * sin(TAU * c.cycle(0.25, 1))
    p["gaze"] = 0.4 * sin(TAU * c.cycle(0.2, 2))
    return stand(p)


def talk(c: Context) -> Pose:
    p, ph = rest(c), TAU * c.cycle(0.8)
    p["arm_r"], p["elbow_r"] = 0.45 + 0.15 * sin(ph), 1.3 + 0.35 * cos(ph)
    p["arm_l"], p["elbow_l"] = -0.35 - 0.1 * sin(ph + 1), -0.9 - 0.2 * sin(ph)
    p["head"], p["lean"] = 0.06 * sin(ph), 0.03 * sin(ph / 2)
    p["mouth"] = 0.3 + 0.3 * sin(TAU * c.cycle(2.2, 1))
    return stand(p)


def wave(c: Context) -> Pose:
    p, ph = rest(c), TAU * c.cycle(1.6)
    p["arm_r"], p["elbow_r"] = p["arm_r"] * 0 + 2.3, 0.35 + 0.5 * sin(ph)
    p["head"], p["lean"], p["smile"] = 0.04 * sin(ph / 2), 0.03 * sin(ph / 2), p["smile"] + 0.4
    p["turn"] = np.full_like(c.t, 0.1)
    return stand(p)


def flight(c: Context, height: np.ndarray, ground: np.ndarray, luck: int = 0) -> tuple[np.ndarray, ...]:
    """A leap again and again: (hip height, airborne?, phase of the flight 0-1, phase on the ground).

    A parabola in the air, and on the ground the arc of a spring that meets it at the same speed."""
    v0 = np.sqrt(2 * c.g * height)
    ground = np.minimum(ground, 0.26 * np.pi / v0)  # nobody sinks deeper than the knees bend
    air_s = 2 * v0 / c.g
    tau = (c.t + c.u[:, luck : luck + 1] * (air_s + ground)) % (air_s + ground)
    aloft = tau > ground
    fly = np.where(aloft, tau - ground, 0.0)
    sink = -(v0 * ground / np.pi) * sin(np.pi * np.clip(tau / ground, 0, 1))
    return (
        np.where(aloft, v0 * fly - 0.5 * c.g * fly**2, sink),
        aloft,
        fly / air_s,
        np.clip(tau / ground, 0, 1),
    )


def jump(c: Context) -> Pose:
    p = rest(c)
    height = (0.16 + 0.14 * c.u[:, 1:2]) * (1 + 0.25 * (c.g < 4))
    y, aloft, fly, crouch = flight(c, height, 0.40 + 0.08 * c.u[:, 2:3])
    p["y"] = y
    rise = np.where(aloft, sin(np.pi * fly), -0.35 * sin(np.pi * crouch))
    p["arm_r"], p["arm_l"] = 0.5 + 1.9 * rise, -0.5 - 1.9 * rise
    p["smile"] = p["smile"] + 0.3
    lift = np.where(aloft, np.maximum(y, 0) * 1.0 + 0.05 * sin(np.pi * fly) ** 2, 0.0)
    return plant(p, (-0.08, lift), (0.08, lift))


def dance(c: Context) -> Pose:
    p, ph = rest(c), TAU * c.cycle(0.95)
    p["x"], p["y"] = 0.045 * sin(ph), -0.045 + 0.03 * cos(2 * ph)
    p["lean"], p["head"] = -0.13 * sin(ph), 0.12 * sin(ph)
    p["arm_l"], p["elbow_l"] = -0.7 - 0.4 * sin(ph), -1.4 - 0.3 * cos(ph)
    p["arm_r"], p["elbow_r"] = 0.7 - 0.4 * sin(ph), 1.4 - 0.3 * cos(ph)
    p["turn"], p["smile"] = 0.2 * sin(ph / 2), p["smile"] + 0.3
    return stand(p, 0.10)


def disco(c: Context) -> Pose:
    p, s = rest(c), np.tanh(1.6 * sin(TAU * c.cycle(0.8)))
    p["x"], p["y"] = -0.05 * s, np.full_like(c.t, -0.04)
    p["lean"], p["head"] = -0.10 * s, -0.08 * s
    p["arm_r"], p["elbow_r"] = 1.45 + 1.0 * s, 0.15 + 0 * s
    p["arm_l"], p["elbow_l"] = -0.55 + 0.1 * s, 1.5 + 0 * s
    p["turn"], p["smile"] = np.full_like(c.t, 0.15), p["smile"] + 0.3
    return stand(p, 0.13)


def spin(c: Context) -> Pose:
    p, ph = rest(c), TAU * c.cycle(0.55)
    p["turn"] = cos(ph)
    p["arm_l"], p["arm_r"] = -1.5 - 0.25 * sin(ph), 1.5 + 0.25 * sin(ph)
    p["lean"], p["y"] = 0.03 * sin(ph), p["y"] + 0.004
    return stand(p, 0.03)


def jumping_jacks(c: Context) -> Pose:
    p = rest(c)
    period = 0.30 + 2 * np.sqrt(2 * 0.03 / c.g)  # on the ground, then aloft
    y, aloft, fly, _ = flight(c, 0.03 + 0 * c.g, 0.30 + 0 * c.g)
    side = np.where((c.t + c.u[:, :1] * period) // period % 2 == 0, 1.0, -1.0)
    # on the ground the limbs are at one end of their swing; in the air they go to the other
    openness = np.where(aloft, side * cos(np.pi * fly), side)
    p["y"] = y - 0.015
    width = 0.11 + 0.07 * openness
    p["arm_r"], p["arm_l"] = 1.45 + 1.25 * openness, -1.45 - 1.25 * openness
    p["turn"] = np.zeros_like(c.t)
    lift = np.where(aloft, np.maximum(y, 0) + 0.02 * sin(np.pi * fly), 0.0)
    return plant(p, (-width, lift), (width, lift))


def squat(c: Context) -> Pose:
    p, ph = rest(c), TAU * c.cycle(0.5)
    down = 0.5 - 0.5 * cos(ph)
    p["y"] = -0.012 - 0.19 * down
    p["arm_r"], p["arm_l"] = 0.3 + 1.2 * down, 0.2 + 1.25 * down
    p["elbow_r"], p["elbow_l"] = 0.1 + 0 * down, 0.1 + 0 * down
    p["turn"], p["lean"] = np.full_like(c.t, 0.6), 0.30 * down
    return stand(p, 0.09, (1, 1))


def yoga(c: Context) -> Pose:
    p, ph = rest(c), TAU * c.cycle(0.2)
    p["arm_r"], p["arm_l"] = 2.75 + 0.06 * sin(ph), -2.75 - 0.06 * sin(ph)
    p["elbow_r"], p["elbow_l"] = 0.45 + 0 * ph, -0.45 + 0 * ph
    p["lean"], p["turn"] = 0.03 * sin(ph), np.zeros_like(c.t)
    return plant(p, (-0.012, 0.0), (0.03 + 0 * ph, 0.20 + 0.01 * sin(ph)))


def stretch(c: Context) -> Pose:
    p, s = rest(c), sin(TAU * c.cycle(0.3))
    p["lean"], p["head"] = 0.35 * s, 0.15 * s
    p["arm_r"], p["arm_l"] = 2.6 + 0.5 * s, -2.6 + 0.5 * s
    p["x"], p["turn"] = -0.03 * s, np.zeros_like(c.t)
    return stand(p, 0.12)


def bow(c: Context) -> Pose:
    p, ph = rest(c), TAU * c.cycle(0.33)
    down = ease(0.1, 0.9, 0.5 - 0.5 * cos(ph))
    p["lean"], p["head"] = 1.0 * down, 0.25 * down
    p["arm_r"], p["arm_l"] = 0.1 + 0.35 * down, -0.05 + 0.4 * down
    p["turn"], p["x"] = np.full_like(c.t, 0.75), -0.04 * down
    return stand(p, 0.04, (1, 1))


def clap(c: Context) -> Pose:
    p, ph = rest(c), TAU * c.cycle(1.5)
    gap = 0.02 + 0.09 * (0.5 + 0.5 * cos(ph))
    p["turn"], p["smile"], p["y"] = np.zeros_like(c.t), p["smile"] + 0.35, p["y"] + 0.006 * cos(ph)
    high = T.LEG + 0.20 + 0 * gap
    reach(p, "r", gap, high, -1)
    reach(p, "l", -gap, high, 1)
    return stand(p)


def cheer(c: Context) -> Pose:
    p = rest(c)
    y, aloft, fly, ground = flight(c, 0.05 + 0 * c.g, 0.34 + 0 * c.g)
    p["y"], p["turn"] = y, np.zeros_like(c.t)
    pump = np.where(aloft, sin(np.pi * fly), -sin(np.pi * ground))
    p["arm_r"], p["arm_l"] = 2.5 + 0.2 * pump, -2.5 - 0.2 * pump
    p["elbow_r"], p["elbow_l"] = 0.3 - 0.3 * pump, -0.3 + 0.3 * pump
    p["mouth"], p["smile"] = 0.55 + 0.2 * pump, p["smile"] + 0.5
    lift = np.where(aloft, np.maximum(y, 0), 0.0)
    return plant(p, (-0.08, lift), (0.08, lift))


def think(c: Context) -> Pose:
    p, s = rest(c), sin(TAU * c.cycle(0.25))
    reach(p, "r", 0.07 + 0 * s, T.LEG + T.TORSO + 0.02 + 0.008 * s, 1)
    reach(p, "l", 0.08 + 0 * s, T.LEG + 0.12 + 0 * s, 1)
    p["head"], p["gaze"], p["turn"] = 0.10 + 0.06 * s, 0.6 * s, np.full_like(c.t, 0.4)
    return stand(p)


def sit(c: Context) -> Pose:
    p, s = rest(c), sin(TAU * c.cycle(0.35))
    p["y"], p["turn"] = np.full_like(c.t, -0.20) + 0.004 * s, np.full_like(c.t, 0.6)
    p["lean"], p["head"] = -0.05 + 0.02 * s, 0.05 * s
    p["arm_r"], p["elbow_r"] = 0.55 + 0.03 * s, 0.6 + 0 * s
    p["arm_l"], p["elbow_l"] = 0.45 + 0.03 * s, 0.6 + 0 * s
    return plant(p, (0.20, 0.0), (0.25, 0.0), (1, 1))


def sleep(c: Context) -> Pose:
    p, s = rest(c), sin(TAU * c.cycle(0.22))
    p["spin_sin"], p["spin_cos"] = p["spin_sin"] - 1, p["spin_cos"] * 0
    p["y"] = -(T.LEG - 0.11) + 0.006 * s
    p["arm_r"], p["arm_l"] = 0.35 + 0.03 * s, -0.2 - 0.03 * s
    p["hip_l"], p["hip_r"] = -0.12 + 0 * s, 0.25 + 0 * s
    p["knee_l"], p["knee_r"] = 0.1 + 0 * s, 0.6 + 0 * s
    p["mouth"], p["turn"] = 0.12 + 0.1 * s, np.full_like(c.t, 0.3)
    return p


def sing(c: Context) -> Pose:
    p, ph = rest(c), TAU * c.cycle(0.5)
    reach(p, "r", 0.09 + 0.01 * sin(ph), T.LEG + T.TORSO - 0.01 + 0 * ph, 1)
    p["arm_l"], p["elbow_l"] = -1.0 - 0.5 * sin(ph), -0.4 + 0.3 * cos(ph)
    p["mouth"] = 0.5 + 0.35 * sin(TAU * c.cycle(1.1, 1))
    p["lean"], p["head"], p["x"] = 0.06 * sin(ph), -0.06 * sin(ph), 0.02 * sin(ph)
    return stand(p, 0.09)


def box(c: Context) -> Pose:
    p, ph = rest(c), TAU * c.cycle(1.0)
    right, left = np.clip(sin(ph), 0, 1) ** 2, np.clip(-sin(ph), 0, 1) ** 2
    p["turn"], p["y"] = np.full_like(c.t, 0.7), -0.05 + 0.012 * cos(2 * ph)
    p["lean"] = 0.10 + 0.08 * right - 0.03 * left
    shoulder = T.LEG + 0.24
    reach(p, "r", 0.14 + 0.19 * right, shoulder + 0 * ph, 1)
    reach(p, "l", 0.12 + 0.19 * left, shoulder - 0.01 + 0 * ph, 1)
    return plant(p, (-0.10, 0.0), (0.10, 0.0), (1, 1))


def fly(c: Context) -> Pose:
    p, ph = rest(c), TAU * c.cycle(0.4)
    p["y"] = 0.33 + 0.05 * sin(ph)
    tilt = 0.95 + 0.06 * cos(ph)
    p["spin_sin"], p["spin_cos"], p["turn"] = sin(tilt), cos(tilt), np.full_like(c.t, 0.8)
    p["arm_r"], p["elbow_r"] = 2.85 + 0.06 * sin(ph), 0.1 + 0 * ph
    p["arm_l"], p["elbow_l"] = -0.15 + 0.06 * sin(ph), 0.1 + 0 * ph
    p["hip_l"], p["hip_r"] = -0.08 + 0.08 * sin(2 * ph), 0.08 - 0.08 * sin(2 * ph)
    p["knee_l"], p["knee_r"] = 0.15 + 0 * ph, 0.15 + 0 * ph
    p["head"] = -0.45 + 0 * ph
    return p


def swim(c: Context) -> Pose:
    p, ph = rest(c), TAU * c.cycle(0.6)
    s = 0.5 - 0.5 * cos(ph)
    p["y"], p["turn"] = 0.10 + 0.03 * sin(ph), np.full_like(c.t, 0.8)
    p["spin_sin"], p["spin_cos"] = 0.97 + 0 * ph, 0.24 + 0 * ph
    p["arm_r"], p["arm_l"] = 3.0 - 2.3 * s, 2.9 - 2.3 * s
    p["elbow_r"], p["elbow_l"] = 0.2 + 0.4 * s, 0.2 + 0.4 * s
    kick = sin(2 * ph)
    p["hip_l"], p["hip_r"], p["knee_l"], p["knee_r"] = (
        0.22 * kick,
        -0.22 * kick,
        0.2 - 0.15 * kick,
        0.2 + 0.15 * kick,
    )
    p["head"] = -0.5 + 0 * ph
    return p


def backflip(c: Context) -> Pose:
    p = rest(c)
    y, aloft, fly_at, ground = flight(c, 0.34 * (1 + 0.2 * (c.g < 4)), 0.62 + 0.1 * c.u[:, 2:3])
    turn = -TAU * np.where(aloft, ease(0.05, 0.95, fly_at), 0.0)
    p["y"], p["spin_sin"], p["spin_cos"] = y * np.where(aloft, 1.0, 1.0), sin(turn), cos(turn)
    p["turn"] = np.full_like(c.t, 0.8)
    tuck = np.where(aloft, sin(np.pi * fly_at) ** 2, 0.0)
    rise = np.where(aloft, sin(np.pi * fly_at), -0.6 * sin(np.pi * ground))
    p["arm_r"], p["arm_l"] = 0.5 + 1.2 * rise, 0.4 + 1.2 * rise
    lift = np.where(aloft, np.maximum(y, 0) + 0.20 * tuck, 0.0)
    return plant(p, (-0.05 + 0.1 * tuck, lift), (0.05 + 0.1 * tuck, lift), (1, 1))


def cartwheel(c: Context) -> Pose:
    p = rest(c)
    ph = c.cycle(0.42) % 2  # one wheel to the right, one back
    there = ease(0.15, 0.85, ph) - ease(1.15, 1.85, ph)
    angle = TAU * there
    p["x"] = -0.22 + 0.44 * there
    p["spin_sin"], p["spin_cos"], p["turn"] = sin(angle), cos(angle), np.zeros_like(c.t)
    up = np.clip(6 * there * (1 - there), 0, 1)
    p["y"] = -0.03 * (1 - up)
    p["arm_r"], p["arm_l"] = 0.4 + 2.2 * up, -0.4 - 2.2 * up
    p["hip_l"], p["hip_r"] = -0.15 - 0.45 * up, 0.15 + 0.45 * up
    p["knee_l"], p["knee_r"] = 0 * up, 0 * up
    return p


def point(c: Context) -> Pose:
    p, s = rest(c), sin(TAU * c.cycle(0.4))
    p["arm_r"], p["elbow_r"] = 1.5 + 0.06 * s, 0.05 + 0 * s
    p["head"], p["gaze"], p["turn"] = 0.05 * s, 0.8 + 0 * s, np.full_like(c.t, 0.45)
    p["mouth"] = 0.15 + 0.12 * sin(TAU * c.cycle(1.8, 1))
    return stand(p)


STILL: dict[str, Callable[[Context], Pose]] = {
    "stand": standing, "talk": talk, "wave": wave, "jump": jump, "dance": dance, "disco": disco,
    "spin": spin, "jumping_jacks": jumping_jacks, "squat": squat, "yoga": yoga, "stretch": stretch,
    "bow": bow, "clap": clap, "cheer": cheer, "think": think, "sit": sit, "sleep": sleep,
    "sing": sing, "box": box, "fly": fly, "swim": swim, "backflip": backflip,
    "cartwheel": cartwheel, "point": point,
}  # fmt: skip


def perform(action: str, c: Context) -> tuple[Pose, np.ndarray]:
    """(pose, speed in body units a second [n, 1]) of an action that needs no prop of its own."""
    if action in GAITS:
        return travel(c, action)
    return STILL[action](c), np.zeros_like(c.g)
