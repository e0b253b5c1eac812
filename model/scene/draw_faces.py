# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""Human faces: skull, ears, eyes, brows, nose and mouth by mood, speech and gaze.

`turn` -1..1 slides the features towards the side somebody looks to.
"""

from __future__ import annotations

import numpy as np
import skia

from model.scene.draw_looks import CHILD, MALE, Face, Looks, curve, oval
from model.scene.draw_paint import (
    INK,
    WHITE,
    Colour,
    box,
    fill,
    line,
    luma,
    mix,
    ramp,
    rgb,
    smooth,
)


def skull(t: float, child: bool, male: bool) -> skia.Path:
    jaw = 0.62 if child else (0.60 if male else 0.50)
    chin, deep = 0.16 * t, 1.0 if child else 1.06
    path = skia.Path()
    path.moveTo(-0.92, -0.15)
    path.cubicTo(-0.92, -1.25, 0.92, -1.25, 0.92, -0.15)
    path.cubicTo(0.94, 0.45, jaw + chin, deep, chin, deep)
    path.cubicTo(-jaw + chin, deep, -0.94, 0.45, -0.92, -0.15)
    path.close()
    return path


def ear(c: skia.Canvas, x: float, skin: Colour, shade: Colour) -> None:
    oval(c, x, 0.10, 0.17, 0.24, fill(mix(skin, shade, 0.3)))
    oval(c, x + (0.03 if x < 0 else -0.03), 0.11, 0.08, 0.14, fill(shade * 0.93))


def cheeks(c: skia.Canvas, who: Looks, fx: float, f: Face) -> None:
    warm = np.clip(who.skin * np.array([1.06, 0.68, 0.66]), 0, 1)
    for side in (-1, 1):
        x = fx * 1.05 + side * 0.50 * (1 - 0.25 * abs(f.turn))
        oval(c, x, 0.32, 0.20, 0.14, fill(warm, 0.36 + 0.15 * max(0.0, f.smile)))


def wrinkles(c: skia.Canvas, fx: float, shade: Colour) -> None:
    for side in (-1, 1):
        c.drawPath(curve([(fx + side * 0.28, 0.30), (fx + side * 0.42, 0.42), (fx + side * 0.40, 0.60)]), line(shade * 0.85, 0.035, 0.8))
        c.drawPath(curve([(fx + side * 0.62, -0.02), (fx + side * 0.70, 0.03), (fx + side * 0.74, 0.10)]), line(shade * 0.85, 0.03, 0.8))
    c.drawPath(curve([(fx - 0.25, -0.60), (fx, -0.64), (fx + 0.25, -0.60)]), line(shade * 0.88, 0.03, 0.7))


def nose(c: skia.Canvas, skin: Colour, shade: Colour, t: float) -> None:
    x = 0.40 * t + 0.44 * t * abs(t)
    oval(c, x, 0.20, 0.135, 0.125, fill(mix(skin, WHITE, 0.05)))
    c.drawPath(curve([(x - 0.12, 0.22), (x, 0.36), (x + 0.12, 0.22)]), line(shade * 0.82, 0.045, 0.9))
    oval(c, x - 0.03, 0.15, 0.045, 0.04, fill(WHITE, 0.25))


def eyes(c: skia.Canvas, who: Looks, f: Face, fx: float) -> None:
    wide = {"surprised": 1.25, "angry": 0.85, "sleepy": 0.85}.get(f.mood, 1.0)
    lid = max(f.blink, 0.45 if f.mood == "sleepy" else 0.0, 0.25 if f.smile > 0.85 else 0.0)
    child = who.kind in CHILD
    lash = who.kind in ("woman", "girl", "grandmother")
    dark = mix(INK, who.hair_colour * 0.5, 0.2)
    for side in (-1, 1):
        far = side * f.turn > 0
        x = fx + side * 0.355 * (1 - 0.26 * abs(f.turn))
        rx = (0.175 if child else 0.160) * (1 - (0.48 if far else 0.05) * abs(f.turn))
        ry = (0.215 if child else 0.190) * wide
        y = 0.02
        if lid > 0.8:
            droop = 0.05 if f.smile > -0.1 else 0.08
            c.drawPath(curve([(x - rx, y + 0.02), (x, y + 0.02 + droop * 1.6), (x + rx, y + 0.02)]), line(dark, 0.06))
            continue
        oval(c, x, y, rx, ry, fill(mix(WHITE, who.skin, 0.05)))
        c.save()
        c.clipPath(_round(x, y, rx, ry), doAntiAlias=True)
        ix = x + 0.085 * f.gaze + 0.03 * f.turn
        ir = 0.125 if child else 0.112
        oval(c, ix, y + 0.012, ir * min(1, rx / 0.15), ir * 1.08, fill(who.iris))
        oval(c, ix, y + 0.012, 0.066 * min(1, rx / 0.15), 0.072, fill(rgb("140e14")))
        oval(c, ix - 0.035, y - 0.05, 0.038, 0.042, fill(WHITE))
        if lid > 0:
            c.drawRect(box(x - rx - 0.05, y - ry - 0.05, x + rx + 0.05, y - ry + 2 * ry * lid), fill(who.skin * 0.93))
        if f.smile > 0.7:  # a smile lifts the lower lid
            oval(c, x, y + ry * 1.55, rx * 1.5, ry * 0.85, fill(mix(who.skin, WHITE, 0.04)))
        c.restore()
        top = y - ry + 2 * ry * lid
        c.drawPath(curve([(x - rx * 1.06, max(y - 0.05, top + 0.05)), (x, top - 0.055 * (1 - lid)), (x + rx * 1.06, max(y - 0.05, top + 0.05))]), line(dark, 0.062 if lash else 0.05))
        if lash:
            out = side * rx
            for k in (0.0, 0.07):
                c.drawLine(x + out * 0.98 - side * k, y - 0.09 - k * 0.8, x + out * 1.28 - side * k * 0.6, y - 0.17 - k, line(dark, 0.036))


def _round(x: float, y: float, rx: float, ry: float) -> skia.Path:
    path = skia.Path()
    path.addOval(box(x - rx, y - ry, x + rx, y + ry))
    return path


def brows(c: skia.Canvas, who: Looks, f: Face, fx: float) -> None:
    male = who.kind in MALE
    colour = mix(who.hair_colour * 0.7, INK, 0.25)
    if luma(who.skin) < 0.35:
        colour = mix(colour, np.zeros(3), 0.5)
    up = {"surprised": -0.15, "angry": 0.06, "sad": -0.03, "sleepy": 0.03}.get(f.mood, 0.0) - 0.05 * f.mouth
    tilt = {"angry": 0.13, "sad": -0.13, "surprised": -0.03}.get(f.mood, 0.0) - 0.05 * min(0.0, f.smile)
    for side in (-1, 1):
        squeeze = 1 - (0.42 if side * f.turn > 0 else 0.1) * abs(f.turn)
        x = fx + side * 0.37 * (1 - 0.26 * abs(f.turn))
        w, y = 0.20 * squeeze, -0.34 + up
        inner, outer = (x - side * w, y + tilt), (x + side * w, y - tilt * 0.5 + 0.04)
        c.drawPath(curve([inner, (x, y - 0.075 - 0.03 * (f.mood == "surprised")), outer]), line(colour, 0.085 if male else 0.062))


def mouth(c: skia.Canvas, who: Looks, f: Face, fx: float) -> None:
    x, y = fx * 1.12, 0.56
    smile = float(np.clip(f.smile, -1, 1))
    if f.mood == "calm":  # a straight line looks sullen
        smile = min(1.0, smile + 0.22)
    w = (0.30 + 0.10 * max(0.0, smile) - 0.05 * f.mouth) * (1 - 0.22 * abs(f.turn))
    if f.mood == "surprised" and f.mouth > 0.15:
        w *= 0.62
    corner = y - 0.10 * smile
    lip = mix(who.skin * np.array([0.92, 0.50, 0.50]), rgb("b03048"), 0.42 if who.kind in ("woman", "girl") else 0.12)
    grin = smile > 0.5 and f.mouth < 0.12
    if f.mouth < 0.07 and not grin:
        c.drawPath(curve([(x - w, corner), (x, y + 0.17 * smile), (x + w, corner)]), line(lip * 0.72, 0.062))
        if who.kind in ("woman", "girl"):
            c.drawPath(curve([(x - w * 0.4, y + 0.09 + 0.05 * smile), (x, y + 0.15 + 0.08 * smile), (x + w * 0.4, y + 0.09 + 0.05 * smile)]), line(lip, 0.05, 0.5))
        return
    drop = 0.13 * max(0.0, smile) * (1 if grin else 0.4) + 0.62 * f.mouth + (0.10 if grin else 0.03)
    path = skia.Path()
    path.moveTo(x - w, corner)
    path.quadTo(x, y + 0.07 * smile - 0.04, x + w, corner)
    path.cubicTo(x + w * 0.85, y + drop * 1.15, x - w * 0.85, y + drop * 1.15, x - w, corner)
    path.close()
    c.drawPath(path, fill(rgb("5c1622")))
    c.save()
    c.clipPath(path, doAntiAlias=True)
    c.drawRect(box(x - w, y - 0.3, x + w, y + 0.07 * smile * 0.5 + 0.055 + 0.05 * grin), fill(rgb("fffaf2")))
    if not grin:
        oval(c, x, y + drop * 0.95, w * 0.62, 0.13, fill(rgb("e2646e")))
    c.restore()
    c.drawPath(path, line(lip * 0.85, 0.045))


def beard(c: skia.Canvas, who: Looks, f: Face, fx: float) -> None:
    h = who.hair_colour if who.hair != "bald" else mix(who.hair_colour, INK, 0.2)
    drop = 0.20 * f.mouth
    c.drawPath(smooth([(-0.94, 0.02), (-0.86 + 0.2 * fx, 0.62), (-0.45 + fx * 0.6, 1.12 + drop), (fx * 0.5, 1.30 + drop), (0.45 + fx * 0.6, 1.12 + drop), (0.86 + 0.2 * fx, 0.62), (0.94, 0.02), (0.74 + fx * 0.3, 0.30), (fx + 0.42, 0.42), (fx, 0.36), (fx - 0.42, 0.42), (-0.74 + fx * 0.3, 0.30)]), ramp((0, 0.2), (0, 1.3), h, h * 0.8))
