# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""Places under the sky, first half: shores, hills and woods. A place is a function of nothing that
returns its layers from far to near; layers with depth above 1 stand in front of the people."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.scene.draw_paint import (
    PERIOD,
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
    bush,
    cactus,
    cloud,
    cottage,
    flower,
    grass,
    lit,
    palm,
    pine,
    potted,
    rock,
    tree,
)


@dataclass(frozen=True)
class Layer:
    """One sheet of the world. depth: 0 far .. 1 the ground people stand on .. above 1 in front."""

    paint: Callable[[Brush], None]
    depth: float
    lift: float = 1.0  # how far the paper stands off what is behind it
    drift: float = 0.0  # u/s of its own (clouds)
    sway: float = 0.0  # u it moves to and fro (water)
    bob: float = 0.0  # u it moves up and down


EDGE = -0.17  # where the ground that people stand on begins (y down, so above the feet)


def clouds(colour: str = "ffffff", count: int = 5, y: float = -1.35, depth: float = 0.04) -> Layer:
    def paint(b: Brush) -> None:
        c = mix(b.on(colour), b.light.sky[2], 0.25)
        if b.light.time == "night":
            c = mix(c, b.light.sky[1], 0.55)

        def one(x: float, r: np.random.Generator) -> None:
            cloud(b, x, y + r.uniform(-0.16, 0.30), r.uniform(0.28, 0.52), c)

        b.each(count + (4 if b.light.weather in ("storm", "rain", "snow") else 0), one)

    return Layer(paint, depth, drift=0.012)


def waves(y: float, top: str, low: str, depth: float, k: int, sway: float, crest: bool = True) -> Layer:
    def paint(b: Brush) -> None:
        ridge = b.land(y, 0.010, b.on(top), b.on(low), (k, k + 3, 2 * k + 1), until=min(b.bottom, y + 1.0))
        if crest:

            def foam(x: float, r: np.random.Generator) -> None:
                yy = ridge(x) + r.uniform(0.03, 0.07)
                w = r.uniform(0.05, 0.13)
                b.path(
                    smooth([(x - w, yy), (x, yy - 0.008), (x + w, yy), (x, yy + 0.004)]),
                    fill(mix(b.on(top), WHITE, 0.55), 0.6),
                )

            b.each(14, foam)

    return Layer(paint, depth, lift=0.7, sway=sway, bob=0.006)


def meadow_ground(top: str, low: str, flowers: bool = True, y: float = EDGE) -> Callable[[Brush], None]:
    def paint(b: Brush) -> None:
        b.land(y, 0.014, b.on(top), b.on(low), (2, 3, 5))
        t = b.on(top)

        def tuft(x: float, r: np.random.Generator) -> None:
            yy = r.uniform(y + 0.06, 0.40)
            grass(b, x, yy, 0.035 + 0.05 * (yy - y), t * r.uniform(0.82, 0.95), r)

        b.each(26, tuft)
        if flowers:

            def bloom(x: float, r: np.random.Generator) -> None:
                yy = r.uniform(y + 0.10, 0.42)
                colour = ("ff8fb0", "ffd75e", "fdfdfd", "c79bff", "ff9d5c")[int(r.integers(5))]
                flower(b, x, yy, 0.05 + 0.06 * (yy - y), b.on(colour))

            b.each(24, bloom)

    return paint


def front_grass(colour: str, y: float = 0.34, blooms: bool = True) -> Layer:
    """Blades close to the camera, at the lower edge."""

    def paint(b: Brush) -> None:
        c = b.on(colour)
        b.land(y + 0.06, 0.01, c, c * 0.8, (3, 5, 8))

        def blades(x: float, r: np.random.Generator) -> None:
            grass(b, x, y + 0.08, r.uniform(0.08, 0.15), c * r.uniform(0.85, 1.05), r)

        b.each(52, blades)
        if blooms:

            def bloom(x: float, r: np.random.Generator) -> None:
                flower(b, x, y + 0.08, r.uniform(0.10, 0.17), b.on(("ff8fb0", "ffd75e", "ffffff")[int(r.integers(3))]))

            b.each(9, bloom)

    return Layer(paint, 1.3, lift=1.8)


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


