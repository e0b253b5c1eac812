# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""Water and beyond: the beach, a lake, under the sea, and the moon."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from model.scene.draw_outdoors import EDGE, Layer, clouds, front_grass, waves
from model.scene.draw_paint import (
    WHITE,
    Brush,
    fill,
    glow,
    line,
    mix,
    polygon,
    ramp,
    rgb,
    smooth,
    star,
)
from model.scene.draw_things import (
    flower,
    grass,
    lit,
    palm,
    pine,
    rock,
)


def beach() -> list[Layer]:
    def islands(b: Brush) -> None:
        def one(x: float, r: np.random.Generator) -> None:
            w = r.uniform(0.25, 0.5)
            c = b.on("4f9a74", 0.42)
            b.path(smooth([(x - w, -0.56), (x - 0.5 * w, -0.66), (x - 0.1 * w, -0.78), (x + 0.35 * w, -0.67), (x + w, -0.56), (x, -0.5)]), ramp((x, -0.8), (x, -0.55), mix(c, WHITE, 0.2), c))

        b.each(3, one)

    def boats(b: Brush) -> None:
        def one(x: float, r: np.random.Generator) -> None:
            y, s = -0.485, r.uniform(0.10, 0.15)
            b.path(polygon([(x, y - 1.5 * s), (x, y - 0.15 * s), (x + 0.9 * s, y - 0.15 * s)]), fill(b.on("fffaf0", 0.1)))
            b.path(polygon([(x - 0.06 * s, y - 1.25 * s), (x - 0.06 * s, y - 0.15 * s), (x - 0.6 * s, y - 0.15 * s)]), fill(b.on("f08a5d", 0.1)))
            b.path(smooth([(x - 0.9 * s, y - 0.08 * s), (x + 1.1 * s, y - 0.08 * s), (x + 0.6 * s, y + 0.25 * s), (x - 0.5 * s, y + 0.25 * s)]), fill(b.on("b5453c", 0.1)))

        b.each(3, one)

    def sand(b: Brush) -> None:
        b.land(-0.235, 0.022, b.on("f3fbf5"), b.on("ffffff"), (2, 3, 4), until=0.2)
        b.land(-0.205, 0.020, b.on("ead0a0"), b.on("e6c48c"), (2, 3, 4), until=0.3)
        b.land(-0.175, 0.018, b.on("fbe6b4"), b.on("e3b36c"), (2, 3, 4))

        def dent(x: float, r: np.random.Generator) -> None:
            y = r.uniform(-0.05, 0.45)
            b.path(smooth([(x - 0.1, y), (x, y - 0.008), (x + 0.1, y), (x, y + 0.006)]), fill(b.on("d9a961"), 0.45))

        b.each(26, dent)

        def shell(x: float, r: np.random.Generator) -> None:
            y = r.uniform(0.02, 0.42)
            if r.random() < 0.4:
                b.path(star(x, y, 0.032, 5, 0.42), fill(b.on("f0805c")))
            else:
                b.path(smooth([(x - 0.028, y), (x - 0.018, y - 0.025), (x + 0.018, y - 0.025), (x + 0.028, y), (x, y + 0.018)]), fill(b.on("fff1e6")))
                b.canvas.drawLine(x, y + 0.01, x, y - 0.02, line(b.on("e0a890"), 0.004))

        b.each(13, shell)

        def tall(x: float, r: np.random.Generator) -> None:
            palm(b, x, -0.12, r.uniform(1.05, 1.3), r)
            grass(b, x + 0.03, -0.12, 0.09, b.on("6ba85a"), r)

        b.each([0.35, 1.95, 3.3, 4.75], tall)

        def shade(x: float, r: np.random.Generator) -> None:
            b.canvas.drawLine(x, -0.10, x + 0.05, -0.62, line(b.on("fff6e6"), 0.016))
            for i in range(6):
                a0, a1 = math.pi * (1 + i / 6), math.pi * (1 + (i + 1) / 6)
                p = [(x + 0.05, -0.66)] + [(x + 0.04 + 0.30 * math.cos(a), -0.50 + 0.17 * math.sin(a)) for a in (a0, (a0 + a1) / 2, a1)]
                b.path(polygon(p), fill(b.on("e8574f" if i % 2 else "fff6ea")))
            b.path(polygon([(x + 0.12, -0.06), (x + 0.5, -0.06), (x + 0.42, -0.12), (x + 0.16, -0.12)]), fill(b.on("4fb0c6")))

        b.each([1.15, 4.1], shade)

    return [
        clouds(),
        Layer(islands, 0.06),
        waves(-0.56, "7fd3e6", "3fa3d6", 0.10, 9, 0.02),
        Layer(boats, 0.13, bob=0.006, drift=0.01),
        waves(-0.47, "58bfe0", "2f8fcb", 0.2, 7, 0.03),
        waves(-0.36, "3fa9d6", "2479b8", 0.35, 6, 0.04),
        Layer(sand, 1.0),
    ]


