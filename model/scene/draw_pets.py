# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""Animals that walk, fly or swim along, seen from the side and facing right."""

from __future__ import annotations

import math

from model.scene.draw_paint import (
    INK,
    WHITE,
    Colour,
    box,
    fill,
    line,
    luma,
    mix,
    polygon,
    ramp,
    smooth,
)
from model.scene.draw_thing import Thing, pale


def _quadruped(q: Thing, fur: Colour, cat: bool) -> None:
    """A dog or cat seen from the side; size is its height."""
    dark, pale = fur * 0.80, mix(fur, WHITE, 0.55)
    for i, (x, lag) in enumerate(((-0.42, 0.0), (0.24, math.pi), (-0.30, math.pi), (0.34, 0.0))):
        swing = 0.20 * math.sin(q.phase + lag)
        lift = 0.08 * max(0.0, math.cos(q.phase + lag))
        c = dark if i < 2 else fur
        path = smooth([(x, 0.05), (x + 0.4 * swing, 0.28), (x + swing, 0.46 - lift)], closed=False)
        q.c.drawPath(path, line(c, 0.13 if not cat else 0.11))
        q.oval(x + swing + 0.03, 0.465 - lift, 0.09, 0.045, fill(c))
    wag = 0.14 * math.sin(2 * q.phase)
    tail = smooth([(-0.50, -0.12), (-0.68, -0.25 + 0.3 * wag), (-0.72, -0.48 + wag), (-0.60 if cat else -0.66, -0.62 + wag)], closed=False)
    q.c.drawPath(tail, line(fur, 0.11 if not cat else 0.085))
    q.c.drawPath(smooth([(-0.54, -0.16), (-0.40, -0.30), (0.10, -0.26), (0.42, -0.34), (0.50, -0.06), (0.32, 0.16), (-0.38, 0.17), (-0.56, 0.06)]), ramp((0, -0.3), (0, 0.2), mix(fur, WHITE, 0.12), fur, dark))
    q.oval(-0.12, 0.10, 0.26, 0.07, fill(pale, 0.8))
    if not cat:
        q.c.drawPath(smooth([(-0.34, -0.28), (-0.12, -0.27), (-0.10, -0.04), (-0.32, -0.02)]), fill(dark, 0.8))
    hx, hy = 0.50, -0.42 + 0.02 * math.sin(q.phase)
    q.c.drawLine(0.38, -0.16, hx - 0.04, hy + 0.06, line(fur, 0.24))
    q.c.drawLine(0.30, -0.26, 0.48, -0.10, line(q.on("d9473c"), 0.06))
    if cat:
        for dx in (-0.15, 0.13):
            q.c.drawPath(polygon([(hx + dx - 0.11, hy - 0.12), (hx + dx, hy - 0.36), (hx + dx + 0.11, hy - 0.12)]), fill(dark))
        q.oval(hx, hy, 0.26, 0.22, fill(fur))
        q.oval(hx + 0.13, hy + 0.08, 0.13, 0.09, fill(pale))
        for k in (-0.03, 0.03):
            q.c.drawLine(hx + 0.18, hy + 0.07 + k, hx + 0.42, hy + 0.05 + 2.4 * k, line(mix(dark, WHITE, 0.6), 0.014))
    else:
        q.oval(hx, hy, 0.25, 0.23, fill(fur))
        q.c.drawRoundRect(box(hx + 0.02, hy - 0.03, hx + 0.40, hy + 0.18), 0.10, 0.10, fill(pale))
        q.c.drawPath(smooth([(hx - 0.24, hy - 0.17), (hx - 0.06, hy - 0.20), (hx - 0.06, hy + 0.20), (hx - 0.20, hy + 0.26), (hx - 0.30, hy + 0.06)]), fill(dark))
        q.oval(hx + 0.25, hy + 0.20, 0.05, 0.08, fill(q.on("f0707f")))
    q.oval(hx + (0.20 if cat else 0.40), hy + 0.01, 0.045, 0.036, fill(INK))
    for dx in (0.04,) if not cat else (-0.02, 0.17):
        q.c.drawCircle(hx + dx, hy - 0.06, 0.045, fill(INK))
        q.c.drawCircle(hx + dx + 0.012, hy - 0.075, 0.016, fill(WHITE))


