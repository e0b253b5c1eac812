"""A cut-out head that moves: the mouth opens and smiles, brows rise and frown, the eyes shut, the head turns,
all from one picture."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import skia

from model.scene.draw_looks import Face
from model.scene.draw_paint import PREMUL, RGBA, Colour, Light
from model.scene.face_cut import CENTRE, HEIGHT, LOW_U, SIDE_U, TOP_U, WIDTH, Expression, R

BROWS = {"surprised": (1.0, 1.0), "angry": (-0.9, -0.3), "sad": (0.7, -0.4)}  # inner and outer end, up
LARGER = 1.24  # a real head is drawn larger than a drawn one: it has to be recognised


class LitHead:
    """A cut-out under a scene's light; `draw` shows it with a face's expression."""

    def __init__(self, expression: Expression, light: Light, skin: Colour, can_smile: bool = True) -> None:
        self.points, self.can_smile = expression.points, can_smile
        tint = np.clip(light.figure(np.ones(3)), 0, 1)
        shade = np.linspace(1.06, 0.90, WIDTH)[None, :, None]  # the set's light comes from the left
        rgb = np.clip(expression.pixels[..., :3] * tint * shade, 0, 255)
        alpha = expression.pixels[..., 3:4].astype(np.float32) / 255
        self.pixels = np.dstack([(rgb * alpha).astype(np.uint8), expression.pixels[..., 3]])
        self.skin = np.clip(skin * tint, 0, 1)
        self.lid = tuple(float(v) for v in 255 * np.clip(skin * tint * 0.45, 0, 1))
        self.pose = lru_cache(maxsize=96)(self._pose)

    def draw(self, c: skia.Canvas, face: Face) -> None:
        """In head radii around the head's centre, as `draw_heads.head` does."""
        smile = round(face.smile * 2) if self.can_smile else min(0, round(face.smile * 2))
        image = self.pose(
            round(face.mouth * 10), round(face.turn * 6), round(face.blink * 2), smile, face.mood
        )
        c.save()
        c.translate(0, 0.98)
        c.scale(LARGER, LARGER)
        rect = skia.Rect(-SIDE_U, -TOP_U - 0.98, SIDE_U, LOW_U - 0.98)
        c.drawImageRect(image, rect, skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear))
        c.restore()

    def _pose(self, mouth: int, turn: int, blink: int, smile: int = 0, mood: str = "calm") -> skia.Image:
        """A sheet in one pose: mouth 0..10, turn -6..6, blink 0..2, smile -2..2."""
        x, y = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
        from_x, from_y = x.copy(), y.copy()
        gap: np.ndarray | None = None
        if smile:
            self._smile(x, y, from_x, from_y, smile / 2)
        if mood in BROWS:
            self._brows(x, y, from_y, *BROWS[mood])
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

    def _smile(
        self, x: np.ndarray, y: np.ndarray, from_x: np.ndarray, from_y: np.ndarray, amount: float
    ) -> None:
        """Draw the corners of the mouth up and apart (below 0: down)."""
        for name, side in (("mouth_l", -1), ("mouth_r", 1)):
            cx, cy = self.points[name]
            near = np.exp(-(((x - cx) / (0.24 * R)) ** 2) - ((y - cy) / (0.22 * R)) ** 2)
            from_y += 0.085 * R * amount * near
            from_x -= side * 0.05 * R * max(0.0, amount) * near

    def _brows(self, x: np.ndarray, y: np.ndarray, from_y: np.ndarray, inner: float, outer: float) -> None:
        """Raise (or lower) the two ends of each brow; what lies over the eyes moves with them."""
        for side, out in (("l", -1), ("r", 1)):
            eye, lid = self.points[f"eye_{side}"], self.points[f"lid_{side}"]
            brow = lid[1] - 0.24 * R
            for amount, dx in ((inner, -0.16), (outer, 0.16)):
                cx = eye[0] + out * dx * R
                near = np.exp(-(((x - cx) / (0.20 * R)) ** 2) - ((y - brow) / (0.17 * R)) ** 2)
                from_y += 0.075 * R * amount * near * (y < lid[1])

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
