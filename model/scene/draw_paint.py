"""The paper shop: colours under a light, shapes in body heights, and how a cut-out becomes paper.

Everything is drawn in u (one adult body height), x to the right and y *down*, with the ground line at
y = 0; the canvas carries the scale. So a drawing is the same at any size.

A `Light` says what a place's hour and weather do to colours. A `Brush` paints one layer of the world,
repeated every PERIOD. `paper` turns painted pixels into a sheet: fibre, a light cut edge on top and a
soft shadow behind; it is done once a layer, never once a frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
import skia

Colour = np.ndarray  # three floats in 0..1
PERIOD = 6.0  # u after which a layer of the world repeats
RGBA, PREMUL = skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType
WHITE, INK = np.ones(3), np.array([0.10, 0.07, 0.14])


def rgb(code: str) -> Colour:
    """ "f5a623" -> three floats."""
    return np.array([int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)])


def mix(a: Colour, b: Colour, t: float) -> Colour:
    return np.asarray(a) * (1 - t) + np.asarray(b) * t


def luma(colour: Colour) -> float:
    return float(np.dot(colour, (0.299, 0.587, 0.114)))


def vivid(colour: Colour, by: float) -> Colour:
    """More (by > 0) or less saturated."""
    return np.clip(luma(colour) + (np.asarray(colour) - luma(colour)) * (1 + by), 0, 1)


def c4(colour: Colour, alpha: float = 1.0) -> skia.Color4f:
    return skia.Color4f(float(colour[0]), float(colour[1]), float(colour[2]), float(alpha))


def fill(colour: Colour, alpha: float = 1.0) -> skia.Paint:
    return skia.Paint(Color4f=c4(colour, alpha), AntiAlias=True)


def line(colour: Colour, width: float, alpha: float = 1.0) -> skia.Paint:
    return skia.Paint(
        Color4f=c4(colour, alpha),
        AntiAlias=True,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )


class Washed(skia.Paint):
    """A paint with a gradient that can be told again: `wash` is (L or R, where, ((at, colour), ...))."""

    wash: tuple[str, tuple[float, ...], tuple[tuple[float, tuple[int, int, int, float]], ...]]


def _stop(colour: Colour, alpha: float) -> tuple[int, int, int, float]:
    r, g, b = (round(255 * min(1.0, max(0.0, float(v)))) for v in colour)
    return r, g, b, round(min(1.0, max(0.0, float(alpha))), 3)


def ramp(
    a: tuple[float, float], b: tuple[float, float], *colours: Colour, alphas: Iterable[float] | None = None
) -> skia.Paint:
    """A gradient from point a to point b through the colours."""
    each = list(alphas or [1.0] * len(colours))
    stops = [c4(c, alpha).toColor() for c, alpha in zip(colours, each, strict=True)]
    paint = Washed(AntiAlias=True, Shader=skia.GradientShader.MakeLinear([a, b], stops))
    last = max(1, len(colours) - 1)
    told = tuple((i / last, _stop(c, alpha)) for i, (c, alpha) in enumerate(zip(colours, each, strict=True)))
    paint.wash = ("L", tuple(round(float(v), 4) for v in (*a, *b)), told)
    return paint


def glow(x: float, y: float, radius: float, colour: Colour, alpha: float) -> skia.Paint:
    """A round light that fades to nothing."""
    stops = [c4(colour, alpha).toColor(), c4(colour, alpha * 0.35).toColor(), c4(colour, 0).toColor()]
    paint = Washed(AntiAlias=True, Shader=skia.GradientShader.MakeRadial((x, y), radius, stops, [0, 0.4, 1]))
    told = tuple((at, _stop(colour, alpha * k)) for at, k in ((0.0, 1.0), (0.4, 0.35), (1.0, 0.0)))
    paint.wash = ("R", tuple(round(float(v), 4) for v in (x, y, radius)), told)
    return paint


def polygon(points: Iterable[tuple[float, float]], closed: bool = True) -> skia.Path:
    path = skia.Path()
    path.addPoly([skia.Point(float(x), float(y)) for x, y in points], closed)
    return path


def smooth(points: list[tuple[float, float]], closed: bool = True) -> skia.Path:
    """A soft curve whose corners are the points (quadratic B-spline)."""
    path = skia.Path()
    middles = [
        ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(points, points[1:] + points[:1], strict=True)
    ]
    if closed:
        path.moveTo(*middles[-1])
        for point, middle in zip(points, middles, strict=True):
            path.quadTo(*point, *middle)
        path.close()
    else:
        path.moveTo(*points[0])
        for point, middle in zip(points[1:-1], middles[1:-1], strict=True):
            path.quadTo(*point, *middle)
        path.lineTo(*points[-1])
    return path


def box(x0: float, y0: float, x1: float, y1: float) -> skia.Rect:
    return skia.Rect(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def star(x: float, y: float, radius: float, points: int = 5, inner: float = 0.45) -> skia.Path:
    corners = []
    for i in range(points * 2):
        r = radius * (1 if i % 2 == 0 else inner)
        a = math.pi * (i / points - 0.5)
        corners.append((x + r * math.cos(a), y + r * math.sin(a)))
    return polygon(corners)


def heart(x: float, y: float, r: float) -> skia.Path:
    path = skia.Path()
    path.moveTo(x, y + r)
    path.cubicTo(x - 1.9 * r, y - 0.25 * r, x - 0.8 * r, y - 1.35 * r, x, y - 0.45 * r)
    path.cubicTo(x + 0.8 * r, y - 1.35 * r, x + 1.9 * r, y - 0.25 * r, x, y + r)
    return path


# ---------------------------------------------------------------- light

SKIES = {  # top, middle, bottom
    "day": ("3c9fe0", "86cdf2", "e4f5f7"),
    "sunset": ("46307e", "e2686f", "ffc076"),
    "night": ("0a1033", "1c2b66", "46549a"),
    "morning": ("7fb4ec", "c9d9f2", "ffe2c6"),
}
TINTS = {
    "day": (1.0, 1.0, 1.0),
    "sunset": (1.0, 0.80, 0.72),
    "night": (0.40, 0.46, 0.76),
    "morning": (1.0, 0.95, 0.90),
}


@dataclass(frozen=True)
class Light:
    """What the hour and the weather do to every colour of a place."""

    time: str
    weather: str
    tint: Colour
    sky: tuple[Colour, Colour, Colour]
    haze: Colour
    fog: float
    snowy: bool
    lamps: bool  # windows and lanterns are lit

    def on(self, colour: Colour | str, far: float = 0.0) -> Colour:
        """A paper's colour as this light shows it; `far` 0..1 sinks it into the haze."""
        c = rgb(colour) if isinstance(colour, str) else np.asarray(colour, float)
        if self.snowy:
            c = mix(c, rgb("eef3ff"), 0.46)
        return np.clip(mix(c * self.tint, self.haze, min(0.95, far + self.fog * (0.35 + far))), 0, 1)

    def figure(self, colour: Colour) -> Colour:
        """The same for people and things: half as much tint, so that faces stay readable."""
        warm = mix(self.tint, WHITE, 0.72) * np.array([1.02, 1.0, 0.97])
        return np.clip(np.asarray(colour) * warm, 0, 1)


