# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""Things: one function a kind, drawn around its centre in units of its own size, y down, facing right.

`phase` is the thing's own cycle in radians (legs, wings, wheels, strings); `col` its colour, already
lit. `behind`/`front` split what has a person in the middle: a boat's far and near side, a bicycle.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import skia

from model.scene.draw_paint import (
    INK,
    WHITE,
    box,
    fill,
    glow,
    heart,
    line,
    mix,
    polygon,
    ramp,
    rgb,
    smooth,
    star,
)
from model.scene.draw_pets import bird, butterfly, cat, dog, fish
from model.scene.draw_thing import Thing, pale


def ball(q: Thing) -> None:
    q.c.drawCircle(0, 0, 0.5, fill(pale(q.col)))
    for i in range(3):
        a = i * math.tau / 3
        w = math.tau / 6
        pts = [(0.0, 0.0)] + [(0.5 * math.cos(a + w * k / 6), 0.5 * math.sin(a + w * k / 6)) for k in range(7)]
        q.c.drawPath(polygon(pts), fill(q.col))
    q.c.drawCircle(0, 0, 0.5, ramp((-0.4, -0.5), (0.4, 0.5), WHITE, q.col, INK, alphas=(0.30, 0.0, 0.28)))
    q.c.drawCircle(0, 0, 0.11, fill(mix(q.col, WHITE, 0.5)))


def balloon(q: Thing) -> None:
    q.c.drawPath(smooth([(-0.42, -0.18), (-0.36, -0.52), (0, -0.62), (0.36, -0.52), (0.42, -0.18), (0.24, 0.22), (0, 0.38), (-0.24, 0.22)]), q.sheen(0.45))
    q.c.drawPath(polygon([(0, 0.30), (-0.06, 0.42), (0.06, 0.42)]), fill(q.col * 0.8))
    q.oval(-0.15, -0.26, 0.07, 0.13, fill(WHITE, 0.65))


def boat_back(q: Thing) -> None:
    wood = q.on("a8744a")
    q.c.drawLine(-0.24, 0.1, -0.24, -0.85, line(wood * 0.8, 0.028))
    q.c.drawPath(polygon([(-0.23, -0.83), (-0.21, -0.08), (0.16, -0.08)]), ramp((-0.2, -0.8), (0.1, 0), rgb("ffffff"), q.on("f2e6d2")))
    q.c.drawPath(polygon([(-0.26, -0.72), (-0.26, -0.08), (-0.46, -0.08)]), fill(q.col))
    flutter = 0.02 * math.sin(q.phase)
    q.c.drawPath(polygon([(-0.24, -0.86), (-0.40, -0.82 + flutter), (-0.24, -0.78)]), fill(q.on("f7c548")))
    q.c.drawPath(smooth([(-0.50, -0.10), (0.52, -0.10), (0.46, 0.0), (-0.44, 0.0)]), fill(q.col * 0.55))


def boat_front(q: Thing) -> None:
    q.c.drawPath(smooth([(-0.54, -0.10), (-0.54, -0.10), (0, -0.05), (0.60, -0.13), (0.60, -0.13), (0.42, 0.14), (0.30, 0.16), (-0.36, 0.16), (-0.46, 0.13)]), ramp((0, -0.1), (0, 0.16), mix(q.col, WHITE, 0.12), q.col * 0.8))
    q.c.drawPath(smooth([(-0.53, -0.085), (0, -0.035), (0.585, -0.11)], closed=False), line(pale(q.col), 0.026))
    for y in (0.03, 0.08):
        q.c.drawPath(smooth([(-0.46, y), (0, y + 0.02), (0.46, y - 0.01)], closed=False), line(q.col * 0.68, 0.008))
    s = math.sin(q.phase)
    q.c.drawLine(0.10 + 0.06 * s, -0.16, 0.30 - 0.16 * s, 0.20 + 0.03 * s, line(q.on("d9a863"), 0.022))
    q.oval(0.31 - 0.17 * s, 0.22 + 0.03 * s, 0.05, 0.022, fill(q.on("c08f4f")))
















