# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""Outfits: each is a torso drawn between hips and shoulders, and says how long sleeves and legs are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import skia

from model.scene import tracks as T
from model.scene.draw_paint import (
    INK,
    WHITE,
    Colour,
    fill,
    heart,
    line,
    luma,
    mix,
    polygon,
    ramp,
    rgb,
    smooth,
    star,
)

if TYPE_CHECKING:
    from model.scene.draw_bones import Bones
    from model.scene.draw_people import Person

Point = tuple[float, float]
FRONT = ((-0.10, 0.082), (0.0, 0.094), (0.38, 0.082), (0.72, 0.104), (0.95, 0.112), (1.04, 0.070))
SIDE = ((-0.10, 0.072), (0.0, 0.078), (0.38, 0.074), (0.72, 0.086), (0.95, 0.074), (1.04, 0.048))


class Shape:
    """A torso's outline: at(u, v) gives points, u across (-1..1 of the half width), v from hip 0 to
    shoulder 1."""

    def __init__(self, person: Person, b: Bones, loose: float = 1.0) -> None:
        shoulders, waist, hips, _, _ = person.build
        self.b = b
        by_height = {-0.10: hips, 0.0: hips, 0.38: waist, 0.72: (waist + shoulders) / 2, 0.95: shoulders, 1.04: shoulders}
        t = abs(b.turn)
        self.vs = [v for v, _ in FRONT]
        self.widths = [(f * (1 - t) + s * t) * by_height[v] * loose for (v, f), (_, s) in zip(FRONT, SIDE, strict=True)]

    def width(self, v: float) -> float:
        return float(np.interp(v, self.vs, self.widths))

    def at(self, u: float, v: float) -> Point:
        """The point at u half widths and height v; the body bends from the hip upwards."""
        return self.off(u * self.width(v), v)

    def off(self, x: float, v: float) -> Point:
        a = self.b.lean
        bend = min(1.0, max(0.0, v * 1.6))
        return v * T.TORSO * math.sin(a) + x * math.cos(a * bend), -v * T.TORSO * math.cos(a) + x * math.sin(a * bend)

    def outline(self, low: float = -0.10) -> skia.Path:
        vs = [v for v in (low, 0.0, 0.38, 0.72, 0.95) if v >= low]
        left = [self.at(-1, v) for v in vs]
        right = [self.at(1, v) for v in reversed(vs)]
        return smooth([left[0], *left, self.at(-0.55, 1.05), self.at(0.55, 1.05), *right, right[-1]])


class Cloth:
    """Something worn. sleeve, leg: 0 none, 1 short, 2 long."""

    sleeve, leg, wide = 1, 2, 1.0

    def sleeve_colour(self, p: Person) -> Colour:
        return p.top

    def leg_colour(self, p: Person) -> Colour:
        return p.bottom

    def torso(self, c: skia.Canvas, p: Person, b: Bones, sway: float) -> None:
        raise NotImplementedError

    def collar(self, c: skia.Canvas, p: Person, b: Bones) -> None:
        """What lies around the neck, drawn after it."""


def _body(c: skia.Canvas, s: Shape, colour: Colour, low: float = -0.10) -> None:
    x0, _ = s.at(-1, 0.5)
    x1, _ = s.at(1, 0.5)
    c.drawPath(s.outline(low), ramp((x0, 0), (x1, 0.05), mix(colour, WHITE, 0.13), colour, colour * 0.84))


def _hips(c: skia.Canvas, p: Person, b: Bones, colour: Colour) -> None:
    """The upper edge of trousers under a short top."""
    s = Shape(p, b, 0.98)
    pts = [s.at(-1, 0.16), s.at(-1.0, 0.0), s.off(-s.width(0) * 0.9, -0.16), s.off(s.width(0) * 0.9, -0.16), s.at(1.0, 0.0), s.at(1, 0.16)]
    c.drawPath(smooth(pts), fill(colour))


