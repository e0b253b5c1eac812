"""People: a skeleton from the tokens, clothed by outfit, limb by limb from back to front.

Drawn in body units around the hip, y down; the caller's canvas carries place, size and spin.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import skia

from model.scene import tracks as T
from model.scene.draw_bones import BUILD, Bones
from model.scene.draw_clothes import CLOTHES, Cloth, Shape
from model.scene.draw_heads import head, head_back
from model.scene.draw_limbs import arm, between, leg, taper
from model.scene.draw_looks import ANIMALS, Face, Looks
from model.scene.draw_paint import (
    WHITE,
    Light,
    box,
    fill,
    line,
    luma,
    mix,
    ramp,
    rgb,
)
from model.scene.draw_worn import ACCENTS, scarf

if TYPE_CHECKING:
    from model.scene.faces import FaceSprites


IRISES = ("3b2416", "4a2f1c", "2a1c16", "35502f", "2f4a6a", "5a3d1e")


def own_number(plan: T.PersonPlan) -> int:
    """What a plan does not name (eyes, shoes, the colour of a scarf) follows from who it is, never from a
    scene's seed or light: somebody looks the same in every shot, every take and every episode."""
    who = (plan.kind, plan.skin, plan.hair, plan.hair_colour, f"{plan.height:.2f}")
    return crc32(" ".join(who).encode())


def _far(one: Sequence[float], other: Sequence[float]) -> bool:
    return float(np.abs(np.subtract(one, other)).sum()) > 0.55


