# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""Places under the sky, second half: those that people built."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from model.scene.draw_outdoors import EDGE, Layer, clouds, front_grass, meadow_ground
from model.scene.draw_paint import PERIOD, WHITE, Brush, fill, line, mix, polygon, ramp, smooth, star
from model.scene.draw_things import (
    bunting,
    bush,
    column,
    fairy_lights,
    flower,
    post_lamp,
    potted,
    scallop,
    tower_block,
    tree,
    window,
)


def skyline(foot: float, low: float, high: float, walls: tuple[str, ...], far: float, windows: bool, wide: tuple[float, float] = (0.14, 0.27)) -> Callable[[Brush], None]:
    """Houses side by side over a whole period."""

    def paint(b: Brush) -> None:
        r = b.rng(int(foot * -100), 3)
        x, at, widths = 0.0, [], []
        while x < PERIOD - 0.1:
            w = min(r.uniform(*wide), PERIOD - x)
            at.append(x)
            widths.append(w)
            x += w

        def one(x: float, rr: np.random.Generator) -> None:
            w = widths[min(range(len(at)), key=lambda i: abs(at[i] - x % PERIOD))]
            wall = b.on(walls[int(rr.integers(len(walls)))], far)
            tower_block(b, x, w - 0.008, rr.uniform(low, high), wall, foot, rr, windows)

        b.each(at, one)
        b.wide(foot - 0.01, max(foot + 0.2, -0.1), fill(b.on(walls[0], far) * 0.9))

    return paint


def festoon(flags: float, flag_sag: float, lights: float, light_sag: float, depth: float) -> Layer:
    """Strings of flags and lamps over the street."""

    def paint(b: Brush) -> None:
        bunting(b, flags, flag_sag)
        fairy_lights(b, lights, light_sag)

    return Layer(paint, depth, lift=0.6)


def city() -> list[Layer]:
    def shops(b: Brush) -> None:
        fronts = ("e07a5f", "5f9ea0", "f2cc8f", "81a684", "7d6fb0", "d98aa0")

        def shop(x: float, r: np.random.Generator) -> None:
            c = b.on(fronts[round(x / 0.6) % len(fronts)])
            h = r.uniform(0.75, 1.05)
            b.rect(x, -h - 0.15, x + 0.59, -0.12, ramp((x, -h), (x + 0.59, 0), mix(c, WHITE, 0.12), c * 0.88))
            b.rect(x - 0.005, -h - 0.19, x + 0.595, -h - 0.13, fill(mix(c, WHITE, 0.4)), 0.01)
            for i in range(3):
                b.rect(x + 0.055 + 0.175 * i, -h - 0.03, x + 0.19 + 0.175 * i, -h + 0.19, fill(mix(c, WHITE, 0.5)))
                window(b, x + 0.07 + 0.175 * i, -h - 0.015, 0.105, 0.19, c, b.light.lamps and r.random() < 0.7)
                for k in range(3):
                    b.canvas.drawCircle(x + 0.085 + 0.175 * i + 0.037 * k, -h + 0.195, 0.022, fill(b.on(("6fae62", "ff8fa8")[k % 2])))
            window(b, x + 0.05, -0.47, 0.30, 0.30, c, b.light.lamps)
            b.rect(x + 0.40, -0.47, x + 0.53, -0.12, fill(c * 0.55), 0.01)
            b.canvas.drawCircle(x + 0.42, -0.30, 0.008, fill(b.on("ffe6a0")))
            for i in range(7):
                sx = x + 0.02 + 0.08 * i
                b.path(scallop(sx, sx + 0.08, -0.60, -0.45), fill(mix(c, WHITE, 0.85) if i % 2 else c * 0.78))

        b.each([0.6 * i for i in range(10)], shop)

    def street(b: Brush) -> None:
        b.wide(EDGE + 0.03, 0.12, ramp((0, EDGE), (0, 0.12), b.on("d9d3d2"), b.on("b8b1b4")))
        for i in range(60):
            x = b.x0 + (i - 0.3) * 0.3 - (b.x0 % 0.3)
            if x < b.x1:
                b.path(polygon([(x, EDGE + 0.03), (x + 0.006, EDGE + 0.03), (x - 0.05, 0.12), (x - 0.058, 0.12)]), fill(b.on("a49da2"), 0.6))
        b.wide(0.115, 0.145, fill(b.on("8f8990")))
        b.wide(0.14, b.bottom, ramp((0, 0.14), (0, 0.6), b.on("5f5e6e"), b.on("3f3e4e")))
        b.each([0.25 + 0.6 * i for i in range(10)], lambda x, r: b.path(polygon([(x, 0.30), (x + 0.24, 0.30), (x + 0.23, 0.335), (x - 0.015, 0.335)]), fill(b.on("f4d98a"))))
        b.each([0.3, 1.8, 3.3, 4.8], lambda x, r: post_lamp(b, x, -0.10, 0.95))

        def street_tree(x: float, r: np.random.Generator) -> None:
            tree(b, x, -0.10, 0.72, b.on("6bb35c"), b.on("7a5236"), r)

        b.each([1.05, 2.55, 4.05, 5.55], street_tree)

        def hydrant(x: float, r: np.random.Generator) -> None:
            c = b.on("d9473c")
            b.rect(x - 0.026, -0.15, x + 0.026, -0.03, fill(c), 0.012)
            b.oval(x, -0.15, 0.03, 0.026, fill(c * 1.05))
            b.rect(x - 0.04, -0.115, x + 0.04, -0.09, fill(c * 0.8), 0.01)

        b.each([0.75, 3.9], hydrant)

    far = skyline(-0.35, 0.75, 1.15, ("8f9fc8", "a3b0d4", "9a93c4"), 0.42, False)
    mid = skyline(-0.30, 0.45, 0.95, ("7f8fb8", "b58a9a", "6f9aa8", "8f86b8"), 0.18, True)
    return [clouds(), Layer(far, 0.08), Layer(mid, 0.3), Layer(shops, 0.75), Layer(street, 1.0)]


