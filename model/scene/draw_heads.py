"""Heads, put together from faces, hair and what is worn."""

from __future__ import annotations

import numpy as np
import skia

from model.scene.draw_faces import beard, brows, cheeks, ear, eyes, mouth, nose, skull, wrinkles
from model.scene.draw_hair import hair_behind, hair_on_top
from model.scene.draw_looks import ANIMALS, CHILD, MALE, OLD, Face, Looks, oval
from model.scene.draw_mascots import animal, robot, visor
from model.scene.draw_paint import WHITE, fill, mix, ramp
from model.scene.draw_worn import worn


def head_back(c: skia.Canvas, who: Looks, f: Face) -> None:
    """What hangs behind the body: long hair, tails, braids."""
    if who.kind not in ANIMALS and who.kind not in ("robot", "astronaut"):
        hair_behind(c, who, f)


def head(c: skia.Canvas, who: Looks, f: Face) -> None:
    """The head itself, upon the neck."""
    if who.kind == "robot":
        robot(c, who, f)
    elif who.kind in ANIMALS:
        animal(c, who, f)
        worn(c, who, f, animal=True)
    else:
        _human(c, who, f)
        if who.kind == "astronaut":
            visor(c, f)


def _human(c: skia.Canvas, who: Looks, f: Face) -> None:
    t, skin = f.turn, who.skin
    shade = np.clip(skin * 0.84 * np.array([1.0, 0.95, 0.95]), 0, 1)
    child, male = who.kind in CHILD, who.kind in MALE
    if who.hair != "bald":  # the back of the skull
        oval(c, -0.24 * t, -0.22, 1.0, 0.98, fill(who.hair_colour * 0.86))
    far_side = 1 if t >= 0 else -1
    near_ear = -far_side * (0.94 - 0.72 * abs(t))
    if abs(t) < 0.45:
        ear(c, far_side * (0.95 - 0.1 * abs(t)), skin, shade)
    if abs(t) <= 0.3:
        ear(c, near_ear, skin, shade)
    outline = skull(t, child, male)
    c.drawPath(
        outline,
        ramp(
            (-0.8 + 0.3 * t, -0.8), (0.9 + 0.3 * t, 0.9), mix(skin, WHITE, 0.09), skin, mix(skin, shade, 0.75)
        ),
    )
    fx = 0.40 * t
    cheeks(c, who, fx, f)
    if who.kind in OLD:
        wrinkles(c, fx, shade)
    nose(c, skin, shade, t)
    if who.accessory == "beard":
        beard(c, who, f, fx)
    mouth(c, who, f, fx)
    eyes(c, who, f, fx)
    hair_on_top(c, who, f, fx)
    if abs(t) > 0.3:
        ear(c, near_ear, skin, shade)
    brows(c, who, f, fx)
    worn(c, who, f)
