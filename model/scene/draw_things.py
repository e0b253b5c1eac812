# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""What stands about in the world: trees, clouds, houses, flowers, furniture. Each is one function of a
brush and a place; y is the foot of the thing unless it hangs."""

from __future__ import annotations

import math

import numpy as np
import skia

from model.scene.draw_paint import (
    WHITE,
    Brush,
    Colour,
    fill,
    glow,
    line,
    mix,
    polygon,
    ramp,
    rgb,
    smooth,
    star,
    vivid,
)


def lit(b: Brush, x: float, y: float, r: float, colour: Colour, by: float = 0.22) -> skia.Paint:
    """A gradient from the lit upper left of a round thing to its shaded lower right."""
    return ramp((x - r, y - r), (x + r * 0.8, y + r), mix(colour, WHITE, by), colour, colour * (1 - by * 0.8))


def scallop(x0: float, x1: float, y0: float, y1: float) -> skia.Path:
    """A strip with a round lower end, as awnings are cut."""
    path = skia.Path()
    drop = min(0.6 * (x1 - x0), y1 - y0)
    path.moveTo(x0, y0)
    path.lineTo(x1, y0)
    path.lineTo(x1, y1 - drop)
    path.cubicTo(x1, y1 + 0.1 * drop, x0, y1 + 0.1 * drop, x0, y1 - drop)
    path.close()
    return path


def cloud(b: Brush, x: float, y: float, w: float, colour: Colour) -> None:
    puffs = ((-0.36, 0.0, 0.20), (-0.12, -0.12, 0.27), (0.16, -0.08, 0.24), (0.38, 0.02, 0.17))
    path = skia.Path()
    for dx, dy, r in puffs:
        path.addCircle(x + dx * w, y + dy * w, r * w)
    path.addRoundRect(skia.Rect(x - 0.56 * w, y - 0.06 * w, x + 0.55 * w, y + 0.19 * w), 0.12 * w, 0.12 * w)
    path = skia.Simplify(path) or path
    b.path(path, ramp((x, y - 0.4 * w), (x, y + 0.2 * w), mix(colour, WHITE, 0.5), colour))


def tree(b: Brush, x: float, y: float, h: float, leaf: Colour, trunk: Colour, r: np.random.Generator) -> None:
    """A round-headed tree of three overlapping sheets."""
    t = h * 0.045
    b.path(
        polygon([(x - t * 1.5, y), (x - t * 0.7, y - h * 0.55), (x + t * 0.7, y - h * 0.55), (x + t * 1.5, y)]),
        ramp((x - t, y), (x + t, y), mix(trunk, WHITE, 0.12), trunk * 0.8),
    )
    b.path(polygon([(x, y - 0.34 * h), (x + 0.15 * h, y - 0.55 * h), (x + 0.04 * h, y - 0.45 * h)]), fill(trunk))
    lean = r.uniform(-0.03, 0.03) * h
    for dx, dy, s, dark in ((-0.17, -0.52, 0.20, 0.86), (0.18, -0.55, 0.21, 0.80), (0.01, -0.73, 0.27, 1.0)):
        cx, cy, rad = x + dx * h + lean, y + dy * h, s * h
        points = []
        for i in range(12):
            a = i * math.tau / 12
            wob = 1 + 0.09 * math.sin(3 * a + 6 * r.random())
            points.append((cx + rad * wob * math.cos(a), cy + rad * 0.93 * wob * math.sin(a)))
        b.path(smooth(points), lit(b, cx, cy, rad, leaf * dark))
    for _ in range(7):
        cx, cy = x + r.uniform(-0.2, 0.2) * h + lean, y - r.uniform(0.5, 0.9) * h
        b.path(
            smooth([(cx - 0.03 * h, cy), (cx, cy - 0.02 * h), (cx + 0.03 * h, cy), (cx, cy + 0.008 * h)]),
            fill(mix(leaf, WHITE, 0.3), 0.5),
        )


def pine(b: Brush, x: float, y: float, h: float, leaf: Colour, trunk: Colour, snow: bool = False) -> None:
    b.rect(x - 0.03 * h, y - 0.2 * h, x + 0.03 * h, y, fill(trunk))
    for i in range(4):
        w, top = h * (0.27 - 0.05 * i), y - h * (0.14 + 0.21 * i)
        c = mix(leaf, WHITE, 0.06 * i)
        peak = top - h * 0.30
        b.path(
            smooth([(x - w, top + 0.01 * h), (x - w * 0.2, top - 0.02 * h), (x + w * 0.2, top), (x + w, top + 0.01 * h), (x + 0.01 * h, peak - 0.05 * h), (x - 0.01 * h, peak - 0.05 * h)]),
            ramp((x - w, top), (x + w, top), mix(c, WHITE, 0.12), c * 0.82),
        )
        if snow or b.light.snowy:
            b.path(
                smooth([(x - w * 0.5, top - h * 0.12), (x, peak - 0.04 * h), (x + w * 0.45, top - h * 0.13), (x, top - h * 0.09)]),
                fill(b.on("f6faff"), 0.95),
            )


def palm(b: Brush, x: float, y: float, h: float, r: np.random.Generator) -> None:
    bend = r.choice([-1, 1]) * h * r.uniform(0.08, 0.16)
    trunk = b.on("a8774a")
    path = skia.Path()
    path.moveTo(x, y)
    path.quadTo(x + bend * 0.2, y - h * 0.6, x + bend, y - h)
    b.path(path, line(trunk * 0.82, 0.052 * h))
    b.path(path, line(trunk, 0.034 * h))
    measure = skia.PathMeasure(path, False)
    for i in range(1, 9):
        p, _ = measure.getPosTan(measure.getLength() * i / 9)
        b.canvas.drawLine(p.x() - 0.022 * h, p.y(), p.x() + 0.022 * h, p.y() - 0.008 * h, line(trunk * 0.7, 0.008 * h))
    tx, ty = x + bend, y - h
    for i, a in enumerate((-2.95, -2.45, -1.9, -1.25, -0.7, -0.2, 0.25, 2.85)):
        ex, ey = tx + 0.42 * h * math.cos(a), ty + 0.30 * h * math.sin(a) + 0.13 * h
        mx, my = (tx + ex) / 2, min(ty, (ty + ey) / 2) - 0.11 * h
        leaf = skia.Path()
        leaf.moveTo(tx, ty)
        leaf.quadTo(mx, my - 0.05 * h, ex, ey)
        leaf.quadTo(mx, my + 0.07 * h, tx, ty)
        c = b.on(("4cae5e", "36914f", "5fbf69")[i % 3])
        b.path(leaf, ramp((tx, ty), (ex, ey), c * 0.85, mix(c, WHITE, 0.15)))
    for dx in (-0.022, 0.02):
        b.oval(tx + dx * h, ty + 0.03 * h, 0.022 * h, 0.024 * h, fill(b.on("7a5230")))


def cactus(b: Brush, x: float, y: float, h: float, r: np.random.Generator) -> None:
    green = b.on("4d9a62")
    w = 0.15 * h
    for pts in (
        [(x, y), (x, y - h)],
        [(x, y - 0.38 * h), (x - 0.24 * h, y - 0.38 * h), (x - 0.24 * h, y - 0.66 * h)],
        [(x, y - 0.52 * h), (x + 0.22 * h, y - 0.52 * h), (x + 0.22 * h, y - 0.80 * h)],
    ):
        path = skia.Path()
        path.moveTo(*pts[0])
        for p in pts[1:]:
            path.lineTo(*p)
        b.path(path, line(green * 0.8, w if len(pts) == 2 else w * 0.72))
        b.canvas.save()
        b.canvas.translate(-0.012 * h, -0.006 * h)
        b.path(path, line(green, w * 0.8 if len(pts) == 2 else w * 0.55))
        b.canvas.restore()
    for i in range(5):
        b.canvas.drawCircle(x + 0.05 * h, y - (0.2 + 0.16 * i) * h, 0.008 * h, fill(b.on("fff3c0"), 0.8))
    b.path(star(x - 0.01 * h, y - h - 0.06 * h, 0.06 * h, 6, 0.55), fill(b.on("ff7fa8")))


def bush(b: Brush, x: float, y: float, w: float, leaf: Colour, berries: str | None = None) -> None:
    for dx, s in ((-0.3, 0.26), (0.3, 0.27), (0.0, 0.36)):
        cx, cy = x + dx * w, y - s * w * 0.75
        b.oval(cx, cy, s * w, s * w, lit(b, cx, cy, s * w, leaf))
    b.rect(x - 0.5 * w, y - 0.05 * w, x + 0.5 * w, y + 0.02 * w, fill(leaf * 0.85), 0.03 * w)
    if berries:
        for i in range(8):
            a = i * 2.4
            b.canvas.drawCircle(x + 0.4 * w * math.cos(a) * (0.4 + 0.07 * i), y - 0.32 * w + 0.2 * w * math.sin(a), 0.045 * w, fill(b.on(berries)))


def flower(b: Brush, x: float, y: float, h: float, colour: Colour) -> None:
    b.canvas.drawLine(x, y, x, y - h, line(b.on("3f8a44"), 0.1 * h))
    b.path(smooth([(x, y - 0.2 * h), (x + 0.25 * h, y - 0.5 * h), (x + 0.05 * h, y - 0.4 * h)]), fill(b.on("58a850")))
    for i in range(5):
        a = i * math.tau / 5 - 0.3
        b.canvas.drawCircle(x + 0.2 * h * math.cos(a), y - h + 0.2 * h * math.sin(a), 0.17 * h, fill(colour * (0.93 + 0.07 * (i % 2))))
    b.canvas.drawCircle(x, y - h, 0.13 * h, fill(b.on("ffd65c")))


def grass(b: Brush, x: float, y: float, h: float, colour: Colour, r: np.random.Generator) -> None:
    for _ in range(5):
        dx, bend = r.uniform(-0.4, 0.4) * h, r.uniform(-0.45, 0.45) * h
        hh = h * r.uniform(0.6, 1.1)
        b.path(
            smooth([(x + dx - 0.07 * h, y + 0.1 * h), (x + dx - 0.03 * h, y - hh * 0.6), (x + dx + bend, y - hh), (x + dx + bend, y - hh), (x + dx + 0.07 * h, y - 0.4 * hh), (x + dx + 0.09 * h, y + 0.1 * h)]),
            fill(colour * r.uniform(0.88, 1.1)),
        )


def rock(b: Brush, x: float, y: float, w: float, colour: Colour, r: np.random.Generator) -> None:
    pts = [(x - 0.5 * w, y + 0.02 * w), (x - 0.44 * w, y - 0.22 * w * r.uniform(0.8, 1.3)), (x - 0.1 * w, y - 0.42 * w * r.uniform(0.8, 1.2)), (x + 0.3 * w, y - 0.30 * w), (x + 0.5 * w, y + 0.02 * w)]
    b.path(polygon(pts), ramp((x - 0.5 * w, y - 0.4 * w), (x + 0.4 * w, y), mix(colour, WHITE, 0.25), colour * 0.78))
    b.path(polygon([pts[1], pts[2], (x - 0.16 * w, y - 0.12 * w)]), fill(WHITE, 0.14))


def post_lamp(b: Brush, x: float, y: float, h: float, colour: str = "3b4058") -> None:
    c = b.on(colour)
    b.rect(x - 0.014 * h, y - h * 0.9, x + 0.014 * h, y, fill(c))
    b.rect(x - 0.04 * h, y - 0.05 * h, x + 0.04 * h, y, fill(c), 0.01)
    b.path(polygon([(x - 0.05 * h, y - h), (x + 0.05 * h, y - h), (x + 0.035 * h, y - 0.88 * h), (x - 0.035 * h, y - 0.88 * h)]), fill(rgb("ffe9a8") if b.light.lamps else b.on("e4edf4")))
    b.path(polygon([(x - 0.065 * h, y - h), (x, y - 1.05 * h), (x + 0.065 * h, y - h)]), fill(c))
    if b.light.lamps:
        b.canvas.drawCircle(x, y - 0.94 * h, 0.36 * h, glow(x, y - 0.94 * h, 0.36 * h, rgb("ffdf8c"), 0.6))


def window(b: Brush, x: float, y: float, w: float, h: float, wall: Colour, on: bool) -> None:
    pane = rgb("ffdf8a") if on else mix(wall, rgb("26385c") * b.light.tint, 0.55)
    b.rect(x, y, x + w, y + h, fill(pane))
    if not on:
        b.path(polygon([(x, y), (x + w * 0.7, y), (x, y + h * 0.7)]), fill(WHITE, 0.12))


def tower_block(b: Brush, x: float, w: float, h: float, wall: Colour, foot: float, r: np.random.Generator, windows: bool, gap: tuple[float, float] = (0.062, 0.085)) -> None:
    """A house of a skyline: lit side, roof edge, sometimes a water tank, windows of which some shine."""
    top = foot - h
    b.rect(x, top, x + w, foot, ramp((x, top), (x + w, foot), mix(wall, WHITE, 0.14), wall * 0.9))
    b.rect(x - 0.008, top - 0.015, x + w + 0.008, top + 0.012, fill(mix(wall, WHITE, 0.25)))
    kind = r.random()
    if kind < 0.22:
        b.rect(x + 0.3 * w, top - 0.09, x + 0.55 * w, top - 0.01, fill(wall * 0.8))
        b.path(polygon([(x + 0.27 * w, top - 0.09), (x + 0.425 * w, top - 0.14), (x + 0.58 * w, top - 0.09)]), fill(wall * 0.65))
    elif kind < 0.4:
        b.canvas.drawLine(x + w * 0.6, top, x + w * 0.6, top - 0.12, line(wall * 0.7, 0.008))
    if windows:
        dx, dy = gap
        for yy in np.arange(top + 0.035, foot - 0.03, dy):
            for xx in np.arange(x + 0.022, x + w - 0.045, dx):
                window(b, float(xx), float(yy), 0.030, 0.045, wall, bool(r.random() < (0.6 if b.light.lamps else 0.06)))


def cottage(b: Brush, x: float, y: float, w: float, wall: str, roof: str, r: np.random.Generator) -> None:
    c, rc = b.on(wall), b.on(roof)
    h = 0.72 * w
    b.rect(x - w / 2, y - h, x + w / 2, y, ramp((x - w / 2, y - h), (x + w / 2, y), mix(c, WHITE, 0.15), c * 0.9))
    b.path(polygon([(x - 0.62 * w, y - h), (x - 0.30 * w, y - h - 0.45 * w), (x + 0.30 * w, y - h - 0.45 * w), (x + 0.62 * w, y - h)]), ramp((x, y - h - 0.45 * w), (x, y - h), mix(rc, WHITE, 0.12), rc * 0.88))
    b.rect(x + 0.12 * w, y - h - 0.58 * w, x + 0.24 * w, y - h - 0.3 * w, fill(rc * 0.75))
    for sx in (-0.34, 0.12):
        b.rect(x + sx * w - 0.015, y - 0.62 * h - 0.015, x + (sx + 0.22) * w + 0.015, y - 0.62 * h + 0.25 * w + 0.015, fill(b.on("fffaf0")))
        window(b, x + sx * w, y - 0.62 * h, 0.22 * w, 0.25 * w, c, b.light.lamps)
    b.rect(x - 0.07 * w, y - 0.4 * w, x + 0.08 * w, y, fill(b.on("7a4c30")), 0.02)


def bunting(b: Brush, y: float, sag: float, every: float = 0.5) -> None:
    """A string of small flags over the whole width."""
    colours = ("e85d4f", "f7c548", "4fb0a5", "5b7fd6", "f08fb0")
    x = math.floor(b.x0 / every) * every
    while x < b.x1 + every:
        path = skia.Path()
        path.moveTo(x, y)
        path.quadTo(x + every / 2, y + 2 * sag, x + every, y)
        b.path(path, line(b.on("6a5a55"), 0.006))
        for i in range(5):
            t = (i + 0.5) / 5
            fx, fy = x + every * t, y + 4 * sag * t * (1 - t)
            c = b.on(colours[(i + round(x / every)) % 5])
            b.path(polygon([(fx - 0.032, fy - 0.002), (fx + 0.032, fy - 0.002), (fx, fy + 0.075)]), ramp((fx, fy), (fx, fy + 0.07), c, c * 0.85))
        x += every


def fairy_lights(b: Brush, y: float, sag: float, every: float = 0.6) -> None:
    x = math.floor(b.x0 / every) * every
    while x < b.x1 + every:
        path = skia.Path()
        path.moveTo(x, y)
        path.quadTo(x + every / 2, y + 2 * sag, x + every, y)
        b.path(path, line(b.on("4a4250"), 0.006))
        for i in range(6):
            t = (i + 0.5) / 6
            b.lamp(x + every * t, y + 4 * sag * t * (1 - t) + 0.014, 0.014, ("ffe08a", "ffb0a0", "a8e0ff")[i % 3], 3.2)
        x += every


def column(b: Brush, x: float, top: float, foot: float, w: float, colour: Colour) -> None:
    b.rect(x - w / 2, top, x + w / 2, foot, ramp((x - w / 2, 0), (x + w / 2, 0), mix(colour, WHITE, 0.25), colour, colour * 0.78))
    for y in (top, foot - 0.05):
        b.rect(x - 0.68 * w, y, x + 0.68 * w, y + 0.05, fill(mix(colour, WHITE, 0.15)), 0.012)


def potted(b: Brush, x: float, y: float, h: float, r: np.random.Generator, pot: str = "d98a57") -> None:
    green = b.on("4f9f5c")
    for i, a in enumerate((-2.6, -2.1, -1.57, -1.05, -0.55)):
        ex, ey = x + 0.36 * h * math.cos(a), y - 0.35 * h + 0.55 * h * math.sin(a) * r.uniform(0.85, 1.1)
        mx, my = (x + ex) / 2, (y - 0.3 * h + ey) / 2
        nx, ny = -math.sin(a) * 0.1 * h, math.cos(a) * 0.1 * h
        leaf = skia.Path()
        leaf.moveTo(x, y - 0.3 * h)
        leaf.quadTo(mx + nx, my + ny, ex, ey)
        leaf.quadTo(mx - nx, my - ny, x, y - 0.3 * h)
        b.path(leaf, fill(green * (0.82 + 0.09 * i)))
    c = b.on(pot)
    b.path(polygon([(x - 0.16 * h, y - 0.34 * h), (x + 0.16 * h, y - 0.34 * h), (x + 0.11 * h, y), (x - 0.11 * h, y)]), ramp((x - 0.15 * h, y), (x + 0.15 * h, y), mix(c, WHITE, 0.2), c * 0.8))
    b.rect(x - 0.18 * h, y - 0.38 * h, x + 0.18 * h, y - 0.31 * h, fill(mix(c, WHITE, 0.1)), 0.01)


def books(b: Brush, x0: float, x1: float, foot: float, h: float, r: np.random.Generator) -> None:
    """A shelf's worth of spines from x0 to x1."""
    palette = ("c8553d", "e0a458", "588b8b", "3d5a80", "8d5a97", "f2d7a0", "6a994e", "a44a3f", "34495e")
    x = x0
    while x < x1 - 0.012:
        w = min(r.uniform(0.016, 0.036), x1 - x)
        hh = h * r.uniform(0.68, 0.97)
        c = b.on(palette[int(r.integers(len(palette)))])
        if r.random() < 0.9:
            b.rect(x, foot - hh, x + w - 0.002, foot, ramp((x, 0), (x + w, 0), mix(c, WHITE, 0.12), c * 0.85))
            b.rect(x + 0.2 * w, foot - 0.8 * hh, x + 0.75 * w, foot - 0.72 * hh, fill(mix(c, WHITE, 0.6), 0.7))
        x += w