def umbrella(q: Thing) -> None:
    q.c.drawLine(0, -0.45, 0, 0.44, line(q.on("6a4a34"), 0.028))
    q.c.drawPath(smooth([(0, 0.42), (0.0, 0.50), (0.07, 0.50), (0.075, 0.44)], closed=False), line(q.on("6a4a34"), 0.034))
    for i in range(6):
        x0, x1 = -0.62 + i * 1.24 / 6, -0.62 + (i + 1) * 1.24 / 6
        path = skia.Path()
        path.moveTo(0, -0.48)
        path.quadTo(x0 * 0.92, -0.42, x0, -0.10)
        path.quadTo((x0 + x1) / 2, -0.20, x1, -0.10)
        path.quadTo(x1 * 0.92, -0.42, 0, -0.48)
        q.c.drawPath(path, fill(q.col * (1.0 - 0.07 * abs(i - 1.5)) if i % 2 else mix(q.col, WHITE, 0.22)))
    q.c.drawLine(0, -0.54, 0, -0.46, line(q.on("6a4a34"), 0.03))


def skateboard(q: Thing) -> None:
    for x in (-0.29, 0.29):
        q.c.drawCircle(x, 0.055, 0.072, fill(q.on("f4e6c8")))
        q.c.drawCircle(x, 0.055, 0.03, fill(q.on("6a6a74")))
        q.c.drawLine(x, 0.055, x + 0.06 * math.cos(q.phase), 0.055 + 0.06 * math.sin(q.phase), line(q.on("b5a88a"), 0.02))
    q.c.drawPath(smooth([(-0.54, -0.10), (-0.40, -0.055), (0.40, -0.055), (0.54, -0.10), (0.56, -0.06), (0.42, 0.0), (-0.42, 0.0), (-0.56, -0.06)]), q.sheen(0.3))


def _wheel(q: Thing, x: float, y: float, r: float) -> None:
    q.c.drawCircle(x, y, r, line(q.on("2d2d38"), 0.035))
    q.c.drawCircle(x, y, r * 0.86, line(q.on("c9ced8"), 0.012))
    for i in range(6):
        a = q.phase + i * math.pi / 3
        q.c.drawLine(x, y, x + r * 0.85 * math.cos(a), y + r * 0.85 * math.sin(a), line(q.on("c9ced8"), 0.008))
    q.c.drawCircle(x, y, 0.026, fill(q.on("5a5a66")))


def bicycle(q: Thing) -> None:
    """Size is its length; its centre lies 0.30 u over the ground, so wheels reach down to 0.315."""
    y, r = 0.135, 0.180
    _wheel(q, -0.31, y, r)
    _wheel(q, 0.31, y, r)
    tube = line(q.col, 0.034)
    seat, crank, bars = (-0.13, -0.14), (-0.02, y + 0.02), (0.22, -0.16)
    for a, b in ((seat, crank), (crank, bars), (seat, (0.215, -0.12)), ((-0.31, y), seat), ((-0.31, y), crank), (bars, (0.31, y))):
        q.c.drawLine(*a, *b, tube)
    q.c.drawLine(*seat, -0.155, -0.235, line(q.on("5a5a66"), 0.024))
    q.c.drawPath(smooth([(-0.25, -0.25), (-0.08, -0.26), (-0.08, -0.22), (-0.20, -0.215)]), fill(q.on("3a2a2a")))
    q.c.drawPath(smooth([(0.22, -0.16), (0.21, -0.30), (0.27, -0.36), (0.20, -0.37)], closed=False), line(q.on("3a3a44"), 0.026))
    q.c.drawCircle(*crank, 0.045, fill(q.on("5a5a66")))
    for k in (0.0, math.pi):
        ex, ey = crank[0] + 0.075 * math.cos(q.phase + k), crank[1] + 0.075 * math.sin(q.phase + k)
        q.c.drawLine(*crank, ex, ey, line(q.on("5a5a66"), 0.02))
        q.c.drawLine(ex - 0.035, ey, ex + 0.035, ey, line(q.on("2d2d38"), 0.022))
    q.c.drawRoundRect(box(0.26, -0.29, 0.40, -0.17), 0.02, 0.02, ramp((0.26, -0.29), (0.4, -0.17), q.on("e0b070"), q.on("b5804a")))


