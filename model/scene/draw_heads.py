# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""Heads: faces with expressions, hair, what is worn on a head, and the heads of robots and animals.

All is drawn in head radii around the head's centre, y down, upright; the caller's canvas carries
place, size and tilt. `turn` -1..1 slides the features towards the side somebody looks to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import skia

from model.scene.draw_paint import (
    INK,
    WHITE,
    Colour,
    box,
    fill,
    glow,
    line,
    luma,
    mix,
    polygon,
    ramp,
    rgb,
    smooth,
    star,
    vivid,
)


@dataclass(frozen=True)
class Face:
    """What a face shows in one frame."""

    turn: float
    mouth: float
    smile: float
    gaze: float
    blink: float
    mood: str
    sway: float  # how far loose hair swings, + to the right


@dataclass(frozen=True)
class Looks:
    """Who it is; colours are already lit."""

    kind: str
    skin: Colour
    hair: str
    hair_colour: Colour
    accessory: str
    accent: Colour  # of what is worn on the head
    iris: Colour


CHILD = ("girl", "boy")
OLD = ("grandmother", "grandfather")
MALE = ("man", "boy", "grandfather")
ANIMALS = ("cat", "bear", "rabbit", "panda")


def _oval(c: skia.Canvas, x: float, y: float, rx: float, ry: float, paint: skia.Paint) -> None:
    c.drawOval(box(x - rx, y - ry, x + rx, y + ry), paint)


def _curve(points: list[tuple[float, float]]) -> skia.Path:
    """A path of one quadratic (3 points) or cubic (4 points)."""
    path = skia.Path()
    path.moveTo(*points[0])
    if len(points) == 3:
        path.quadTo(*points[1], *points[2])
    else:
        path.cubicTo(*points[1], *points[2], *points[3])
    return path


def head_back(c: skia.Canvas, who: Looks, f: Face) -> None:
    """What hangs behind the body: long hair, tails, hoods of hair."""
    if who.kind in ANIMALS or who.kind in ("robot", "astronaut"):
        return
    h, t, s = who.hair_colour, f.turn, f.sway
    dark = h * 0.80
    back = -0.28 * t
    if who.hair == "long":
        tip = 1.95
        c.drawPath(smooth([(-1.02 + back, -0.5), (-1.16 + back, 0.5), (-1.08 + back + s, tip), (-0.4 + back + s, tip + 0.18), (0.4 + back + s, tip + 0.15), (1.08 + back + s, tip), (1.16 + back, 0.5), (1.02 + back, -0.5), (0, -1.2)]), ramp((-1, 0), (1, 0), h, dark))
        for dx in (-0.6, -0.1, 0.45):
            c.drawPath(_curve([(dx + back, 0.6), (dx + back + 0.05, 1.2), (dx + back + s, tip)]), line(h * 0.65, 0.05, 0.6))
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
                _oval(c, x + side * 0.10 * math.sin(2 * k) + s * k * 1.2, 0.25 + 0.27 * i, 0.21 - 0.015 * i, 0.19, ramp((x - 0.2, 0), (x + 0.2, 0), h, dark))
            _oval(c, x + side * 0.09 + s * 1.2, 2.08, 0.11, 0.10, fill(who.accent))
            c.drawPath(polygon([(x + side * 0.09 + s * 1.2 - 0.1, 2.12), (x + side * 0.09 + s * 1.2 + 0.1, 2.12), (x + side * 0.12 + s * 1.3, 2.38)]), fill(dark))
    elif who.hair == "afro":
        c.drawPath(smooth([((1.52 + 0.05 * math.sin(9 * a)) * math.cos(a) + back, -0.32 + (1.42 + 0.05 * math.sin(9 * a + 1)) * math.sin(a)) for a in np.linspace(0, math.tau, 26, endpoint=False)]), ramp((-1.3, -1.5), (1.2, 0.9), mix(h, WHITE, 0.10), h, dark))
    elif who.hair == "curly":
        for i in range(13):
            a = math.pi * (0.92 + 1.16 * i / 12)
            _oval(c, 1.08 * math.cos(a) + back, -0.12 + 1.06 * math.sin(a), 0.34, 0.33, ramp((-1, -1), (1, 1), mix(h, WHITE, 0.08), dark))
        for side in (-1, 1):
            for i in range(3):
                _oval(c, side * (1.02 - 0.05 * i) + back + 0.3 * s * i, 0.1 + 0.32 * i, 0.29, 0.27, fill(dark))
    if who.hair == "bun":
        x = -0.55 * t
        _oval(c, x, -1.30, 0.44, 0.42, ramp((x - 0.4, -1.7), (x + 0.4, -0.9), mix(h, WHITE, 0.12), dark))
        c.drawPath(_curve([(x - 0.2, -1.45), (x, -1.2), (x + 0.25, -1.4)]), line(dark * 0.8, 0.05))


