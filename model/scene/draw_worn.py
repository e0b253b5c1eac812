# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""What is worn on a head or around a neck."""

from __future__ import annotations

import math

import skia

from model.scene.draw_looks import Face, Looks, curve, oval
from model.scene.draw_paint import (
    INK,
    WHITE,
    Colour,
    box,
    fill,
    line,
    mix,
    polygon,
    ramp,
    rgb,
    smooth,
)

ACCENTS = {"crown": rgb("f7c548"), "hat": rgb("b98a55"), "helmet": rgb("e0553f")}


def worn(c: skia.Canvas, who: Looks, f: Face, animal: bool = False) -> None:
    kind, a, t = who.accessory, who.accent, f.turn
    fx = 0.40 * t
    dark = a * 0.78
    if kind in ("glasses", "sunglasses"):
        frame = rgb("2a2433") if kind == "sunglasses" else mix(rgb("3a2a3a"), a, 0.3)
        xs = []
        for side in (-1, 1):
            k = 1 - (0.42 if side * t > 0 else 0.05) * abs(t)
            x = fx + side * 0.37 * (1 - 0.26 * abs(t))
            xs.append((x, k))
            if kind == "sunglasses":
                c.drawRoundRect(box(x - 0.29 * k, -0.18, x + 0.29 * k, 0.22), 0.14, 0.16, ramp((x, -0.2), (x, 0.25), rgb("1a1522"), rgb("54406a")))
                c.drawLine(x - 0.15 * k, -0.02, x - 0.03 * k, -0.12, line(WHITE, 0.045, 0.6))
            else:
                oval(c, x, 0.02, 0.28 * k, 0.27, fill(WHITE, 0.16))
                oval(c, x, 0.02, 0.28 * k, 0.27, line(frame, 0.062))
        c.drawLine(xs[0][0] + 0.27 * xs[0][1], 0.0, xs[1][0] - 0.27 * xs[1][1], 0.0, line(frame, 0.06))
        ear = -(1 if t >= 0 else -1) * (0.94 - 0.72 * abs(t))
        near = xs[0] if t >= 0 else xs[1]
        c.drawLine(near[0] + (-0.28 if t >= 0 else 0.28) * near[1], -0.02, ear, 0.0, line(frame, 0.055))
    elif kind == "cap":
        c.drawPath(smooth([(-1.02, -0.42), (-1.06, -0.95), (-0.5, -1.40), (0.5, -1.40), (1.06, -0.95), (1.02, -0.42), (0, -0.54)]), ramp((-0.8, -1.3), (0.9, -0.4), mix(a, WHITE, 0.15), a, dark))
        d = t if abs(t) > 0.12 else 0.12
        to = math.copysign(1, d)
        c.drawPath(smooth([(fx - 0.70 + 0.3 * d, -0.55), (fx + 0.1 * d, -0.66), (fx + 0.70 + 0.3 * d, -0.55), (fx + to * (0.55 + 0.55 * abs(d)) + 0.3 * d, -0.34), (fx + 0.25 * d, -0.36), (fx - 0.66 + 0.35 * d, -0.40)]), fill(dark))
        oval(c, 0, -1.36, 0.09, 0.06, fill(dark))
        oval(c, fx, -0.86, 0.17, 0.15, fill(mix(a, WHITE, 0.7)))
    elif kind == "hat":
        c.drawPath(smooth([(-0.78, -0.62), (-0.74, -1.45), (-0.3, -1.62), (0.3, -1.62), (0.74, -1.45), (0.78, -0.62)]), ramp((-0.7, -1.5), (0.8, -0.6), mix(a, WHITE, 0.16), a, dark))
        oval(c, 0, -0.62, 1.42, 0.24, ramp((-1.2, -0.7), (1.2, -0.5), mix(a, WHITE, 0.1), dark))
        c.drawRect(box(-0.76, -0.92, 0.76, -0.70), fill(mix(dark, INK, 0.4)))
    elif kind == "headphones":
        arc = skia.Path()
        arc.addArc(box(-1.12, -1.38, 1.12, 0.9), 195, 150)
        c.drawPath(arc, line(rgb("2d2a38"), 0.13))
        for side in (-1, 1):
            if side * t < 0.5:
                x = side * (1.04 if abs(t) < 0.3 else (0.94 - 0.72 * abs(t)) * 1.0)
                c.drawRoundRect(box(x - 0.17, -0.22, x + 0.17, 0.40), 0.14, 0.14, ramp((x - 0.2, 0), (x + 0.2, 0), mix(a, WHITE, 0.2), dark))
    elif kind == "crown":
        y = -0.92
        pts = [(-0.72, y + 0.12), (-0.80, y - 0.52), (-0.42, y - 0.22), (0.0, y - 0.70), (0.42, y - 0.22), (0.80, y - 0.52), (0.72, y + 0.12)]
        c.drawPath(polygon(pts), ramp((0, y - 0.6), (0, y + 0.2), rgb("ffe48a"), rgb("e0a22e")))
        for x, yy in ((-0.80, y - 0.54), (0.0, y - 0.72), (0.80, y - 0.54)):
            oval(c, x, yy, 0.09, 0.09, fill(rgb("fff0b0")))
        for x in (-0.4, 0.0, 0.4):
            oval(c, x + 0.3 * fx, y - 0.04, 0.09, 0.09, fill(rgb("d8405c") if x else rgb("4f8fe0")))
    elif kind == "bow":
        x, y = (-0.55 if t >= 0 else 0.55), -1.05
        for side in (-1, 1):
            c.drawPath(smooth([(x, y), (x + side * 0.15, y - 0.30), (x + side * 0.58, y - 0.32), (x + side * 0.58, y + 0.28), (x + side * 0.15, y + 0.26)]), ramp((x, y), (x + side * 0.5, y), dark, mix(a, WHITE, 0.12)))
        oval(c, x, y, 0.14, 0.15, fill(dark))
    elif kind == "helmet":
        c.drawPath(smooth([(-1.10, -0.28), (-1.14, -1.0), (-0.5, -1.48), (0.5, -1.48), (1.14, -1.0), (1.10, -0.28), (0.6, -0.46), (-0.6, -0.46)]), ramp((-0.9, -1.4), (0.9, -0.3), mix(a, WHITE, 0.25), a, dark))
        for x in (-0.5, 0.0, 0.5):
            c.drawPath(curve([(x * 1.1, -0.62), (x * 1.0, -1.1), (x * 0.7, -1.38)]), line(dark * 0.8, 0.09))
        c.drawPath(curve([(-0.92, -0.3), (-0.75, 0.75), (fx, 1.08)]), line(rgb("2d2a38"), 0.06))
        c.drawPath(curve([(0.92, -0.3), (0.75, 0.75), (fx, 1.08)]), line(rgb("2d2a38"), 0.06))
    elif kind == "beard" and animal:
        c.drawPath(smooth([(-0.4, 0.8), (0.4, 0.8), (0.0, 1.5)]), fill(who.hair_colour * 0.7))


def scarf(c: skia.Canvas, a: Colour, t: float, sway: float) -> None:
    """Around the neck, in head radii below the head's centre."""
    dark = a * 0.80
    d = -1.0 if t >= 0 else 1.0
    c.save()
    c.translate(-0.10 * t, 0)
    c.scale(1 - 0.22 * abs(t), 1)
    for k, (w, long) in enumerate(((0.26, 1.2), (0.24, 0.95))):
        x = d * (0.38 + 0.2 * k)
        c.drawPath(smooth([(x - w * 0.7, 1.15), (x + w * 0.7, 1.15), (x + w + sway, 1.3 + long), (x - w + sway, 1.34 + long)]), ramp((x, 1.1), (x, 2.4), a, dark))
    c.drawPath(smooth([(-0.75, 0.88), (0.75, 0.88), (0.86, 1.22), (0.5, 1.46), (-0.5, 1.46), (-0.86, 1.22)]), ramp((-0.8, 0.9), (0.8, 1.4), mix(a, WHITE, 0.18), a, dark))
    for x in (-0.4, 0.05, 0.45):
        c.drawLine(x, 0.98, x + 0.08, 1.36, line(mix(a, WHITE, 0.5), 0.06, 0.7))
    c.restore()