def kite(q: Thing) -> None:
    q.c.drawPath(polygon([(0, -0.62), (0.40, -0.08), (0, 0.60), (-0.40, -0.08)]), q.sheen(0.5))
    second = pale(q.col)
    q.c.drawPath(polygon([(0, -0.62), (0.40, -0.08), (0, -0.08)]), fill(second))
    q.c.drawPath(polygon([(0, 0.60), (-0.40, -0.08), (0, -0.08)]), fill(second))
    x, y = 0.0, 0.60
    for i in range(5):
        nx, ny = 0.16 * math.sin(q.phase + 1.1 * i), y + 0.24
        q.c.drawLine(x, y, nx, ny, line(q.on("5a4a44"), 0.02))
        for s in (-1, 1):
            q.c.drawPath(polygon([(nx, ny), (nx + s * 0.12, ny - 0.07), (nx + s * 0.12, ny + 0.07)]), fill(q.on(("f7c548", "4fb0a5", "e8574f")[i % 3])))
        x, y = nx, ny


def guitar(q: Thing) -> None:
    """Neck to picture left and up, as it is held."""
    q.c.save()
    q.c.rotate(-18)
    wood = mix(q.col, q.on("b5763f"), 0.35)
    q.c.drawLine(-0.12, 0.0, -0.82, 0.0, line(q.on("5f3b26"), 0.085))
    q.c.drawRoundRect(box(-0.98, -0.075, -0.78, 0.075), 0.03, 0.03, fill(q.on("4a2d1e")))
    q.c.drawPath(smooth([(-0.20, -0.20), (-0.02, -0.26), (0.10, -0.18), (0.30, -0.34), (0.54, -0.18), (0.56, 0.18), (0.30, 0.34), (0.10, 0.18), (-0.02, 0.26), (-0.20, 0.20)]), ramp((-0.2, -0.3), (0.5, 0.3), mix(wood, WHITE, 0.25), wood, wood * 0.75))
    q.c.drawCircle(0.05, 0.0, 0.10, fill(q.on("3a2318")))
    q.c.drawRoundRect(box(0.30, -0.11, 0.35, 0.11), 0.01, 0.01, fill(q.on("3a2318")))
    shake = 0.006 * math.sin(6 * q.phase)
    for i in range(3):
        y = -0.03 + 0.03 * i
        q.c.drawLine(-0.88, y, 0.33, y + shake, line(q.on("f6ecd6"), 0.008))
    q.c.restore()


def drum(q: Thing) -> None:
    q.c.drawPath(polygon([(-0.42, -0.30), (0.42, -0.30), (0.36, 0.40), (-0.36, 0.40)]), q.sheen(0.5))
    q.oval(0, 0.40, 0.36, 0.07, fill(q.col * 0.8))
    gold = q.on("f2c14e")
    for i in range(5):
        x = -0.38 + 0.19 * i
        q.c.drawLine(x, -0.22, x + 0.08, 0.36, line(gold, 0.022))
        q.c.drawLine(x + 0.16, -0.22, x + 0.08, 0.36, line(gold, 0.022))
    q.oval(0, -0.30, 0.44, 0.10, fill(gold))
    q.oval(0, -0.31, 0.40, 0.085, fill(q.on("fbf6ea")))
    for side in (-1, 1):
        lift = 0.16 * max(0.0, side * math.sin(q.phase))
        q.c.drawLine(side * 0.10, -0.34 - lift, side * 0.34, -0.62 - lift, line(q.on("c99a5f"), 0.04))
        q.c.drawCircle(side * 0.10, -0.34 - lift, 0.045, fill(q.on("c99a5f")))