def meadow() -> list[Layer]:
    def far(b: Brush) -> None:
        b.land(-0.72, 0.13, b.on("8fb7d9", 0.35), b.on("9fd0b8", 0.25), (2, 3, 5))

    def middle(b: Brush) -> None:
        ridge = b.land(-0.50, 0.08, b.on("86cf78", 0.12), b.on("4f9f5a", 0.1), (1, 2, 4))

        def house(x: float, r: np.random.Generator) -> None:
            cottage(b, x, ridge(x) + 0.05, 0.20, "fbe9cf", ("d2553f", "b5654a")[int(r.integers(2))], r)

        b.each([1.1, 4.2], house)

        def wood(x: float, r: np.random.Generator) -> None:
            y, h = ridge(x) + 0.02, r.uniform(0.15, 0.24)
            if r.random() < 0.5:
                pine(b, x, y, h, b.on("3f8a55", 0.1), b.on("6a4a34"))
            else:
                tree(b, x, y, h, b.on("4f9f56", 0.08), b.on("6a4a34"), r)

        b.each(11, wood)

    def near(b: Brush) -> None:
        b.land(-0.28, 0.04, b.on("a2d96a"), b.on("5cae52"), (1, 3, 4))

        def big(x: float, r: np.random.Generator) -> None:
            tree(b, x, -0.20, r.uniform(0.75, 0.95), b.on(("57ad58", "6cb84f", "e89a4a")[int(r.integers(2 if r.random() < 0.8 else 3))]), b.on("87583a"), r)

        b.each([0.5, 2.3, 3.9, 5.3], big)

        def fence(x: float, r: np.random.Generator) -> None:
            for i in range(9):
                fx = x + i * 0.07
                b.path(polygon([(fx - 0.014, -0.17), (fx - 0.014, -0.29), (fx, -0.315), (fx + 0.014, -0.29), (fx + 0.014, -0.17)]), fill(b.on("fffaf0")))
            b.rect(x - 0.03, -0.265, x + 0.6, -0.245, fill(b.on("f2e9da")))
            b.rect(x - 0.03, -0.215, x + 0.6, -0.195, fill(b.on("f2e9da")))

        b.each([1.2, 4.5], fence)

    return [clouds(), Layer(far, 0.08), Layer(middle, 0.3), Layer(near, 0.7), Layer(meadow_ground("b4e06f", "5aa94c"), 1.0), front_grass("4c9a46")]


def forest() -> list[Layer]:
    def trunks(n: int, w: float, bark: str, leaf: str, far: float, foot: float) -> Callable[[Brush], None]:
        def paint(b: Brush) -> None:
            c = b.on(bark, far)

            def one(x: float, r: np.random.Generator) -> None:
                k = w * r.uniform(0.8, 1.2)
                b.path(polygon([(x - k * 0.9, foot), (x - k / 2, foot - 0.25), (x - k * 0.42, b.top), (x + k * 0.42, b.top), (x + k / 2, foot - 0.25), (x + k, foot)]), ramp((x - k / 2, 0), (x + k / 2, 0), mix(c, WHITE, 0.16), c, c * 0.78))
                for i in range(4):
                    y = -0.4 - 0.27 * i + r.uniform(-0.06, 0.06)
                    b.path(smooth([(x - 0.2 * k, y), (x, y - 0.02), (x + 0.2 * k, y), (x, y + 0.02)]), fill(c * 0.72))

            b.each(n, one)

            def crown(x: float, r: np.random.Generator) -> None:
                lc = b.on(leaf, far) * r.uniform(0.85, 1.12)
                y, s = -1.58 + r.uniform(-0.12, 0.16) + 0.12 * far, r.uniform(0.22, 0.36)
                b.path(smooth([(x + s * (1 + 0.15 * math.sin(4 * a)) * math.cos(a), y + 0.8 * s * math.sin(a)) for a in np.linspace(0, math.tau, 12, endpoint=False)]), lit(b, x, y, s, np.clip(lc, 0, 1), 0.18))

            b.each(n + 8, crown)
            b.wide(b.top - 0.1, -1.62, fill(b.on(leaf, far) * 0.9))
            b.land(foot - 0.03, 0.03, b.on("6fae62", far), b.on("3f7a48", far), (2, 5, 9), until=0.2)

            def under(x: float, r: np.random.Generator) -> None:
                bush(b, x, foot - 0.01, r.uniform(0.16, 0.3), b.on("5d9f55", far) * r.uniform(0.85, 1.05))

            b.each(n, under)

        return paint

    def ground(b: Brush) -> None:
        b.land(EDGE - 0.03, 0.02, b.on("8fc05f"), b.on("4d8a46"), (2, 3, 5), until=0.3)
        b.land(-0.07, 0.014, b.on("dcb984"), b.on("b08556"), (1, 2, 3))
        b.land(0.20, 0.02, b.on("6dab52"), b.on("3c753e"), (2, 3, 6))

        def cap(x: float, r: np.random.Generator) -> None:
            y, s = r.choice([-0.10, 0.26, 0.33]), r.uniform(0.03, 0.05)
            b.rect(x - 0.3 * s, y - s, x + 0.3 * s, y, fill(b.on("f7efdd")), 0.01)
            b.path(smooth([(x - 1.2 * s, y - 0.8 * s), (x - 0.7 * s, y - 1.9 * s), (x + 0.7 * s, y - 1.9 * s), (x + 1.2 * s, y - 0.8 * s)]), fill(b.on("d8473f")))
            for dx, dy in ((-0.4, -1.2), (0.35, -1.35), (0.0, -1.6)):
                b.canvas.drawCircle(x + dx * s, y + dy * s, 0.14 * s, fill(b.on("ffffff")))

        b.each(12, cap)

        def fern(x: float, r: np.random.Generator) -> None:
            grass(b, x, r.choice([-0.11, 0.30, 0.38]), r.uniform(0.07, 0.12), b.on("4f9447"), r)

        b.each(24, fern)

    return [
        Layer(trunks(13, 0.04, "7ea48f", "8fc2a0", 0.5, -0.42), 0.12),
        Layer(trunks(9, 0.055, "5d8468", "6fb078", 0.28, -0.32), 0.35),
        Layer(trunks(6, 0.085, "7a5940", "5ba35c", 0.0, -0.20), 0.7, lift=1.4),
        Layer(ground, 1.0),
        front_grass("2f6a3c", blooms=False),
    ]


