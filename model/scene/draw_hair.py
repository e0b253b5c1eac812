# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""Hair: what hangs behind the body, and what lies on the head."""

from __future__ import annotations

import math

import numpy as np
import skia

from model.scene.draw_looks import Face, Looks, curve, oval
from model.scene.draw_paint import (
    WHITE,
    fill,
    line,
    mix,
    polygon,
    ramp,
    smooth,
)


def hair_behind(c: skia.Canvas, who: Looks, f: Face) -> None:
    """What hangs behind the body: long hair, tails, hoods of hair."""
    h, t, s = who.hair_colour, f.turn, f.sway
    dark = h * 0.80
    back = -0.28 * t
    if who.hair == "long":
        tip = 1.95
        c.drawPath(smooth([(-1.02 + back, -0.5), (-1.16 + back, 0.5), (-1.08 + back + s, tip), (-0.4 + back + s, tip + 0.18), (0.4 + back + s, tip + 0.15), (1.08 + back + s, tip), (1.16 + back, 0.5), (1.02 + back, -0.5), (0, -1.2)]), ramp((-1, 0), (1, 0), h, dark))
        for dx in (-0.6, -0.1, 0.45):
            c.drawPath(curve([(dx + back, 0.6), (dx + back + 0.05, 1.2), (dx + back + s, tip)]), line(h * 0.65, 0.05, 0.6))
    elif who.hair == "bob":
        c.drawPath(smooth([(-1.0 + back, -0.6), (-1.22 + back, 0.2), (-1.18 + back + 0.5 * s, 0.82), (-0.5 + back, 0.98), (0.5 + back, 0.98), (1.18 + back + 0.5 * s, 0.82), (1.22 + back, 0.2), (1.0 + back, -0.6), (0, -1.25)]), ramp((-1, 0), (1, 0), h, dark))
    elif who.hair == "ponytail":
        x0 = -0.75 * (1 if t >= 0 else -1) * max(0.35, abs(t))
        c.drawPath(smooth([(x0 - 0.12, -0.75), (x0 * 1.9 - 0.15 + s, -0.55), (x0 * 2.2 + 1.2 * s, 0.35), (x0 * 1.8 + 1.6 * s, 1.25), (x0 * 1.35 + s, 0.55), (x0 + 0.1, -0.35)]), ramp((x0, -0.7), (x0, 1.2), h, dark))
    elif who.hair == "braids":
        for side in (-1, 1):
            x = side * 0.95 + back
            for i in range(7):
                k = i / 6
                oval(c, x + side * 0.10 * math.sin(2 * k) + s * k * 1.2, 0.25 + 0.27 * i, 0.21 - 0.015 * i, 0.19, ramp((x - 0.2, 0), (x + 0.2, 0), h, dark))
            oval(c, x + side * 0.09 + s * 1.2, 2.08, 0.11, 0.10, fill(who.accent))
            c.drawPath(polygon([(x + side * 0.09 + s * 1.2 - 0.1, 2.12), (x + side * 0.09 + s * 1.2 + 0.1, 2.12), (x + side * 0.12 + s * 1.3, 2.38)]), fill(dark))
    elif who.hair == "afro":
        c.drawPath(smooth([((1.52 + 0.05 * math.sin(9 * a)) * math.cos(a) + back, -0.32 + (1.42 + 0.05 * math.sin(9 * a + 1)) * math.sin(a)) for a in np.linspace(0, math.tau, 26, endpoint=False)]), ramp((-1.3, -1.5), (1.2, 0.9), mix(h, WHITE, 0.10), h, dark))
    elif who.hair == "curly":
        for i in range(13):
            a = math.pi * (0.92 + 1.16 * i / 12)
            oval(c, 1.08 * math.cos(a) + back, -0.12 + 1.06 * math.sin(a), 0.34, 0.33, ramp((-1, -1), (1, 1), mix(h, WHITE, 0.08), dark))
        for side in (-1, 1):
            for i in range(3):
                oval(c, side * (1.02 - 0.05 * i) + back + 0.3 * s * i, 0.1 + 0.32 * i, 0.29, 0.27, fill(dark))
    if who.hair == "bun":
        x = -0.55 * t
        oval(c, x, -1.30, 0.44, 0.42, ramp((x - 0.4, -1.7), (x + 0.4, -0.9), mix(h, WHITE, 0.12), dark))
        c.drawPath(curve([(x - 0.2, -1.45), (x, -1.2), (x + 0.25, -1.4)]), line(dark * 0.8, 0.05))