def _three(colours: Iterable[Colour]) -> tuple[Colour, Colour, Colour]:
    top, middle, low = colours
    return top, middle, low


def light_of(place: str, time: str, weather: str) -> Light:
    tint = np.array(TINTS[time])
    sky = _three(rgb(c) for c in SKIES[time])
    wet = weather in ("rain", "fog", "storm", "snow")
    if wet:
        grey = {"rain": "8e9db0", "fog": "c9d2d8", "storm": "4c5468", "snow": "c3cfdf"}[weather]
        dim = rgb(grey) * mix(np.array(TINTS[time]), WHITE, 0.25)
        amount = {"rain": 0.55, "fog": 0.6, "storm": 0.75, "snow": 0.45}[weather]
        sky = _three(mix(c, dim, amount) for c in sky)
        tint = tint * {"rain": 0.88, "fog": 0.95, "storm": 0.72, "snow": 0.97}[weather]
    fog = 0.28 if weather == "fog" else 0.0
    if place == "moon":
        sky, tint, fog = _three(map(rgb, ("05061a", "12123a", "2b2358"))), np.array([0.93, 0.93, 1.0]), 0.0
    elif place == "underwater":
        deep = {"day": 1.0, "morning": 1.0, "sunset": 0.85, "night": 0.5}[time]
        sky = _three(rgb(c) * deep for c in ("45c5d8", "1f8fb8", "0f5487"))
        tint = np.array([0.80, 0.97, 1.0]) * (0.35 + 0.65 * deep)
    elif place in ("room", "classroom", "kitchen", "cafe", "library", "gym"):
        tint, fog = mix(tint, np.array([1.0, 0.95, 0.86]), 0.62), fog * 0.3
    elif place == "stage":
        tint, fog = np.array([0.98, 0.92, 1.0]), 0.0
    haze = mix(sky[1], sky[2], 0.6)
    return Light(time, weather, tint, sky, haze, fog, weather == "snow", time in ("night", "sunset"))