def microphone(q: Thing) -> None:
    q.c.drawPath(polygon([(-0.12, -0.10), (0.12, -0.10), (0.07, 0.62), (-0.07, 0.62)]), ramp((-0.1, 0), (0.1, 0), q.on("5a5a6a"), q.on("2a2a34")))
    q.c.drawCircle(0, -0.28, 0.24, ramp((-0.2, -0.5), (0.2, 0), q.on("e4e8f0"), q.on("8a93a4")))
    for k in (-0.1, 0.0, 0.1):
        q.c.drawLine(-0.2, -0.28 + k, 0.2, -0.28 + k, line(q.on("6f7888"), 0.02))
    q.c.drawRect(box(-0.15, -0.10, 0.15, -0.03), fill(q.col))


def book(q: Thing) -> None:
    for side in (-1, 1):
        q.c.drawPath(polygon([(0, -0.42), (side * 0.66, -0.54), (side * 0.66, 0.40), (0, 0.52)]), fill(q.col * (1 if side < 0 else 0.86)))
        q.c.drawPath(smooth([(0, -0.40), (side * 0.3, -0.52), (side * 0.60, -0.46), (side * 0.60, 0.36), (side * 0.3, 0.36), (0, 0.46)]), fill(q.on("fffaf0") * (1 if side < 0 else 0.94)))
        for i in range(4):
            y = -0.26 + 0.16 * i
            q.c.drawLine(side * 0.12, y, side * 0.48, y - 0.05, line(q.on("b5a894"), 0.03))


def cup(q: Thing) -> None:
    q.c.drawCircle(0.42, 0.02, 0.20, line(q.col * 0.88, 0.10))
    q.c.drawPath(polygon([(-0.42, -0.42), (0.42, -0.42), (0.32, 0.50), (-0.32, 0.50)]), q.sheen(0.5))
    q.oval(0, -0.42, 0.42, 0.10, fill(mix(q.col, WHITE, 0.4)))
    q.oval(0, -0.41, 0.34, 0.07, fill(q.on("6a4028")))
    q.c.drawPath(heart(0, 0.08, 0.14), fill(pale(q.col)))
    for dx in (-0.14, 0.12):
        w = 0.08 * math.sin(q.phase + 8 * dx)
        q.c.drawPath(smooth([(dx, -0.55), (dx + w, -0.72), (dx - w, -0.90), (dx, -1.05)], closed=False), line(WHITE, 0.05, 0.55))


def phone(q: Thing) -> None:
    q.c.drawRoundRect(box(-0.29, -0.54, 0.29, 0.54), 0.09, 0.09, fill(q.on("23222c")))
    q.c.drawRoundRect(box(-0.24, -0.46, 0.24, 0.46), 0.05, 0.05, ramp((0, -0.4), (0, 0.4), mix(q.col, WHITE, 0.55), q.col))
    q.c.drawCircle(0, 0.0, 0.10, fill(WHITE, 0.8))


def gift(q: Thing) -> None:
    ribbon = pale(q.col)
    q.c.drawRoundRect(box(-0.44, -0.22, 0.44, 0.50), 0.03, 0.03, q.sheen(0.5))
    q.c.drawRoundRect(box(-0.50, -0.34, 0.50, -0.14), 0.03, 0.03, fill(mix(q.col, WHITE, 0.14)))
    q.c.drawRect(box(-0.08, -0.34, 0.08, 0.50), fill(ribbon))
    for side in (-1, 1):
        q.c.drawPath(smooth([(0, -0.34), (side * 0.10, -0.60), (side * 0.36, -0.58), (side * 0.32, -0.38)]), fill(ribbon * (1 if side < 0 else 0.88)))
    q.c.drawCircle(0, -0.37, 0.07, fill(ribbon * 0.92))


def flower(q: Thing) -> None:
    q.c.drawPath(smooth([(0, 0.52), (0.03, 0.15), (0, -0.20)], closed=False), line(q.on("4f9a4c"), 0.055))
    q.c.drawPath(smooth([(0.01, 0.25), (0.20, 0.08), (0.24, -0.02), (0.06, 0.12)]), fill(q.on("5cae58")))
    for i in range(7):
        a = i * math.tau / 7
        q.oval(0.17 * math.cos(a), -0.30 + 0.17 * math.sin(a), 0.115, 0.115, fill(q.col * (0.9 + 0.1 * (i % 2))))
    q.c.drawCircle(0, -0.30, 0.11, fill(q.on("ffd65c")))


