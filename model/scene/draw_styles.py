"""Styles: the same drawing on other paper.

A style may change three things: the backdrop (once), each sheet of the world (once) and each cut-out
figure (every frame, so it has to be quick), and the finished frame. All work on premultiplied RGBA
arrays except `finish`, which gets RGB.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from model.scene.draw_paint import Light, fibre

Paper = Callable[[np.ndarray, float, int, float, float], np.ndarray]


def _grey(pixels: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGBA2GRAY)


def contours(pixels: np.ndarray, thick: int, sharp: float = 22.0) -> np.ndarray:
    """Where a pen would draw [H, W] uint8: rims of the cut-out and edges between colours."""
    kernel = np.ones((3, 3), np.uint8)
    grey = cv2.GaussianBlur(_grey(pixels), (0, 0), 0.8)
    inner = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, kernel)
    rim = cv2.morphologyEx(pixels[..., 3], cv2.MORPH_GRADIENT, kernel)
    edges = cv2.convertScaleAbs(np.maximum(inner, int(sharp / 2)) - int(sharp / 2), alpha=255 / sharp / 1.6)
    bright = cv2.erode(grey, np.ones((5, 5), np.uint8))  # what is dark already needs no line around it
    edges = cv2.bitwise_and(edges, cv2.threshold(bright, 62, 255, cv2.THRESH_BINARY)[1])
    fine = max(1, round(thick * 0.4))  # thick lines inside would blot out a face
    if fine > 1:
        edges = cv2.dilate(edges, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (fine, fine)))
    if thick > 1:
        rim = cv2.dilate(rim, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thick, thick)))
    return cv2.max(edges, rim)


@dataclass
class Style:
    """Paper, as it is. Others override."""

    seed: int = 0
    scale: float = 1.0  # of the drawing surface against the wanted picture
    grain: float = 0.042
    vignette: float = 0.20
    shadows: bool = True
    edge: tuple[int, int, int] | None = (255, 250, 240)  # rim of a cut-out figure
    portrait: float = 0.0  # how much of a real face stays as it is: they have to be recognised

    def __post_init__(self) -> None:
        """Tables that a style computes once."""

    def backdrop(self, pixels: np.ndarray, light: Light) -> np.ndarray:
        return pixels

    def sheet(self, paper: Paper, pixels: np.ndarray, unit: float, seed: int, lift: float) -> np.ndarray:
        return paper(pixels, unit, seed, 0.34, lift)

    def figure(self, pixels: np.ndarray, unit: float) -> np.ndarray:
        return pixels

    def finish(self, frame: np.ndarray) -> np.ndarray:
        return frame


def _blend(pixels: np.ndarray, over: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Lay colour over premultiplied pixels where `over` (uint8 alpha) says."""
    keep = 255 - over
    out = cv2.merge([cv2.multiply(pixels[..., i], keep, scale=1 / 255) for i in range(4)])
    ink = cv2.merge([cv2.convertScaleAbs(over, alpha=c / 255) for c in (*colour, 255)])
    return cv2.add(out, ink)


class Ink(Style):
    """Brush and wash: grey-blue washes on cream paper, dark contours, a hint of the colours."""

    def _wash(self, pixels: np.ndarray) -> np.ndarray:
        alpha = pixels[..., 3:4].astype(np.float32) / 255
        grey = _grey(pixels).astype(np.float32)[..., None] / 255
        level = grey / np.maximum(alpha, 0.05)
        steps = np.floor(level * 5 + 0.5) / 5
        tone = np.array([44, 48, 66]) * (1 - steps) + np.array([250, 244, 230]) * steps
        colour = pixels[..., :3].astype(np.float32)
        out = 0.80 * tone * alpha + 0.20 * colour
        return np.dstack([np.clip(out, 0, 255 * alpha).astype(np.uint8), pixels[..., 3]])

    def backdrop(self, pixels: np.ndarray, light: Light) -> np.ndarray:
        out = self._wash(pixels)
        night = light.time == "night"
        cream = np.array([160, 160, 176, 255] if night else [250, 244, 230, 255])
        return (0.35 * out + 0.65 * cream).astype(np.uint8)

    def sheet(self, paper: Paper, pixels: np.ndarray, unit: float, seed: int, lift: float) -> np.ndarray:
        edges = contours(pixels, max(2, round(unit * 0.004)))
        return _blend(paper(self._wash(pixels), unit, seed, 0.12, lift), edges, (38, 36, 52))

    def figure(self, pixels: np.ndarray, unit: float) -> np.ndarray:
        small = np.ascontiguousarray(pixels)
        grey = cv2.cvtColor(_grey(small), cv2.COLOR_GRAY2RGB)
        rgb = cv2.addWeighted(small[..., :3].copy(), 0.45, grey, 0.55, 6)
        rgb = cv2.min(rgb, cv2.cvtColor(small[..., 3], cv2.COLOR_GRAY2RGB))
        return _blend(
            np.dstack([rgb, small[..., 3]]), contours(small, max(2, round(unit * 0.005))), (28, 26, 40)
        )