def framed(b: Brush, x: float, y: float, w: float, h: float, motif: int, frame: str = "8a5a3a") -> None:
    """A small landscape on a wall."""
    b.rect(x - w / 2, y - h / 2, x + w / 2, y + h / 2, fill(b.on(frame)), 0.01)
    k = 0.014
    b.rect(x - w / 2 + k, y - h / 2 + k, x + w / 2 - k, y + h / 2 - k, ramp((x, y - h / 2), (x, y + h / 2), b.on(("a8d8ea", "ffd3a5", "cdb4db")[motif % 3]), b.on("f7f3e3")))
    b.canvas.save()
    b.canvas.clipRect(skia.Rect(x - w / 2 + k, y - h / 2 + k, x + w / 2 - k, y + h / 2 - k))
    b.oval(x - 0.1 * w, y + 0.55 * h, 0.5 * w, 0.45 * h, fill(b.on(("6fae6a", "c8553d", "5b7fa8")[motif % 3])))
    b.oval(x + 0.3 * w, y + 0.6 * h, 0.5 * w, 0.4 * h, fill(b.on(("8cc56f", "e08d5a", "86a8c8")[motif % 3])))
    b.canvas.drawCircle(x + 0.22 * w, y - 0.18 * h, 0.09 * w, fill(b.on("fff2b8")))
    b.canvas.restore()


