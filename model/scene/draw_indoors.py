# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""Places with a roof: a wall, what stands against it, and a floor that people stand on."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from model.scene.draw_outdoors import Layer
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
from model.scene.draw_things import books, bunting, framed, outdoors_window, potted


def wallpaper(colour: str, kind: str) -> Callable[[Brush], None]:
    """A wall from top to floor with a quiet pattern."""

    def paint(b: Brush) -> None:
        c = b.on(colour)
        b.wide(b.top - 0.1, 0.1, ramp((0, -2.0), (0, 0), c * 0.90, c, mix(c, WHITE, 0.08)))
        if kind == "stripes":
            x = math.floor(b.x0 / 0.2) * 0.2
            while x < b.x1:
                b.rect(x, b.top - 0.1, x + 0.1, 0.1, fill(mix(c, WHITE, 0.25), 0.35))
                x += 0.2
        elif kind == "tiles":
            lines = line(c * 0.88, 0.006)
            for y in np.arange(-0.95, 0.0, 0.12):
                b.canvas.drawLine(b.x0 - 0.1, float(y), b.x1 + 0.1, float(y), lines)
                x = math.floor(b.x0 / 0.24) * 0.24 + (0.12 if round(y / 0.12) % 2 else 0)
                while x < b.x1:
                    b.canvas.drawLine(x, float(y), x, float(y) + 0.12, lines)
                    x += 0.24
        elif kind == "dots":
            for j in range(-22, 1):
                x = math.floor(b.x0 / 0.16) * 0.16 + 0.08 * (j % 2)
                while x < b.x1:
                    b.canvas.drawCircle(x, j * 0.1, 0.011, fill(mix(c, WHITE, 0.5), 0.6))
                    x += 0.16
        elif kind == "bricks":
            for j in range(-30, 2):
                x = math.floor(b.x0 / 0.2) * 0.2 + 0.1 * (j % 2)
                while x < b.x1:
                    shade = 0.90 + 0.16 * ((math.sin(x % PERIOD * 91 + j * 37) * 43758) % 1)
                    b.rect(x + 0.006, j * 0.08, x + 0.194, j * 0.08 + 0.07, fill(np.clip(c * shade, 0, 1)), 0.008)
                    x += 0.2

    return paint


def floor(colour: str, kind: str, edge: float = -0.20, skirting: str | None = "fff6ea") -> Callable[[Brush], None]:
    def paint(b: Brush) -> None:
        c = b.on(colour)
        if skirting:
            b.wide(edge - 0.07, edge + 0.01, fill(b.on(skirting)))
            b.wide(edge - 0.075, edge - 0.062, fill(b.on(skirting) * 0.86))
        b.wide(edge, b.bottom, ramp((0, edge), (0, 0.7), mix(c, WHITE, 0.12), c * 0.70))
        rows = [edge + 0.045 * (1.62**i) for i in range(1, 7)]
        if kind in ("planks", "tiles"):
            for y in rows:
                b.wide(y, y + 0.006, fill(c * 0.72, 0.8))
        if kind == "tiles":
            x = math.floor(b.x0 / 0.3) * 0.3
            while x < b.x1 + 0.3:
                b.path(polygon([(x, edge), (x + 0.005, edge), (x + 0.04, 1.3), (x + 0.03, 1.3)]), fill(c * 0.72, 0.8))
                x += 0.3
        elif kind == "planks":
            for i, y in enumerate([edge, *rows]):
                x = math.floor(b.x0 / 0.75) * 0.75 + 0.31 * (i % 3)
                while x < b.x1:
                    b.rect(x, y, x + 0.006, y + 0.03 * (1.6**i), fill(c * 0.72, 0.8))
                    x += 0.75

    return paint


def rug(b: Brush, x: float, y: float, w: float, colour: str, rim: str) -> None:
    for k, c in ((1.0, rim), (0.88, colour), (0.62, rim), (0.52, colour)):
        b.oval(x, y, w * k, 0.17 * w * k, fill(b.on(c)))