def park() -> list[Layer]:
    def back(b: Brush) -> None:
        skyline(-0.45, 0.25, 0.6, ("a9b5d6", "b8bfe0"), 0.45, False)(b)
        ridge = b.land(-0.47, 0.03, b.on("7fbf78", 0.2), b.on("5fa866", 0.1), (2, 3, 5))
        b.each(13, lambda x, r: tree(b, x, ridge(x) + 0.03, r.uniform(0.25, 0.4), b.on("5fae62", 0.18), b.on("6f5038"), r))

    def middle(b: Brush) -> None:
        b.land(-0.32, 0.02, b.on("9fd873"), b.on("6cb85c"), (1, 2, 4))
        b.path(smooth([(b.x0 - 1, -0.24), (b.x0 + 0.3, -0.27), (b.x1, -0.25), (b.x1 + 1, -0.23), (b.x1, -0.21), (b.x0, -0.22)]), fill(b.on("7cc6e6")))

    def ground(b: Brush) -> None:
        meadow_ground("a6dd72", "57a650")(b)
        b.land(0.02, 0.014, b.on("efdcb8"), b.on("d9bf94"), (1, 2, 3), until=0.22)
        b.land(0.19, 0.014, b.on("93d068"), b.on("4f9d4c"), (2, 3, 5))
        b.each([0.15, 2.2, 3.7, 5.2], lambda x, r: tree(b, x, -0.13, r.uniform(0.95, 1.15), b.on(("5cb35a", "78bf4f")[int(r.integers(2))]), b.on("83573a"), r))

        def bench(x: float, r: np.random.Generator) -> None:
            wood, iron = b.on("c4834b"), b.on("4a4f5c")
            for sx in (0.02, 0.38):
                b.rect(x + sx, -0.29, x + sx + 0.022, -0.06, fill(iron))
            for i in range(3):
                b.rect(x, -0.34 + 0.045 * i, x + 0.42, -0.31 + 0.045 * i, fill(wood * (1 - 0.06 * i)), 0.008)
            b.rect(x - 0.01, -0.18, x + 0.43, -0.145, fill(wood * 0.9), 0.01)

        b.each([0.75, 2.9, 4.4], bench)
        b.each([1.7, 5.8], lambda x, r: post_lamp(b, x, -0.08, 0.95))
        b.each(5, lambda x, r: bush(b, x, -0.11, r.uniform(0.18, 0.28), b.on("6dbb5c"), "ff8fa8"))

    return [clouds(), Layer(back, 0.1), Layer(middle, 0.5), Layer(ground, 1.0), front_grass("4b9a48")]