def _skirt(c: skia.Canvas, p: Person, b: Bones, colour: Colour, length: float, flare: float, sway: float, top_v: float = 0.30) -> None:
    """Cloth that falls from the waist over both thighs; `length` in thighs (2 = to the ankle)."""
    s = Shape(p, b)

    def leg(i: int) -> Point:
        h, k, a = b.hips[i], b.knees[i], b.ankles[i]
        if length <= 1:
            return h[0] + (k[0] - h[0]) * length, h[1] + (k[1] - h[1]) * length
        t = length - 1
        return k[0] + (a[0] - k[0]) * t, k[1] + (a[1] - k[1]) * t

    left, right = leg(0), leg(1)
    kl, kr = b.knees
    drop = T.THIGH * min(length, 1) + T.SHIN * max(0.0, length - 1)
    low = max(left[1], right[1], 0.55 * drop)
    lx, rx = min(left[0], right[0]) - flare, max(left[0], right[0]) + flare
    mx0, mx1 = min(kl[0], kr[0]) - 0.066, max(kl[0], kr[0]) + 0.066
    sw = sway * (0.4 + length * 0.5)
    lo_l, lo_r = (left[1] + low) / 2, (right[1] + low) / 2
    if left[0] > right[0]:
        lo_l, lo_r = lo_r, lo_l
    middle = [] if length <= 1.1 else [(mx0 + 0.5 * sw, (kl[1] + kr[1]) / 2)]
    middle_r = [] if length <= 1.1 else [(mx1 + 0.5 * sw, (kl[1] + kr[1]) / 2)]
    pts = [s.at(-1, top_v), s.at(-1.06, 0.06), *middle, (lx + sw, lo_l), (lx + sw, lo_l), ((lx + rx) / 2 + sw, max(lo_l, lo_r) + 0.022), (rx + sw, lo_r), (rx + sw, lo_r), *middle_r, s.at(1.06, 0.06), s.at(1, top_v)]
    c.drawPath(smooth(pts), ramp((lx, 0), (rx, 0), mix(colour, WHITE, 0.13), colour, colour * 0.82))
    for t in (0.28, 0.52, 0.76):
        x = lx + (rx - lx) * t + sw
        c.drawLine(x, low - 0.02, s.at(-0.5 + t, 0.05)[0] * 0.8 + x * 0.2, low * 0.30, line(colour * 0.74, 0.006, 0.6))


def _front_x(b: Bones) -> float:
    """Where the middle line of the chest stands, in half widths: it turns with the body."""
    return 0.62 * b.turn


def _buttons(c: skia.Canvas, s: Shape, b: Bones, vs: tuple[float, ...], colour: Colour, r: float = 0.0085) -> None:
    for v in vs:
        c.drawCircle(*s.at(_front_x(b), v), r, fill(colour))


def _badge(c: skia.Canvas, p: Person, s: Shape, b: Bones) -> None:
    """A print on the chest, so that two people in red are not one."""
    if abs(b.turn) > 0.75:
        return
    x, y = s.at(_front_x(b), 0.58)
    colour = mix(p.top, WHITE, 0.75) if luma(p.top) < 0.72 else p.bottom
    pick = (p.looks.iris[1] * 997 + len(p.plan.hair)) % 4
    k = 1 - 0.5 * abs(b.turn)
    c.save()
    c.translate(x, y)
    c.scale(k, 1)
    if pick < 1:
        c.drawPath(star(0, 0, 0.034), fill(colour))
    elif pick < 2:
        c.drawPath(heart(0, 0.002, 0.026), fill(colour))
    elif pick < 3:
        for dy in (-0.022, 0.0, 0.022):
            c.drawLine(-0.062, dy, 0.062, dy, line(colour, 0.011))
    else:
        c.drawCircle(0, 0, 0.030, fill(colour))
        c.drawCircle(0, 0, 0.016, fill(p.top))
    c.restore()


class Tshirt(Cloth):
    def torso(self, c: skia.Canvas, p: Person, b: Bones, sway: float) -> None:
        _hips(c, p, b, p.bottom)
        s = Shape(p, b)
        _body(c, s, p.top, -0.04)
        _badge(c, p, s, b)
        a, z = s.at(-0.98, 0.0), s.at(0.98, 0.0)
        c.drawLine(*a, *z, line(p.top * 0.78, 0.008))

    def collar(self, c: skia.Canvas, p: Person, b: Bones) -> None:
        _round_neck(c, p, b, p.top * 0.80)