def desert() -> list[Layer]:
    def mesas(b: Brush) -> None:
        def one(x: float, r: np.random.Generator) -> None:
            w, h = r.uniform(0.25, 0.42), r.uniform(0.25, 0.5)
            c = b.on("d0764f", 0.28)
            b.path(polygon([(x - w, -0.45), (x - 0.62 * w, -0.45 - h), (x - 0.2 * w, -0.47 - h), (x + 0.55 * w, -0.45 - h), (x + w, -0.45)]), ramp((x - w, -0.5 - h), (x + w, -0.4), mix(c, WHITE, 0.2), c * 0.85))
            for i in (1, 2):
                b.rect(x - (0.62 + 0.12 * i) * w, -0.45 - h + 0.09 * i, x + (0.55 + 0.12 * i) * w, -0.43 - h + 0.09 * i, fill(c * 0.8, 0.6))

        b.each(5, one)
        b.land(-0.48, 0.03, b.on("efb57e", 0.2), b.on("e2a066", 0.15), (2, 3, 5))

    def dunes(y: float, a: str, z: str) -> Callable[[Brush], None]:
        def paint(b: Brush) -> None:
            b.land(y, 0.06, b.on(a), b.on(z), (1, 2, 3))

        return paint

    def ground(b: Brush) -> None:
        b.land(EDGE, 0.02, b.on("fbd08c"), b.on("d08e4e"), (1, 2, 4))

        def ripple(x: float, r: np.random.Generator) -> None:
            y, w = r.uniform(-0.1, 0.5), r.uniform(0.08, 0.2)
            b.path(smooth([(x - w, y), (x - 0.3 * w, y - 0.012), (x + w, y), (x, y + 0.004)]), fill(b.on("c9823f"), 0.4))

        b.each(34, ripple)
        b.each([0.3, 1.75, 2.9, 4.15, 5.4], lambda x, r: cactus(b, x, -0.10, r.uniform(0.5, 0.85), r))
        b.each(9, lambda x, r: rock(b, x, r.uniform(-0.08, 0.4), r.uniform(0.06, 0.13), b.on("b98a66"), r))

        def skull(x: float, r: np.random.Generator) -> None:
            b.oval(x, 0.25, 0.05, 0.04, fill(b.on("fdf6e6")))
            b.oval(x + 0.035, 0.275, 0.03, 0.02, fill(b.on("fdf6e6")))
            b.oval(x + 0.005, 0.245, 0.011, 0.012, fill(b.on("5a4a44")))

        b.each([2.4], skull)

    return [clouds(count=3), Layer(mesas, 0.1), Layer(dunes(-0.40, "f6bf7c", "dd9355"), 0.3), Layer(dunes(-0.29, "f2b06a", "cf8247"), 0.6), Layer(ground, 1.0)]