# ---------------------------------------------------------------- brush


@dataclass
class Brush:
    """Paints one layer over x0..x1 (u). Things repeat every PERIOD, each drawn the same every time."""

    canvas: skia.Canvas
    light: Light
    x0: float
    x1: float
    bottom: float  # how far below the ground line a layer has to reach
    top: float  # ... and a wall above it (negative: y is down)
    seed: int
    _calls: int = field(default=0)

    def on(self, colour: Colour | str, far: float = 0.0) -> Colour:
        return self.light.on(colour, far)

    def rng(self, *key: int) -> np.random.Generator:
        return np.random.default_rng([self.seed & 0xFFFFFFFF, *key])

    def spread(self, count: int) -> list[float]:
        """`count` places over one period, evenly with jitter."""
        self._calls += 1
        r = self.rng(self._calls, 77)
        return [(i + 0.15 + 0.7 * r.random()) * PERIOD / count for i in range(count)]

    def each(
        self,
        at: int | list[float],
        draw: Callable[[float, np.random.Generator], None],
        margin: float = 1.2,
    ) -> None:
        """Call draw(x, rng) at every place in sight; far copies get the same rng."""
        places = self.spread(at) if isinstance(at, int) else at
        self._calls += 1
        call = self._calls
        for k in range(
            math.floor((self.x0 - margin) / PERIOD) - 1, math.ceil((self.x1 + margin) / PERIOD) + 1
        ):
            for i, x in enumerate(places):
                if self.x0 - margin <= x + k * PERIOD <= self.x1 + margin:
                    draw(x + k * PERIOD, self.rng(call, i))

    def ridge(
        self, y: float, height: float, waves: tuple[int, ...], sharp: bool = False
    ) -> Callable[[float], float]:
        """A periodic skyline y(x): sums of sines, or of ridges if sharp."""
        self._calls += 1
        r = self.rng(self._calls, 5)
        parts = [(k, r.uniform(0, 6.28), r.uniform(0.5, 1) / (i + 1)) for i, k in enumerate(waves)]

        def skyline(x: float) -> float:
            total = 0.0
            for k, phase, size in parts:
                s = math.sin(2 * math.pi * k * x / PERIOD + phase)
                total += size * (1 - 2 * abs(s) if sharp else s)
            return y - height * total

        return skyline

    def land(
        self,
        y: float,
        height: float,
        top: Colour,
        low: Colour,
        waves: tuple[int, ...] = (1, 2, 3),
        sharp: bool = False,
        until: float | None = None,
    ) -> Callable[[float], float]:
        """A hill, sea or floor: everything under a ridge. Returns the ridge."""
        ridge = self.ridge(y, height, waves, sharp)
        low_y = self.bottom if until is None else until
        count = max(24, int((self.x1 - self.x0) / 0.022))
        xs = np.linspace(self.x0 - 0.02, self.x1 + 0.02, count)
        points = [(float(x), ridge(float(x))) for x in xs]
        points += [(self.x1 + 0.1, low_y), (self.x0 - 0.1, low_y)]
        self.canvas.drawPath(polygon(points), ramp((0, y - height), (0, min(low_y, y + 0.7)), top, low))
        return ridge

    def rect(self, x0: float, y0: float, x1: float, y1: float, paint: skia.Paint, r: float = 0.0) -> None:
        if r:
            self.canvas.drawRoundRect(box(x0, y0, x1, y1), r, r, paint)
        else:
            self.canvas.drawRect(box(x0, y0, x1, y1), paint)

    def oval(self, x: float, y: float, rx: float, ry: float, paint: skia.Paint) -> None:
        self.canvas.drawOval(box(x - rx, y - ry, x + rx, y + ry), paint)

    def path(self, path: skia.Path, paint: skia.Paint) -> None:
        self.canvas.drawPath(path, paint)

    def wide(self, y0: float, y1: float, paint: skia.Paint) -> None:
        """A band over the whole width."""
        self.rect(self.x0 - 0.1, y0, self.x1 + 0.1, y1, paint)

    def lamp(self, x: float, y: float, radius: float, colour: str = "ffe6a0", halo: float = 4.0) -> None:
        """A light source: bright and haloed when lamps are lit, plain glass by day."""
        if self.light.lamps:
            self.canvas.drawCircle(x, y, radius * halo, glow(x, y, radius * halo, rgb(colour), 0.55))
        self.canvas.drawCircle(x, y, radius, fill(rgb(colour) if self.light.lamps else self.on("eef0f2")))


