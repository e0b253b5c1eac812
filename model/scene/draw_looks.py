# fmt: off
# ruff: noqa: E501 -- drawings are tables of coordinates; one shape stays on one line
"""What the drawers of heads share: who somebody is, what their face shows, and small strokes.

All heads are drawn in head radii around the head's centre, y down, upright; the caller's canvas
carries place, size and tilt.
"""

from __future__ import annotations

from dataclasses import dataclass

import skia

from model.scene.draw_paint import Colour, box


@dataclass(frozen=True)
class Face:
    """What a face shows in one frame."""

    turn: float
    mouth: float
    smile: float
    gaze: float
    blink: float
    mood: str
    sway: float  # how far loose hair swings, + to the right

@dataclass(frozen=True)
class Looks:
    """Who it is; colours are already lit."""

    kind: str
    skin: Colour
    hair: str
    hair_colour: Colour
    accessory: str
    accent: Colour  # of what is worn on the head
    iris: Colour


CHILD = ("girl", "boy")
OLD = ("grandmother", "grandfather")
MALE = ("man", "boy", "grandfather")
ANIMALS = ("cat", "bear", "rabbit", "panda")


def oval(c: skia.Canvas, x: float, y: float, rx: float, ry: float, paint: skia.Paint) -> None:
    c.drawOval(box(x - rx, y - ry, x + rx, y + ry), paint)


def curve(points: list[tuple[float, float]]) -> skia.Path:
    """A path of one quadratic (3 points) or cubic (4 points)."""
    path = skia.Path()
    path.moveTo(*points[0])
    if len(points) == 3:
        path.quadTo(*points[1], *points[2])
    else:
        path.cubicTo(*points[1], *points[2], *points[3])
    return path