def mountains() -> list[Layer]:
    def peaks(y: float, h: float, waves_: tuple[int, ...], c0: str, c1: str, far: float, snow: bool) -> Callable[[Brush], None]:
        def paint(b: Brush) -> None:
            ridge = b.land(y, h, b.on(c0, far), b.on(c1, far), waves_, sharp=True, until=0.1)
            if snow:
                xs = np.linspace(b.x0 - 0.05, b.x1 + 0.05, max(40, int((b.x1 - b.x0) / 0.012)))
                tops = [(float(x), ridge(float(x))) for x in xs]
                limit = y - 0.25 * h
                low = [(x, max(t, min(limit + 0.05 * math.sin(31 * x) + 0.03 * math.sin(77 * x), t + 0.5))) for x, t in reversed(tops)]
                b.path(polygon(tops + low), fill(b.on("fbfdff", far * 0.5)))

        return paint

    def pines(b: Brush) -> None:
        ridge = b.land(-0.34, 0.04, b.on("6fae72", 0.06), b.on("3e7f55"), (1, 2, 4))
        b.each(26, lambda x, r: pine(b, x, ridge(x) + 0.03, r.uniform(0.2, 0.42), b.on("2f7a5a", 0.06) * r.uniform(0.85, 1.1), b.on("5a4030")))

    def ground(b: Brush) -> None:
        meadow_ground("a9d274", "5d9a55")(b)
        b.each(10, lambda x, r: rock(b, x, r.uniform(-0.1, 0.38), r.uniform(0.07, 0.2), b.on("9a9fae"), r))

    return [
        clouds(),
        Layer(peaks(-0.78, 0.34, (3, 5, 8), "a9bfe0", "c3d3ea", 0.3, True), 0.06),
        Layer(peaks(-0.55, 0.28, (2, 5, 9), "6f8fbf", "8fb0c8", 0.14, True), 0.18, lift=1.4),
        Layer(pines, 0.55),
        Layer(ground, 1.0),
        front_grass("4f8f4a"),
    ]


def snowfield() -> list[Layer]:
    def far(b: Brush) -> None:
        b.land(-0.66, 0.12, b.on("c9dcf2", 0.2), b.on("e4eefa", 0.1), (2, 3, 5))

    def middle(b: Brush) -> None:
        ridge = b.land(-0.44, 0.06, b.on("e8f2fc"), b.on("cfe0f2"), (1, 2, 4))
        b.each([1.4, 4.4], lambda x, r: cottage(b, x, ridge(x) + 0.05, 0.26, "c98a5c", "f4f9ff", r))
        b.each(14, lambda x, r: pine(b, x, ridge(x) + 0.03, r.uniform(0.25, 0.45), b.on("3a7d6a"), b.on("5a4030"), snow=True))

    def ground(b: Brush) -> None:
        b.land(-0.26, 0.04, b.on("f3f8ff"), b.on("d8e6f6"), (1, 3, 4))
        b.each([0.4, 2.6, 4.9], lambda x, r: pine(b, x, -0.16, r.uniform(0.75, 1.0), b.on("2f7566"), b.on("5a4030"), snow=True))
        b.land(EDGE + 0.02, 0.016, b.on("ffffff"), b.on("b9d0ee"), (2, 3, 5))

        def drift(x: float, r: np.random.Generator) -> None:
            y, w = r.uniform(-0.06, 0.5), r.uniform(0.1, 0.25)
            b.path(smooth([(x - w, y), (x, y - 0.022), (x + w, y), (x, y + 0.008)]), fill(b.on("a9c4e8"), 0.35))

        b.each(22, drift)

    def front(b: Brush) -> None:
        b.land(0.36, 0.035, b.on("f6faff"), b.on("c3d7f0"), (2, 3, 5))

    return [clouds(), Layer(far, 0.08), Layer(middle, 0.35), Layer(ground, 1.0), Layer(front, 1.3, lift=1.8)]


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