def room() -> list[Layer]:
    def back(b: Brush) -> None:
        wallpaper("f3d3b0", "stripes")(b)
        b.each([0.05, 1.5, 3.0, 4.5], lambda x, r: outdoors_window(b, x, -1.30, 0.42, 0.56, "d9694f"))

        def pictures(x: float, r: np.random.Generator) -> None:
            framed(b, x - 0.11, -1.1, 0.22, 0.28, 0)
            framed(b, x + 0.14, -1.02, 0.17, 0.17, 1)

        b.each([0.78, 3.75], pictures)

        def shelf(x: float, r: np.random.Generator) -> None:
            b.rect(x - 0.22, -0.96, x + 0.22, -0.935, fill(b.on("a8703f")))
            books(b, x - 0.2, x + 0.06, -0.96, 0.16, r)
            potted(b, x + 0.14, -0.96, 0.15, r, "f2efe6")

        b.each([2.25, 5.25], shelf)

    def furniture(b: Brush) -> None:
        floor("c58b57", "planks")(b)
        b.each([0.55, 3.55], lambda x, r: rug(b, x, 0.10, 0.55, "4f8f9a", "f2e3c8"))

        def sofa(x: float, r: np.random.Generator) -> None:
            c = b.on("5f8f8a")
            b.rect(x - 0.46, -0.62, x + 0.46, -0.15, ramp((x, -0.62), (x, -0.2), mix(c, WHITE, 0.15), c * 0.85), 0.08)
            for sx in (-0.5, 0.38):
                b.rect(x + sx, -0.45, x + sx + 0.13, -0.10, ramp((x + sx, 0), (x + sx + 0.13, 0), mix(c, WHITE, 0.12), c * 0.8), 0.06)
            b.rect(x - 0.38, -0.34, x + 0.38, -0.16, fill(mix(c, WHITE, 0.1)), 0.05)
            b.rect(x - 0.003, -0.33, x + 0.003, -0.17, fill(c * 0.7))
            for sx, k in ((-0.27, "f2b05c"), (0.26, "e0765c")):
                b.canvas.save()
                b.canvas.translate(x + sx, -0.42)
                b.canvas.rotate(14 if sx > 0 else -12)
                b.rect(-0.09, -0.09, 0.09, 0.09, fill(b.on(k)), 0.03)
                b.canvas.restore()
            for sx in (-0.42, 0.36):
                b.rect(x + sx, -0.12, x + sx + 0.05, -0.07, fill(b.on("6f4a30")))

        b.each([1.55, 4.55], sofa)
        b.each([0.02, 2.35, 5.35], lambda x, r: potted(b, x, -0.12, 0.66, r))

        def lamp(x: float, r: np.random.Generator) -> None:
            b.canvas.drawLine(x, -0.12, x, -0.95, line(b.on("5a4a44"), 0.014))
            b.oval(x, -0.12, 0.075, 0.018, fill(b.on("5a4a44")))
            if b.light.lamps:
                b.canvas.drawCircle(x, -1.0, 0.45, glow(x, -1.0, 0.45, rgb("ffd98a"), 0.55))
            b.path(polygon([(x - 0.13, -0.92), (x - 0.08, -1.14), (x + 0.08, -1.14), (x + 0.13, -0.92)]), fill(rgb("ffe6b0") if b.light.lamps else b.on("fbe3b5")))

        b.each([0.95, 3.95], lamp)

    return [Layer(back, 0.75), Layer(furniture, 1.0)]