def market() -> list[Layer]:
    def stalls(b: Brush) -> None:
        pairs = (("e8574f", "c98a4b"), ("3f9fb0", "b5804b"), ("f2b03d", "a9744a"), ("6aa85a", "c08a55"))
        goods = (("f2643d", "ffb03d"), ("8fc24a", "d9e06a"), ("c2446b", "f08fa8"), ("ffd75e", "f2a03d"))

        def stall(x: float, r: np.random.Generator) -> None:
            k = int(r.integers(4))
            cloth, wood = b.on(pairs[k][0]), b.on(pairs[k][1])
            b.rect(x + 0.02, -0.98, x + 0.70, -0.35, fill(wood * 0.45))
            for sx in (0.03, 0.66):
                b.rect(x + sx, -1.0, x + sx + 0.03, -0.1, fill(wood * 0.8))
            for i in range(4):
                hx = x + 0.12 + 0.155 * i
                b.canvas.drawLine(hx, -0.85, hx, -0.77, line(wood * 0.3, 0.005))
                b.path(smooth([(hx - 0.035, -0.77), (hx + 0.035, -0.77), (hx + 0.028, -0.68), (hx - 0.028, -0.68)]), fill(b.on(goods[(k + i) % 4][0])))
            for row in range(2):
                y = -0.44 + 0.11 * row
                for i in range(4):
                    gx, c = x + 0.05 + 0.158 * i, goods[(i + row + k) % 4]
                    b.path(polygon([(gx, y), (gx + 0.15, y), (gx + 0.14, y + 0.09), (gx + 0.01, y + 0.09)]), fill(wood * (0.9 - 0.1 * row)))
                    for j in range(5):
                        b.canvas.drawCircle(gx + 0.022 + 0.026 * j, y - 0.006 - 0.012 * (j % 2), 0.021, fill(b.on(c[j % 2])))
            b.rect(x, -0.25, x + 0.72, -0.08, ramp((x, -0.25), (x, -0.08), wood, wood * 0.75))
            for i in range(1, 6):
                b.rect(x + 0.12 * i, -0.25, x + 0.12 * i + 0.005, -0.08, fill(wood * 0.6))
            for i in range(6):
                sx = x - 0.03 + 0.13 * i
                b.path(scallop(sx, sx + 0.13, -1.13, -0.89), fill(cloth if i % 2 == 0 else b.on("fff8ea")))
            b.lamp(x + 0.36, -0.82, 0.03)

        b.each([0.05 + 0.86 * i for i in range(6)] + [5.18], stall)

    def lane(b: Brush) -> None:
        b.wide(EDGE + 0.02, b.bottom, ramp((0, EDGE), (0, 0.6), b.on("e2c9a6"), b.on("b0906c")))

        def stone(x: float, r: np.random.Generator) -> None:
            y = r.uniform(-0.10, 0.6)
            b.oval(x, y, 0.05 + 0.04 * max(0, y), 0.017 + 0.015 * max(0, y), fill(b.on("c2a37c") * r.uniform(0.88, 1.12), 0.7))

        b.each(70, stone)

        def crate(x: float, r: np.random.Generator) -> None:
            c = b.on("b9834f")
            b.rect(x, -0.16, x + 0.2, -0.03, fill(c))
            for i in range(3):
                b.rect(x, -0.155 + 0.043 * i, x + 0.2, -0.125 + 0.043 * i, fill(mix(c, WHITE, 0.15)))
            for i in range(6):
                b.canvas.drawCircle(x + 0.03 + 0.028 * i, -0.17 - 0.014 * (i % 2), 0.024, fill(b.on(("e8574f", "ff9a3d", "8fc24a")[int(r.integers(3))])))

        b.each([0.85, 2.6, 4.3, 5.1], crate)

    houses = skyline(-0.40, 0.7, 1.0, ("e3b08a", "d99a86", "c9b08f", "b8a0a8"), 0.2, True, (0.25, 0.42))
    flags = festoon(-1.32, 0.08, -1.18, 0.06, 0.9)
    return [clouds(), Layer(houses, 0.3), Layer(stalls, 0.8), flags, Layer(lane, 1.0)]