# ---------------------------------------------------------------- paper


def canvas_of(width: int, height: int) -> tuple[skia.Surface, np.ndarray]:
    """A transparent surface and the numpy array that it draws into (premultiplied RGBA)."""
    pixels = np.zeros((max(1, height), max(1, width), 4), np.uint8)
    return skia.Surface(pixels, RGBA, PREMUL), pixels


def image_of(pixels: np.ndarray) -> skia.Image:
    return skia.Image.fromarray(np.ascontiguousarray(pixels), RGBA, PREMUL, copy=True)


@lru_cache(maxsize=1)
def _sheet() -> np.ndarray:
    """A square of paper's unevenness that tiles without a seam, standard deviation about 1."""
    side, pad = 512, 80
    noise = np.random.default_rng(0xF1).normal(size=(side, side)).astype(np.float32)

    def soft(shift: int, x: float, y: float) -> np.ndarray:
        wrapped = np.pad(np.roll(noise, shift, 0), pad, mode="wrap")
        out = cv2.GaussianBlur(wrapped, (0, 0), x, sigmaY=y)[pad:-pad, pad:-pad]
        return out / out.std()

    return (
        soft(0, 0.9, 0.9) + 0.55 * soft(99, 3, 0.9) + 0.35 * soft(41, 0.9, 3) + 0.8 * soft(7, 24, 24)
    ) / 1.44


def fibre(height: int, width: int, seed: int, strength: float) -> np.ndarray:
    """Paper's uneven surface, [H, W] float32 around 1: fine tooth, long fibres, clouds."""
    sheet = np.roll(_sheet(), (seed * 131 % 512, seed * 57 % 512), (0, 1))
    tiled = np.tile(sheet, (height // 512 + 1, width // 512 + 1))[:height, :width]
    return 1 + strength * 1.44 * tiled


def paper(pixels: np.ndarray, unit: float, seed: int, dark: float = 0.34, lift: float = 1.0) -> np.ndarray:
    """Turn painted pixels (premultiplied RGBA) into a sheet lying above others: fibre, a light cut
    edge at the upper left, and a soft shadow around. `unit` is pixels per u, `lift` its height."""
    alpha = pixels[..., 3]
    coarse = float(np.clip(unit / 640, 0.2, 1.2)) ** 0.5  # a small picture shows less of the paper
    colour = (
        pixels[..., :3].astype(np.float32)
        * fibre(alpha.shape[0], alpha.shape[1], seed, 0.013 * coarse)[..., None]
    )
    step = max(1, round(unit * 0.0028))
    cut = cv2.subtract(alpha, np.roll(np.roll(alpha, step, 0), step // 2, 1))
    cut[:step] = 0
    colour += cut[..., None].astype(np.float32) * 0.30
    quarter = (max(1, alpha.shape[1] // 4), max(1, alpha.shape[0] // 4))
    small = cv2.resize(alpha, quarter, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), max(0.6, unit * 0.016 * lift / 4))
    soft = cv2.resize(soft, (alpha.shape[1], alpha.shape[0]), interpolation=cv2.INTER_LINEAR)
    away = round(unit * 0.006 * lift)
    soft = np.roll(np.roll(soft, -away, 0), away, 1)
    if away:
        soft[-away:] = soft[-away - 1 : -away] if away < len(soft) else 0
    under = soft.astype(np.float32) * dark * (1 - alpha.astype(np.float32) / 255)
    out = np.empty_like(pixels)
    out[..., :3] = np.clip(colour, 0, alpha[..., None])
    out[..., :3] += (under[..., None] * np.array([0.10, 0.05, 0.16], np.float32)).astype(np.uint8)
    out[..., 3] = np.clip(alpha + under, 0, 255)
    return out
