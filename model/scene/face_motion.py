"""A cut-out head that moves: the mouth opens, the eyes shut, the head turns, all from one picture."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import skia

from model.scene.draw_looks import Face
from model.scene.draw_paint import PREMUL, RGBA, Colour, Light
from model.scene.face_cut import CENTRE, HEIGHT, LOW_U, SIDE_U, TOP_U, WIDTH, Expression, R

LARGER = 1.24  # a real head is drawn larger than a drawn one: it has to be recognised


class LitHead:
    """A cut-out under a scene's light; `draw` shows it with a face's expression."""

    def __init__(self, expression: Expression, light: Light, skin: Colour) -> None:
        self.points = expression.points
        tint = np.clip(light.figure(np.ones(3)), 0, 1)
        shade = np.linspace(1.06, 0.90, WIDTH)[None, :, None]  # the set's light comes from the left
        rgb = np.clip(expression.pixels[..., :3] * tint * shade, 0, 255)
        alpha = expression.pixels[..., 3:4].astype(np.float32) / 255
        self.pixels = np.dstack([(rgb * alpha).astype(np.uint8), expression.pixels[..., 3]])
        self.skin = np.clip(skin * tint, 0, 1)
        self.lid = tuple(float(v) for v in 255 * np.clip(skin * tint * 0.45, 0, 1))
        self.pose = lru_cache(maxsize=48)(self._pose)

    def draw(self, c: skia.Canvas, face: Face) -> None:
        """In head radii around the head's centre, as `draw_heads.head` does."""
        image = self.pose(round(face.mouth * 10), round(face.turn * 6), round(face.blink * 2))
        c.save()
        c.translate(0, 0.98)
        c.scale(LARGER, LARGER)
        rect = skia.Rect(-SIDE_U, -TOP_U - 0.98, SIDE_U, LOW_U - 0.98)
        c.drawImageRect(image, rect, skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear))
        c.restore()

    def _pose(self, mouth: int, turn: int, blink: int) -> skia.Image:
        x, y = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
        from_x, from_y = x.copy(), y.copy()
        gap: np.ndarray | None = None
        if blink:
            self._shut(x, y, from_y, blink / 2)
        if mouth:
            gap = self._open(x, y, from_y, mouth / 10)
        if turn:
            reach = np.clip(1 - ((x - CENTRE[0]) / (1.35 * R)) ** 2, 0, 1) * np.clip(
                1 - ((y - CENTRE[1]) / (1.7 * R)) ** 2, 0, 1
            )
            slide = (turn / 6) * 0.15 * R * reach
            from_x -= slide
            # what lies under a turned feature is what was bent there: compose the two maps
            from_y[:] = cv2.remap(from_y, x - slide, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            gap = None if gap is None else cv2.remap(gap, x - slide, y, cv2.INTER_LINEAR)
        out = cv2.remap(self.pixels, from_x, from_y, cv2.INTER_LINEAR)
        if gap is not None:
            self._fill_mouth(out, gap, turn)
        if blink == 2:
            self._lashes(out, turn)
        return skia.Image.fromarray(np.ascontiguousarray(out), RGBA, PREMUL, copy=True)

    def _open(self, x: np.ndarray, y: np.ndarray, from_y: np.ndarray, amount: float) -> np.ndarray:
        """Move what lies under the lip line down; returns the mask of the opened mouth in 0..1."""
        p = self.points
        left, right, lip = p["mouth_l"], p["mouth_r"], p["lip"]
        middle, half = (left[0] + right[0]) / 2, 0.46 * (right[0] - left[0])
        across = (x - middle) / half
        corner = (left[1] + right[1]) / 2
        split = corner + (lip[1] - corner) * np.clip(1 - across**2, 0, 1)
        deep = 0.34 * R * amount
        opened = deep * np.clip(1 - across**2, 0, 1) ** 0.6
        jaw = deep * np.exp(-(((x - middle) / (0.95 * R)) ** 2))
        under = np.clip((y - split) / (0.38 * R), 0, 1)
        under = under * under * (3 - 2 * under)
        shift = np.where(y > split + opened, opened, 0) + np.maximum(jaw - opened, 0) * under
        gap = ((y > split) & (y <= split + opened)).astype(np.float32)
        from_y -= shift.astype(np.float32)
        return cv2.GaussianBlur(gap, (0, 0), 1.2)

    def _fill_mouth(self, out: np.ndarray, gap: np.ndarray, turn: int) -> None:
        rows = np.flatnonzero(gap.max(axis=1) > 0.5)
        if not len(rows):
            return
        top, low = int(rows[0]), int(rows[-1]) + 1
        height = max(1, low - top)
        v = np.clip((np.arange(HEIGHT) - top) / height, 0, 1)[:, None, None]
        inner = np.array([70, 20, 28]) * (1 - v) + np.array([120, 36, 46]) * v
        teeth = (np.arange(HEIGHT)[:, None] < top + min(0.34 * height, 0.075 * R))[..., None]
        colour = np.broadcast_to(np.where(teeth, np.array([240, 232, 222]), inner), (HEIGHT, WIDTH, 3))
        tongue = np.clip((v - 0.55) / 0.3, 0, 1) * 0.75
        colour = colour * (1 - tongue) + np.array([190, 84, 92]) * tongue
        weight = gap[..., None]
        light = self.skin.max() * 0.6 + 0.4
        out[..., :3] = (out[..., :3] * (1 - weight) + colour * light * weight).astype(np.uint8)
        out[..., 3] = np.maximum(out[..., 3], (gap * 255).astype(np.uint8))

    def _shut(self, x: np.ndarray, y: np.ndarray, from_y: np.ndarray, amount: float) -> None:
        """Draw the skin above each eye down over it."""
        for side in "lr":
            eye, lid, low = self.points[f"eye_{side}"], self.points[f"lid_{side}"], self.points[f"low_{side}"]
            opened = max(low[1] - lid[1], 0.05 * R)
            start = lid[1] - 0.16 * R
            end = low[1] + 0.02 * R
            width = np.clip(1 - ((x - eye[0]) / (0.27 * R)) ** 2, 0, 1) ** 0.5 * amount
            t = np.clip((y - start) / (end - start), 0, 1)
            onto = start + t * (lid[1] - 0.02 * R - start)
            inside = (y > start) & (y < end)
            from_y[inside] = (from_y + (onto - y) * np.minimum(1, width * 1.15))[inside]
            del opened

    def _lashes(self, out: np.ndarray, turn: int) -> None:
        for side in "lr":
            eye, low = self.points[f"eye_{side}"], self.points[f"low_{side}"]
            x = eye[0] + (turn / 6) * 0.14 * R
            pts = [
                (x + dx * R, low[1] + 0.01 * R - 0.035 * R * abs(dx / 0.17) ** 2)
                for dx in np.linspace(-0.17, 0.17, 9)
            ]
            cv2.polylines(
                out, [np.round(np.array(pts)).astype(np.int32)], False, (*self.lid, 255.0), 3, cv2.LINE_AA
            )