def rooftop() -> list[Layer]:
    def roof(b: Brush) -> None:
        c = b.on("b5625a")
        b.wide(-0.36, -0.10, ramp((0, -0.36), (0, -0.1), mix(c, WHITE, 0.08), c * 0.85))
        for row in range(4):
            y = -0.345 + 0.06 * row
            b.wide(y, y + 0.006, fill(c * 0.7))
            x = math.floor(b.x0 / 0.16) * 0.16 + 0.08 * (row % 2)
            while x < b.x1:
                b.rect(x, y, x + 0.006, y + 0.06, fill(c * 0.7))
                x += 0.16
        b.wide(-0.395, -0.35, fill(mix(c, WHITE, 0.35)))
        floor = b.on("b9b5bd")
        b.wide(-0.13, b.bottom, ramp((0, -0.13), (0, 0.6), mix(floor, WHITE, 0.1), floor * 0.68))
        x = math.floor(b.x0 / 0.42) * 0.42
        while x < b.x1 + 0.5:
            b.path(polygon([(x, -0.13), (x + 0.008, -0.13), (x + 0.11, 1.2), (x + 0.08, 1.2)]), fill(floor * 0.74, 0.7))
            x += 0.42
        for y in (0.02, 0.28):
            b.wide(y, y + 0.01, fill(floor * 0.74, 0.7))

        def tank(x: float, r: np.random.Generator) -> None:
            w = b.on("a8744c")
            for sx in (-0.13, 0.11):
                b.rect(x + sx, -0.50, x + sx + 0.02, -0.12, fill(b.on("4a4a58")))
            b.rect(x - 0.16, -0.92, x + 0.16, -0.48, ramp((x - 0.16, 0), (x + 0.16, 0), mix(w, WHITE, 0.2), w, w * 0.7))
            for y in (-0.83, -0.58):
                b.rect(x - 0.165, y, x + 0.165, y + 0.018, fill(w * 0.6))
            b.path(polygon([(x - 0.19, -0.92), (x, -1.07), (x + 0.19, -0.92)]), fill(b.on("5f5668")))

        b.each([0.4, 3.4], tank)

        def vent(x: float, r: np.random.Generator) -> None:
            g = b.on("c9ccd4")
            b.rect(x - 0.13, -0.36, x + 0.13, -0.09, ramp((x - 0.1, 0), (x + 0.1, 0), mix(g, WHITE, 0.3), g * 0.8), 0.015)
            b.canvas.drawCircle(x, -0.225, 0.085, fill(g * 0.55))
            for i in range(4):
                a = i * math.pi / 2 + 0.4
                b.canvas.drawLine(x, -0.225, x + 0.075 * math.cos(a), -0.225 + 0.075 * math.sin(a), line(g * 0.85, 0.022))

        b.each([1.5, 4.6], vent)
        b.each([1.0, 2.35, 5.4], lambda x, r: potted(b, x, -0.07, 0.34, r))

        def laundry(x: float, r: np.random.Generator) -> None:
            for sx in (0.0, 0.8):
                b.rect(x + sx - 0.012, -0.85, x + sx + 0.012, -0.11, fill(b.on("6f6a78")))
            b.path(smooth([(x, -0.82), (x + 0.4, -0.76), (x + 0.8, -0.82)], closed=False), line(b.on("f2f2f2"), 0.006))
            for i, c in enumerate(("f2a0a8", "f7f3ea", "7fb6d9", "f7d774")):
                sx = x + 0.10 + 0.165 * i
                b.path(polygon([(sx, -0.79), (sx + 0.12, -0.785), (sx + 0.125, -0.58), (sx - 0.005, -0.585)]), ramp((sx, -0.79), (sx + 0.05, -0.58), b.on(c), b.on(c) * 0.9))

        b.each([1.9, 5.0], laundry)

    far = skyline(-0.05, 0.55, 1.05, ("8f9fc8", "a8a0cc", "9ab0d0"), 0.4, False)
    mid = skyline(-0.10, 0.35, 0.75, ("7a86b0", "b08a98", "6f94a4", "9488b8"), 0.14, True)
    lights = Layer(lambda b: fairy_lights(b, -1.22, 0.09), 0.95, lift=0.5)
    return [clouds(), Layer(far, 0.07), Layer(mid, 0.25), Layer(roof, 1.0), lights]