class Chalk(Style):
    """Coloured chalk on a blackboard."""

    def backdrop(self, pixels: np.ndarray, light: Light) -> np.ndarray:
        h, w = pixels.shape[:2]
        board = np.array([38, 62, 56], np.float32) * fibre(h, w, self.seed, 0.03)[..., None]
        hue = pixels[..., :3].astype(np.float32)
        out = np.clip(0.86 * board + 0.10 * hue, 0, 255)
        return np.dstack([out, np.full((h, w), 255)]).astype(np.uint8)

    def _chalk(self, pixels: np.ndarray, unit: float, body: float, least: float) -> np.ndarray:
        h, w = pixels.shape[:2]
        dust = np.clip(fibre(h, w, 9, 0.24) - 0.05, least, 1.15).astype(np.float32)
        alpha = pixels[..., 3].astype(np.float32)
        colour = pixels[..., :3].astype(np.float32)
        pale = np.clip(colour * 0.92 + alpha[..., None] * 0.22, 0, 255)
        board = np.array([40, 64, 58], np.float32) * (alpha / 255)[..., None]
        rub = (body * np.clip(dust, 0, 1))[..., None]
        out = board * (1 - rub) + pale * rub
        edges = (
            contours(pixels, max(2, round(unit * 0.006))).astype(np.float32)
            / 255
            * np.clip(dust * 1.2, 0.5, 1)
        )
        rim = np.clip(edges, 0, 1)[..., None] * 0.9
        white = np.clip(pale * 1.15 + 105, 0, 255)
        a = np.maximum(alpha, rim[..., 0] * 255)
        out = out * (1 - rim) + white * rim
        return np.dstack([np.clip(out, 0, a[..., None]), a]).astype(np.uint8)

    def sheet(self, paper: Paper, pixels: np.ndarray, unit: float, seed: int, lift: float) -> np.ndarray:
        return self._chalk(pixels, unit, 0.46, 0.30)

    def figure(self, pixels: np.ndarray, unit: float) -> np.ndarray:
        return self._chalk(pixels, unit, 0.92, 0.66)  # rubbed harder: a face is small