def outdoors_window(b: Brush, x: float, y: float, w: float, h: float, curtain: str | None) -> None:
    """A window in a wall with the sky of the hour behind it; y is its top."""
    top, mid, low = b.light.sky
    white = b.on("fffaf0")
    b.rect(x - w / 2 - 0.03, y - 0.03, x + w / 2 + 0.03, y + h + 0.03, fill(white), 0.02)
    b.rect(x - w / 2, y, x + w / 2, y + h, ramp((x, y), (x, y + h), top, mid, low))
    b.canvas.save()
    b.canvas.clipRect(skia.Rect(x - w / 2, y, x + w / 2, y + h))
    if b.light.time == "night":
        b.canvas.drawCircle(x + 0.2 * w, y + 0.25 * h, 0.09 * w, fill(rgb("fff4d0")))
        for i in range(9):
            b.canvas.drawCircle(x - 0.45 * w + (i * 0.37 % 0.9) * w, y + (i * 0.23 % 0.6) * h, 0.004, fill(WHITE, 0.9))
    else:
        cloud(b, x - 0.1 * w, y + 0.3 * h, 0.42 * w, mix(low, WHITE, 0.6))
    green = vivid(rgb("6aa86a") * mix(np.array(b.light.tint), rgb("8088b0"), 0.3), 0)
    b.oval(x - 0.3 * w, y + 1.05 * h, 0.5 * w, 0.3 * h, fill(green))
    b.oval(x + 0.35 * w, y + 1.08 * h, 0.5 * w, 0.28 * h, fill(green * 0.88))
    b.canvas.restore()
    b.rect(x - 0.008, y, x + 0.008, y + h, fill(white))
    b.rect(x - w / 2, y + 0.48 * h, x + w / 2, y + 0.48 * h + 0.016, fill(white))
    b.rect(x - w / 2 - 0.06, y + h + 0.02, x + w / 2 + 0.06, y + h + 0.055, fill(white * 0.94), 0.01)
    if curtain:
        c = b.on(curtain)
        for side in (-1, 1):
            path = skia.Path()
            path.moveTo(x + side * (w / 2 + 0.09), y - 0.07)
            path.lineTo(x + side * w * 0.22, y - 0.07)
            path.quadTo(x + side * w * 0.30, y + 0.55 * h, x + side * (w / 2 + 0.01), y + h + 0.09)
            path.lineTo(x + side * (w / 2 + 0.11), y + h + 0.09)
            path.close()
            b.path(path, ramp((x + side * 0.2 * w, 0), (x + side * (w / 2 + 0.1), 0), mix(c, WHITE, 0.14), c * 0.85, c, c * 0.85))
        b.rect(x - w / 2 - 0.13, y - 0.095, x + w / 2 + 0.13, y - 0.07, fill(b.on("8a5a3a")), 0.01)