def castle() -> list[Layer]:
    def far(b: Brush) -> None:
        b.land(-0.62, 0.14, b.on("93b3d9", 0.3), b.on("8fc0a8", 0.2), (2, 3, 5))

    def keep(b: Brush) -> None:
        stone = b.on("cfc6d6", 0.06)
        ridge = b.land(-0.36, 0.08, b.on("86c572"), b.on("579f5a"), (1, 2, 3))

        def turret(x: float, w: float, h: float, foot: float, roof: str) -> None:
            b.rect(x - w / 2, foot - h, x + w / 2, foot, ramp((x - w / 2, 0), (x + w / 2, 0), mix(stone, WHITE, 0.3), stone, stone * 0.78))
            for i in range(4):
                b.rect(x - 0.6 * w + 0.32 * w * i, foot - h - 0.04, x - 0.6 * w + 0.32 * w * i + 0.2 * w, foot - h + 0.01, fill(mix(stone, WHITE, 0.15)))
            c = b.on(roof)
            b.path(polygon([(x - 0.66 * w, foot - h - 0.03), (x, foot - h - 1.6 * w - 0.08), (x + 0.66 * w, foot - h - 0.03)]), ramp((x - 0.6 * w, 0), (x + 0.6 * w, 0), mix(c, WHITE, 0.2), c * 0.75))
            b.canvas.drawLine(x, foot - h - 1.6 * w - 0.08, x, foot - h - 1.6 * w - 0.2, line(stone * 0.5, 0.008))
            b.path(polygon([(x, foot - h - 1.6 * w - 0.2), (x + 0.11, foot - h - 1.6 * w - 0.17), (x, foot - h - 1.6 * w - 0.14)]), fill(b.on("f7c548")))
            window(b, x - 0.022, foot - 0.75 * h, 0.044, 0.08, stone, b.light.lamps)

        def one(x: float, r: np.random.Generator) -> None:
            foot = ridge(x) + 0.10
            for dx, w, h in ((-0.36, 0.14, 0.42), (0.36, 0.14, 0.42), (-0.16, 0.17, 0.62), (0.18, 0.15, 0.72)):
                turret(x + dx, w, h, foot, ("c2516b", "6a62b5")[int(abs(dx) > 0.3)])
            b.rect(x - 0.40, foot - 0.28, x + 0.40, foot, ramp((x, foot - 0.3), (x, foot), mix(stone, WHITE, 0.2), stone * 0.9))
            for i in range(9):
                b.rect(x - 0.40 + 0.09 * i, foot - 0.32, x - 0.345 + 0.09 * i, foot - 0.27, fill(mix(stone, WHITE, 0.2)))
            b.path(smooth([(x - 0.09, foot), (x - 0.09, foot - 0.14), (x, foot - 0.24), (x + 0.09, foot - 0.14), (x + 0.09, foot)]), fill(b.on("5f4436")))
            for dx in (-0.28, 0.22):
                window(b, x + dx, foot - 0.2, 0.05, 0.08, stone, b.light.lamps)

        b.each([0.25, 3.2], one)
        b.each([1.1, 1.5, 2.1, 4.3, 5.0, 5.5], lambda x, r: tree(b, x, ridge(x) + 0.06, r.uniform(0.24, 0.36), b.on("5aa75c", 0.05), b.on("6f5038"), r))

    def ground(b: Brush) -> None:
        meadow_ground("a4da70", "55a24e")(b)
        b.land(0.02, 0.012, b.on("ded2c2"), b.on("b5a794"), (1, 2, 3), until=0.2)
        b.land(0.18, 0.012, b.on("8ecb66"), b.on("4c984a"), (2, 3, 5))

        def banner(x: float, r: np.random.Generator) -> None:
            b.rect(x - 0.013, -1.0, x + 0.013, -0.08, fill(b.on("8a6a4a")))
            b.canvas.drawCircle(x, -1.01, 0.026, fill(b.on("f7c548")))
            c = b.on(("c2516b", "5b62b5")[int(r.integers(2))])
            b.path(polygon([(x + 0.013, -0.96), (x + 0.24, -0.96), (x + 0.24, -0.52), (x + 0.127, -0.59), (x + 0.013, -0.52)]), ramp((x, 0), (x + 0.24, 0), mix(c, WHITE, 0.12), c * 0.85))
            b.path(star(x + 0.127, -0.76, 0.06), fill(b.on("f7d774")))

        b.each([0.8, 1.9, 3.9, 5.0], banner)
        b.each([0.2, 2.7, 4.5], lambda x, r: bush(b, x, -0.10, 0.26, b.on("5fae58"), "ff6f8f"))

    return [clouds(), Layer(far, 0.07), Layer(keep, 0.3, lift=1.3), Layer(ground, 1.0), front_grass("489648")]


