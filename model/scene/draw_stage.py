"""The set: sky, the layers of a place as ready-made tiles, and the camera that looks at them.

All that costs (painting, paper, shadows) happens once a scene; a frame then only places tiles. While
the zoom stands still the tiles are made at its exact scale and laid on whole pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
import skia

from model.scene import tracks as T
from model.scene.draw_backdrop import Backdrop
from model.scene.draw_indoors import INDOORS
from model.scene.draw_outdoors import COUNTRY, Layer, waves
from model.scene.draw_paint import (
    PERIOD,
    PREMUL,
    RGBA,
    WHITE,
    Brush,
    Light,
    canvas_of,
    fill,
    glow,
    image_of,
    light_of,
    mix,
    paper,
    polygon,
    ramp,
    rgb,
)
from model.scene.draw_shores import SHORES
from model.scene.draw_styles import Style
from model.scene.draw_towns import TOWNS

PLACES = {**COUNTRY, **SHORES, **TOWNS, **INDOORS}
GROUND = 0.80  # where the ground line lies, in picture heights
PIVOT = -0.55  # the height (u, y down) that stays put while the camera zooms


@dataclass(frozen=True)
class View:
    """The camera in one frame: everything that turns u into pixels."""

    width: int
    height: int
    unit: float  # pixels per u at zoom 1
    zoom: float
    scroll: float
    rise: float
    seconds: float

    def zoom_at(self, depth: float) -> float:
        """Far sheets grow less than near ones: that is what makes a zoom a dolly."""
        return max(0.4, 1 + (self.zoom - 1) * (0.3 + 0.7 * depth))

    def place(self, x: float, y: float, depth: float = 1.0) -> tuple[float, float]:
        """Pixels of a point given in u from the camera's centre, y down from the ground line."""
        scale = self.unit * self.zoom_at(depth)
        pivot = self.height * GROUND + PIVOT * self.unit
        lift = self.rise * (0.25 + 0.75 * depth) * self.unit
        return self.width / 2 + x * scale, pivot + (y - PIVOT) * scale + lift

    def inverse(self, px: float, py: float, depth: float) -> tuple[float, float]:
        scale = self.unit * self.zoom_at(depth)
        pivot = self.height * GROUND + PIVOT * self.unit
        lift = self.rise * (0.25 + 0.75 * depth) * self.unit
        return (px - self.width / 2) / scale, (py - pivot - lift) / scale + PIVOT


@dataclass
class Tile:
    """A painted layer. x0, y0 in u of its upper left corner; scale in pixels per u."""

    layer: Layer
    pixels: np.ndarray  # premultiplied RGBA
    x0: float
    y0: float
    scale: float
    wraps: bool
    image: skia.Image | None = None

    def opaque_from(self) -> float:
        """Height (u) under which nothing shines through."""
        solid = self.pixels[..., 3].min(axis=1) == 255
        holes = np.flatnonzero(~solid)
        return self.y0 + (int(holes[-1]) + 1 if len(holes) else 0) / self.scale