def hair_on_top(c: skia.Canvas, who: Looks, f: Face, fx: float) -> None:
    style, h, t = who.hair, who.hair_colour, f.turn
    if style == "bald":
        oval(c, -0.30 + 0.2 * t, -0.72, 0.22, 0.12, fill(WHITE, 0.22))
        return
    light, dark = mix(h, WHITE, 0.16), h * 0.84
    paint = ramp((-0.9, -1.2), (0.8, 0.2), light, h, dark)
    temple = {"short": 0.12, "spiky": 0.0, "afro": -0.08, "curly": -0.02}.get(style, 0.22)
    lift = -0.10 if style in ("afro", "spiky", "bun", "ponytail", "braids") else 0.0
    part = -0.30 if (who.iris[0] * 997) % 1 < 0.5 else 0.26  # a parting of one's own
    cap = skia.Path()
    cap.moveTo(-0.98, temple)
    cap.cubicTo(-1.14, -0.85, -0.72, -1.26, 0, -1.26)
    cap.cubicTo(0.72, -1.26, 1.14, -0.85, 0.98, temple)
    right, left, mid = fx * 0.75 + 0.62, fx * 0.75 - 0.62, fx + part
    cap.quadTo(0.90 + 0.1 * fx, -0.22, right, -0.44 + lift)
    if style in ("bob", "long") and part < 0 and who.kind != "man":  # a fringe
        cap.quadTo(fx + 0.2, -0.36, mid, -0.44)
        cap.quadTo(fx - 0.45, -0.32, left, -0.40)
    else:
        cap.quadTo(fx + 0.22, -0.72 + lift, mid, -0.70 + lift)
        cap.quadTo(left + 0.1, -0.68 + lift, left, -0.42 + lift)
    cap.quadTo(-0.90 + 0.1 * fx, -0.22, -0.98, temple)
    cap.close()
    c.drawPath(cap, paint)
    if abs(t) > 0.3:  # from the side, hair covers the back of the head down to the nape
        d, k = (1 if t > 0 else -1), min(1.0, (abs(t) - 0.3) / 0.5)
        ear = -d * (0.94 - 0.72 * abs(t))
        low = {"short": 0.62, "spiky": 0.55, "bun": 0.50, "ponytail": 0.52, "braids": 0.6, "afro": 0.75, "curly": 0.8}.get(style, 1.0)
        nape = smooth([(-d * 0.5, -1.1), (-d * 1.02, -0.6), (-d * 1.0, 0.2), (-d * 0.86, low * k), (ear - d * 0.12, low * 0.75 * k), (ear + d * 0.02, 0.05), (ear + d * 0.16, -0.12), (ear + d * 0.26, -0.55)])
        c.drawPath(nape, paint)
    if style == "spiky":
        for i in range(7):
            a = math.pi * (1.08 + 0.84 * i / 6)
            bx, by = 0.95 * math.cos(a), -0.25 + 0.95 * math.sin(a)
            tx, ty = 1.42 * math.cos(a) + 0.12 * f.sway, -0.25 + 1.48 * math.sin(a)
            nx, ny = -math.sin(a) * 0.24, math.cos(a) * 0.24
            c.drawPath(smooth([(bx - nx, by - ny), (tx, ty), (tx, ty), (bx + nx, by + ny), (bx * 0.7, by * 0.7)]), fill(light if i % 2 else h))
    elif style == "curly":
        for i in range(8):
            a = math.pi * (1.06 + 0.88 * i / 7)
            oval(c, 0.86 * math.cos(a) + fx * 0.15, -0.28 + 0.80 * math.sin(a), 0.27, 0.25, fill(mix(h, WHITE, 0.10 * (i % 2))))
    elif style == "afro":
        for i in range(9):
            a = math.pi * (1.02 + 0.96 * i / 8)
            oval(c, 0.98 * math.cos(a), -0.30 + 0.92 * math.sin(a), 0.30, 0.28, fill(mix(h, WHITE, 0.06 * (i % 2))))
    elif style == "long":
        for side in (-1, 1):
            if side * t < 0.55:
                x = side * 0.98
                c.drawPath(smooth([(x - side * 0.10, -0.55), (x + side * 0.12, 0.0), (x + side * 0.10 + 0.4 * f.sway, 0.95), (x - side * 0.08 + 0.4 * f.sway, 0.95), (x - side * 0.13, 0.2)]), fill(h))
    elif style == "bob":
        for side in (-1, 1):
            if side * t < 0.55:
                x = side * 0.96
                c.drawPath(smooth([(x - side * 0.10, -0.55), (x + side * 0.20, 0.1), (x + side * 0.14, 0.86), (x - side * 0.14, 0.74), (x - side * 0.12, 0.1)]), fill(h))
    c.drawPath(curve([(-0.62 + 0.2 * fx, -0.86), (-0.2 + 0.2 * fx, -1.12), (0.35 + 0.2 * fx, -1.04)]), line(mix(h, WHITE, 0.45), 0.06, 0.35))
