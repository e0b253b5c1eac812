"""Arms, hands, legs and shoes of a `Person`, one side at a time (0 behind the body, 1 in front)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import skia

from model.scene import tracks as T
from model.scene.draw_bones import Bones, Point
from model.scene.draw_clothes import Shape
from model.scene.draw_looks import ANIMALS, CHILD
from model.scene.draw_paint import INK, WHITE, Colour, box, fill, line, luma, mix, polygon, ramp, rgb, smooth

if TYPE_CHECKING:
    from model.scene.draw_people import Person


def taper(c: skia.Canvas, a: Point, b: Point, ra: float, rb: float, paint: skia.Paint) -> None:
    """A limb piece: two round ends joined."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy) or 1.0
    nx, ny = -dy / length, dx / length
    left = [(a[0] + nx * ra, a[1] + ny * ra), (b[0] + nx * rb, b[1] + ny * rb)]
    right = [(b[0] - nx * rb, b[1] - ny * rb), (a[0] - nx * ra, a[1] - ny * ra)]
    path = polygon(left + right)
    c.drawPath(path, paint)
    c.drawCircle(*a, ra, paint)
    c.drawCircle(*b, rb, paint)


def between(a: Point, b: Point, t: float) -> Point:
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t


def cast(c: skia.Canvas, points: list[Point], width: float) -> None:
    """The shadow a limb throws on the sheets of the same figure under it."""
    path = skia.Path()
    path.moveTo(points[0][0] + 0.008, points[0][1] + 0.012)
    for x, y in points[1:]:
        path.lineTo(x + 0.008, y + 0.012)
    paint = line(INK, width, 0.22)
    paint.setBlendMode(skia.BlendMode.kSrcATop)
    c.drawPath(path, paint)


def arm(c: skia.Canvas, who: Person, b: Bones, side: int) -> None:
    s, e, w = b.shoulders[side], b.elbows[side], b.hands[side]
    k, cloth = who.build[3], who.cloth
    dark = 0.86 if side == 0 else 1.0
    sleeve, skin = cloth.sleeve_colour(who) * dark, who.skin * (0.90 if side == 0 else 1.0)
    r0, r1, r2 = 0.048 * k, 0.038 * k, 0.030 * k
    s = (s[0], s[1] + 0.03)
    if side == 1:
        cast(c, [s, e, w], 2 * r1)
    if who.kind == "robot":
        for a, z, r in ((s, e, 0.030), (e, w, 0.028)):
            taper(
                c,
                a,
                z,
                r,
                r,
                ramp((a[0] - r, a[1]), (a[0] + r, a[1]), rgb("dfe5ee") * dark, rgb("98a3b5") * dark),
            )
        for joint in (s, e):
            c.drawCircle(*joint, 0.040, fill(who.top * dark))
        _claw(c, who, b, side, dark)
        return
    long = cloth.sleeve
    if long < 2:
        taper(c, s, e, r0 * 0.92, r1, fill(skin))
        taper(c, e, w, r1, r2, fill(skin))
    if long > 0:
        wide = cloth.wide
        if long >= 2:
            cuff = between(e, w, 0.80)
            taper(c, s, e, r0 * 1.08, r1 * 1.14 * wide, fill(sleeve))
            taper(c, e, w, r2, r2, fill(skin))
            taper(c, e, cuff, r1 * 1.14 * wide, r2 * 1.30 * wide, fill(sleeve))
            taper(c, between(e, w, 0.76), cuff, r2 * 1.34 * wide, r2 * 1.32 * wide, fill(sleeve * 0.86))
        else:
            hem = between(s, e, 0.35 + 0.4 * long)
            taper(c, s, hem, r0 * 1.10, r1 * 1.34, fill(sleeve))
    hand(c, who, b, side, skin)