def lake() -> list[Layer]:
    def far(b: Brush) -> None:
        b.land(-0.70, 0.22, b.on("7f9fc9", 0.3), b.on("9ac3c0", 0.25), (3, 4, 7), sharp=True, until=0.0)
        b.land(-0.52, 0.04, b.on("5f9f74", 0.15), b.on("4c8a62", 0.15), (3, 5, 8), until=0.0)
        b.each(22, lambda x, r: pine(b, x, -0.46, r.uniform(0.10, 0.2), b.on("3c7a5c", 0.18), b.on("5a4030", 0.2)))

    def ground(b: Brush) -> None:
        b.land(EDGE, 0.012, b.on("b7d878"), b.on("5f9f52"), (2, 3, 5))

        def plank(x: float, r: np.random.Generator) -> None:
            for i in range(3):
                b.rect(x + 0.05 + 0.2 * i, -0.25, x + 0.085 + 0.2 * i, -0.10, fill(b.on("7a5637")))
            b.rect(x, -0.23, x + 0.62, -0.175, ramp((x, -0.23), (x, -0.17), b.on("c99a66"), b.on("8f6540")), 0.01)

        b.each([1.0, 4.0], plank)

        def reed(x: float, r: np.random.Generator) -> None:
            for i in range(4):
                dx, h = (i - 1.5) * 0.03, r.uniform(0.22, 0.36)
                b.canvas.drawLine(x + dx, -0.14, x + dx * 1.6, -0.14 - h, line(b.on("5c8f4e"), 0.011))
                b.rect(x + dx * 1.6 - 0.012, -0.16 - h, x + dx * 1.6 + 0.012, -0.08 - h, fill(b.on("7a4f30")), 0.012)

        b.each([0.5, 2.0, 2.9, 5.2], reed)
        b.each(22, lambda x, r: grass(b, x, r.uniform(-0.08, 0.42), 0.055, b.on("86b75c"), r))
        b.each(10, lambda x, r: flower(b, x, r.uniform(-0.03, 0.40), 0.07, b.on(("fdfdfd", "ffd75e")[int(r.integers(2))])))

    def lilies(b: Brush) -> None:
        def pad(x: float, r: np.random.Generator) -> None:
            y = r.uniform(-0.31, -0.22)
            b.oval(x, y, 0.055, 0.014, fill(b.on("5fae62")))
            if r.random() < 0.5:
                b.path(star(x, y - 0.018, 0.028, 6, 0.5), fill(b.on("ffb3d0")))

        b.each(9, pad)

    return [clouds(), Layer(far, 0.1), waves(-0.44, "8fd0e6", "5fabd6", 0.2, 6, 0.02), waves(-0.35, "6cbfe0", "3f8fc6", 0.4, 5, 0.03), Layer(lilies, 0.6, sway=0.01), Layer(ground, 1.0), front_grass("4f8f4a")]