def temple() -> list[Layer]:
    def far(b: Brush) -> None:
        b.land(-0.74, 0.22, b.on("8fb0cf", 0.35), b.on("b5d0cf", 0.25), (2, 4, 7))
        b.land(-0.55, 0.13, b.on("6f9aa8", 0.2), b.on("9fc4b8", 0.2), (3, 4, 6))

    def hall(b: Brush) -> None:
        b.land(-0.30, 0.03, b.on("8fbf78"), b.on("6aa868"), (1, 2, 4))
        red, roof, wood = b.on("c8452f"), b.on("3f5f63"), b.on("8a4a32")

        def eave(x: float, y: float, w: float, h: float) -> None:
            top = w * 0.42
            b.path(smooth([(x - w * 1.06, y - 0.05), (x - w * 1.06, y - 0.05), (x - w * 0.8, y + 0.005), (x, y + 0.015), (x + w * 0.8, y + 0.005), (x + w * 1.06, y - 0.05), (x + w * 1.06, y - 0.05), (x + w * 0.75, y - 0.05), (x + top, y - h), (x + top, y - h), (x - top, y - h), (x - top, y - h), (x - w * 0.75, y - 0.05)]), ramp((x, y - h), (x, y), mix(roof, WHITE, 0.22), roof * 0.85))
            b.rect(x - top - 0.02, y - h - 0.025, x + top + 0.02, y - h + 0.012, fill(roof * 0.75), 0.012)

        def one(x: float, r: np.random.Generator) -> None:
            b.rect(x - 0.62, -0.30, x + 0.62, -0.20, fill(b.on("d9d2c6")))
            b.rect(x - 0.70, -0.22, x + 0.70, -0.12, fill(b.on("c6beb0")))
            b.rect(x - 0.5, -0.68, x + 0.5, -0.30, fill(wood * 0.75))
            for i in range(6):
                column(b, x - 0.5 + 0.2 * i, -0.70, -0.30, 0.05, red)
            for i in range(5):
                window(b, x - 0.44 + 0.2 * i, -0.62, 0.08, 0.28, wood, b.light.lamps)
            eave(x, -0.68, 0.66, 0.22)
            b.rect(x - 0.28, -1.06, x + 0.28, -0.88, fill(wood * 0.8))
            for i in range(4):
                column(b, x - 0.24 + 0.16 * i, -1.06, -0.88, 0.035, red)
            eave(x, -1.05, 0.42, 0.20)
            for dx in (-0.55, 0.55):
                b.lamp(x + dx, -0.58, 0.035, "ff7a4d", 3)

        b.each([0.1, 3.1], one)

        def pagoda_tree(x: float, r: np.random.Generator) -> None:
            tree(b, x, -0.15, r.uniform(0.75, 0.9), b.on("f7a8c0"), b.on("5f4338"), r)

        b.each([1.05, 2.2, 4.05, 5.2], pagoda_tree)

    def ground(b: Brush) -> None:
        s = b.on("d6cdbf")
        b.wide(EDGE, b.bottom, ramp((0, EDGE), (0, 0.6), mix(s, WHITE, 0.12), s * 0.72))
        for y in (-0.08, 0.05, 0.24, 0.5):
            b.wide(y, y + 0.008, fill(s * 0.76, 0.7))
        x = math.floor(b.x0 / 0.36) * 0.36
        while x < b.x1 + 0.4:
            b.path(polygon([(x, EDGE), (x + 0.006, EDGE), (x - 0.06, 1.2), (x - 0.075, 1.2)]), fill(s * 0.76, 0.7))
            x += 0.36

        def stone_lamp(x: float, r: np.random.Generator) -> None:
            g = b.on("a9a59c")
            b.rect(x - 0.05, -0.12, x + 0.05, -0.07, fill(g * 0.9), 0.01)
            b.rect(x - 0.02, -0.3, x + 0.02, -0.1, fill(g))
            b.rect(x - 0.05, -0.42, x + 0.05, -0.3, fill(g * 0.9))
            b.lamp(x, -0.36, 0.024)
            b.path(smooth([(x - 0.1, -0.41), (x - 0.1, -0.41), (x - 0.03, -0.50), (x + 0.03, -0.50), (x + 0.1, -0.41), (x + 0.1, -0.41)]), fill(g * 0.8))

        b.each([0.75, 2.35, 3.75, 5.35], stone_lamp)

        def petal(x: float, r: np.random.Generator) -> None:
            b.oval(x, r.uniform(-0.12, 0.5), 0.016, 0.009, fill(b.on("f9b8cc")))

        b.each(46, petal)

    return [clouds(), Layer(far, 0.08), Layer(hall, 0.6, lift=1.3), Layer(ground, 1.0)]