def _round_neck(c: skia.Canvas, p: Person, b: Bones, colour: Colour) -> None:
    s = Shape(p, b)
    w = 0.058 * p.build[3]
    x = 0.016 * b.turn
    pts = [s.off(-w + x, 1.03), s.off(x, 0.90), s.off(w + x, 1.03)]
    path = skia.Path()
    path.moveTo(*pts[0])
    path.quadTo(*pts[1], *pts[2])
    c.drawPath(path, line(colour, 0.014))


class Coat(Cloth):
    sleeve, wide = 2, 1.14

    def torso(self, c: skia.Canvas, p: Person, b: Bones, sway: float) -> None:
        _skirt(c, p, b, p.top * 0.96, 0.92, 0.062, sway, 0.45)
        s = Shape(p, b, 1.10)
        _body(c, s, p.top)
        x = _front_x(b)
        c.drawLine(*s.at(x, 0.85), *s.off(x * s.width(0) * 0.9, -0.45), line(p.top * 0.70, 0.008))
        dark = mix(p.top, INK, 0.55) if luma(p.top) > 0.3 else mix(p.top, WHITE, 0.55)
        for v in (0.68, 0.44, 0.20, -0.06):
            c.drawCircle(*s.at(x + 0.16, v), 0.011, fill(dark))
        c.drawLine(*s.at(-0.98, 0.22), *s.at(0.98, 0.22), line(p.top * 0.72, 0.022))
        for side in (-1, 1):
            if abs(side * 0.6 + 0.3 * b.turn) < 0.85:
                a, z = s.at(side * 0.78, -0.02), s.at(side * 0.40, -0.06)
                c.drawLine(*a, *z, line(p.top * 0.70, 0.012))

    def collar(self, c: skia.Canvas, p: Person, b: Bones) -> None:
        s = Shape(p, b, 1.05)
        x = _front_x(b)
        for side in (-1, 1):
            pts = [s.at(side * 0.62, 1.07), s.at(x * 0.6 + side * 0.72, 0.86), s.at(x, 0.70), s.at(x * 0.8 + side * 0.12, 0.98)]
            c.drawPath(polygon(pts), fill(mix(p.top, WHITE, 0.16) if side < 0 else p.top * 0.90))


class Dress(Cloth):
    leg = 0

    def torso(self, c: skia.Canvas, p: Person, b: Bones, sway: float) -> None:
        _skirt(c, p, b, p.top, 0.95, 0.085, sway, 0.40)
        s = Shape(p, b)
        _body(c, s, p.top, 0.12)
        band = p.bottom if abs(luma(p.bottom) - luma(p.top)) > 0.12 else mix(p.top, WHITE, 0.6)
        c.drawPath(smooth([s.at(-1.02, 0.42), s.at(1.02, 0.42), s.at(1.04, 0.30), s.at(-1.04, 0.30)]), fill(band))
        x, y = s.at(_front_x(b) + 0.3, 0.36)
        for side in (-1, 1):
            c.drawPath(smooth([(x, y), (x + side * 0.012, y - 0.022), (x + side * 0.040, y - 0.02), (x + side * 0.040, y + 0.02), (x + side * 0.012, y + 0.02)]), fill(band * 0.88))

    def collar(self, c: skia.Canvas, p: Person, b: Bones) -> None:
        s = Shape(p, b)
        x = 0.5 * b.turn
        for side in (-1, 1):
            c.drawPath(smooth([s.at(x * 0.5 + side * 0.46, 1.04), s.at(x * 0.5 + side * 0.58, 0.93), s.at(x + side * 0.24, 0.86), s.at(x, 0.95)]), fill(mix(p.top, WHITE, 0.80)))