def moon() -> list[Layer]:
    def planets(b: Brush) -> None:
        def one(x: float, r: np.random.Generator) -> None:
            y = -1.22
            b.canvas.drawCircle(x, y, 0.34, glow(x, y, 0.34, rgb("6fb8ff"), 0.35))
            b.canvas.drawCircle(x, y, 0.19, ramp((x - 0.15, y - 0.15), (x + 0.15, y + 0.15), rgb("8fdcff"), rgb("2f6fd0"), rgb("173a86")))
            b.canvas.save()
            clip = polygon([(x + 0.19 * math.cos(a), y + 0.19 * math.sin(a)) for a in np.linspace(0, math.tau, 40)])
            b.canvas.clipPath(clip, doAntiAlias=True)
            for dx, dy, s in ((-0.08, -0.05, 0.09), (0.07, 0.03, 0.07), (-0.03, 0.13, 0.06), (0.1, -0.13, 0.05)):
                b.path(smooth([(x + dx - s, y + dy), (x + dx - 0.2 * s, y + dy - 0.7 * s), (x + dx + s, y + dy - 0.2 * s), (x + dx + 0.3 * s, y + dy + 0.6 * s)]), fill(rgb("6fcf8f")))
            b.canvas.restore()

        b.each([0.28, 3.2], one)

        def ringed(x: float, r: np.random.Generator) -> None:
            y = -1.05
            b.canvas.drawCircle(x, y, 0.12, ramp((x - 0.1, y - 0.1), (x + 0.1, y + 0.1), rgb("ffd08a"), rgb("c2567f")))
            b.canvas.save()
            b.canvas.translate(x, y)
            b.canvas.rotate(-18)
            b.canvas.drawArc(box_(0.22, 0.05), -12, 204, False, line(rgb("ffe7b8"), 0.02, 0.9))
            b.canvas.restore()

        b.each([1.6, 4.7], ringed)

    def box_(rx: float, ry: float) -> object:
        import skia

        return skia.Rect(-rx, -ry, rx, ry)

    def far(b: Brush) -> None:
        b.land(-0.50, 0.12, rgb("8480c4"), rgb("5b5596"), (2, 5, 9))

    def ground(b: Brush) -> None:
        b.land(-0.28, 0.05, rgb("a9a5d6"), rgb("7a75b0"), (1, 3, 5))
        b.land(EDGE, 0.02, rgb("dedbf2"), rgb("8a84b8"), (2, 3, 5))

        def crater(x: float, r: np.random.Generator) -> None:
            y, w = r.uniform(-0.07, 0.5), r.uniform(0.05, 0.16)
            b.oval(x, y, w, 0.24 * w, fill(rgb("7f79ad")))
            b.oval(x, y + 0.05 * w, w * 0.9, 0.18 * w, fill(rgb("a9a4cf")))
            b.path(smooth([(x - w, y - 0.02 * w), (x, y - 0.33 * w), (x + w, y - 0.02 * w), (x, y - 0.22 * w)]), fill(rgb("f2f0fc"), 0.8))

        b.each(20, crater)

        def flag_and_lander(x: float, r: np.random.Generator) -> None:
            for dx in (-0.15, 0.0, 0.15):
                b.canvas.drawLine(x, -0.35, x + dx * 1.3, -0.13, line(rgb("c9a24f"), 0.014))
            b.path(polygon([(x - 0.13, -0.32), (x - 0.16, -0.44), (x - 0.09, -0.56), (x + 0.09, -0.56), (x + 0.16, -0.44), (x + 0.13, -0.32)]), ramp((x - 0.15, -0.5), (x + 0.15, -0.3), rgb("ffe9a8"), rgb("c08a3a")))
            b.canvas.drawCircle(x, -0.47, 0.045, fill(rgb("3a4f8a")))
            b.canvas.drawCircle(x - 0.012, -0.482, 0.014, fill(WHITE, 0.7))

        b.each([0.9, 3.7], flag_and_lander)
        b.each(8, lambda x, r: rock(b, x, r.uniform(-0.1, 0.35), r.uniform(0.06, 0.15), rgb("9f9acb"), r))

    return [Layer(planets, 0.04), Layer(far, 0.2), Layer(ground, 1.0)]