@dataclass
class Set:
    """A place at an hour, painted for a known camera path."""

    scene: T.Scene
    views: list[View]
    style: Style
    picture: np.ndarray | None = None  # somebody's own, behind everything: then no place is painted
    light: Light = field(init=False)
    tiles: list[Tile] = field(init=False)
    sky: skia.Image = field(init=False)
    backdrop: Backdrop | None = field(init=False)
    mirrored: bool = field(init=False)

    def __post_init__(self) -> None:
        world = self.scene.plan.world
        self.light = light_of(world.place, world.time, world.weather)
        self.mirrored = bool(np.random.default_rng([self.scene.seed & 0xFFFFFFFF, 0x33]).integers(2))
        self.backdrop = None if self.picture is None else Backdrop(self.picture, self.views)
        zooms = [v.zoom for v in self.views]
        self.still = max(zooms) - min(zooms) < 1e-6
        sky = np.ascontiguousarray(self.style.backdrop(self._paint_sky(), self.light))
        self.sky = skia.Image.fromarray(sky, RGBA, skia.kOpaque_AlphaType, copy=True)
        layers = [] if self.backdrop else layers_of(self.scene)
        painted = [self._tile(i, layer) for i, layer in enumerate(layers)]
        self.tiles = [tile for tile in painted if tile.pixels[..., 3].any()]
        for i in reversed(range(len(self.tiles))):
            self._hide(self.tiles[i], self.tiles[i + 1 :])
        for i, tile in enumerate(self.tiles):
            self._finish(tile, i)

    # ---- painting, once

    def _paint_sky(self) -> np.ndarray:
        view, light = self.views[0], self.light
        surface, pixels = canvas_of(view.width, view.height)
        canvas = surface.getCanvas()
        h, w = float(view.height), float(view.width)
        top, middle, low = light.sky
        horizon = h * (GROUND - 0.2)
        canvas.drawRect(skia.Rect(0, 0, w, h), ramp((0, 0), (0, horizon), top, middle, low))
        place = self.scene.plan.world.place
        if place in T.INDOORS:
            return pixels
        rng = np.random.default_rng([self.scene.seed & 0xFFFFFFFF, 0x5C])
        if place == "underwater":
            for x in rng.uniform(-0.1, 1.1, 6):
                left = x * w
                beam = polygon([(left, 0), (left + 0.09 * h, 0), (left + 0.02 * h, h), (left - 0.16 * h, h)])
                canvas.drawPath(beam, ramp((0, 0), (0, 0.8 * h), WHITE, WHITE, alphas=(0.22, 0.0)))
        elif light.time == "night" or place == "moon":
            self._stars(canvas, w, h, rng)
        if place not in ("underwater", "moon"):
            self._sun(canvas, w, h, rng)
        return pixels

    def _stars(self, canvas: skia.Canvas, w: float, h: float, rng: np.random.Generator) -> None:
        hidden = {"clear": 1.0, "wind": 0.9}.get(self.light.weather, 0.25)
        for x, y, size, bright in rng.random((int(170 * w / h / 0.56 * hidden), 4)):
            canvas.drawCircle(
                x * w, y * h * 0.62, h * (0.0006 + 0.0018 * size**4), fill(rgb("fff6dd"), 0.3 + 0.7 * bright)
            )

    def _sun(self, canvas: skia.Canvas, w: float, h: float, rng: np.random.Generator) -> None:
        light = self.light
        x = w * (0.72 if rng.random() < 0.5 else 0.28)
        y, r, colour, shine = {
            "day": (0.13, 0.045, "fff3bd", 0.75),
            "morning": (0.34, 0.05, "fff0c4", 0.8),
            "sunset": (0.44, 0.085, "ffdc7a", 0.9),
            "night": (0.14, 0.05, "fdf6dc", 0.5),
        }[light.time]
        cover = {"clear": 1.0, "wind": 1.0, "snow": 0.5, "rain": 0.25, "fog": 0.45, "storm": 0.0}[
            light.weather
        ]
        if cover == 0:
            return
        y, r = y * h, r * h
        canvas.drawCircle(x, y, 6 * r, glow(x, y, 6 * r, rgb(colour), shine * cover * 0.7))
        canvas.drawCircle(
            x,
            y,
            r,
            ramp((x, y - r), (x, y + r), mix(rgb(colour), WHITE, 0.4), rgb(colour), alphas=(cover, cover)),
        )
        if light.time == "night":
            for dx, dy, s in ((-0.3, -0.2, 0.22), (0.25, 0.3, 0.17), (0.1, -0.45, 0.12)):
                canvas.drawCircle(x + dx * r, y + dy * r, s * r, fill(rgb("d9d2b8"), 0.55 * cover))

    def _reach(self, depth: float) -> tuple[float, float, float, float]:
        """The part of a layer (u) that any view shows."""
        lows, highs = [], []
        for view in self.views:
            x0, y0 = view.inverse(0, 0, depth)
            x1, y1 = view.inverse(view.width, view.height, depth)
            lows.append((x0 + view.scroll * depth, y0))
            highs.append((x1 + view.scroll * depth, y1))
        return (
            min(x for x, _ in lows) - 0.03,
            min(y for _, y in lows) - 0.02,
            max(x for x, _ in highs) + 0.03,
            max(y for _, y in highs) + 0.02,
        )

    def _tile(self, index: int, layer: Layer) -> Tile:
        x0, y0, x1, y1 = self._reach(layer.depth)
        drifted = abs(layer.drift) * self.views[-1].seconds
        x0, x1 = x0 - layer.sway - drifted, x1 + layer.sway + drifted
        y0, y1 = y0 - layer.bob, y1 + layer.bob
        if layer.depth < 0.98:
            y1 = min(y1, 0.28)  # the ground hides the rest
        scale = self.views[0].unit * max(v.zoom_at(layer.depth) for v in self.views)
        wraps = x1 - x0 > PERIOD
        if wraps:
            x0, x1 = 0.0, PERIOD
            scale = round(PERIOD * scale) / PERIOD
        width, height = math.ceil((x1 - x0) * scale - 1e-6), math.ceil((y1 - y0) * scale)
        surface, pixels = canvas_of(width, height)
        canvas = surface.getCanvas()
        start = self._standpoint(layer, index)
        if self.mirrored:
            canvas.translate((start - x0) * scale, -y0 * scale)
            canvas.scale(-scale, scale)
            low, high = start - x1, start - x0
        else:
            canvas.scale(scale, scale)
            canvas.translate(-x0 - start, -y0)
            low, high = x0 + start, x1 + start
        bottom, top = max(y1, 0.45) + 0.1, min(y0, -1.7)
        brush = Brush(canvas, self.light, low, high, bottom, top, self.scene.seed * 31 + index)
        layer.paint(brush)
        rows = np.flatnonzero(pixels[..., 3].any(axis=1))
        first = max(0, int(rows[0]) - round(0.05 * scale)) if len(rows) else 0
        last = min(height, int(rows[-1]) + round(0.05 * scale) + 1) if len(rows) else first + 1
        return Tile(layer, pixels[first:last], x0, y0 + first / scale, scale, wraps)

    def _standpoint(self, layer: Layer, index: int) -> float:
        """Where in the place a scene happens, by its seed. Landmarks recur every half period, so a shift
        by one and a little more shows the same kind of place from somewhere else."""
        rng = np.random.default_rng(
            [self.scene.seed & 0xFFFFFFFF, 0x57, 0 if layer.depth > 0.5 else index + 1]
        )
        return float(rng.integers(2)) * PERIOD / 2 + float(rng.uniform(-0.2, 0.2))

    def _hide(self, tile: Tile, nearer: list[Tile]) -> None:
        """Cut off what nearer layers cover in every view: half of all pixels need not be drawn."""
        limit = math.inf
        for other in nearer:
            edge = other.opaque_from() + other.layer.bob
            if edge >= other.y0 + len(other.pixels) / other.scale - 1e-6:
                continue
            low = max(
                view.inverse(0, view.place(0, edge, other.layer.depth)[1], tile.layer.depth)[1]
                for view in self.views[:: max(1, len(self.views) // 24)] + self.views[-1:]
            )
            limit = min(limit, low + tile.layer.bob + 0.06)
        rows = (
            min(len(tile.pixels), max(1, math.ceil((limit - tile.y0) * tile.scale)))
            if limit < math.inf
            else len(tile.pixels)
        )
        tile.pixels = tile.pixels[:rows]

    def _finish(self, tile: Tile, index: int) -> None:
        tile.pixels = self.style.sheet(
            paper, tile.pixels, tile.scale, self.scene.seed + index, tile.layer.lift
        )
        if self.still:
            tile.image = image_of(tile.pixels)
        elif tile.wraps:  # so that scaling finds a neighbour over the seam
            tile.pixels = np.ascontiguousarray(np.pad(tile.pixels, ((0, 0), (1, 1), (0, 0)), mode="wrap"))

    # ---- placing, every frame

    def draw_sky(self, canvas: skia.Canvas) -> None:
        canvas.drawImage(self.sky, 0, 0)

    def draw_layers(self, canvas: skia.Canvas, view: View, front: bool) -> None:
        if self.backdrop and not front:
            self.backdrop.draw(canvas, view)
        for tile in self.tiles:
            if (tile.layer.depth > 1) == front:
                self._draw_tile(canvas, view, tile)

    def _draw_tile(self, canvas: skia.Canvas, view: View, tile: Tile) -> None:
        layer, t = tile.layer, view.seconds
        sway = layer.sway * math.sin(0.9 * t + 3 * layer.depth) + layer.drift * t
        bob = layer.bob * math.sin(1.3 * t + 5 * layer.depth)
        x, y = view.place(tile.x0 - view.scroll * layer.depth + sway, tile.y0 + bob, layer.depth)
        grow = view.unit * view.zoom_at(layer.depth) / tile.scale
        width = (tile.pixels.shape[1] - (2 if tile.wraps and not self.still else 0)) * grow
        if tile.wraps:
            x = x % width - width
        while x < view.width:
            if x + width > 0:
                if tile.image is not None:
                    canvas.drawImage(tile.image, round(x), round(y))
                else:
                    _scaled(canvas, view, tile.pixels, x - (grow if tile.wraps else 0), y, grow)
            x += width
            if not tile.wraps:
                break


def _scaled(canvas: skia.Canvas, view: View, pixels: np.ndarray, x: float, y: float, grow: float) -> None:
    """Lay pixels at (x, y), `grow` times as large. cv2 scales ten times faster than skia on a CPU."""
    x0, y0 = max(0, math.floor(x)), max(0, math.floor(y))
    x1 = min(view.width, math.ceil(x + pixels.shape[1] * grow))
    y1 = min(view.height, math.ceil(y + pixels.shape[0] * grow))
    if x1 <= x0 or y1 <= y0:
        return
    matrix = np.array([[grow, 0, x - x0], [0, grow, y - y0]])
    border = cv2.BORDER_CONSTANT
    out = cv2.warpAffine(pixels, matrix, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR, borderMode=border)
    canvas.drawImage(skia.Image.fromarray(out, RGBA, PREMUL, copy=True), x0, y0)


def layers_of(scene: T.Scene) -> list[Layer]:
    """The layers of the scene's place, with water under a boat where the place has none."""
    layers = PLACES[scene.plan.world.place]()
    if any(q.kind == "boat" for q in scene.plan.props):
        layers = [layer for layer in layers if layer.depth <= 1]
        layers.append(waves(-0.12, "6cc4e4", "2f86c4", 1.0, 6, 0.03))
        layers.append(waves(0.015, "4fb0dc", "1f6fb0", 1.08, 5, 0.04))
        layers.append(waves(0.20, "3f9fd2", "195f9f", 1.2, 4, 0.05))
    return layers