class Hoodie(Cloth):
    sleeve, wide = 2, 1.16

    def torso(self, c: skia.Canvas, p: Person, b: Bones, sway: float) -> None:
        _hips(c, p, b, p.bottom)
        s = Shape(p, b, 1.10)
        _body(c, s, p.top, -0.06)
        c.drawLine(*s.at(-0.9, -0.03), *s.at(0.9, -0.03), line(p.top * 0.80, 0.026))
        x = _front_x(b)
        k = 1 - 0.55 * abs(b.turn)
        pts = [s.at(x - 0.30 * k, 0.40), s.at(x + 0.30 * k, 0.40), s.at(x + 0.56 * k, 0.10), s.at(x - 0.56 * k, 0.10)]
        c.drawPath(polygon(pts), fill(p.top * 0.86))
        c.drawPath(polygon(pts), line(p.top * 0.70, 0.005))

    def collar(self, c: skia.Canvas, p: Person, b: Bones) -> None:
        s = Shape(p, b, 1.05)
        x = 0.4 * b.turn
        c.drawPath(smooth([s.at(-0.80, 0.98), s.at(-0.62, 1.17), s.at(-0.2, 1.08), s.at(0.2, 1.08), s.at(0.62, 1.17), s.at(0.80, 0.98), s.at(0.4 + x, 0.88), s.at(x, 0.84), s.at(-0.4 + x, 0.88)]), ramp(s.at(-0.7, 1.1), s.at(0.7, 0.9), mix(p.top, WHITE, 0.18), p.top * 0.82))
        if abs(b.turn) < 0.8:
            for side in (-1, 1):
                a, z = s.at(x + side * 0.17, 0.88), s.at(x + side * 0.20, 0.66)
                c.drawLine(*a, *z, line(mix(p.top, WHITE, 0.8), 0.010))


class Suit(Cloth):
    sleeve, wide = 2, 1.05

    def torso(self, c: skia.Canvas, p: Person, b: Bones, sway: float) -> None:
        _hips(c, p, b, p.bottom)
        s = Shape(p, b, 1.05)
        _body(c, s, p.top, -0.22)
        x = _front_x(b)
        k = 1 - 0.45 * abs(b.turn)
        c.drawPath(polygon([s.at(x - 0.34 * k, 1.03), s.at(x + 0.34 * k, 1.03), s.at(x, 0.36)]), fill(rgb("fbfaf5")))
        tie = p.bottom if luma(abs(p.bottom - p.top)) > 0.15 else rgb("c2404f")
        c.drawPath(polygon([s.at(x - 0.09 * k, 0.98), s.at(x + 0.09 * k, 0.98), s.at(x + 0.14 * k, 0.55), s.at(x, 0.44), s.at(x - 0.14 * k, 0.55)]), fill(tie))
        for side in (-1, 1):
            c.drawPath(polygon([s.at(x * 0.7 + side * 0.40 * k, 1.05), s.at(x + side * 0.62 * k, 0.80), s.at(x + side * 0.44 * k, 0.74), s.at(x, 0.34), s.at(x + side * 0.16 * k, 0.74)]), fill(mix(p.top, WHITE, 0.14) if side < 0 else p.top * 0.84))
        _buttons(c, s, b, (0.24, 0.08), mix(p.top, INK, 0.6) if luma(p.top) > 0.25 else mix(p.top, WHITE, 0.5))
        c.drawLine(*s.at(x, 0.34), *s.at(x * 0.9 + 0.06, -0.18), line(p.top * 0.68, 0.006))
        if b.turn < 0.5:
            c.drawLine(*s.at(x * 0.5 + 0.52, 0.68), *s.at(x * 0.5 + 0.74, 0.70), line(mix(p.top, WHITE, 0.8), 0.012))

    def collar(self, c: skia.Canvas, p: Person, b: Bones) -> None:
        s = Shape(p, b)
        x = 0.5 * b.turn
        for side in (-1, 1):
            c.drawPath(polygon([s.at(x * 0.6 + side * 0.36, 1.08), s.at(x + side * 0.36, 0.92), s.at(x, 0.98)]), fill(rgb("ffffff")))


