"""A real person's head for the paper world: cut out of their capture, relit, and able to speak.

    sprites = FaceSprites.from_frames(frames, landmarks)     # capture frames (uint8 RGB) and points
    sprites.to_bytes() / FaceSprites.from_bytes(data)        # npz with PNGs; nothing is unpickled
    draw.render(scene, faces={0: sprites})

Landmarks per frame: [478 or 468, 2+] (face mesh), [68, 2+] (dlib) or [5, 2] (eye, eye, nose, mouth
corner, mouth corner), in pixels. Whoever finds faces calls this; nothing here finds one.

The head is brought upright to one scale (R pixels = one head radius), separated from its background
by colour (GrabCut started from the face's outline), and cut under the jaw. Speech opens the mouth by
moving everything under the lip line down; a blink draws the skin above the eye over it; a turn slides
the features as on a ball. All from one picture, so a face never jumps between captures.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from model.scene.draw_paint import Colour, Light
from model.scene.face_cut import HEIGHT, POINTS, WIDTH, Expression, NoFace, cut, skin_of, upright
from model.scene.face_motion import LitHead

VERSION = 1
MAX_BYTES = 8_000_000


@dataclass(frozen=True)
class FaceSprites:
    """A head at rest and, where the capture had one, a smiling one. `skin` in 0..1."""

    rest: Expression
    smiling: Expression
    skin: Colour

    @classmethod
    def from_frames(cls, frames: Sequence[np.ndarray], landmarks: Sequence[np.ndarray]) -> FaceSprites:
        """Choose the frames that show the face best and cut the head out of them.

        Raises NoFace for no frames, points of an unknown count, or a face under 60 pixels or outside.
        """
        if not len(frames) or len(frames) != len(landmarks):
            raise NoFace("there has to be one set of points for each frame, and at least one")
        ready = [upright(f, np.asarray(p, float)) for f, p in zip(frames, landmarks, strict=True)]
        calm = min(ready, key=lambda u: 2 * u.sideways + max(0.0, u.gape) + 0.8 * u.shut)
        wide = max(ready, key=lambda u: u.smile - 2 * u.sideways - 1.5 * max(0.0, u.gape - 0.1))
        rest = cut(calm)
        smiling = cut(wide) if wide is not calm and wide.smile > calm.smile * 1.06 else rest
        return cls(rest, smiling, skin_of(rest))

    def to_bytes(self) -> bytes:
        buffer = io.BytesIO()
        arrays: dict[str, np.ndarray] = {
            "version": np.array(VERSION),
            "skin": np.asarray(self.skin, np.float64),
        }
        for name, e in (("rest", self.rest), ("smiling", self.smiling)):
            _, png = cv2.imencode(".png", cv2.cvtColor(e.pixels, cv2.COLOR_RGBA2BGRA))
            arrays[f"{name}_png"] = png.ravel()
            arrays[f"{name}_points"] = np.array([e.points[k] for k in POINTS])
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> FaceSprites:
        """Read what `to_bytes` wrote. Raises NoFace for anything else."""
        if len(data) > MAX_BYTES:
            raise NoFace("this is too large to be a face's material")
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as saved:
                if int(saved["version"]) != VERSION:
                    raise NoFace("this face's material is of another version: it has to be made again")
                each = [_read(saved[f"{n}_png"], saved[f"{n}_points"]) for n in ("rest", "smiling")]
                skin = np.clip(saved["skin"].astype(float), 0, 1).reshape(3)
        except (KeyError, ValueError, OSError, zipfile.BadZipFile, EOFError, cv2.error) as error:
            if isinstance(error, NoFace):
                raise
            raise NoFace("this is no face's material") from error
        return cls(each[0], each[1], skin)

    def under(self, light: Light, mood: str) -> LitHead:
        """The same head as the light of a scene shows it."""
        chosen = self.smiling if mood == "happy" else self.rest
        return LitHead(chosen, light, self.skin, can_smile=chosen is not self.smiling or self.rest is chosen)


def _read(png: np.ndarray, points: np.ndarray) -> Expression:
    pixels = cv2.imdecode(np.ascontiguousarray(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.shape != (HEIGHT, WIDTH, 4) or points.shape != (len(POINTS), 2):
        raise NoFace("this is no face's material")
    if not np.isfinite(points).all():
        raise NoFace("this is no face's material")
    named = {k: (float(x), float(y)) for k, (x, y) in zip(POINTS, points, strict=True)}
    return Expression(cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA), named)


__all__ = ["MAX_BYTES", "Expression", "FaceSprites", "LitHead", "NoFace"]