def _fur(q: Thing) -> Colour:
    """A pet in a colour that fur may have: a blue dog is read as a toy, so colours are tempered."""
    return mix(q.col, q.on("b98a5c"), 0.35) if luma(q.col) > 0.16 else mix(q.col, q.on("6a5a5a"), 0.4)


def dog(q: Thing) -> None:
    _quadruped(q, _fur(q), False)


def cat(q: Thing) -> None:
    _quadruped(q, _fur(q), True)


def bird(q: Thing) -> None:
    flap = math.sin(q.phase)
    q.c.drawPath(smooth([(-0.05, -0.05), (-0.35, -0.25 - 0.75 * flap), (-0.10, -0.30 - 0.95 * flap), (0.22, -0.05)]), fill(q.col * 0.78))
    q.c.drawPath(polygon([(-0.42, 0.0), (-0.90, -0.16), (-0.86, 0.12)]), fill(q.col * 0.8))
    q.c.drawPath(smooth([(-0.50, 0.02), (-0.20, -0.26), (0.30, -0.34), (0.58, -0.16), (0.40, 0.22), (-0.10, 0.30)]), q.sheen(0.5))
    q.oval(0.12, 0.14, 0.26, 0.13, fill(pale(q.col)))
    q.c.drawPath(polygon([(0.52, -0.20), (0.80, -0.10), (0.52, -0.02)]), fill(q.on("f7a83d")))
    q.c.drawCircle(0.36, -0.14, 0.065, fill(INK))
    q.c.drawCircle(0.375, -0.16, 0.022, fill(WHITE))
    q.c.drawPath(smooth([(-0.05, -0.02), (-0.42, -0.10 - 0.6 * flap), (-0.20, -0.28 - 0.9 * flap), (0.20, 0.0)]), fill(mix(q.col, WHITE, 0.2)))


def butterfly(q: Thing) -> None:
    k = 0.30 + 0.70 * abs(math.sin(q.phase))
    for side in (-1, 1):
        for y, rx, ry, c in ((-0.22, 0.42, 0.36, q.col), (0.24, 0.30, 0.28, q.col * 0.82)):
            q.oval(side * rx * k * 1.05, y, rx * k, ry, fill(c))
            q.oval(side * rx * k * 1.05, y, rx * k * 0.55, ry * 0.55, fill(mix(c, WHITE, 0.55)))
    q.c.drawRoundRect(box(-0.055, -0.34, 0.055, 0.42), 0.05, 0.05, fill(q.on("3a2a34")))
    for side in (-1, 1):
        q.c.drawPath(smooth([(0, -0.32), (side * 0.12, -0.52), (side * 0.20, -0.62)], closed=False), line(q.on("3a2a34"), 0.03))


def fish(q: Thing) -> None:
    wag = 0.12 * math.sin(2 * q.phase)
    q.c.drawPath(polygon([(-0.30, 0.0), (-0.56, -0.22 + wag), (-0.48, wag), (-0.56, 0.22 + wag)]), fill(q.col * 0.85))
    q.c.drawPath(smooth([(-0.10, -0.18), (0.05, -0.36), (0.20, -0.16)]), fill(q.col * 0.82))
    q.c.drawPath(smooth([(-0.38, 0.0), (-0.10, -0.25), (0.28, -0.22), (0.50, 0.0), (0.28, 0.22), (-0.10, 0.25)]), q.sheen(0.4))
    q.c.save()
    for x in (-0.08, 0.10):
        q.c.drawPath(smooth([(x - 0.03, -0.21), (x + 0.05, 0.0), (x - 0.03, 0.21), (x + 0.03, 0.21), (x + 0.11, 0.0), (x + 0.03, -0.21)]), fill(pale(q.col), 0.85))
    q.c.restore()
    q.oval(0.02, 0.10 - wag * 0.3, 0.10, 0.055, fill(q.col * 0.78))
    q.c.drawCircle(0.31, -0.05, 0.065, fill(WHITE))
    q.c.drawCircle(0.325, -0.05, 0.035, fill(INK))