def head(c: skia.Canvas, who: Looks, f: Face) -> None:
    """The head itself, upon the neck."""
    if who.kind == "robot":
        _robot(c, who, f)
    elif who.kind in ANIMALS:
        _animal(c, who, f)
        _worn(c, who, f, animal=True)
    else:
        _human(c, who, f)
        if who.kind == "astronaut":
            _visor(c, f)


# ---------------------------------------------------------------- people


def _skull(t: float, child: bool, male: bool) -> skia.Path:
    jaw = 0.62 if child else (0.60 if male else 0.50)
    chin, deep = 0.16 * t, 1.0 if child else 1.06
    path = skia.Path()
    path.moveTo(-0.92, -0.15)
    path.cubicTo(-0.92, -1.25, 0.92, -1.25, 0.92, -0.15)
    path.cubicTo(0.94, 0.45, jaw + chin, deep, chin, deep)
    path.cubicTo(-jaw + chin, deep, -0.94, 0.45, -0.92, -0.15)
    path.close()
    return path


def _human(c: skia.Canvas, who: Looks, f: Face) -> None:
    t, skin = f.turn, who.skin
    shade = np.clip(skin * 0.84 * np.array([1.0, 0.95, 0.95]), 0, 1)
    child, male = who.kind in CHILD, who.kind in MALE
    if who.hair != "bald":  # the back of the skull
        _oval(c, -0.24 * t, -0.22, 1.0, 0.98, fill(who.hair_colour * 0.86))
    far_side = 1 if t >= 0 else -1
    near_ear = -far_side * (0.94 - 0.72 * abs(t))
    if abs(t) < 0.45:
        _ear(c, far_side * (0.95 - 0.1 * abs(t)), skin, shade)
    if abs(t) <= 0.3:
        _ear(c, near_ear, skin, shade)
    skull = _skull(t, child, male)
    c.drawPath(skull, ramp((-0.8 + 0.3 * t, -0.8), (0.9 + 0.3 * t, 0.9), mix(skin, WHITE, 0.09), skin, mix(skin, shade, 0.75)))
    fx = 0.40 * t
    _cheeks(c, who, fx, f)
    if who.kind in OLD:
        _wrinkles(c, fx, shade)
    _nose(c, skin, shade, t)
    if who.accessory == "beard":
        _beard(c, who, f, fx)
    _mouth(c, who, f, fx)
    _eyes(c, who, f, fx)
    _hair_front(c, who, f, fx)
    if abs(t) > 0.3:
        _ear(c, near_ear, skin, shade)
    _brows(c, who, f, fx)
    _worn(c, who, f)


def _ear(c: skia.Canvas, x: float, skin: Colour, shade: Colour) -> None:
    _oval(c, x, 0.10, 0.17, 0.24, fill(mix(skin, shade, 0.3)))
    _oval(c, x + (0.03 if x < 0 else -0.03), 0.11, 0.08, 0.14, fill(shade * 0.93))


def _cheeks(c: skia.Canvas, who: Looks, fx: float, f: Face) -> None:
    warm = np.clip(who.skin * np.array([1.06, 0.68, 0.66]), 0, 1)
    for side in (-1, 1):
        x = fx * 1.05 + side * 0.50 * (1 - 0.25 * abs(f.turn))
        _oval(c, x, 0.32, 0.20, 0.14, fill(warm, 0.36 + 0.15 * max(0.0, f.smile)))