def hand(c: skia.Canvas, who: Person, b: Bones, side: int, skin: Colour) -> None:
    k = who.build[3] * (1.12 if who.kind in CHILD else 1.0)
    x, y = b.hands[side]
    c.save()
    c.translate(x, y)
    c.rotate(-math.degrees(b.forearms[side]))  # the hand points along the forearm, "down" here
    c.scale(k, k)
    if who.kind in ANIMALS:
        c.drawCircle(0, 0.008, 0.044, fill(skin))
        for dx in (-0.02, 0.0, 0.02):
            c.drawCircle(dx, 0.036, 0.012, fill(mix(skin, rgb("ffb0b8"), 0.6)))
        c.restore()
        return
    if who.kind == "astronaut":
        c.drawCircle(0, 0.004, 0.042, fill(rgb("f2f4f8")))
        c.drawRoundRect(box(-0.034, -0.05, 0.034, -0.026), 0.01, 0.01, fill(who.top))
        c.restore()
        return
    outline = fill(skin)
    raised = abs(math.remainder(b.forearms[side], math.tau)) > 1.9
    outward = -1 if side == 0 else 1
    if raised:  # an open hand that waves
        c.drawOval(box(-0.030, -0.014, 0.030, 0.042), outline)
        for dx, length, a in (
            (-0.024, 0.036, -16),
            (-0.009, 0.046, -5),
            (0.008, 0.045, 6),
            (0.023, 0.036, 17),
        ):
            c.save()
            c.translate(dx, 0.03)
            c.rotate(-a)
            c.drawRoundRect(box(-0.0085, -0.01, 0.0085, length), 0.0085, 0.0085, outline)
            c.restore()
        c.drawPath(
            smooth(
                [
                    (-outward * 0.018, -0.004),
                    (-outward * 0.052, 0.018),
                    (-outward * 0.050, 0.032),
                    (-outward * 0.020, 0.024),
                ]
            ),
            outline,
        )
    else:
        c.drawOval(box(-0.031, -0.018, 0.031, 0.052), outline)
        c.drawPath(
            smooth(
                [
                    (outward * 0.016, -0.008),
                    (outward * 0.046, 0.010),
                    (outward * 0.040, 0.036),
                    (outward * 0.014, 0.030),
                ]
            ),
            outline,
        )
        for dx in (-0.010, 0.006):
            c.drawLine(dx, 0.026, dx, 0.046, line(skin * 0.80, 0.005))
    if who.plan.action == "point" and side == 1:
        c.drawRoundRect(box(-0.010, 0.02, 0.010, 0.092), 0.010, 0.010, outline)
    c.restore()


def _claw(c: skia.Canvas, who: Person, b: Bones, side: int, dark: float) -> None:
    c.save()
    c.translate(*b.hands[side])
    c.rotate(-math.degrees(b.forearms[side]))
    for s in (-1, 1):
        path = smooth(
            [
                (0, -0.02),
                (s * 0.05, 0.0),
                (s * 0.048, 0.05),
                (s * 0.016, 0.062),
                (s * 0.026, 0.03),
                (0, 0.018),
            ]
        )
        c.drawPath(path, fill(rgb("8793a6") * dark))
    c.drawCircle(0, 0, 0.026, fill(rgb("b9c3d2") * dark))
    c.restore()