def stage() -> list[Layer]:
    def curtains(b: Brush) -> None:
        b.wide(b.top - 0.1, 0.1, ramp((0, -2), (0, 0), rgb("2a1145"), rgb("57206f")))
        x, i = math.floor(b.x0 / 0.15) * 0.15, 0
        while x < b.x1 + 0.2:
            b.path(smooth([(x, b.top - 0.2), (x + 0.15, b.top - 0.2), (x + 0.155, -0.12), (x + 0.075, -0.08), (x - 0.005, -0.12)]), ramp((x, 0), (x + 0.15, 0), rgb("7a1535"), rgb("c9304f"), rgb("8f1c3d")))
            x, i = x + 0.15, i + 1
        b.each([0.0 + 0.5 * k for k in range(12)], lambda x, r: b.path(star(x, -0.9 - 0.28 * (round(x * 2) % 2), 0.05, 5, 0.42), fill(rgb("f7c548"), 0.9)))

    def boards(b: Brush) -> None:
        b.wide(-0.20, b.bottom, ramp((0, -0.2), (0, 0.7), rgb("d79a63"), rgb("7a4a2e")))
        x = math.floor(b.x0 / 0.17) * 0.17
        while x < b.x1 + 0.4:
            b.path(polygon([(x, -0.2), (x + 0.006, -0.2), (x - 0.04, 0.34), (x - 0.055, 0.34)]), fill(rgb("8a5634"), 0.7))
            x += 0.17
        b.wide(0.30, 0.36, ramp((0, 0.3), (0, 0.36), rgb("9a6038"), rgb("5f3826")))
        b.wide(0.36, b.bottom, fill(rgb("3a1f30")))
        b.each([0.1 + 0.2 * k for k in range(30)], lambda x, r: (b.canvas.drawCircle(x, 0.33, 0.11, glow(x, 0.33, 0.11, rgb("ffe09a"), 0.5)), b.canvas.drawCircle(x, 0.33, 0.024, fill(rgb("fff2c8"))))[0])

        def speaker(x: float, r: np.random.Generator) -> None:
            b.rect(x - 0.12, -0.62, x + 0.12, -0.12, ramp((x - 0.1, 0), (x + 0.1, 0), rgb("4a4658"), rgb("262332")), 0.02)
            for y, k in ((-0.26, 0.085), (-0.46, 0.06), (-0.56, 0.03)):
                b.canvas.drawCircle(x, y, k, fill(rgb("15131f")))
                b.canvas.drawCircle(x, y, k * 0.55, fill(rgb("5a566c")))

        b.each([0.5, 2.5, 4.5], speaker)

    def drapes(b: Brush) -> None:
        b.wide(b.top - 0.1, -1.52, fill(rgb("7a1535")))
        x = math.floor(b.x0 / 0.3) * 0.3
        while x < b.x1 + 0.3:
            b.path(smooth([(x, -1.56), (x + 0.3, -1.56), (x + 0.29, -1.45), (x + 0.15, -1.36), (x + 0.01, -1.45)]), ramp((x, 0), (x + 0.3, 0), rgb("8f1c3d"), rgb("d63f5c"), rgb("8f1c3d")))
            b.path(smooth([(x + 0.03, -1.42), (x + 0.15, -1.365), (x + 0.27, -1.42)], closed=False), line(rgb("f7c548"), 0.014))
            x += 0.3

    return [Layer(curtains, 0.75), Layer(boards, 1.0), Layer(drapes, 1.15, lift=1.8)]