def _wrinkles(c: skia.Canvas, fx: float, shade: Colour) -> None:
    for side in (-1, 1):
        c.drawPath(_curve([(fx + side * 0.28, 0.30), (fx + side * 0.42, 0.42), (fx + side * 0.40, 0.60)]), line(shade * 0.85, 0.035, 0.8))
        c.drawPath(_curve([(fx + side * 0.62, -0.02), (fx + side * 0.70, 0.03), (fx + side * 0.74, 0.10)]), line(shade * 0.85, 0.03, 0.8))
    c.drawPath(_curve([(fx - 0.25, -0.60), (fx, -0.64), (fx + 0.25, -0.60)]), line(shade * 0.88, 0.03, 0.7))


def _nose(c: skia.Canvas, skin: Colour, shade: Colour, t: float) -> None:
    x = 0.40 * t + 0.44 * t * abs(t)
    _oval(c, x, 0.20, 0.135, 0.125, fill(mix(skin, WHITE, 0.05)))
    c.drawPath(_curve([(x - 0.12, 0.22), (x, 0.36), (x + 0.12, 0.22)]), line(shade * 0.82, 0.045, 0.9))
    _oval(c, x - 0.03, 0.15, 0.045, 0.04, fill(WHITE, 0.25))


def _eyes(c: skia.Canvas, who: Looks, f: Face, fx: float) -> None:
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
            c.drawPath(_curve([(x - rx, y + 0.02), (x, y + 0.02 + droop * 1.6), (x + rx, y + 0.02)]), line(dark, 0.06))
            continue
        _oval(c, x, y, rx, ry, fill(mix(WHITE, who.skin, 0.05)))
        c.save()
        c.clipPath(_round(x, y, rx, ry), doAntiAlias=True)
        ix = x + 0.085 * f.gaze + 0.03 * f.turn
        ir = 0.125 if child else 0.112
        _oval(c, ix, y + 0.012, ir * min(1, rx / 0.15), ir * 1.08, fill(who.iris))
        _oval(c, ix, y + 0.012, 0.066 * min(1, rx / 0.15), 0.072, fill(rgb("140e14")))
        _oval(c, ix - 0.035, y - 0.05, 0.038, 0.042, fill(WHITE))
        if lid > 0:
            c.drawRect(box(x - rx - 0.05, y - ry - 0.05, x + rx + 0.05, y - ry + 2 * ry * lid), fill(who.skin * 0.93))
        if f.smile > 0.7:  # a smile lifts the lower lid
            _oval(c, x, y + ry * 1.55, rx * 1.5, ry * 0.85, fill(mix(who.skin, WHITE, 0.04)))
        c.restore()
        top = y - ry + 2 * ry * lid
        c.drawPath(_curve([(x - rx * 1.06, max(y - 0.05, top + 0.05)), (x, top - 0.055 * (1 - lid)), (x + rx * 1.06, max(y - 0.05, top + 0.05))]), line(dark, 0.062 if lash else 0.05))
        if lash:
            out = side * rx
            for k in (0.0, 0.07):
                c.drawLine(x + out * 0.98 - side * k, y - 0.09 - k * 0.8, x + out * 1.28 - side * k * 0.6, y - 0.17 - k, line(dark, 0.036))


def _round(x: float, y: float, rx: float, ry: float) -> skia.Path:
    path = skia.Path()
    path.addOval(box(x - rx, y - ry, x + rx, y + ry))
    return path


def _brows(c: skia.Canvas, who: Looks, f: Face, fx: float) -> None:
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
        c.drawPath(_curve([inner, (x, y - 0.075 - 0.03 * (f.mood == "surprised")), outer]), line(colour, 0.085 if male else 0.062))