def underwater() -> list[Layer]:
    def reef(y: float, far: float, n: int) -> Callable[[Brush], None]:
        def paint(b: Brush) -> None:
            ridge = b.land(y, 0.08, b.on("3f93b0", far), b.on("1d5f86", far), (2, 5, 8))

            def coral(x: float, r: np.random.Generator) -> None:
                c = b.on(("ff7f8f", "ffb35c", "c77fe0", "ff9fc4", "6fe0c0")[int(r.integers(5))], far)
                h, foot = r.uniform(0.16, 0.34), ridge(x) + 0.03
                if r.random() < 0.5:
                    for a in (-0.6, -0.25, 0.1, 0.45, 0.8):
                        tip = (x + 0.7 * h * math.sin(a), foot - h * math.cos(a))
                        b.canvas.drawLine(x, foot, *tip, line(c, 0.09 * h))
                        b.canvas.drawLine((x + tip[0]) / 2, (foot + tip[1]) / 2, (x + tip[0]) / 2 + 0.15 * h, (foot + tip[1]) / 2 - 0.3 * h, line(c, 0.07 * h))
                else:
                    b.path(smooth([(x + 0.5 * h * (1 + 0.12 * math.sin(7 * a)) * math.cos(a), foot - 0.4 * h + 0.5 * h * math.sin(a)) for a in np.linspace(0, math.tau, 22, endpoint=False)]), lit(b, x, foot - 0.4 * h, 0.5 * h, c))

            b.each(n, coral)

            def weed(x: float, r: np.random.Generator) -> None:
                h, foot = r.uniform(0.3, 0.65), ridge(x) + 0.03
                left = [(x + 0.03 * math.sin(i * 1.3) - 0.022 * (1 - i / 8), foot - h * i / 8) for i in range(9)]
                right = [(px + 0.05 * (1 - i / 8), py) for i, (px, py) in reversed(list(enumerate(left)))]
                b.path(smooth(left + right), fill(b.on(("3fae7a", "66c98a", "2f8f6a")[int(r.integers(3))], far)))

            b.each(n, weed)

        return paint

    def ground(b: Brush) -> None:
        b.land(EDGE, 0.018, b.on("f3e3b4"), b.on("a99a72"), (2, 3, 4))
        b.each(9, lambda x, r: rock(b, x, r.uniform(-0.12, 0.38), r.uniform(0.08, 0.18), b.on("6f8f9f"), r))

        def starfish(x: float, r: np.random.Generator) -> None:
            b.path(star(x, r.uniform(0.02, 0.42), 0.045, 5, 0.42), fill(b.on(("ff8a5c", "ff6f91")[int(r.integers(2))])))

        b.each(8, starfish)

    def wreck(b: Brush) -> None:
        def chest(x: float, r: np.random.Generator) -> None:
            c = b.on("8a5a34")
            b.rect(x - 0.11, -0.22, x + 0.11, -0.08, ramp((x - 0.1, 0), (x + 0.1, 0), mix(c, WHITE, 0.15), c * 0.8), 0.01)
            b.path(smooth([(x - 0.12, -0.22), (x - 0.12, -0.32), (x + 0.12, -0.32), (x + 0.12, -0.22)]), fill(c * 0.85))
            b.rect(x - 0.12, -0.235, x + 0.12, -0.205, fill(b.on("ffd24d")))
            for i in range(6):
                b.canvas.drawCircle(x - 0.09 + 0.035 * i, -0.235 - 0.012 * (i % 2), 0.018, fill(b.on("ffe07a")))

        b.each([1.3, 4.4], chest)

    return [Layer(reef(-0.62, 0.5, 9), 0.12), Layer(reef(-0.36, 0.18, 11), 0.45), Layer(ground, 1.0), Layer(wreck, 1.0, lift=0.6), Layer(lambda b: _kelp(b), 1.35, lift=1.8)]


def _kelp(b: Brush) -> None:
    """Dark kelp at the lower corners, close to the camera."""

    def stalk(x: float, r: np.random.Generator) -> None:
        h = r.uniform(0.2, 0.42)
        c = b.on("1f6a62")
        left = [(x + 0.035 * math.sin(i * 1.2) - 0.03 * (1 - i / 8), 0.45 - h * i / 8) for i in range(9)]
        right = [(px + 0.06 * (1 - i / 8), py) for i, (px, py) in reversed(list(enumerate(left)))]
        b.path(smooth(left + right), fill(c))

    b.each(12, stalk)


SHORES: dict[str, Callable[[], list[Layer]]] = {
    "beach": beach, "lake": lake, "underwater": underwater, "moon": moon,
}  # fmt: skip