class Person:
    """One person of a plan, ready to be drawn in any pose."""

    def __init__(self, plan: T.PersonPlan, light: Light, head_picture: FaceSprites | None = None) -> None:
        self.plan, self.kind = plan, plan.kind
        self.build = BUILD[plan.kind]
        own = own_number(plan)
        colour = {name: light.figure(c) for name, c in zip(T.COLOURS, T.COLOUR_RGB, strict=True)}
        skin = np.array(T.SKIN_RGB[T.SKINS.index(plan.skin)])
        skin = mix(
            skin, np.array([1.0, 0.80, 0.62]) * max(0.35, luma(skin)), 0.10
        )  # warm, and never a black hole
        hair = np.array(T.HAIR_RGB[T.HAIR_COLOURS.index(plan.hair_colour)])
        if luma(hair) < 0.16:
            hair = hair + np.array([0.06, 0.05, 0.075])
        self.skin, hair = light.figure(skin), light.figure(hair)
        self.top, self.bottom = colour[plan.top], colour[plan.bottom]
        if plan.bottom == plan.top:
            self.bottom = self.bottom * (0.78 if luma(self.bottom) > 0.3 else 1.0) + (
                0.0 if luma(self.bottom) > 0.3 else 0.12
            )
        accent = ACCENTS.get(plan.accessory)
        if accent is None:  # something bright that is not the colour of the clothes
            order = ("red", "yellow", "teal", "pink", "blue", "orange")
            plain = dict(zip(T.COLOURS, T.COLOUR_RGB, strict=True))
            ranked = [order[(own + i) % len(order)] for i in range(len(order))]
            accent = colour[next(c for c in ranked if _far(plain[c], plain[plan.top]))]
        else:
            accent = light.figure(accent)
        self.accent = accent
        iris = rgb(IRISES[own // 7 % len(IRISES)])
        if plan.kind in ANIMALS:
            self.skin = rgb("2b2630") if plan.kind == "panda" else hair
        elif plan.kind == "robot":
            self.skin = light.figure(rgb("b9c2d0"))
        self.looks = Looks(plan.kind, self.skin, plan.hair, hair, plan.accessory, accent, iris)
        self.outfit = (
            "astronaut" if plan.kind == "astronaut" else ("robot" if plan.kind == "robot" else plan.outfit)
        )
        self.cloth: Cloth = CLOTHES[self.outfit]
        self.shoe = light.figure(rgb(("5b3b2c", "2d2f3d", "f4f1ea", "b5453c")[own // 59 % 4]))
        if plan.outfit in ("suit", "coat"):
            self.shoe = light.figure(rgb("2d2430"))
        elif plan.outfit == "sportswear":
            self.shoe = light.figure(rgb("f6f4ee"))
        self.print: skia.Image | None = None  # a product's picture worn on the chest
        self.head_picture = None if head_picture is None else head_picture.under(light, plan.mood)
        if self.head_picture is not None:
            self.skin = self.head_picture.skin

    def face(self, p: np.ndarray, blink: float, sway: float) -> Face:
        h = T.H
        return Face(
            float(np.clip(p[h["turn"]], -1, 1)),
            float(np.clip(p[h["mouth"]], 0, 1)),
            float(np.clip(p[h["smile"]], -1, 1)),
            float(np.clip(p[h["gaze"]], -1, 1)),
            float(blink),
            self.plan.mood,
            sway,
        )

    # ---- drawing

    def draw(
        self,
        c: skia.Canvas,
        b: Bones,
        face: Face,
        hip_height: float,
        sway: float,
        upright: bool = True,
        hold: Callable[[], None] | None = None,
    ) -> None:
        """From back to front. `hip_height` is the hip over the ground (for flat soles); `hold` draws what
        the hands hold, under the front arm."""
        d = 1 if b.turn >= 0 else -1
        crossing = abs(b.turn) < 0.6 and b.hands[0][0] > b.chest[0] - 0.05 and b.hands[0][1] > b.head[1]
        if self.plan.accessory == "backpack" and abs(b.turn) >= 0.12:
            self._backpack(c, b, d)
        if self.head_picture is None:
            self._at_head(c, b, lambda: head_back(c, self.looks, face))
        if self.kind in ("cat", "bear", "rabbit", "panda"):
            self._tail(c, b, d, sway)
        if not crossing:
            arm(c, self, b, 0)
        for side in (0, 1):
            leg(c, self, b, side, hip_height, d, upright)
        self.cloth.torso(c, self, b, sway)
        if self.print is not None:
            self._printed(c, b, self.print)
        if self.plan.accessory == "backpack":
            self._straps(c, b)
        self._neck(c, b)
        self.cloth.collar(c, self, b)
        picture = self.head_picture
        if picture is None:
            self._at_head(c, b, lambda: head(c, self.looks, face))
        else:
            self._at_head(c, b, lambda: picture.draw(c, face))
        if self.plan.accessory == "scarf":
            self._at_head(c, b, lambda: scarf(c, self.accent, b.turn, 3 * sway))
        if hold is not None:
            hold()
        if crossing:
            arm(c, self, b, 0)
        arm(c, self, b, 1)

    def _printed(self, c: skia.Canvas, b: Bones, picture: skia.Image) -> None:
        """A picture on the cloth: it turns away with the chest, and ends where the cloth ends."""
        shape = Shape(self, b)
        half = 0.72 * shape.width(0.6)
        k = 2 * half / max(picture.width(), picture.height())
        w, h = picture.width() * k / 2 * (1 - 0.45 * abs(b.turn)), picture.height() * k / 2
        c.save()
        c.clipPath(shape.outline(), doAntiAlias=True)
        c.translate(*shape.at(0.62 * b.turn, 0.52))
        c.rotate(math.degrees(b.lean))
        sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
        c.drawImageRect(picture, skia.Rect(-w, -h, w, h), sampling)
        c.restore()

    def _at_head(self, c: skia.Canvas, b: Bones, draw: Callable[[], None]) -> None:
        c.save()
        c.translate(*b.head)
        c.rotate(math.degrees(b.tilt))
        size = T.HEAD * self.build[4]
        c.scale(size, size)
        draw()
        c.restore()

    def _neck(self, c: skia.Canvas, b: Bones) -> None:
        width = 0.042 * self.build[3]
        colour = self.skin * 0.88 if self.kind != "robot" else rgb("7a8494")
        taper(
            c,
            (b.chest[0], b.chest[1] + 0.012),
            between(b.chest, b.head, 0.55),
            width * 1.1,
            width,
            fill(colour),
        )

    def _tail(self, c: skia.Canvas, b: Bones, d: int, sway: float) -> None:
        fur = self.skin
        x = -d * 0.075 * max(0.5, abs(b.turn))
        if self.kind == "cat":
            path = skia.Path()
            path.moveTo(x, 0.0)
            path.cubicTo(x - d * 0.20, 0.02, x - d * 0.14 + sway, -0.20, x - d * 0.26 + 1.5 * sway, -0.26)
            c.drawPath(path, line(fur * 0.9, 0.045))
        else:
            c.drawCircle(
                x - d * 0.03, 0.015, 0.05, fill(mix(fur, WHITE, 0.7) if self.kind == "rabbit" else fur)
            )

    def _backpack(self, c: skia.Canvas, b: Bones, d: int) -> None:
        x = b.chest[0] * 0.6 - d * (0.09 + 0.05 * abs(b.turn))
        y = b.chest[1] * 0.55
        c.save()
        c.translate(x, y)
        c.rotate(math.degrees(b.lean))
        a = self.accent
        c.drawRoundRect(
            box(-0.075, -0.14, 0.075, 0.12),
            0.05,
            0.05,
            ramp((-0.07, -0.1), (0.08, 0.1), mix(a, WHITE, 0.2), a, a * 0.8),
        )
        c.drawRoundRect(box(-0.06, 0.0, 0.06, 0.10), 0.03, 0.03, fill(a * 0.85))
        c.restore()

    def _straps(self, c: skia.Canvas, b: Bones) -> None:
        for side in (0, 1):
            s = b.shoulders[side]
            x = s[0] + (0.035 if side == 0 else -0.035) * (1 - abs(b.turn))
            c.drawLine(x, s[1] - 0.005, x * 0.5 + (s[0]) * 0.35, s[1] * 0.35, line(self.accent * 0.85, 0.026))