def lantern(q: Thing) -> None:
    shine = 0.75 if q.light.lamps else 0.35
    q.c.drawCircle(0, 0.05, 1.5, glow(0, 0.05, 1.5, rgb("ffcf70"), shine * (0.92 + 0.08 * math.sin(3 * q.phase))))
    q.c.drawLine(0, -0.52, 0, -0.38, line(q.on("4a3a34"), 0.04))
    body = [(-0.18, -0.34), (-0.42, -0.10), (-0.42, 0.16), (-0.18, 0.40), (0.18, 0.40), (0.42, 0.16), (0.42, -0.10), (0.18, -0.34)]
    q.c.drawPath(smooth(body), ramp((0, -0.35), (0, 0.4), mix(q.col, rgb("fff0b0"), 0.55), mix(q.col, rgb("fff0b0"), 0.15)))
    for x in (-0.2, 0.0, 0.2):
        q.c.drawPath(smooth([(x * 0.6, -0.34), (x * 1.5, 0.03), (x * 0.6, 0.40)], closed=False), line(q.col * 0.7, 0.022))
    for y in (-0.36, 0.40):
        q.c.drawRoundRect(box(-0.20, y - 0.04, 0.20, y + 0.04), 0.02, 0.02, fill(q.on("5a3a2a")))
    for dx in (-0.06, 0.0, 0.06):
        q.c.drawLine(dx, 0.44, dx * 1.3, 0.60, line(q.on("f2c14e"), 0.022))


def flag(q: Thing) -> None:
    q.c.drawLine(-0.30, -0.54, -0.30, 0.54, line(q.on("8a6a4a"), 0.042))
    q.c.drawCircle(-0.30, -0.56, 0.04, fill(q.on("f2c14e")))
    top, low = [], []
    for i in range(7):
        x = -0.28 + 0.135 * i
        wave = 0.05 * i / 6 * math.sin(q.phase * 1.0 - 0.9 * i)
        top.append((x, -0.50 + wave))
        low.append((x, 0.02 + wave))
    q.c.drawPath(smooth([top[0], *top, top[-1], low[-1], *reversed(low), low[0]]), ramp((-0.3, 0), (0.55, 0), q.col * 0.9, mix(q.col, WHITE, 0.18), q.col * 0.85))
    q.c.drawPath(star(0.10, -0.24, 0.13), fill(pale(q.col)))


def ice_cream(q: Thing) -> None:
    q.c.drawPath(polygon([(-0.24, -0.04), (0.24, -0.04), (0.0, 0.58)]), ramp((-0.2, 0), (0.2, 0), q.on("f2c27a"), q.on("c98f4a")))
    for x in (-0.12, 0.0, 0.12):
        q.c.drawLine(x, -0.02, x * 0.2 + 0.06, 0.40, line(q.on("b57c3c"), 0.018))
    for x, y, r, c in ((-0.14, -0.16, 0.20, q.col), (0.15, -0.16, 0.20, mix(q.col, WHITE, 0.5)), (0.0, -0.38, 0.22, mix(q.col, rgb("fff2d8"), 0.7))):
        q.c.drawCircle(x, y, r, ramp((x - r, y - r), (x + r, y + r), mix(c, WHITE, 0.3), c * 0.92))
    q.c.drawCircle(0.02, -0.60, 0.075, fill(q.on("d8323f")))