def classroom() -> list[Layer]:
    def back(b: Brush) -> None:
        wallpaper("dfe7cf", "plain")(b)
        b.wide(-0.62, 0.1, fill(b.on("c9d8b2")))
        b.wide(-0.635, -0.61, fill(b.on("a8b98a")))

        def board(x: float, r: np.random.Generator) -> None:
            b.rect(x - 0.56, -1.36, x + 0.56, -0.68, fill(b.on("a8713f")), 0.015)
            g = b.on("2f6a57")
            b.rect(x - 0.52, -1.32, x + 0.52, -0.72, ramp((x - 0.5, -1.3), (x + 0.5, -0.7), mix(g, WHITE, 0.1), g * 0.9))
            chalk = line(b.on("f4f7ee"), 0.011, 0.9)
            b.canvas.drawCircle(x - 0.33, -1.12, 0.09, chalk)
            b.path(polygon([(x - 0.12, -1.03), (x + 0.08, -1.03), (x - 0.02, -1.22)]), chalk)
            b.rect(x + 0.2, -1.2, x + 0.37, -1.03, chalk)
            for i in range(3):
                y = -0.94 + 0.07 * i
                b.path(smooth([(x - 0.42 + 0.05 * k, y + 0.012 * (-1) ** k) for k in range(int(r.integers(8, 16)))], closed=False), line(b.on("f4f7ee"), 0.007, 0.75))
            b.path(star(x + 0.42, -0.82, 0.04), fill(b.on("f7d774")))
            b.rect(x - 0.54, -0.70, x + 0.54, -0.67, fill(b.on("c98a4f")))
            b.rect(x - 0.1, -0.72, x - 0.04, -0.70, fill(b.on("ffffff")))

        b.each([0.2, 2.2, 4.2], board)
        b.each([1.2, 3.2, 5.2], lambda x, r: outdoors_window(b, x, -1.32, 0.46, 0.58, None))
        bunting(b, -1.58, 0.05)

    def desks(b: Brush) -> None:
        floor("d2a56f", "planks", skirting="8fa878")(b)

        def desk(x: float, r: np.random.Generator) -> None:
            w = b.on("e0ac66")
            for sx in (-0.20, 0.17):
                b.rect(x + sx, -0.32, x + sx + 0.025, -0.07, fill(b.on("6f7a86")))
            b.rect(x - 0.24, -0.37, x + 0.24, -0.32, ramp((x, -0.37), (x, -0.32), mix(w, WHITE, 0.2), w * 0.85), 0.012)
            books(b, x - 0.18, x - 0.08, -0.37, 0.10, r)
            b.canvas.drawCircle(x + 0.13, -0.40, 0.035, fill(b.on("d9473c")))
            b.canvas.drawLine(x + 0.13, -0.43, x + 0.14, -0.455, line(b.on("6a4a30"), 0.008))

        b.each([0.85, 1.75, 2.9, 3.8, 4.75, 5.75], desk)

        def globe(x: float, r: np.random.Generator) -> None:
            b.rect(x - 0.16, -0.42, x + 0.16, -0.10, fill(b.on("b5804b")), 0.01)
            b.canvas.drawLine(x, -0.42, x, -0.47, line(b.on("8a6a3a"), 0.02))
            b.canvas.drawCircle(x, -0.58, 0.115, ramp((x - 0.1, -0.68), (x + 0.1, -0.5), b.on("8fd0f0"), b.on("3f86c6")))
            b.path(smooth([(x - 0.07, -0.62), (x, -0.66), (x + 0.04, -0.60), (x - 0.01, -0.54), (x - 0.05, -0.55)]), fill(b.on("7cc06a")))
            b.path(smooth([(x + 0.04, -0.57), (x + 0.09, -0.58), (x + 0.07, -0.51)]), fill(b.on("7cc06a")))

        b.each([0.3, 3.35], globe)

    return [Layer(back, 0.75), Layer(desks, 1.0)]