class Overalls(Cloth):
    def torso(self, c: skia.Canvas, p: Person, b: Bones, sway: float) -> None:
        s = Shape(p, b)
        _body(c, s, p.top, 0.1)
        loose = Shape(p, b, 1.03)
        pts = [loose.at(-1.0, 0.42), loose.at(-1.0, 0.0), loose.off(-loose.width(0) * 0.9, -0.18), loose.off(loose.width(0) * 0.9, -0.18), loose.at(1.0, 0.0), loose.at(1.0, 0.42)]
        c.drawPath(smooth(pts), ramp(loose.at(-1, 0.2), loose.at(1, 0.2), mix(p.bottom, WHITE, 0.1), p.bottom, p.bottom * 0.85))
        x, k = _front_x(b), 1 - 0.4 * abs(b.turn)
        c.drawPath(polygon([s.at(x - 0.52 * k, 0.76), s.at(x + 0.52 * k, 0.76), s.at(x + 0.66 * k, 0.30), s.at(x - 0.66 * k, 0.30)]), fill(p.bottom))
        c.drawPath(polygon([s.at(x - 0.26 * k, 0.62), s.at(x + 0.26 * k, 0.62), s.at(x + 0.24 * k, 0.42), s.at(x - 0.24 * k, 0.42)]), fill(p.bottom * 0.84))
        for side in (-1, 1):
            a = s.at(x + side * 0.42 * k, 0.74)
            z = s.at(x * 0.4 + side * 0.56, 1.02)
            c.drawLine(*a, *z, line(p.bottom * 0.92, 0.026))
            c.drawCircle(*a, 0.012, fill(rgb("f2c14e")))

    def collar(self, c: skia.Canvas, p: Person, b: Bones) -> None:
        _round_neck(c, p, b, p.top * 0.80)


class Sportswear(Cloth):
    leg = 1

    def torso(self, c: skia.Canvas, p: Person, b: Bones, sway: float) -> None:
        _hips(c, p, b, p.bottom)
        s = Shape(p, b)
        _body(c, s, p.top, -0.04)
        pale = mix(p.top, WHITE, 0.82) if luma(p.top) < 0.75 else p.bottom
        for side in (-1, 1):
            c.drawLine(*s.at(side * 0.86, 0.82), *s.at(side * 0.84, 0.02), line(pale, 0.018))
        if abs(b.turn) < 0.75:
            x, y = s.at(_front_x(b), 0.52)
            k = 1 - 0.5 * abs(b.turn)
            number = line(pale, 0.017)
            c.drawLine(x - 0.028 * k, y - 0.04, x - 0.028 * k, y + 0.04, number)
            arc = skia.Path()
            arc.addOval(skia.Rect(x - 0.002, y - 0.04, x + 0.002 + 0.046 * k, y + 0.04))
            c.drawPath(arc, number)

    def collar(self, c: skia.Canvas, p: Person, b: Bones) -> None:
        _round_neck(c, p, b, mix(p.top, WHITE, 0.8) if luma(p.top) < 0.75 else p.bottom)


class Robe(Cloth):
    sleeve, wide, leg = 2, 1.75, 0

    def torso(self, c: skia.Canvas, p: Person, b: Bones, sway: float) -> None:
        _skirt(c, p, b, p.top, 1.80, 0.075, sway, 0.30)
        s = Shape(p, b, 1.06)
        _body(c, s, p.top)
        band = p.bottom
        if luma(abs(band - p.top)) < 0.12:
            band = mix(p.top, WHITE, 0.7)
        x = _front_x(b)
        c.drawLine(*s.at(x * 0.5 - 0.36, 1.04), *s.at(x + 0.34, 0.36), line(band, 0.026))
        c.drawLine(*s.at(x * 0.5 + 0.36, 1.04), *s.at(x - 0.34, 0.36), line(band, 0.026))
        c.drawPath(smooth([s.at(-1.02, 0.42), s.at(1.02, 0.42), s.at(1.02, 0.22), s.at(-1.02, 0.22)]), fill(band))
        kx, ky = s.at(x + 0.2, 0.30)
        c.drawPath(smooth([(kx - 0.02, ky), (kx + 0.02, ky), (kx + 0.035 + sway, ky + 0.16), (kx - 0.01 + sway, ky + 0.17)]), fill(band * 0.86))
        c.drawCircle(kx, ky, 0.018, fill(band * 0.92))