def cake(q: Thing) -> None:
    q.oval(0, 0.46, 0.72, 0.08, fill(q.on("f0ece4")))
    q.c.drawRoundRect(box(-0.56, 0.02, 0.56, 0.46), 0.05, 0.05, q.sheen(0.5))
    q.c.drawRoundRect(box(-0.38, -0.30, 0.38, 0.06), 0.05, 0.05, fill(mix(q.col, WHITE, 0.25)))
    cream = q.on("fffaf2")
    for x0, x1, y in ((-0.56, 0.56, 0.02), (-0.38, 0.38, -0.30)):
        n = 6
        for i in range(n):
            x = x0 + (x1 - x0) * (i + 0.5) / n
            q.oval(x, y + 0.05, (x1 - x0) / n * 0.55, 0.08 + 0.03 * (i % 2), fill(cream))
    for x in (-0.18, 0.0, 0.18):
        q.c.drawLine(x, -0.32, x, -0.52, line(q.on("5b9fd6"), 0.05))
        q.c.drawCircle(x, -0.60, 0.16, glow(x, -0.6, 0.16, rgb("ffc850"), 0.7))
        q.oval(x + 0.01 * math.sin(5 * q.phase + x * 9), -0.60, 0.03, 0.06, fill(rgb("ffdc6a")))


def chair(q: Thing) -> None:
    wood = mix(q.col, q.on("a8744a"), 0.45)
    for x in (-0.34, 0.30):
        q.c.drawRect(box(x, -0.02, x + 0.06, 0.52), fill(wood * 0.8))
    q.c.drawRect(box(-0.36, -0.56, -0.29, 0.02), fill(wood * 0.9))
    for y in (-0.54, -0.38, -0.22):
        q.c.drawRoundRect(box(-0.36, y, -0.28, y + 0.10), 0.03, 0.03, fill(wood))
    q.c.drawRoundRect(box(-0.40, -0.08, 0.42, 0.02), 0.04, 0.04, ramp((0, -0.08), (0, 0.02), mix(q.col, WHITE, 0.2), q.col * 0.85))


def snowman(q: Thing) -> None:
    for y, r in ((0.24, 0.28), (-0.12, 0.20), (-0.38, 0.145)):
        q.c.drawCircle(0, y, r, ramp((-r, y - r), (r, y + r), q.on("ffffff"), q.on("eef4fc"), q.on("b9cde6")))
    for side in (-1, 1):
        q.c.drawPath(smooth([(side * 0.17, -0.14), (side * 0.34, -0.26), (side * 0.42, -0.32)], closed=False), line(q.on("6a4a34"), 0.024))
    q.c.drawPath(smooth([(-0.15, -0.27), (0.15, -0.27), (0.16, -0.21), (-0.16, -0.21)]), fill(q.col))
    q.c.drawPath(smooth([(0.06, -0.25), (0.13, -0.25), (0.14, -0.06), (0.06, -0.06)]), fill(q.col * 0.85))
    for dx in (-0.055, 0.055):
        q.c.drawCircle(dx, -0.42, 0.018, fill(INK))
    q.c.drawPath(polygon([(0, -0.39), (0.14, -0.36), (0, -0.345)]), fill(q.on("f28a3d")))
    for y in (-0.16, -0.08, 0.16, 0.28):
        q.c.drawCircle(0, y, 0.02, fill(INK))
    q.c.drawRoundRect(box(-0.16, -0.52, 0.16, -0.49), 0.01, 0.01, fill(q.on("2d2a38")))
    q.c.drawRect(box(-0.10, -0.66, 0.10, -0.50), fill(q.on("3a3648")))
    q.c.drawRect(box(-0.10, -0.55, 0.10, -0.52), fill(q.col))


def hoop_back(q: Thing) -> None:
    _hoop(q, 180)


def hoop_front(q: Thing) -> None:
    _hoop(q, 0)


def _hoop(q: Thing, start: float) -> None:
    for i in range(8):
        c = q.col if i % 2 else pale(q.col)
        arc = skia.Path()
        arc.addArc(box(-0.62, -0.16, 0.62, 0.16), start + 22.5 * i, 23)
        q.c.drawPath(arc, line(c, 0.06))


def suitcase(q: Thing) -> None:
    q.c.drawPath(smooth([(-0.14, -0.40), (-0.14, -0.56), (0.14, -0.56), (0.14, -0.40)], closed=False), line(q.on("5a3a2a"), 0.06))
    q.c.drawRoundRect(box(-0.56, -0.42, 0.56, 0.50), 0.09, 0.09, q.sheen(0.6))
    for x in (-0.34, 0.28):
        q.c.drawRect(box(x, -0.42, x + 0.07, 0.50), fill(q.on("6a4630")))
    q.c.drawPath(star(0.0, 0.02, 0.16), fill(q.on("f7c548")))