def kitchen() -> list[Layer]:
    def back(b: Brush) -> None:
        wallpaper("f7ead2", "plain")(b)
        c = b.on("cfe6e2")
        b.wide(-0.98, 0.1, fill(c))
        wall = wallpaper("cfe6e2", "tiles")
        b.canvas.save()
        b.canvas.clipRect(_rect(b.x0 - 0.2, -0.98, b.x1 + 0.2, 0.1))
        wall(b)
        b.canvas.restore()
        b.each([0.0, 1.5, 3.0, 4.5], lambda x, r: outdoors_window(b, x, -1.42, 0.40, 0.44, "f2b05c"))

        def cupboards(x: float, r: np.random.Generator) -> None:
            k = b.on("6f9f96")
            b.rect(x - 0.38, -1.6, x + 0.38, -1.08, fill(k * 0.8), 0.01)
            for sx in (-0.37, 0.005):
                b.rect(x + sx, -1.59, x + sx + 0.365, -1.09, ramp((x + sx, 0), (x + sx + 0.36, 0), mix(k, WHITE, 0.15), k), 0.012)
                b.rect(x + sx + 0.05, -1.54, x + sx + 0.315, -1.14, line(k * 0.75, 0.008))
                b.canvas.drawCircle(x + (-0.04 if sx < 0 else 0.04), -1.2, 0.014, fill(b.on("e0b85c")))
            b.rect(x - 0.36, -0.98, x + 0.36, -0.965, fill(b.on("8a6a4a")))
            for i, (m, c2) in enumerate((("pan", "5a5a68"), ("ladle", "b5824b"), ("pan", "c2603f"), ("cup", "f2f2ea"))):
                px = x - 0.27 + 0.18 * i
                b.canvas.drawLine(px, -0.965, px, -0.88, line(b.on("6a6a74"), 0.012))
                if m == "pan":
                    b.canvas.drawCircle(px, -0.82, 0.065, fill(b.on(c2)))
                    b.canvas.drawCircle(px, -0.82, 0.048, fill(b.on(c2) * 0.8))
                else:
                    b.oval(px, -0.85, 0.035, 0.045, fill(b.on(c2)))

        b.each([0.75, 2.25, 3.75, 5.25], cupboards)

    def counter(b: Brush) -> None:
        floor("e6c9a0", "tiles", skirting=None)(b)
        k = b.on("5f8f88")
        b.wide(-0.56, -0.14, ramp((0, -0.56), (0, -0.1), k, k * 0.82))
        x = math.floor(b.x0 / 0.36) * 0.36
        while x < b.x1 + 0.2:
            b.rect(x + 0.015, -0.53, x + 0.345, -0.19, ramp((x, 0), (x + 0.36, 0), mix(k, WHITE, 0.12), k * 0.95), 0.01)
            b.rect(x + 0.13, -0.50, x + 0.23, -0.485, fill(b.on("e0b85c")), 0.006)
            x += 0.36
        b.wide(-0.60, -0.55, ramp((0, -0.6), (0, -0.55), b.on("fffaf0"), b.on("d9cfc0")))
        b.wide(-0.15, -0.11, fill(b.on("4a5a58")))

        def stove(x: float, r: np.random.Generator) -> None:
            b.rect(x - 0.2, -0.60, x + 0.2, -0.12, ramp((x - 0.2, 0), (x + 0.2, 0), b.on("f4f1ec"), b.on("cfcac4")), 0.01)
            b.rect(x - 0.14, -0.42, x + 0.14, -0.20, fill(b.on("3a3a48")), 0.02)
            b.rect(x - 0.14, -0.47, x + 0.14, -0.455, fill(b.on("8a8a94")), 0.006)
            for i in range(4):
                b.canvas.drawCircle(x - 0.12 + 0.08 * i, -0.53, 0.018, fill(b.on("4a4a58")))
            c = b.on("d9473c")
            b.rect(x - 0.11, -0.74, x + 0.11, -0.61, ramp((x - 0.1, 0), (x + 0.1, 0), mix(c, WHITE, 0.2), c * 0.8), 0.02)
            b.rect(x - 0.125, -0.755, x + 0.125, -0.73, fill(c * 0.8), 0.01)
            b.canvas.drawCircle(x, -0.77, 0.018, fill(b.on("3a3a48")))

        b.each([0.7, 3.7], stove)

        def fridge(x: float, r: np.random.Generator) -> None:
            c = b.on("f2b8a8")
            b.rect(x - 0.22, -1.18, x + 0.22, -0.10, ramp((x - 0.2, 0), (x + 0.2, 0), mix(c, WHITE, 0.35), c, c * 0.85), 0.05)
            b.rect(x - 0.22, -0.80, x + 0.22, -0.79, fill(c * 0.7))
            for y in (-0.98, -0.68):
                b.rect(x + 0.14, y, x + 0.165, y + 0.14, fill(b.on("f4f4f4")), 0.01)
            b.rect(x - 0.12, -1.06, x - 0.02, -0.93, fill(b.on("ffffff")))
            b.path(star(x - 0.07, -1.0, 0.03), fill(b.on("f2b03d")))

        b.each([2.0, 5.0], fridge)

        def fruit(x: float, r: np.random.Generator) -> None:
            for i, c in enumerate(("e8574f", "f7b53d", "8fc24a", "f2903d")):
                b.canvas.drawCircle(x - 0.07 + 0.047 * i, -0.67 - 0.015 * (i % 2), 0.038, fill(b.on(c)))
            b.path(smooth([(x - 0.13, -0.67), (x + 0.13, -0.67), (x + 0.08, -0.59), (x - 0.08, -0.59)]), fill(b.on("5b7fb0")))

        b.each([1.3, 4.3], fruit)
        b.each([0.2, 2.75, 5.75], lambda x, r: potted(b, x, -0.59, 0.26, r))

    return [Layer(back, 0.8), Layer(counter, 1.0)]


