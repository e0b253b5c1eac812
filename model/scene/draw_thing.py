"""What every drawer of a thing gets: a canvas, a colour, a light, and where its cycle stands."""

from __future__ import annotations

from dataclasses import dataclass

import skia

from model.scene.draw_paint import (
    WHITE,
    Colour,
    Light,
    box,
    luma,
    mix,
    ramp,
    rgb,
)


@dataclass(frozen=True)
class Thing:
    """What a prop function may use."""

    c: skia.Canvas
    col: Colour
    phase: float
    light: Light
    picture: skia.Image | None = None

    def on(self, code: str) -> Colour:
        return self.light.figure(rgb(code))

    def oval(self, x: float, y: float, rx: float, ry: float, paint: skia.Paint) -> None:
        self.c.drawOval(box(x - rx, y - ry, x + rx, y + ry), paint)

    def sheen(self, r: float = 0.5) -> skia.Paint:
        return ramp((-r, -r), (r, r), mix(self.col, WHITE, 0.35), self.col, self.col * 0.78)


def pale(colour: Colour) -> Colour:
    return mix(colour, WHITE, 0.85) if luma(colour) < 0.8 else rgb("e8574f")