def leg(c: skia.Canvas, who: Person, b: Bones, side: int, hip_height: float, d: int, upright: bool) -> None:
    h, k, a = b.hips[side], b.knees[side], b.ankles[side]
    size, cloth = who.build[3], who.cloth
    dark = 0.84 if side == 0 else 1.0
    r0, r1, r2 = 0.070 * size, 0.050 * size, 0.036 * size
    inside = max(0.02, Shape(who, b).width(0.0) - r0)  # a thigh begins under the hem of what is worn above it
    h = (float(np.clip(h[0], -inside, inside)), h[1]) if who.kind != "robot" else h
    over_ground = hip_height - a[1]
    flat = float(np.clip(1 - over_ground / 0.14, 0, 1)) if upright else 0.0
    ankle = between(a, k, max(0.16, r2 * 1.35 / T.SHIN - 0.02))
    skin, trousers = who.skin * dark, cloth.leg_colour(who) * dark
    if who.kind == "robot":
        for p, q, r in ((h, k, 0.040), (k, ankle, 0.036)):
            taper(
                c,
                p,
                q,
                r,
                r,
                ramp((p[0] - r, p[1]), (p[0] + r, p[1]), rgb("dfe5ee") * dark, rgb("8e99ac") * dark),
            )
        c.drawCircle(*k, 0.050, fill(who.bottom * dark))
        _shoe(c, who, b, side, d, flat, rgb("6f7a8c") * dark, 1.15)
        return
    if side == 1:
        cast(c, [h, k, ankle], 2 * r1)
    if cloth.leg < 2:
        taper(c, h, k, r0 * 0.9, r1 * 0.88, fill(skin))
        taper(c, k, ankle, r1 * 0.88, r2 * 0.92, fill(skin))
    if who.plan.outfit == "sportswear" and who.kind not in ANIMALS:
        taper(
            c,
            between(k, ankle, 0.62),
            ankle,
            r2 * 1.08,
            r2 * 1.02,
            fill(mix(WHITE, who.top, 0.12) * dark),
        )
    if cloth.leg > 0:
        wide = 1.0 if who.outfit != "astronaut" else 1.05
        if cloth.leg >= 2:
            taper(c, h, k, r0, r1 * 1.04 * wide, fill(trousers))
            taper(c, k, ankle, r1 * 1.04 * wide, r2 * 1.18 * wide, fill(trousers))
            taper(
                c,
                between(k, ankle, 0.93),
                ankle,
                r2 * 1.25 * wide,
                r2 * 1.25 * wide,
                fill(trousers * 0.85),
            )
        else:
            hem = between(h, k, 0.45 + 0.4 * cloth.leg)
            taper(c, h, hem, r0, r1 * 1.28, fill(trousers))
            if who.plan.outfit == "sportswear":
                off = r1 * 1.0 * d
                c.drawLine(h[0] + off, h[1] + 0.03, hem[0] + off, hem[1], line(WHITE, 0.014, 0.8))
    _shoe(c, who, b, side, d, flat, who.shoe * dark if who.kind not in ANIMALS else skin, 1.0)


def _shoe(
    c: skia.Canvas, who: Person, b: Bones, side: int, d: int, flat: float, colour: Colour, size: float
) -> None:
    """Sole at the end of the shin; level on the ground, along the shin in the air."""
    k = size * who.build[3] ** 0.5
    x, y = b.ankles[side]
    front = abs(b.turn) < 0.12
    toe = (-1 if side == 0 else 1) if front else d
    c.save()
    c.translate(x, y)
    angle = b.shins[side] * (1 - flat)
    c.rotate(-math.degrees(angle))
    length = 0.070 if front else 0.115
    c.scale(toe * k, k)
    body = smooth(
        [
            (-0.042, -0.008),
            (-0.042, -0.062),
            (0.0, -0.085),
            (0.034, -0.060),
            (length * 0.7, -0.048),
            (length, -0.022),
            (length, 0.0),
            (0.02, 0.003),
            (-0.03, 0.003),
        ]
    )
    c.drawPath(body, ramp((0, -0.08), (0, 0), mix(colour, WHITE, 0.14), colour * 0.92))
    if who.kind in ANIMALS:
        c.restore()
        return
    c.drawRoundRect(
        box(-0.040, -0.014, length - 0.003, 0.003),
        0.006,
        0.006,
        fill(mix(colour, WHITE, 0.75) if luma(colour) < 0.8 else colour * 0.62),
    )
    c.drawLine(0.018, -0.066, 0.040, -0.052, line(mix(colour, WHITE, 0.6), 0.008))
    c.restore()
