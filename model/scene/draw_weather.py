"""Weather and light that move: rain, snow, leaves, fog, lightning, stage beams, bubbles.

Particles come from a fixed table and the clock alone, so every frame can be drawn by itself.
"""

from __future__ import annotations

import math

import numpy as np
import skia

from model.scene.draw_paint import WHITE, Light, fill, glow, image_of, line, mix, polygon, ramp, rgb, smooth
from model.scene.draw_stage import View

LEAVES = ("e0863f", "f0b84a", "c2603a", "9ab24f")


class Weather:
    """The moving air of one scene."""

    def __init__(self, place: str, indoors: bool, light: Light, seed: int) -> None:
        self.place, self.light = place, light
        self.kind = "clear" if indoors or place in ("moon", "underwater") else light.weather
        self.table = np.random.default_rng([seed & 0xFFFFFFFF, 0x3A]).random((220, 4))
        self.fog_puff: skia.Image | None = None

    def behind(self, c: skia.Canvas, view: View, wet: float, wind: float) -> None:
        """What falls or shines behind the people."""
        if self.place == "stage":
            self._beams(c, view)
        elif self.kind in ("rain", "storm"):
            self._rain(c, view, wet, wind, 0.5, 0.6, 90)
        elif self.kind == "snow":
            self._snow(c, view, wet, wind, 0.55, 90)
        elif self.kind == "fog":
            self._fog(c, view, wet, 0)
        if self.kind == "storm":
            self._lightning(c, view)

    def front(self, c: skia.Canvas, view: View, wet: float, wind: float) -> None:
        if self.place == "underwater":
            self._bubbles(c, view)
        elif self.place == "moon":
            self._dust(c, view)
        if self.kind in ("rain", "storm"):
            self._rain(c, view, wet, wind, 1.0, 1.0, 120)
            self._splashes(c, view, wet)
        elif self.kind == "snow":
            self._snow(c, view, wet, wind, 1.0, 70)
        elif self.kind == "wind":
            self._leaves(c, view, wind)
        elif self.kind == "fog":
            self._fog(c, view, wet, 1)
        elif (
            self.kind == "clear"
            and self.light.time == "night"
            and self.place in ("meadow", "forest", "garden", "lake", "park", "temple")
        ):
            self._fireflies(c, view)

    # ---- kinds

    def _scrolled(self, view: View, depth: float) -> float:
        return view.scroll * depth * view.unit * view.zoom / view.width

    def _rain(
        self, c: skia.Canvas, view: View, wet: float, wind: float, size: float, speed: float, most: int
    ) -> None:
        w, h, t = view.width, view.height, view.seconds
        slant = 0.06 + 0.16 * wind
        points = []
        shift = self._scrolled(view, size)
        for x, y, q, r in self.table[: int(most * (0.35 + 0.65 * min(1.0, wet)))]:
            yy = ((y + t * speed * (1.35 + 0.5 * q)) % 1.12 - 0.06) * h
            xx = ((x - slant * t * 1.1 - shift) % 1.16 - 0.08) * w
            length = h * (0.018 + 0.022 * r) * size
            points += [skia.Point(xx, yy), skia.Point(xx - slant * length * 1.6, yy + length)]
        paint = line(rgb("e6f1fb"), h * 0.0021 * size, 0.62 if size == 1 else 0.40)
        c.drawPoints(skia.Canvas.kLines_PointMode, points, paint)

    def _splashes(self, c: skia.Canvas, view: View, wet: float) -> None:
        t = view.seconds
        for i, (x, y, q, _) in enumerate(self.table[: int(26 * min(1.0, 0.3 + wet))]):
            age = (t * 1.7 + q) % 1.0
            px = ((x * 1.7 + 0.37 * math.floor(t * 1.7 + q) - self._scrolled(view, 1.0)) % 1.0) * view.width
            py = view.place(0, -0.12 + 0.5 * y)[1]
            r = view.unit * 0.035 * age * view.zoom
            c.drawOval(
                skia.Rect(px - r, py - r * 0.3, px + r, py + r * 0.3),
                line(WHITE, view.unit * 0.004, 0.5 * (1 - age)),
            )
            if age < 0.4 and i % 2:
                c.drawCircle(px, py - r * 1.2, view.unit * 0.005, fill(WHITE, 0.6))

    def _snow(self, c: skia.Canvas, view: View, wet: float, wind: float, size: float, most: int) -> None:
        w, h, t = view.width, view.height, view.seconds
        shift = self._scrolled(view, size)
        soft = fill(WHITE, 0.92 if size == 1 else 0.7)
        for x, y, q, r in self.table[: int(most * (0.45 + 0.55 * min(1.0, wet)))]:
            xx = ((x + 0.03 * math.sin(1.2 * t + 9 * q) + (0.04 + 0.22 * wind) * t - shift) % 1.06 - 0.03) * w
            yy = ((y + t * (0.09 + 0.07 * q) * (0.6 + 0.5 * size)) % 1.06 - 0.03) * h
            c.drawCircle(xx, yy, h * (0.0024 + 0.0050 * r * r) * size, soft)

    def _leaves(self, c: skia.Canvas, view: View, wind: float) -> None:
        w, h, t = view.width, view.height, view.seconds
        shift = self._scrolled(view, 1.0)
        for i, (x, y, q, r) in enumerate(self.table[:38]):
            colour = self.light.figure(rgb(LEAVES[i % 4]))
            xx = ((x + t * (0.28 + 0.35 * q) * (0.6 + wind) - shift) % 1.24 - 0.12) * w
            yy = ((y + 0.09 * t + 0.035 * math.sin(2.6 * t + 7 * q)) % 1.0) * h * 0.95
            size = h * (0.010 + 0.009 * r)
            c.save()
            c.translate(xx, yy)
            c.rotate(170 * t * (q + 0.4) + 360 * r)
            c.scale(size, size * (0.35 + 0.65 * abs(math.sin(2.2 * t + 6 * r))))
            c.drawPath(smooth([(-1.2, 0), (-0.3, -0.62), (1.2, 0), (-0.3, 0.62)]), fill(colour))
            c.drawLine(-1.5, 0, 0.9, 0, line(colour * 0.7, 0.12))
            c.restore()
        for _, (x, y, q, _r) in enumerate(self.table[30:36]):
            x0 = ((x + t * (0.55 + 0.3 * q)) % 1.5 - 0.3) * w
            y0, k = (0.1 + 0.7 * y) * h, 0.16 * w
            path = smooth(
                [
                    (x0 - k, y0),
                    (x0, y0 - 0.012 * h),
                    (x0 + k * 0.6, y0 + 0.004 * h),
                    (x0 + k, y0 - 0.008 * h),
                ],
                closed=False,
            )
            c.drawPath(path, line(WHITE, h * 0.002, 0.28))

    def _fog(self, c: skia.Canvas, view: View, wet: float, layer: int) -> None:
        w, h, t = view.width, view.height, view.seconds
        if self.fog_puff is None:  # made once at its final size: laying it on whole pixels is cheap
            pale = mix(rgb("f4f6f8") * mix(np.array(self.light.tint), WHITE, 0.3), self.light.haze, 0.35)
            yy, xx = np.mgrid[-1 : 1 : round(0.26 * h) * 1j, -1 : 1 : round(1.9 * w) * 1j]
            soft = np.clip(1 - np.hypot(xx, yy), 0, 1)[..., None] ** 1.2 * 0.8
            self.fog_puff = image_of((np.concatenate([soft * pale, soft], 2) * 255).astype(np.uint8))
        paint = skia.Paint(Alphaf=min(1.0, 0.45 + 0.6 * wet) * (0.8 if layer else 1.0))
        for i in range(2):
            k = 2 * layer + i
            x = w * (0.5 + 0.42 * math.sin(0.22 * t + 2.1 * k)) - (self._scrolled(view, 0.6) * w * 0.3) % (
                0.3 * w
            )
            y = h * (0.52 + 0.10 * k)
            c.drawImage(
                self.fog_puff, round(x - 0.95 * w), round(y - 0.13 * h), skia.SamplingOptions(), paint
            )

    def _lightning(self, c: skia.Canvas, view: View) -> None:
        w, h, t = view.width, view.height, view.seconds
        period = 2.6
        k = math.floor(t / period)
        age = t - k * period - 0.9 * self.table[k % 97, 0]
        if not 0 <= age < 0.35:
            return
        strength = max(0.0, 1 - age / 0.35) * (0.6 + 0.4 * math.cos(40 * age))
        c.drawRect(skia.Rect(0, 0, w, h), fill(rgb("dfe8ff"), 0.42 * strength))
        if age < 0.2:
            x, y = (0.2 + 0.6 * self.table[k % 97, 1]) * w, 0.0
            points = [(x, y)]
            for i in range(7):
                x += (self.table[(k * 7 + i) % 97, 2] - 0.5) * 0.16 * w
                y += 0.075 * h
                points.append((x, y))
            path = skia.Path()
            path.addPoly([skia.Point(*p) for p in points], False)
            c.drawPath(path, line(rgb("b9d0ff"), h * 0.008, 0.5 * strength))
            c.drawPath(path, line(WHITE, h * 0.0035, strength))

    def _beams(self, c: skia.Canvas, view: View) -> None:
        w, h, t = view.width, view.height, view.seconds
        ground = view.place(0, 0.10)[1]
        for i, colour in enumerate(("ff9fd0", "fff2b8", "9fd8ff")):
            x = w / 2 + (i - 1) * 0.34 * w
            tx = w / 2 + (i - 1) * 0.16 * w + 0.10 * w * math.sin(1.1 * t + 2.1 * i)
            lamp, spot = 0.012 * h, 0.13 * h
            path = polygon([(x - lamp, -5), (x + lamp, -5), (tx + spot, ground), (tx - spot, ground)])
            paint = ramp((0, 0), (0, ground), rgb(colour), rgb(colour), alphas=(0.50, 0.05))
            c.drawPath(path, paint)
            c.drawOval(
                skia.Rect(tx - 0.13 * h, ground - 0.022 * h, tx + 0.13 * h, ground + 0.022 * h),
                fill(rgb(colour), 0.20),
            )

    def _bubbles(self, c: skia.Canvas, view: View) -> None:
        w, h, t = view.width, view.height, view.seconds
        for x, y, q, r in self.table[:30]:
            xx = ((x + 0.02 * math.sin(3 * t + 9 * q) - self._scrolled(view, 0.8)) % 1.0) * w
            yy = ((y - t * (0.05 + 0.08 * q)) % 1.05) * h
            size = h * (0.003 + 0.007 * r)
            c.drawCircle(xx, yy, size, line(WHITE, h * 0.0016, 0.55))
            c.drawCircle(xx - size * 0.3, yy - size * 0.3, size * 0.22, fill(WHITE, 0.7))

    def _dust(self, c: skia.Canvas, view: View) -> None:
        w, h, t = view.width, view.height, view.seconds
        for x, y, q, _ in self.table[:14]:
            shine = 0.5 + 0.5 * math.sin(2.0 * t + 20 * q)
            c.drawCircle(x * w, y * h * 0.55, h * 0.0016 * (1 + q), fill(rgb("fff4d0"), shine * 0.9))

    def _fireflies(self, c: skia.Canvas, view: View) -> None:
        w, h, t = view.width, view.height, view.seconds
        for x, y, q, r in self.table[:16]:
            shine = max(0.0, math.sin(1.4 * t + 12 * q))
            xx = ((x + 0.03 * math.sin(0.7 * t + 9 * r) - self._scrolled(view, 1.0)) % 1.0) * w
            yy = (0.45 + 0.45 * y + 0.02 * math.sin(t + 8 * q)) * h
            c.drawCircle(xx, yy, h * 0.012, glow(xx, yy, h * 0.012, rgb("fff08a"), 0.8 * shine))
            c.drawCircle(xx, yy, h * 0.0022, fill(rgb("fffbd0"), shine))