def cafe() -> list[Layer]:
    def back(b: Brush) -> None:
        wallpaper("b5674f", "bricks")(b)
        b.each([0.1, 1.6, 3.1, 4.6], lambda x, r: outdoors_window(b, x, -1.36, 0.5, 0.66, None))

        def menu(x: float, r: np.random.Generator) -> None:
            b.rect(x - 0.21, -1.38, x + 0.21, -0.78, fill(b.on("8a5a34")), 0.012)
            b.rect(x - 0.185, -1.355, x + 0.185, -0.805, fill(b.on("2f3640")))
            b.oval(x, -1.26, 0.055, 0.042, fill(b.on("f4efe2")))
            b.canvas.drawCircle(x + 0.06, -1.26, 0.022, line(b.on("f4efe2"), 0.01))
            for i in range(5):
                y = -1.16 + 0.07 * i
                b.rect(x - 0.14, y, x - 0.14 + r.uniform(0.10, 0.18), y + 0.013, fill(b.on("f4efe2"), 0.85))
                b.rect(x + 0.09, y, x + 0.14, y + 0.013, fill(b.on("f7c56a"), 0.9))

        b.each([0.85, 2.35, 3.85, 5.35], menu)

        def shelf(x: float, r: np.random.Generator) -> None:
            b.rect(x - 0.28, -0.68, x + 0.28, -0.655, fill(b.on("8a5a34")))
            for i in range(6):
                c = b.on(("f2efe6", "e8a24f", "6fa8a0", "d9694f")[int(r.integers(4))])
                b.rect(x - 0.25 + 0.09 * i, -0.76, x - 0.18 + 0.09 * i, -0.68, fill(c), 0.02)

        b.each([0.85, 2.35, 3.85, 5.35], shelf)

    def front(b: Brush) -> None:
        floor("9a6b47", "planks", skirting="5f3f30")(b)

        def table(x: float, r: np.random.Generator) -> None:
            w, iron = b.on("d9a066"), b.on("3f3a40")
            b.rect(x - 0.012, -0.40, x + 0.012, -0.07, fill(iron))
            b.path(polygon([(x - 0.1, -0.05), (x, -0.1), (x + 0.1, -0.05)]), fill(iron))
            b.oval(x, -0.41, 0.22, 0.035, fill(w * 0.8))
            b.oval(x, -0.42, 0.22, 0.033, fill(w))
            b.path(smooth([(x - 0.05, -0.50), (x + 0.03, -0.50), (x + 0.02, -0.43), (x - 0.04, -0.43)]), fill(b.on("fffaf0")))
            b.oval(x - 0.01, -0.43, 0.06, 0.012, fill(b.on("f2e6da")))
            b.rect(x + 0.09, -0.50, x + 0.12, -0.43, fill(b.on("8fc0b0")), 0.01)
            b.canvas.drawCircle(x + 0.105, -0.53, 0.026, fill(b.on("ff8fa8")))
            for side in (-1, 1):
                cx = x + side * 0.30
                b.path(smooth([(cx + side * 0.07, -0.62), (cx + side * 0.09, -0.55), (cx + side * 0.06, -0.26)], closed=False), line(iron, 0.02))
                b.oval(cx, -0.25, 0.085, 0.022, fill(b.on("c2603f")))
                for dx in (-0.06, 0.06):
                    b.canvas.drawLine(cx + dx * 0.7, -0.24, cx + dx, -0.06, line(iron, 0.014))

        b.each([0.0, 1.45, 2.85, 4.35], table)
        b.each([0.72, 3.6, 5.2], lambda x, r: potted(b, x, -0.11, 0.52, r, "f2efe6"))

    def lamps(b: Brush) -> None:
        def hang(x: float, r: np.random.Generator) -> None:
            y = -1.30 + r.uniform(-0.08, 0.05)
            b.canvas.drawLine(x, b.top - 0.1, x, y, line(b.on("3a3238"), 0.008))
            b.canvas.drawCircle(x, y + 0.08, 0.34, glow(x, y + 0.08, 0.34, rgb("ffd98a"), 0.5 if b.light.lamps else 0.22))
            b.path(smooth([(x - 0.02, y - 0.02), (x + 0.02, y - 0.02), (x + 0.11, y + 0.08), (x + 0.11, y + 0.08), (x - 0.11, y + 0.08), (x - 0.11, y + 0.08)]), fill(b.on("2f4a4f")))
            b.canvas.drawCircle(x, y + 0.09, 0.036, fill(rgb("fff0c4")))

        b.each([0.3, 1.1, 1.9, 2.8, 3.6, 4.5, 5.4], hang)

    return [Layer(back, 0.75), Layer(front, 1.0), Layer(lamps, 0.9, lift=0.5)]