def carnival() -> list[Layer]:
    def wheel(b: Brush) -> None:
        def one(x: float, r: np.random.Generator) -> None:
            y, big = -0.88, 0.46
            steel = b.on("f2e6d8", 0.12)
            for side in (-1, 1):
                b.canvas.drawLine(x, y, x + side * 0.22, -0.2, line(b.on("c2516b", 0.1), 0.03))
            for k in (big, big * 0.82):
                b.canvas.drawCircle(x, y, k, line(steel, 0.016))
            for i in range(12):
                a = i * math.tau / 12
                ex, ey = x + big * math.cos(a), y + big * math.sin(a)
                b.canvas.drawLine(x, y, ex, ey, line(steel * 0.92, 0.008))
                c = b.on(("e8574f", "f7c548", "4fb0a5", "5b7fd6", "f08fb0", "8f6fc0")[i % 6], 0.05)
                b.rect(ex - 0.045, ey + 0.005, ex + 0.045, ey + 0.075, fill(c), 0.025)
                b.lamp(ex, ey, 0.012, "ffe6a0", 3)
            b.canvas.drawCircle(x, y, 0.05, fill(b.on("f7c548")))

        b.each([0.25, 3.3], one)

    def tents(b: Brush) -> None:
        ridge = b.land(-0.25, 0.015, b.on("9fcf70"), b.on("6fae5c"), (1, 2, 4))

        def tent(x: float, r: np.random.Generator) -> None:
            w, h = 0.42, r.uniform(0.42, 0.5)
            foot = ridge(x) + 0.08
            a, z = b.on(("e8574f", "5b7fd6", "8f5fb5")[int(r.integers(3))]), b.on("fff6e6")
            for i in range(8):
                u0, u1 = -1 + i / 4, -1 + (i + 1) / 4
                c = a if i % 2 else z
                b.path(polygon([(x + u0 * w, foot), (x + u1 * w, foot), (x + u1 * w * 0.98, foot - h), (x + u0 * w * 0.98, foot - h)]), fill(c * (0.95 - 0.1 * abs(u0))))
                b.path(polygon([(x + u0 * w * 1.08, foot - h), (x + u1 * w * 1.08, foot - h), (x, foot - h - 0.36)]), fill(c))
                b.path(scallop(x + u0 * w * 1.08, x + u1 * w * 1.08, foot - h - 0.005, foot - h + 0.07), fill(c * 0.95))
            b.path(polygon([(x - 0.12, foot), (x, foot - 0.34), (x + 0.12, foot)]), fill(a * 0.4))
            b.canvas.drawLine(x, foot - h - 0.35, x, foot - h - 0.48, line(b.on("6a5a55"), 0.01))
            b.path(polygon([(x, foot - h - 0.48), (x + 0.12, foot - h - 0.445), (x, foot - h - 0.41)]), fill(b.on("f7c548")))

        b.each([1.15, 2.25, 4.25, 5.35], tent)

        def booth(x: float, r: np.random.Generator) -> None:
            c = b.on("f2b03d")
            b.rect(x - 0.2, -0.55, x + 0.2, -0.12, fill(c * 0.55))
            b.rect(x - 0.22, -0.28, x + 0.22, -0.12, ramp((x, -0.28), (x, -0.12), b.on("d9473c"), b.on("d9473c") * 0.8))
            for i in range(6):
                b.path(scallop(x - 0.24 + 0.08 * i, x - 0.16 + 0.08 * i, -0.70, -0.53), fill(b.on("fff6e6") if i % 2 else b.on("d9473c")))
            for i in range(3):
                b.canvas.drawCircle(x - 0.11 + 0.11 * i, -0.40, 0.036, fill(b.on(("ff8fb0", "8fd0e8", "b8e07a")[i])))

        b.each([0.65, 3.75], booth)

    def ground(b: Brush) -> None:
        meadow_ground("b4dd78", "64ab54", flowers=False)(b)
        b.land(-0.06, 0.012, b.on("ecd6ac"), b.on("cfae7c"), (1, 2, 3))

        def confetti(x: float, r: np.random.Generator) -> None:
            y = r.uniform(-0.03, 0.5)
            b.canvas.save()
            b.canvas.translate(x, y)
            b.canvas.rotate(float(r.uniform(0, 180)))
            b.rect(-0.012, -0.006, 0.012, 0.006, fill(b.on(("e8574f", "f7c548", "4fb0a5", "5b7fd6", "f08fb0")[int(r.integers(5))])))
            b.canvas.restore()

        b.each(70, confetti)
        b.each([0.9, 3.0, 4.9], lambda x, r: post_lamp(b, x, -0.08, 0.9, "b5453c"))
        b.each(6, lambda x, r: flower(b, x, -0.11, 0.08, b.on("ff8fb0")))

    strings = festoon(-1.36, 0.07, -1.26, 0.08, 0.95)
    return [clouds(), Layer(wheel, 0.15), Layer(tents, 0.55, lift=1.3), strings, Layer(ground, 1.0)]


TOWNS: dict[str, Callable[[], list[Layer]]] = {
    "city": city, "park": park, "market": market, "rooftop": rooftop, "castle": castle,
    "temple": temple, "carnival": carnival,
}  # fmt: skip