class SpaceSuit(Cloth):
    sleeve, wide = 2, 1.12

    def sleeve_colour(self, p: Person) -> Colour:
        return rgb("eceff5")

    def leg_colour(self, p: Person) -> Colour:
        return rgb("eceff5")

    def torso(self, c: skia.Canvas, p: Person, b: Bones, sway: float) -> None:
        _hips(c, p, b, rgb("eceff5"))
        s = Shape(p, b, 1.06)
        _body(c, s, rgb("f4f6fa"))
        x, k = _front_x(b), 1 - 0.45 * abs(b.turn)
        c.drawPath(polygon([s.at(x - 0.44 * k, 0.72), s.at(x + 0.44 * k, 0.72), s.at(x + 0.44 * k, 0.40), s.at(x - 0.44 * k, 0.40)]), fill(rgb("c9d0dc")))
        for i, colour in enumerate((p.top, rgb("f2b03d"), p.bottom)):
            c.drawCircle(*s.at(x + (-0.26 + 0.26 * i) * k, 0.61), 0.013, fill(colour))
        c.drawLine(*s.at(x - 0.3 * k, 0.47), *s.at(x + 0.3 * k, 0.47), line(rgb("5f6a7c"), 0.014))
        c.drawLine(*s.at(-0.98, 0.18), *s.at(0.98, 0.18), line(p.top, 0.026))

    def collar(self, c: skia.Canvas, p: Person, b: Bones) -> None:
        s = Shape(p, b)
        c.drawLine(*s.at(-0.62, 1.03), *s.at(0.62, 1.03), line(rgb("c3cad6"), 0.045))


class Machine(Cloth):
    sleeve, leg = 0, 0

    def torso(self, c: skia.Canvas, p: Person, b: Bones, sway: float) -> None:
        s = Shape(p, b, 1.02)
        pts = [s.at(-0.92, -0.08), s.at(-1.04, 0.6), s.at(-0.96, 1.0), s.at(0.96, 1.0), s.at(1.04, 0.6), s.at(0.92, -0.08)]
        c.drawPath(polygon(pts), line(p.top * 0.9, 0.03))
        c.drawPath(polygon(pts), ramp(s.at(-1, 0.5), s.at(1, 0.5), mix(p.top, WHITE, 0.28), p.top, p.top * 0.78))
        x, k = _front_x(b), 1 - 0.45 * abs(b.turn)
        panel = [s.at(x - 0.52 * k, 0.80), s.at(x + 0.52 * k, 0.80), s.at(x + 0.52 * k, 0.34), s.at(x - 0.52 * k, 0.34)]
        c.drawPath(polygon(panel), fill(mix(p.top, WHITE, 0.72)))
        c.drawPath(heart(*s.at(x - 0.22 * k, 0.60), 0.024), fill(rgb("ff5f5f")))
        for i in range(3):
            h = 0.05 + 0.035 * i
            a = s.at(x + (0.10 + 0.15 * i) * k, 0.42)
            c.drawLine(*a, a[0], a[1] - h, line(p.bottom, 0.013))
        for side in (-1, 1):
            for v in (0.02, 0.92):
                c.drawCircle(*s.at(side * 0.80, v), 0.009, fill(p.top * 0.62))
        c.drawLine(*s.at(-0.94, 0.18), *s.at(0.94, 0.18), line(p.bottom, 0.024))


CLOTHES: dict[str, Cloth] = {
    "tshirt": Tshirt(), "coat": Coat(), "dress": Dress(), "hoodie": Hoodie(), "suit": Suit(),
    "overalls": Overalls(), "sportswear": Sportswear(), "robe": Robe(), "astronaut": SpaceSuit(),
    "robot": Machine(),
}  # fmt: skip