def _mouth(c: skia.Canvas, who: Looks, f: Face, fx: float) -> None:
    x, y = fx * 1.12, 0.56
    smile = float(np.clip(f.smile, -1, 1))
    w = (0.30 + 0.10 * max(0.0, smile) - 0.05 * f.mouth) * (1 - 0.22 * abs(f.turn))
    if f.mood == "surprised" and f.mouth > 0.15:
        w *= 0.62
    corner = y - 0.10 * smile
    lip = mix(who.skin * np.array([0.92, 0.50, 0.50]), rgb("b03048"), 0.42 if who.kind in ("woman", "girl") else 0.12)
    grin = smile > 0.5 and f.mouth < 0.12
    if f.mouth < 0.07 and not grin:
        c.drawPath(_curve([(x - w, corner), (x, y + 0.17 * smile), (x + w, corner)]), line(lip * 0.72, 0.062))
        if who.kind in ("woman", "girl"):
            c.drawPath(_curve([(x - w * 0.4, y + 0.09 + 0.05 * smile), (x, y + 0.15 + 0.08 * smile), (x + w * 0.4, y + 0.09 + 0.05 * smile)]), line(lip, 0.05, 0.5))
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
        _oval(c, x, y + drop * 0.95, w * 0.62, 0.13, fill(rgb("e2646e")))
    c.restore()
    c.drawPath(path, line(lip * 0.85, 0.045))


def _beard(c: skia.Canvas, who: Looks, f: Face, fx: float) -> None:
    h = who.hair_colour if who.hair != "bald" else mix(who.hair_colour, INK, 0.2)
    drop = 0.20 * f.mouth
    c.drawPath(smooth([(-0.94, 0.02), (-0.86 + 0.2 * fx, 0.62), (-0.45 + fx * 0.6, 1.12 + drop), (fx * 0.5, 1.30 + drop), (0.45 + fx * 0.6, 1.12 + drop), (0.86 + 0.2 * fx, 0.62), (0.94, 0.02), (0.74 + fx * 0.3, 0.30), (fx + 0.42, 0.42), (fx, 0.36), (fx - 0.42, 0.42), (-0.74 + fx * 0.3, 0.30)]), ramp((0, 0.2), (0, 1.3), h, h * 0.8))


def _hair_front(c: skia.Canvas, who: Looks, f: Face, fx: float) -> None:
    style, h, t = who.hair, who.hair_colour, f.turn
    if style == "bald":
        _oval(c, -0.30 + 0.2 * t, -0.72, 0.22, 0.12, fill(WHITE, 0.22))
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
            _oval(c, 0.86 * math.cos(a) + fx * 0.15, -0.28 + 0.80 * math.sin(a), 0.27, 0.25, fill(mix(h, WHITE, 0.10 * (i % 2))))
    elif style == "afro":
        for i in range(9):
            a = math.pi * (1.02 + 0.96 * i / 8)
            _oval(c, 0.98 * math.cos(a), -0.30 + 0.92 * math.sin(a), 0.30, 0.28, fill(mix(h, WHITE, 0.06 * (i % 2))))
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
    c.drawPath(_curve([(-0.62 + 0.2 * fx, -0.86), (-0.2 + 0.2 * fx, -1.12), (0.35 + 0.2 * fx, -1.04)]), line(mix(h, WHITE, 0.45), 0.06, 0.35))


# ---------------------------------------------------------------- worn