def library() -> list[Layer]:
    def shelves(b: Brush) -> None:
        b.wide(b.top - 0.1, 0.1, fill(b.on("7a5236")))

        def case(x: float, r: np.random.Generator) -> None:
            wood = b.on("9a6a42")
            b.rect(x, -1.72, x + 0.72, -0.12, fill(wood * 0.5))
            for y in (-1.42, -1.14, -0.86, -0.58, -0.30):
                books(b, x + 0.035, x + 0.69, y, 0.24, r)
                b.rect(x, y, x + 0.72, y + 0.03, ramp((0, y), (0, y + 0.03), mix(wood, WHITE, 0.2), wood * 0.8))
            for sx in (0.0, 0.69):
                b.rect(x + sx, -1.75, x + sx + 0.035, -0.12, ramp((x + sx, 0), (x + sx + 0.035, 0), mix(wood, WHITE, 0.15), wood * 0.8))
            b.rect(x - 0.015, -1.80, x + 0.74, -1.71, fill(wood), 0.01)

        b.each([0.0, 0.75, 2.25, 3.0, 3.75, 5.25], case)

        def arch(x: float, r: np.random.Generator) -> None:
            b.rect(x - 0.37, b.top - 0.1, x + 0.37, 0.0, fill(b.on("e3cfae")))
            outdoors_window(b, x, -1.42, 0.42, 0.8, None)
            framed(b, x, -0.36, 0.3, 0.14, 1)

        b.each([1.87, 4.87], arch)

    def floor_and_tables(b: Brush) -> None:
        floor("8a4f45", "plain", skirting="6a4630")(b)
        b.land(0.06, 0.0, b.on("b5604f"), b.on("7a3f3a"), (1,))
        b.wide(0.05, 0.065, fill(b.on("e8c06a")))

        def ladder(x: float, r: np.random.Generator) -> None:
            c = line(b.on("d9a863"), 0.02)
            b.canvas.drawLine(x, -0.1, x + 0.12, -1.45, c)
            b.canvas.drawLine(x + 0.2, -0.1, x + 0.28, -1.45, c)
            for i in range(8):
                y, s = -0.25 - 0.15 * i, (0.15 + 0.15 * i) / 1.35
                b.canvas.drawLine(x + 0.12 * s, y, x + 0.2 + 0.08 * s, y, line(b.on("c08f4f"), 0.018))

        b.each([0.3, 3.2], ladder)

        def desk(x: float, r: np.random.Generator) -> None:
            w = b.on("7f5233")
            for sx in (-0.26, 0.23):
                b.rect(x + sx, -0.36, x + sx + 0.03, -0.06, fill(w * 0.75))
            b.rect(x - 0.3, -0.40, x + 0.3, -0.35, ramp((x, -0.4), (x, -0.35), mix(w, WHITE, 0.22), w), 0.01)
            for i in range(4):
                c = b.on(("c8553d", "588b8b", "e0a458", "3d5a80")[i])
                b.rect(x - 0.22 + 0.01 * (i % 2), -0.435 - 0.032 * i, x - 0.04, -0.405 - 0.032 * i, fill(c), 0.006)
            b.canvas.drawLine(x + 0.16, -0.40, x + 0.16, -0.53, line(b.on("c9a24f"), 0.014))
            b.canvas.drawCircle(x + 0.16, -0.55, 0.22, glow(x + 0.16, -0.55, 0.22, rgb("ffe09a"), 0.5))
            b.path(smooth([(x + 0.06, -0.52), (x + 0.09, -0.60), (x + 0.23, -0.60), (x + 0.26, -0.52)]), fill(b.on("3f8f6a")))

        b.each([1.1, 2.6, 4.1, 5.6], desk)

    return [Layer(shelves, 0.75), Layer(floor_and_tables, 1.0)]


