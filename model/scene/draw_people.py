"""People: a skeleton from the tokens, clothed by outfit, limb by limb from back to front.

Drawn in body units around the hip, y down; the caller's canvas carries place, size and spin.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import skia

from model.scene import tracks as T
from model.scene.draw_clothes import CLOTHES, Cloth
from model.scene.draw_heads import ACCENTS, ANIMALS, CHILD, Face, Looks, head, head_back, scarf
from model.scene.draw_paint import (
    INK,
    WHITE,
    Colour,
    Light,
    box,
    fill,
    line,
    luma,
    mix,
    polygon,
    ramp,
    rgb,
    smooth,
)

if TYPE_CHECKING:
    from model.scene.faces import FaceSprites

Point = tuple[float, float]
IRISES = ("3b2416", "4a2f1c", "2a1c16", "35502f", "2f4a6a", "5a3d1e")
BUILD = {  # shoulders, waist, hips, limbs, head
    "woman": (0.90, 0.82, 1.02, 0.90, 1.10), "man": (1.16, 1.08, 0.96, 1.10, 1.06),
    "girl": (0.92, 0.95, 0.98, 0.95, 1.36), "boy": (0.98, 1.0, 0.96, 1.0, 1.36),
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


def _between(a: Point, b: Point, t: float) -> Point:
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t


def _cast(c: skia.Canvas, points: list[Point], width: float) -> None:
    """The shadow a limb throws on the sheets of the same figure under it."""
    path = skia.Path()
    path.moveTo(points[0][0] + 0.008, points[0][1] + 0.012)
    for x, y in points[1:]:
        path.lineTo(x + 0.008, y + 0.012)
    paint = line(INK, width, 0.22)
    paint.setBlendMode(skia.BlendMode.kSrcATop)
    c.drawPath(path, paint)


class Person:
    """One person of a plan, ready to be drawn in any pose."""

    def __init__(
        self, plan: T.PersonPlan, light: Light, index: int, seed: int, head_picture: FaceSprites | None = None
    ) -> None:
        self.plan, self.kind = plan, plan.kind
        self.build = BUILD[plan.kind]
        colour = {name: light.figure(c) for name, c in zip(T.COLOURS, T.COLOUR_RGB, strict=True)}
        skin = np.array(T.SKIN_RGB[T.SKINS.index(plan.skin)])
        skin = mix(
            skin, np.array([1.0, 0.80, 0.62]) * max(0.35, luma(skin)), 0.10
        )  # warm, and never a black hole
        hair = np.array(T.HAIR_RGB[T.HAIR_COLOURS.index(plan.hair_colour)])
        if luma(hair) < 0.16:
            hair = hair + np.array([0.06, 0.05, 0.075])
        self.skin, hair = light.figure(skin), light.figure(hair)
        self.top, self.bottom = colour[plan.top], colour[plan.bottom]
        if plan.bottom == plan.top:
            self.bottom = self.bottom * (0.78 if luma(self.bottom) > 0.3 else 1.0) + (
                0.0 if luma(self.bottom) > 0.3 else 0.12
            )
        accent = ACCENTS.get(plan.accessory)
        if accent is None:  # something bright that is not the colour of the clothes
            order = ("red", "yellow", "teal", "pink", "blue", "orange")
            ranked = [colour[order[(seed + index + i) % len(order)]] for i in range(len(order))]
            accent = next(c for c in ranked if np.abs(c - self.top).sum() > 0.55)
        else:
            accent = light.figure(accent)
        self.accent = accent
        iris = rgb(IRISES[(seed + 3 * index) % len(IRISES)])
        if plan.kind in ANIMALS:
            self.skin = rgb("2b2630") if plan.kind == "panda" else hair
        elif plan.kind == "robot":
            self.skin = light.figure(rgb("b9c2d0"))
        self.looks = Looks(plan.kind, self.skin, plan.hair, hair, plan.accessory, accent, iris)
        self.outfit = (
            "astronaut" if plan.kind == "astronaut" else ("robot" if plan.kind == "robot" else plan.outfit)
        )
        self.cloth: Cloth = CLOTHES[self.outfit]
        self.shoe = light.figure(rgb(("5b3b2c", "2d2f3d", "f4f1ea", "b5453c")[(seed + index) % 4]))
        if plan.outfit in ("suit", "coat"):
            self.shoe = light.figure(rgb("2d2430"))
        elif plan.outfit == "sportswear":
            self.shoe = light.figure(rgb("f6f4ee"))
        self.head_picture = None if head_picture is None else head_picture.under(light, plan.mood)
        if self.head_picture is not None:
            self.skin = self.head_picture.skin

    def face(self, p: np.ndarray, blink: float, sway: float) -> Face:
        h = T.H
        return Face(
            float(np.clip(p[h["turn"]], -1, 1)),
            float(np.clip(p[h["mouth"]], 0, 1)),
            float(np.clip(p[h["smile"]], -1, 1)),
            float(np.clip(p[h["gaze"]], -1, 1)),
            float(blink),
            self.plan.mood,
            sway,
        )

    # ---- drawing

    def draw(
        self,
        c: skia.Canvas,
        b: Bones,
        face: Face,
        hip_height: float,
        sway: float,
        upright: bool = True,
        hold: Callable[[], None] | None = None,
    ) -> None:
        """From back to front. `hip_height` is the hip over the ground (for flat soles); `hold` draws what
        the hands hold, under the front arm."""
        d = 1 if b.turn >= 0 else -1
        crossing = abs(b.turn) < 0.6 and b.hands[0][0] > b.chest[0] - 0.05 and b.hands[0][1] > b.head[1]
        if self.plan.accessory == "backpack" and abs(b.turn) >= 0.12:
            self._backpack(c, b, d)
        if self.head_picture is None:
            self._at_head(c, b, lambda: head_back(c, self.looks, face))
        if self.kind in ("cat", "bear", "rabbit", "panda"):
            self._tail(c, b, d, sway)
        if not crossing:
            self._arm(c, b, 0)
        for side in (0, 1):
            self._leg(c, b, side, hip_height, d, upright)
        self.cloth.torso(c, self, b, sway)
        if self.plan.accessory == "backpack":
            self._straps(c, b)
        self._neck(c, b)
        self.cloth.collar(c, self, b)
        picture = self.head_picture
        if picture is None:
            self._at_head(c, b, lambda: head(c, self.looks, face))
        else:
            self._at_head(c, b, lambda: picture.draw(c, face))
        if self.plan.accessory == "scarf":
            self._at_head(c, b, lambda: scarf(c, self.accent, b.turn, 3 * sway))
        if hold is not None:
            hold()
        if crossing:
            self._arm(c, b, 0)
        self._arm(c, b, 1)

    def _at_head(self, c: skia.Canvas, b: Bones, draw: Callable[[], None]) -> None:
        c.save()
        c.translate(*b.head)
        c.rotate(math.degrees(b.tilt))
        size = T.HEAD * self.build[4]
        c.scale(size, size)
        draw()
        c.restore()

    def _neck(self, c: skia.Canvas, b: Bones) -> None:
        width = 0.042 * self.build[3]
        colour = self.skin * 0.88 if self.kind != "robot" else rgb("7a8494")
        taper(
            c,
            (b.chest[0], b.chest[1] + 0.012),
            _between(b.chest, b.head, 0.55),
            width * 1.1,
            width,
            fill(colour),
        )

    def _arm(self, c: skia.Canvas, b: Bones, side: int) -> None:
        s, e, w = b.shoulders[side], b.elbows[side], b.hands[side]
        k, cloth = self.build[3], self.cloth
        dark = 0.86 if side == 0 else 1.0
        sleeve, skin = cloth.sleeve_colour(self) * dark, self.skin * (0.90 if side == 0 else 1.0)
        r0, r1, r2 = 0.048 * k, 0.038 * k, 0.030 * k
        s = (s[0], s[1] + 0.03)
        if side == 1:
            _cast(c, [s, e, w], 2 * r1)
        if self.kind == "robot":
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
                c.drawCircle(*joint, 0.040, fill(self.top * dark))
            self._claw(c, b, side, dark)
            return
        long = cloth.sleeve
        if long < 2:
            taper(c, s, e, r0 * 0.92, r1, fill(skin))
            taper(c, e, w, r1, r2, fill(skin))
        if long > 0:
            wide = cloth.wide
            if long >= 2:
                cuff = _between(e, w, 0.80)
                taper(c, s, e, r0 * 1.08, r1 * 1.14 * wide, fill(sleeve))
                taper(c, e, w, r2, r2, fill(skin))
                taper(c, e, cuff, r1 * 1.14 * wide, r2 * 1.30 * wide, fill(sleeve))
                taper(c, _between(e, w, 0.76), cuff, r2 * 1.34 * wide, r2 * 1.32 * wide, fill(sleeve * 0.86))
            else:
                hem = _between(s, e, 0.35 + 0.4 * long)
                taper(c, s, hem, r0 * 1.10, r1 * 1.34, fill(sleeve))
        self._hand(c, b, side, skin)

    def _hand(self, c: skia.Canvas, b: Bones, side: int, skin: Colour) -> None:
        k = self.build[3] * (1.12 if self.kind in CHILD else 1.0)
        x, y = b.hands[side]
        c.save()
        c.translate(x, y)
        c.rotate(-math.degrees(b.forearms[side]))  # the hand points along the forearm, "down" here
        c.scale(k, k)
        if self.kind in ANIMALS:
            c.drawCircle(0, 0.008, 0.044, fill(skin))
            for dx in (-0.02, 0.0, 0.02):
                c.drawCircle(dx, 0.036, 0.012, fill(mix(skin, rgb("ffb0b8"), 0.6)))
            c.restore()
            return
        if self.kind == "astronaut":
            c.drawCircle(0, 0.004, 0.042, fill(rgb("f2f4f8")))
            c.drawRoundRect(box(-0.034, -0.05, 0.034, -0.026), 0.01, 0.01, fill(self.top))
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
        if self.plan.action == "point" and side == 1:
            c.drawRoundRect(box(-0.010, 0.02, 0.010, 0.092), 0.010, 0.010, outline)
        c.restore()

    def _claw(self, c: skia.Canvas, b: Bones, side: int, dark: float) -> None:
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

    def _leg(self, c: skia.Canvas, b: Bones, side: int, hip_height: float, d: int, upright: bool) -> None:
        h, k, a = b.hips[side], b.knees[side], b.ankles[side]
        size, cloth = self.build[3], self.cloth
        dark = 0.84 if side == 0 else 1.0
        r0, r1, r2 = 0.070 * size, 0.050 * size, 0.036 * size
        over_ground = hip_height - a[1]
        flat = float(np.clip(1 - over_ground / 0.14, 0, 1)) if upright else 0.0
        ankle = _between(a, k, max(0.16, r2 * 1.35 / T.SHIN - 0.02))
        skin, trousers = self.skin * dark, cloth.leg_colour(self) * dark
        if self.kind == "robot":
            for p, q, r in ((h, k, 0.040), (k, ankle, 0.036)):
                taper(
                    c,
                    p,
                    q,
                    r,
                    r,
                    ramp((p[0] - r, p[1]), (p[0] + r, p[1]), rgb("dfe5ee") * dark, rgb("8e99ac") * dark),
                )
            c.drawCircle(*k, 0.050, fill(self.bottom * dark))
            self._shoe(c, b, side, d, flat, rgb("6f7a8c") * dark, 1.15)
            return
        if side == 1:
            _cast(c, [h, k, ankle], 2 * r1)
        if cloth.leg < 2:
            taper(c, h, k, r0 * 0.9, r1 * 0.88, fill(skin))
            taper(c, k, ankle, r1 * 0.88, r2 * 0.92, fill(skin))
        if self.plan.outfit == "sportswear" and self.kind not in ANIMALS:
            taper(
                c,
                _between(k, ankle, 0.62),
                ankle,
                r2 * 1.08,
                r2 * 1.02,
                fill(mix(WHITE, self.top, 0.12) * dark),
            )
        if cloth.leg > 0:
            wide = 1.0 if self.outfit != "astronaut" else 1.05
            if cloth.leg >= 2:
                taper(c, h, k, r0, r1 * 1.04 * wide, fill(trousers))
                taper(c, k, ankle, r1 * 1.04 * wide, r2 * 1.18 * wide, fill(trousers))
                taper(
                    c,
                    _between(k, ankle, 0.93),
                    ankle,
                    r2 * 1.25 * wide,
                    r2 * 1.25 * wide,
                    fill(trousers * 0.85),
                )
            else:
                hem = _between(h, k, 0.45 + 0.4 * cloth.leg)
                taper(c, h, hem, r0, r1 * 1.28, fill(trousers))
                if self.plan.outfit == "sportswear":
                    off = r1 * 1.0 * d
                    c.drawLine(h[0] + off, h[1] + 0.03, hem[0] + off, hem[1], line(WHITE, 0.014, 0.8))
        self._shoe(c, b, side, d, flat, self.shoe * dark if self.kind not in ANIMALS else skin, 1.0)

    def _shoe(
        self, c: skia.Canvas, b: Bones, side: int, d: int, flat: float, colour: Colour, size: float
    ) -> None:
        """Sole at the end of the shin; level on the ground, along the shin in the air."""
        k = size * self.build[3] ** 0.5
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
        if self.kind in ANIMALS:
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

    def _tail(self, c: skia.Canvas, b: Bones, d: int, sway: float) -> None:
        fur = self.skin
        x = -d * 0.075 * max(0.5, abs(b.turn))
        if self.kind == "cat":
            path = skia.Path()
            path.moveTo(x, 0.0)
            path.cubicTo(x - d * 0.20, 0.02, x - d * 0.14 + sway, -0.20, x - d * 0.26 + 1.5 * sway, -0.26)
            c.drawPath(path, line(fur * 0.9, 0.045))
        else:
            c.drawCircle(
                x - d * 0.03, 0.015, 0.05, fill(mix(fur, WHITE, 0.7) if self.kind == "rabbit" else fur)
            )

    def _backpack(self, c: skia.Canvas, b: Bones, d: int) -> None:
        x = b.chest[0] * 0.6 - d * (0.09 + 0.05 * abs(b.turn))
        y = b.chest[1] * 0.55
        c.save()
        c.translate(x, y)
        c.rotate(math.degrees(b.lean))
        a = self.accent
        c.drawRoundRect(
            box(-0.075, -0.14, 0.075, 0.12),
            0.05,
            0.05,
            ramp((-0.07, -0.1), (0.08, 0.1), mix(a, WHITE, 0.2), a, a * 0.8),
        )
        c.drawRoundRect(box(-0.06, 0.0, 0.06, 0.10), 0.03, 0.03, fill(a * 0.85))
        c.restore()

    def _straps(self, c: skia.Canvas, b: Bones) -> None:
        for side in (0, 1):
            s = b.shoulders[side]
            x = s[0] + (0.035 if side == 0 else -0.035) * (1 - abs(b.turn))
            c.drawLine(x, s[1] - 0.005, x * 0.5 + (s[0]) * 0.35, s[1] * 0.35, line(self.accent * 0.85, 0.026))