def sign(q: Thing) -> None:
    q.c.drawLine(0, 0.1, 0, 0.72, line(q.on("8a6442"), 0.08))
    q.c.drawRoundRect(box(-0.62, -0.46, 0.62, 0.24), 0.05, 0.05, fill(q.on("8a6442")))
    q.c.drawRoundRect(box(-0.56, -0.40, 0.56, 0.18), 0.04, 0.04, ramp((-0.5, -0.4), (0.5, 0.2), q.on("fffdf4"), q.on("f2e8d2")))
    q.c.drawPath(heart(-0.28, -0.10, 0.13), fill(q.col))
    for y, w in ((-0.24, 0.40), (-0.10, 0.48), (0.04, 0.34)):
        q.c.drawLine(-0.02, y, -0.02 + w, y, line(q.on("5a4a44"), 0.05))


def product(q: Thing) -> None:
    """A merchant's picture on a card, or a wrapped bottle where there is none."""
    if q.picture is None:
        q.c.drawRoundRect(box(-0.22, -0.20, 0.22, 0.50), 0.08, 0.08, q.sheen(0.4))
        q.c.drawRoundRect(box(-0.11, -0.50, 0.11, -0.20), 0.03, 0.03, fill(q.on("fbf6ea")))
        q.c.drawRoundRect(box(-0.22, 0.0, 0.22, 0.30), 0.02, 0.02, fill(pale(q.col)))
        q.c.drawPath(star(0, 0.15, 0.10), fill(q.col))
        return
    w, h = q.picture.width(), q.picture.height()
    k = 1.05 / max(w, h)
    x, y = w * k / 2, h * k / 2
    q.c.drawRoundRect(box(-x - 0.06, -y - 0.06, x + 0.06, y + 0.06), 0.05, 0.05, fill(rgb("fffdf8")))
    q.c.drawImageRect(q.picture, skia.Rect(-x, -y, x, y), skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear))


def stand(q: Thing, height: float) -> None:
    """A pedestal below a shown thing; height in units of the thing's size from its centre down."""
    s = q.on("f4efe6")
    q.c.drawPath(polygon([(-0.55, 0.56), (0.55, 0.56), (0.48, height), (-0.48, height)]), ramp((-0.5, 0), (0.5, 0), s, s * 0.78))
    q.c.drawRoundRect(box(-0.70, 0.48, 0.70, 0.62), 0.03, 0.03, ramp((-0.7, 0), (0.7, 0), WHITE * 1.0, s * 0.85))
    q.c.drawRoundRect(box(-0.62, height - 0.10, 0.62, height), 0.03, 0.03, fill(s * 0.85))


FRONT: dict[str, Callable[[Thing], None]] = {
    "ball": ball, "balloon": balloon, "boat": boat_front, "dog": dog, "cat": cat, "bird": bird,
    "butterfly": butterfly, "fish": fish, "umbrella": umbrella, "skateboard": skateboard,
    "bicycle": bicycle, "kite": kite, "guitar": guitar, "drum": drum, "microphone": microphone,
    "book": book, "cup": cup, "phone": phone, "gift": gift, "flower": flower, "lantern": lantern,
    "flag": flag, "ice_cream": ice_cream, "cake": cake, "chair": chair, "snowman": snowman,
    "hoop": hoop_front, "suitcase": suitcase, "sign": sign, "product": product,
}  # fmt: skip
BEHIND: dict[str, Callable[[Thing], None]] = {"boat": boat_back, "hoop": hoop_back}
ALWAYS_BEHIND = frozenset({"chair", "umbrella", "bicycle", "skateboard", "flag"})  # a person covers them
DIRECTED = frozenset({"dog", "cat", "bird", "fish", "bicycle", "boat", "skateboard", "chair", "guitar", "flag"})