def _worn(c: skia.Canvas, who: Looks, f: Face, animal: bool = False) -> None:
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
                _oval(c, x, 0.02, 0.28 * k, 0.27, fill(WHITE, 0.16))
                _oval(c, x, 0.02, 0.28 * k, 0.27, line(frame, 0.062))
        c.drawLine(xs[0][0] + 0.27 * xs[0][1], 0.0, xs[1][0] - 0.27 * xs[1][1], 0.0, line(frame, 0.06))
        ear = -(1 if t >= 0 else -1) * (0.94 - 0.72 * abs(t))
        near = xs[0] if t >= 0 else xs[1]
        c.drawLine(near[0] + (-0.28 if t >= 0 else 0.28) * near[1], -0.02, ear, 0.0, line(frame, 0.055))
    elif kind == "cap":
        c.drawPath(smooth([(-1.02, -0.42), (-1.06, -0.95), (-0.5, -1.40), (0.5, -1.40), (1.06, -0.95), (1.02, -0.42), (0, -0.54)]), ramp((-0.8, -1.3), (0.9, -0.4), mix(a, WHITE, 0.15), a, dark))
        d = t if abs(t) > 0.12 else 0.12
        to = math.copysign(1, d)
        c.drawPath(smooth([(fx - 0.70 + 0.3 * d, -0.55), (fx + 0.1 * d, -0.66), (fx + 0.70 + 0.3 * d, -0.55), (fx + to * (0.55 + 0.55 * abs(d)) + 0.3 * d, -0.34), (fx + 0.25 * d, -0.36), (fx - 0.66 + 0.35 * d, -0.40)]), fill(dark))
        _oval(c, 0, -1.36, 0.09, 0.06, fill(dark))
        _oval(c, fx, -0.86, 0.17, 0.15, fill(mix(a, WHITE, 0.7)))
    elif kind == "hat":
        c.drawPath(smooth([(-0.78, -0.62), (-0.74, -1.45), (-0.3, -1.62), (0.3, -1.62), (0.74, -1.45), (0.78, -0.62)]), ramp((-0.7, -1.5), (0.8, -0.6), mix(a, WHITE, 0.16), a, dark))
        _oval(c, 0, -0.62, 1.42, 0.24, ramp((-1.2, -0.7), (1.2, -0.5), mix(a, WHITE, 0.1), dark))
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
            _oval(c, x, yy, 0.09, 0.09, fill(rgb("fff0b0")))
        for x in (-0.4, 0.0, 0.4):
            _oval(c, x + 0.3 * fx, y - 0.04, 0.09, 0.09, fill(rgb("d8405c") if x else rgb("4f8fe0")))
    elif kind == "bow":
        x, y = (-0.55 if t >= 0 else 0.55), -1.05
        for side in (-1, 1):
            c.drawPath(smooth([(x, y), (x + side * 0.15, y - 0.30), (x + side * 0.58, y - 0.32), (x + side * 0.58, y + 0.28), (x + side * 0.15, y + 0.26)]), ramp((x, y), (x + side * 0.5, y), dark, mix(a, WHITE, 0.12)))
        _oval(c, x, y, 0.14, 0.15, fill(dark))
    elif kind == "helmet":
        c.drawPath(smooth([(-1.10, -0.28), (-1.14, -1.0), (-0.5, -1.48), (0.5, -1.48), (1.14, -1.0), (1.10, -0.28), (0.6, -0.46), (-0.6, -0.46)]), ramp((-0.9, -1.4), (0.9, -0.3), mix(a, WHITE, 0.25), a, dark))
        for x in (-0.5, 0.0, 0.5):
            c.drawPath(_curve([(x * 1.1, -0.62), (x * 1.0, -1.1), (x * 0.7, -1.38)]), line(dark * 0.8, 0.09))
        c.drawPath(_curve([(-0.92, -0.3), (-0.75, 0.75), (fx, 1.08)]), line(rgb("2d2a38"), 0.06))
        c.drawPath(_curve([(0.92, -0.3), (0.75, 0.75), (fx, 1.08)]), line(rgb("2d2a38"), 0.06))
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


# ---------------------------------------------------------------- robots, visors, animals


def _visor(c: skia.Canvas, f: Face) -> None:
    _oval(c, 0, -0.02, 1.42, 1.42, line(rgb("e9ecf4"), 0.20))
    _oval(c, 0, -0.02, 1.34, 1.34, fill(rgb("9fd8ff"), 0.16))
    c.drawPath(_curve([(-0.95, -0.45), (-0.75, -1.0), (-0.15, -1.12)]), line(WHITE, 0.13, 0.75))
    c.drawPath(_curve([(0.9, 0.55), (0.75, 0.85), (0.5, 1.02)]), line(WHITE, 0.08, 0.5))
    for side in (-1, 1):
        c.drawRoundRect(box(side * 1.42 - 0.12, -0.25, side * 1.42 + 0.12, 0.28), 0.1, 0.1, fill(rgb("f2a03d")))