class Neon(Style):
    """Glowing tubes at night."""

    def __post_init__(self) -> None:
        self.faint = (255 * 0.42 * (np.arange(256) / 255) ** 0.62).astype(np.uint8)  # the dark is lifted most

    def _glow(self, pixels: np.ndarray, unit: float, body: np.ndarray | float, sharp: float) -> np.ndarray:
        pixels = np.ascontiguousarray(pixels)
        edges = contours(pixels, max(2, round(unit * 0.0045)), sharp)
        hsv = cv2.cvtColor(pixels[..., :3].copy(), cv2.COLOR_RGB2HSV)
        hsv[..., 1] = cv2.convertScaleAbs(hsv[..., 1], alpha=1.5, beta=60)
        hsv[..., 2] = 255
        tube = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
        tube = cv2.dilate(cv2.bitwise_and(tube, tube, mask=pixels[..., 3]), np.ones((3, 3), np.uint8))
        mask = cv2.merge([edges] * 3)
        lines = cv2.multiply(tube, mask, scale=1 / 255)
        quarter = (max(1, lines.shape[1] // 4), max(1, lines.shape[0] // 4))
        small = cv2.resize(lines, quarter, interpolation=cv2.INTER_AREA)
        halo = cv2.resize(cv2.GaussianBlur(small, (0, 0), max(0.8, unit * 0.004)), lines.shape[1::-1])
        dark = cv2.LUT(pixels[..., :3], body) if isinstance(body, np.ndarray) else pixels[..., :3] * body
        dark = dark.astype(np.uint8)
        rgb = cv2.add(cv2.add(dark, cv2.convertScaleAbs(halo, alpha=1.25)), lines)
        glowing = cv2.max(cv2.max(halo[..., 0], halo[..., 1]), halo[..., 2])
        alpha = cv2.max(cv2.max(pixels[..., 3], edges), glowing)
        return np.dstack([cv2.min(rgb, cv2.merge([alpha] * 3)), alpha])

    def backdrop(self, pixels: np.ndarray, light: Light) -> np.ndarray:
        h, w = pixels.shape[:2]
        y = np.linspace(0, 1, h)[:, None, None]
        sky = np.array([14, 8, 38]) * (1 - y) + np.array([62, 14, 84]) * y
        out = np.clip(np.broadcast_to(sky, (h, w, 3)) + 0.08 * pixels[..., :3], 0, 255)
        return np.dstack([out, np.full((h, w), 255)]).astype(np.uint8)

    def sheet(self, paper: Paper, pixels: np.ndarray, unit: float, seed: int, lift: float) -> np.ndarray:
        return self._glow(pixels, unit, 0.15, 34)

    def figure(self, pixels: np.ndarray, unit: float) -> np.ndarray:
        return self._glow(pixels, unit, self.faint, 24)


class Pixel(Style):
    """An arcade picture: drawn small, few colours, square dots."""

    def __post_init__(self) -> None:
        levels = np.array([0, 36, 73, 109, 146, 182, 219, 255])
        self.table = levels[np.clip((np.arange(256) + 18) // 36, 0, 7)].astype(np.uint8)
        self.bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])

    def sheet(self, paper: Paper, pixels: np.ndarray, unit: float, seed: int, lift: float) -> np.ndarray:
        out = pixels.copy()
        solid = out[..., 3] > 110  # hard edges: a half-covered dot would look like blur
        colour = out[..., :3].astype(np.float32) * 255 / np.maximum(out[..., 3:4], 1)
        out[..., :3] = np.where(solid[..., None], np.clip(colour, 0, 255), 0)
        out[..., 3] = np.where(solid, 255, 0)
        return out

    def figure(self, pixels: np.ndarray, unit: float) -> np.ndarray:
        out = self.sheet(None, pixels, unit, 0, 0)  # type: ignore[arg-type]
        rim = cv2.subtract(cv2.dilate(out[..., 3], np.ones((3, 3), np.uint8)), out[..., 3])
        return cv2.add(out, cv2.merge([cv2.convertScaleAbs(rim, alpha=c / 255) for c in (28, 20, 44, 255)]))

    def finish(self, frame: np.ndarray) -> np.ndarray:
        h, w = frame.shape[:2]
        dots = np.tile(self.bayer, (h // 4 + 1, w // 4 + 1))[:h, :w]
        shifted = np.clip(frame.astype(np.int16) + (dots[..., None] - 8) * 1.4, 0, 255).astype(np.uint8)
        return self.table[shifted]


class Watercolour(Style):
    """Wet washes: pale, granulated, darker where the paint dried at the rim."""

    def _wet(self, pixels: np.ndarray, unit: float, seed: int, strong: float) -> np.ndarray:
        h, w = pixels.shape[:2]
        alpha = pixels[..., 3].astype(np.float32) / 255
        soft = cv2.GaussianBlur(alpha, (0, 0), max(1.0, unit * 0.010))
        rim = np.clip(1 - soft, 0, 1) * alpha
        colour = pixels[..., :3].astype(np.float32)
        flow = fibre(h, w, seed, 0.028)
        pale = colour * (1 - strong) + 255 * alpha[..., None] * strong
        out = pale * (1 - 0.55 * rim[..., None]) * flow[..., None]
        a = np.clip(alpha * (0.90 + 0.1 * rim), 0, 1) * 255
        return np.dstack(
            [np.clip(out * (a / 255 / np.maximum(alpha, 0.01))[..., None], 0, a[..., None]), a]
        ).astype(np.uint8)

    def backdrop(self, pixels: np.ndarray, light: Light) -> np.ndarray:
        h, w = pixels.shape[:2]
        cloud = cv2.GaussianBlur(fibre(h, w, self.seed, 0.4), (0, 0), h * 0.03)
        cloud = np.clip(0.34 + 1.0 * (cloud - cloud.mean()), 0.15, 0.6)[..., None]
        out = pixels[..., :3] * (1 - cloud) + np.array([253, 250, 244]) * cloud
        return np.dstack([out, np.full((h, w), 255)]).astype(np.uint8)

    def sheet(self, paper: Paper, pixels: np.ndarray, unit: float, seed: int, lift: float) -> np.ndarray:
        return self._wet(pixels, unit, seed, 0.34)

    def figure(self, pixels: np.ndarray, unit: float) -> np.ndarray:
        small = np.ascontiguousarray(pixels)
        alpha = cv2.cvtColor(small[..., 3], cv2.COLOR_GRAY2RGB)
        pale = cv2.addWeighted(small[..., :3].copy(), 0.84, alpha, 0.16, 0)
        edges = contours(small, 2, 30)
        return _blend(
            np.dstack([cv2.min(pale, alpha), small[..., 3]]),
            cv2.convertScaleAbs(edges, alpha=0.45),
            (70, 52, 60),
        )


class Poster(Style):
    """A travel poster: few flat tones, strong colours."""

    def __post_init__(self) -> None:
        steps = np.array([24, 74, 128, 182, 226, 250])
        edges = np.array([44, 96, 152, 204, 240])
        self.table = steps[np.searchsorted(edges, np.arange(256))].astype(np.uint8)

    def _flat(self, pixels: np.ndarray) -> np.ndarray:
        pixels = np.ascontiguousarray(pixels)
        alpha = pixels[..., 3]
        hls = cv2.cvtColor(pixels[..., :3].copy(), cv2.COLOR_RGB2HLS)
        hls[..., 1] = self.table[hls[..., 1]]
        hls[..., 2] = cv2.convertScaleAbs(hls[..., 2], alpha=1.2, beta=8)
        rgb = cv2.cvtColor(hls, cv2.COLOR_HLS2RGB)
        return np.dstack([cv2.min(rgb, cv2.merge([alpha] * 3)), alpha])

    def backdrop(self, pixels: np.ndarray, light: Light) -> np.ndarray:
        flat = self._flat(pixels)
        for _ in range(2):  # clean edges between the tones of a gradient
            flat = cv2.medianBlur(flat, 31 if min(flat.shape[:2]) > 31 else 3)
        return flat

    def sheet(self, paper: Paper, pixels: np.ndarray, unit: float, seed: int, lift: float) -> np.ndarray:
        return self._flat(pixels)

    def figure(self, pixels: np.ndarray, unit: float) -> np.ndarray:
        return self._flat(pixels)


class Comic(Style):
    """Bold ink lines, flat colour, dots in the shadows."""

    def _dots(self, h: int, w: int, unit: float) -> np.ndarray:
        pitch = max(4.0, unit * 0.017)
        y, x = np.mgrid[0:h, 0:w].astype(np.float32)
        u, v = (x + y) / pitch, (x - y) / pitch
        return (np.sin(np.pi * u) * np.sin(np.pi * v)).astype(np.float32)

    def _print(self, pixels: np.ndarray, unit: float, thick: int) -> np.ndarray:
        pixels = np.ascontiguousarray(pixels)
        alpha = pixels[..., 3]
        hsv = cv2.cvtColor(pixels[..., :3].copy(), cv2.COLOR_RGB2HSV)
        hsv[..., 1] = cv2.convertScaleAbs(hsv[..., 1], alpha=1.3, beta=6)
        rgb = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
        rgb = cv2.min(rgb, cv2.merge([alpha] * 3))
        return _blend(np.dstack([rgb, alpha]), contours(pixels, thick, 26), (18, 14, 26))

    def backdrop(self, pixels: np.ndarray, light: Light) -> np.ndarray:
        h, w = pixels.shape[:2]
        tone = np.linspace(0.15, 0.75, h, dtype=np.float32)[:, None]
        dots = (self._dots(h, w, h / 2) > tone * 2 - 0.9)[..., None]
        out = np.where(dots, pixels[..., :3] * 0.94 + 15, pixels[..., :3] * 0.88)
        return np.dstack([np.clip(out, 0, 255), np.full((h, w), 255)]).astype(np.uint8)

    def sheet(self, paper: Paper, pixels: np.ndarray, unit: float, seed: int, lift: float) -> np.ndarray:
        h, w = pixels.shape[:2]
        out = self._print(pixels, unit, max(2, round(unit * 0.006)))
        shade = (self._dots(h, w, unit) > 0.25) & (_grey(pixels) < 120) & (pixels[..., 3] > 128)
        out[..., :3][shade] = (out[..., :3][shade] * 0.78).astype(np.uint8)
        return out

    def figure(self, pixels: np.ndarray, unit: float) -> np.ndarray:
        return self._print(pixels, unit, max(2, round(unit * 0.0075)))


def style_of(name: str, seed: int) -> Style:
    """The style of a vocabulary word. Raises KeyError for another word."""
    return {
        "paper": lambda: Style(seed),
        "ink": lambda: Ink(seed, portrait=0.72, grain=0.07, vignette=0.10, edge=(250, 244, 230)),
        "chalk": lambda: Chalk(seed, portrait=0.80, grain=0.10, vignette=0.25, shadows=False, edge=None),
        "pixel": lambda: Pixel(seed, scale=0.2, grain=0.0, vignette=0.0, shadows=False, edge=None),
        "neon": lambda: Neon(seed, portrait=0.85, grain=0.0, vignette=0.25, shadows=False, edge=None),
        "watercolour": lambda: Watercolour(seed, grain=0.05, vignette=0.0, shadows=False, edge=None),
        "poster": lambda: Poster(seed, portrait=0.45, grain=0.05, vignette=0.06, edge=None),
        "comic": lambda: Comic(
            seed, portrait=0.80, grain=0.0, vignette=0.0, shadows=False, edge=(255, 255, 255)
        ),
    }[name]()