def gym() -> list[Layer]:
    def back(b: Brush) -> None:
        wallpaper("dfe3ea", "plain")(b)
        b.wide(-0.72, 0.1, fill(b.on("4f86b5")))
        b.wide(-0.75, -0.71, fill(b.on("f2c14e")))
        b.each([0.1, 1.3, 2.5, 3.7, 4.9], lambda x, r: outdoors_window(b, x, -1.62, 0.56, 0.34, None))

        def hoop(x: float, r: np.random.Generator) -> None:
            b.rect(x - 0.2, -1.24, x + 0.2, -0.92, fill(b.on("ffffff")), 0.01)
            b.rect(x - 0.19, -1.23, x + 0.19, -0.93, line(b.on("d9473c"), 0.016))
            b.rect(x - 0.07, -1.10, x + 0.07, -0.99, line(b.on("d9473c"), 0.012))
            b.rect(x - 0.1, -0.955, x + 0.1, -0.93, fill(b.on("e86a3a")), 0.01)
            for i in range(6):
                dx = -0.09 + 0.036 * i
                b.canvas.drawLine(x + dx, -0.93, x + dx * 0.6, -0.78, line(b.on("ffffff"), 0.007))
            for y in (-0.88, -0.82):
                b.canvas.drawLine(x - 0.075, y, x + 0.075, y, line(b.on("ffffff"), 0.006))

        b.each([-0.28, 2.72], hoop)

        def bars(x: float, r: np.random.Generator) -> None:
            w = b.on("d9a863")
            for sx in (-0.26, 0.0, 0.26):
                b.rect(x + sx - 0.016, -1.15, x + sx + 0.016, -0.15, fill(w * 0.85))
            for i in range(9):
                b.rect(x - 0.27, -1.1 + 0.105 * i, x + 0.27, -1.078 + 0.105 * i, fill(w), 0.01)

        b.each([0.36, 3.36], bars)

    def court(b: Brush) -> None:
        floor("e0a863", "planks", skirting="3f5f7f")(b)
        for y, c in ((0.03, "ffffff"), (0.33, "d9473c")):
            b.wide(y, y + 0.02, fill(b.on(c), 0.9))

        def rack(x: float, r: np.random.Generator) -> None:
            g = b.on("4a4f5c")
            for sx in (-0.25, 0.23):
                b.rect(x + sx, -0.38, x + sx + 0.025, -0.07, fill(g))
            for y in (-0.36, -0.20):
                b.rect(x - 0.26, y, x + 0.26, y + 0.025, fill(g))
                for i in range(4):
                    c = b.on(("e8574f", "f2b03d", "5b7fd6", "4fae8a")[(i + int(y * 10)) % 4])
                    b.canvas.drawCircle(x - 0.19 + 0.125 * i, y - 0.055, 0.056, ramp((x - 0.25 + 0.125 * i, y - 0.1), (x - 0.14 + 0.125 * i, y), mix(c, WHITE, 0.3), c * 0.85))

        b.each([1.0, 4.0], rack)

        def mat(x: float, r: np.random.Generator) -> None:
            c = b.on("3f9fa0")
            b.path(polygon([(x - 0.34, -0.13), (x + 0.3, -0.13), (x + 0.36, -0.06), (x - 0.40, -0.06)]), fill(c))
            b.path(polygon([(x - 0.40, -0.06), (x + 0.36, -0.06), (x + 0.36, -0.04), (x - 0.40, -0.04)]), fill(c * 0.75))

        b.each([0.2, 2.6, 5.4], mat)

    return [Layer(back, 0.75), Layer(court, 1.0)]


def _rect(x0: float, y0: float, x1: float, y1: float) -> object:
    import skia

    return skia.Rect(x0, y0, x1, y1)


INDOORS: dict[str, Callable[[], list[Layer]]] = {
    "room": room, "stage": stage, "classroom": classroom, "kitchen": kitchen, "cafe": cafe,
    "library": library, "gym": gym,
}  # fmt: skip
