# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""The country: hills, woods and gardens, and what all places under the sky share. A place is a function of nothing that
returns its layers from far to near; layers with depth above 1 stand in front of the people."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.scene.draw_paint import (
    WHITE,
    Brush,
    fill,
    line,
    mix,
    polygon,
    ramp,
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


COUNTRY: dict[str, Callable[[], list[Layer]]] = {
    "meadow": meadow, "forest": forest, "desert": desert, "mountains": mountains,
    "snowfield": snowfield, "garden": garden,
}  # fmt: skip
