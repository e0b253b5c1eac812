# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""Heads that are no human ones: robots, animals that walk upright, and the astronaut's visor."""

from __future__ import annotations

import math

import skia

from model.scene.draw_faces import brows, eyes
from model.scene.draw_looks import Face, Looks, curve, oval
from model.scene.draw_paint import (
    WHITE,
    box,
    fill,
    glow,
    line,
    luma,
    mix,
    ramp,
    rgb,
    smooth,
)
from model.scene.draw_worn import worn


def visor(c: skia.Canvas, f: Face) -> None:
    oval(c, 0, -0.02, 1.42, 1.42, line(rgb("e9ecf4"), 0.20))
    oval(c, 0, -0.02, 1.34, 1.34, fill(rgb("9fd8ff"), 0.16))
    c.drawPath(curve([(-0.95, -0.45), (-0.75, -1.0), (-0.15, -1.12)]), line(WHITE, 0.13, 0.75))
    c.drawPath(curve([(0.9, 0.55), (0.75, 0.85), (0.5, 1.02)]), line(WHITE, 0.08, 0.5))
    for side in (-1, 1):
        c.drawRoundRect(box(side * 1.42 - 0.12, -0.25, side * 1.42 + 0.12, 0.28), 0.1, 0.1, fill(rgb("f2a03d")))


def robot(c: skia.Canvas, who: Looks, f: Face) -> None:
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
            c.drawPath(curve([(x - 0.17, -0.02), (x, -0.36), (x + 0.17, -0.02)]), line(rgb(shine), 0.11))
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
        c.drawPath(curve([(x - w, 0.40 - 0.08 * f.smile), (x, 0.40 + 0.2 * f.smile), (x + w, 0.40 - 0.08 * f.smile)]), line(rgb(shine), 0.08))
    oval(c, -0.55, -0.85, 0.3, 0.06, fill(WHITE, 0.6))
    if who.accessory in ("cap", "hat", "crown", "bow", "headphones"):
        worn(c, who, f, animal=True)


def animal(c: skia.Canvas, who: Looks, f: Face) -> None:
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
            oval(c, 0, 0.03, 0.27, 0.35, fill(spots))
            c.restore()
    if kind == "cat":
        for i in (-1, 0, 1):
            c.drawPath(curve([(fx * 0.5 + 0.2 * i, -1.02), (fx * 0.5 + 0.18 * i, -0.8), (fx * 0.5 + 0.14 * i, -0.62)]), line(dark * 0.8, 0.10))
    eye_skin = spots if kind == "panda" else fur
    who2 = Looks(kind, eye_skin, "short", dark, who.accessory, who.accent, rgb("3f7a3a") if kind == "cat" else rgb("2a1a14"))
    oval(c, fx * 1.3, 0.48, 0.52, 0.40, fill(pale))
    eyes(c, who2, f, fx)
    if f.mood in ("angry", "sad", "surprised"):
        brows(c, who2, f, fx)
    x = fx * 1.55
    c.drawPath(smooth([(x - 0.17, 0.24), (x + 0.17, 0.24), (x + 0.05, 0.40), (x - 0.05, 0.40)]), fill(rgb("f08a9a") if kind in ("cat", "rabbit") else rgb("3a2a2c")))
    mouth = rgb("5c2630")
    if f.mouth > 0.08:
        path = smooth([(x - 0.20, 0.50), (x + 0.20, 0.50), (x + 0.15, 0.56 + 0.55 * f.mouth), (x - 0.15, 0.56 + 0.55 * f.mouth)])
        c.drawPath(path, fill(mouth))
        c.save()
        c.clipPath(path, doAntiAlias=True)
        oval(c, x, 0.62 + 0.5 * f.mouth, 0.14, 0.12, fill(rgb("f2808c")))
        c.restore()
    curl = 0.10 * f.smile
    for side in (-1, 1):
        c.drawPath(curve([(x, 0.47), (x + side * 0.10, 0.60 + curl), (x + side * 0.28, 0.52 - curl)]), line(mouth, 0.05))
    c.drawLine(x, 0.38, x, 0.48, line(mouth, 0.045))
    if kind == "rabbit":
        c.drawRoundRect(box(x - 0.10, 0.52, x + 0.10, 0.68), 0.03, 0.03, fill(rgb("fffdf6")))
        c.drawLine(x, 0.53, x, 0.67, line(rgb("cfc4b8"), 0.02))
    if kind in ("cat", "rabbit"):
        for side in (-1, 1):
            for k in (-0.12, 0.02, 0.16):
                c.drawLine(x + side * 0.34, 0.46 + k * 0.5, x + side * 0.92, 0.42 + k * 1.5, line(mix(dark, WHITE, 0.65), 0.028))
    for side in (-1, 1):
        oval(c, fx + side * 0.68 * (1 - 0.2 * abs(t)), 0.42, 0.17, 0.11, fill(rgb("ff7f8f"), 0.38))