def garden() -> list[Layer]:
    def hedge(b: Brush) -> None:
        b.land(-0.62, 0.05, b.on("7fb88f", 0.3), b.on("7fc0a0", 0.2), (2, 3, 5), until=0.0)

        def cypress(x: float, r: np.random.Generator) -> None:
            h = r.uniform(0.4, 0.6)
            b.path(smooth([(x - 0.06, -0.4), (x - 0.055, -0.4 - 0.6 * h), (x, -0.45 - h), (x + 0.055, -0.4 - 0.6 * h), (x + 0.06, -0.4)]), lit(b, x, -0.5, 0.2, b.on("4c8f66", 0.18)))

        b.each(12, cypress)
        c = b.on("5fa35e", 0.06)
        b.wide(-0.46, 0.0, ramp((0, -0.46), (0, -0.1), mix(c, WHITE, 0.1), c * 0.8))
        b.each(60, lambda x, r: b.canvas.drawCircle(x, -0.46 + r.uniform(-0.01, 0.02), 0.05, fill(mix(c, WHITE, 0.06))))
        b.each(26, lambda x, r: b.canvas.drawCircle(x, r.uniform(-0.43, -0.2), 0.014, fill(b.on(("ff8fb5", "ffd6e4")[int(r.integers(2))]))))

    def ground(b: Brush) -> None:
        meadow_ground("aee07a", "5cab57", flowers=False)(b)
        b.land(0.03, 0.01, b.on("f2dfbd"), b.on("d8bd92"), (1, 2, 3), until=0.20)
        b.land(0.17, 0.012, b.on("9ad46c"), b.on("4f9f4f"), (2, 3, 5))

        def arch(x: float, r: np.random.Generator) -> None:
            b.canvas.drawArc(_rect(x, -0.62, 0.24, 0.30), 180, 180, False, line(b.on("f8f4ea"), 0.026))
            for sx in (-0.24, 0.24):
                b.rect(x + sx - 0.013, -0.62, x + sx + 0.013, -0.12, fill(b.on("f8f4ea")))
            for i in range(22):
                a = math.pi * (1 + i / 21)
                px, py = x + 0.24 * math.cos(a), -0.62 + 0.30 * math.sin(a)
                b.canvas.drawCircle(px + r.uniform(-0.03, 0.03), py + r.uniform(-0.03, 0.03), 0.034, fill(b.on("5dab5a") * r.uniform(0.85, 1.1)))
                if i % 2:
                    b.path(star(px, py, 0.034, 6, 0.6), fill(b.on(("ff7fa8", "fff0f4")[i // 2 % 2])))

        b.each([0.6, 3.6], arch)

        def fountain(x: float, r: np.random.Generator) -> None:
            s = b.on("d9d6cf")
            b.rect(x - 0.03, -0.42, x + 0.03, -0.14, fill(s * 0.9))
            b.oval(x, -0.42, 0.13, 0.035, fill(s))
            b.oval(x, -0.428, 0.11, 0.024, fill(b.on("7cc8e6")))
            b.path(smooth([(x - 0.25, -0.19), (x + 0.25, -0.19), (x + 0.21, -0.08), (x - 0.21, -0.08)]), fill(s))
            b.oval(x, -0.19, 0.22, 0.035, fill(b.on("7cc8e6")))
            for side in (-1, 1):
                p = smooth([(x, -0.5), (x + side * 0.05, -0.58), (x + side * 0.13, -0.5), (x + side * 0.16, -0.22)], closed=False)
                b.path(p, line(b.on("d8f2fb"), 0.012, 0.85))

        b.each([2.1, 5.1], fountain)

        def bed(x: float, r: np.random.Generator) -> None:
            for _ in range(7):
                flower(b, x + r.uniform(-0.2, 0.2), -0.06 + r.uniform(-0.04, 0.04), r.uniform(0.10, 0.15), b.on(("ff6f91", "ffc75f", "ffffff", "b98cff")[int(r.integers(4))]))

        b.each([0.15, 1.15, 2.75, 3.2, 4.2, 5.7], bed)
        b.each([1.6, 4.6], lambda x, r: potted(b, x, -0.08, 0.36, r))

    return [clouds(), Layer(hedge, 0.5), Layer(ground, 1.0), front_grass("4f9a4c")]


def _rect(x: float, y: float, rx: float, ry: float) -> object:
    import skia

    return skia.Rect(x - rx, y - ry, x + rx, y + ry)


NATURE: dict[str, Callable[[], list[Layer]]] = {
    "beach": beach, "meadow": meadow, "forest": forest, "desert": desert, "mountains": mountains,
    "snowfield": snowfield, "lake": lake, "moon": moon, "underwater": underwater, "garden": garden,
}  # fmt: skip
assert PERIOD >= 6