def _robot(c: skia.Canvas, who: Looks, f: Face) -> None:
    steel = rgb("c6cedb") if who.accessory != "none" else rgb("cfd6e2")
    fx = 0.22 * f.turn
    c.drawLine(0, -1.0, 0.12 * f.sway, -1.45, line(rgb("7a8494"), 0.09))
    c.drawCircle(0.12 * f.sway, -1.5, 0.40, glow(0.12 * f.sway, -1.5, 0.4, rgb("ff6b5c"), 0.6))
    c.drawCircle(0.12 * f.sway, -1.5, 0.15, fill(rgb("ff6b5c")))
    for side in (-1, 1):
        c.drawRoundRect(box(side * 1.05 - 0.14, -0.3, side * 1.05 + 0.14, 0.32), 0.08, 0.08, fill(rgb("8f99aa")))
    c.drawRoundRect(box(-1.05, -1.02, 1.05, 1.0), 0.36, 0.36, ramp((-1, -1), (1, 1), WHITE, steel, steel * 0.78))
    c.drawRoundRect(box(-0.82 + fx, -0.68, 0.82 + fx, 0.72), 0.26, 0.26, ramp((0, -0.7), (0, 0.7), rgb("1d2b4a"), rgb("0f1830")))
    shine = {"angry": "ff7a6b", "sad": "7fa8ff", "happy": "7dffd0"}.get(f.mood, "6fe8ff")
    for side in (-1, 1):
        x = fx * 1.5 + side * 0.36 + 0.08 * f.gaze
        c.drawCircle(x, -0.12, 0.36, glow(x, -0.12, 0.36, rgb(shine), 0.5))
        if f.blink > 0.8 or f.mood == "sleepy":
            c.drawLine(x - 0.16, -0.1, x + 0.16, -0.1, line(rgb(shine), 0.09))
        elif f.smile > 0.6:
            c.drawPath(_curve([(x - 0.17, -0.02), (x, -0.36), (x + 0.17, -0.02)]), line(rgb(shine), 0.11))
        else:
            tilt = {"angry": 0.10, "sad": -0.10}.get(f.mood, 0.0) * side
            c.save()
            c.translate(x, -0.12)
            c.rotate(math.degrees(-tilt * 2))
            c.drawRoundRect(box(-0.14, -0.17, 0.14, 0.17), 0.12, 0.12, fill(rgb(shine)))
            c.restore()
    x, w = fx * 1.5, 0.30
    if f.mouth > 0.08:
        for i in range(5):
            k = (0.05 + 0.24 * f.mouth) * (1 - abs(i - 2) * 0.28)
            c.drawLine(x - w + 0.15 * i, 0.42 - k, x - w + 0.15 * i, 0.42 + k, line(rgb(shine), 0.08))
    else:
        c.drawPath(_curve([(x - w, 0.40 - 0.08 * f.smile), (x, 0.40 + 0.2 * f.smile), (x + w, 0.40 - 0.08 * f.smile)]), line(rgb(shine), 0.08))
    _oval(c, -0.55, -0.85, 0.3, 0.06, fill(WHITE, 0.6))
    if who.accessory in ("cap", "hat", "crown", "bow", "headphones"):
        _worn(c, who, f, animal=True)


def _animal(c: skia.Canvas, who: Looks, f: Face) -> None:
    kind, t = who.kind, f.turn
    fur = rgb("f7f5f0") if kind == "panda" else who.hair_colour
    if kind != "panda" and luma(fur) < 0.12:
        fur = mix(fur, rgb("6a5a6a"), 0.25)
    pale, dark = mix(fur, rgb("fff4e6"), 0.72), fur * 0.8
    inner = mix(fur, rgb("ff9fae"), 0.65)
    spots = rgb("2b2630")
    ear_colour = spots if kind == "panda" else fur
    for side in (-1, 1):
        x = side * 0.72 + 0.12 * t
        if kind == "cat":
            c.drawPath(smooth([(x - 0.42, -0.45), (x + side * 0.30, -1.42), (x + side * 0.30, -1.42), (x + 0.42, -0.45)]), fill(ear_colour))
            c.drawPath(smooth([(x - 0.2, -0.6), (x + side * 0.23, -1.16), (x + side * 0.23, -1.16), (x + 0.22, -0.6)]), fill(inner))
        elif kind == "rabbit":
            tip = x + side * 0.12 + 0.35 * f.sway
            c.drawPath(smooth([(x - 0.24, -0.7), (tip - 0.34, -1.7), (tip, -2.35), (tip + 0.34, -1.7), (x + 0.24, -0.7)]), ramp((x, -2.2), (x, -0.7), fur, dark))
            c.drawPath(smooth([(x - 0.11, -0.9), (tip - 0.16, -1.65), (tip, -2.05), (tip + 0.16, -1.65), (x + 0.11, -0.9)]), fill(inner))
        else:
            c.drawCircle(x + side * 0.05, -0.80, 0.38, fill(ear_colour))
            if kind == "bear":
                c.drawCircle(x + side * 0.05, -0.78, 0.22, fill(inner))
    wide = 1.16 if kind in ("panda", "bear", "cat") else 1.05
    c.drawPath(smooth([(-wide, -0.1), (-wide * 0.9, -0.85), (0, -1.12), (wide * 0.9, -0.85), (wide, -0.1), (wide * 0.98, 0.65), (0, 1.12), (-wide * 0.98, 0.65)]), ramp((-0.8, -0.9), (0.9, 0.9), mix(fur, WHITE, 0.16), fur, dark))
    fx = 0.36 * t
    if kind == "panda":
        for side in (-1, 1):
            c.save()
            c.translate(fx + side * 0.42, 0.02)
            c.rotate(-24 * side)
            _oval(c, 0, 0.03, 0.27, 0.35, fill(spots))
            c.restore()
    if kind == "cat":
        for i in (-1, 0, 1):
            c.drawPath(_curve([(fx * 0.5 + 0.2 * i, -1.02), (fx * 0.5 + 0.18 * i, -0.8), (fx * 0.5 + 0.14 * i, -0.62)]), line(dark * 0.8, 0.10))
    eye_skin = spots if kind == "panda" else fur
    who2 = Looks(kind, eye_skin, "short", dark, who.accessory, who.accent, rgb("3f7a3a") if kind == "cat" else rgb("2a1a14"))
    _oval(c, fx * 1.3, 0.48, 0.52, 0.40, fill(pale))
    _eyes(c, who2, f, fx)
    if f.mood in ("angry", "sad", "surprised"):
        _brows(c, who2, f, fx)
    x = fx * 1.55
    c.drawPath(smooth([(x - 0.17, 0.24), (x + 0.17, 0.24), (x + 0.05, 0.40), (x - 0.05, 0.40)]), fill(rgb("f08a9a") if kind in ("cat", "rabbit") else rgb("3a2a2c")))
    mouth = rgb("5c2630")
    if f.mouth > 0.08:
        path = smooth([(x - 0.20, 0.50), (x + 0.20, 0.50), (x + 0.15, 0.56 + 0.55 * f.mouth), (x - 0.15, 0.56 + 0.55 * f.mouth)])
        c.drawPath(path, fill(mouth))
        c.save()
        c.clipPath(path, doAntiAlias=True)
        _oval(c, x, 0.62 + 0.5 * f.mouth, 0.14, 0.12, fill(rgb("f2808c")))
        c.restore()
    curl = 0.10 * f.smile
    for side in (-1, 1):
        c.drawPath(_curve([(x, 0.47), (x + side * 0.10, 0.60 + curl), (x + side * 0.28, 0.52 - curl)]), line(mouth, 0.05))
    c.drawLine(x, 0.38, x, 0.48, line(mouth, 0.045))
    if kind == "rabbit":
        c.drawRoundRect(box(x - 0.10, 0.52, x + 0.10, 0.68), 0.03, 0.03, fill(rgb("fffdf6")))
        c.drawLine(x, 0.53, x, 0.67, line(rgb("cfc4b8"), 0.02))
    if kind in ("cat", "rabbit"):
        for side in (-1, 1):
            for k in (-0.12, 0.02, 0.16):
                c.drawLine(x + side * 0.34, 0.46 + k * 0.5, x + side * 0.92, 0.42 + k * 1.5, line(mix(dark, WHITE, 0.65), 0.028))
    for side in (-1, 1):
        _oval(c, fx + side * 0.68 * (1 - 0.2 * abs(t)), 0.42, 0.17, 0.11, fill(rgb("ff7f8f"), 0.38))


ACCENTS = {"crown": rgb("f7c548"), "hat": rgb("b98a55"), "helmet": rgb("e0553f")}
__all__ = ["ACCENTS", "ANIMALS", "CHILD", "MALE", "OLD", "Face", "Looks", "head", "head_back", "scarf", "star", "vivid"]
