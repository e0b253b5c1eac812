"""Somebody's picture in the place of sky and layers: paper people act in front of it.

It covers the frame; the camera's way over the ground becomes a move over what of the picture is left outside,
and its zoom a slower one, as of something far away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
import skia

from model.scene.draw_paint import RGBA

if TYPE_CHECKING:
    from model.scene.draw_stage import View

OVER = 1.06  # how much larger than the frame it is at least: a camera never stands quite still
FAR = 0.35  # how much of a zoom it follows
NEAR = 0.9  # ... and of a way over the ground
UP = 0.25  # ... and of a way up


class Backdrop:
    """`picture` uint8 [h, w, 3], for a known camera path."""

    def __init__(self, picture: np.ndarray, views: Sequence[View]) -> None:
        first = views[0]
        nearest = max(view.zoom_at(FAR) for view in views)
        furthest = min(view.zoom_at(FAR) for view in views)
        high, wide = picture.shape[:2]
        cover = OVER * max(first.width / wide, first.height / high)
        self.furthest = furthest
        ways = [view.scroll for view in views]
        self.middle = (max(ways) + min(ways)) / 2
        reach = (max(ways) - min(ways)) / 2 * first.unit * NEAR
        room = (wide * cover - first.width) / 2
        self.share = 1.0 if reach <= room else room / reach
        # Of a long strip only what a frame may show: the whole would be gigabytes.
        risen = UP * max(abs(view.rise) for view in views) * first.unit
        picture = _middle(
            picture, OVER * (first.width + 2 * reach) / cover, OVER * (first.height + 2 * risen) / cover
        )
        high, wide = picture.shape[:2]
        # Made once at its largest: a frame then only shrinks it.
        scale = cover * nearest / furthest
        shape = (max(2, round(wide * scale)), max(2, round(high * scale)))
        shrinks = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        self.pixels = np.ascontiguousarray(cv2.resize(picture, shape, interpolation=shrinks))
        self.largest = nearest / furthest

    def draw(self, canvas: skia.Canvas, view: View) -> None:
        near = view.zoom_at(FAR) / self.furthest
        scale = near / self.largest
        width, height = self.pixels.shape[1] * scale, self.pixels.shape[0] * scale
        along = (view.scroll - self.middle) * view.unit * NEAR * self.share
        left = float(np.clip((width - view.width) / 2 + along, 0, width - view.width))
        top = float(np.clip((height - view.height) / 2 - UP * view.rise * view.unit, 0, height - view.height))
        matrix = np.array([[scale, 0, -left], [0, scale, -top]])
        seen = cv2.warpAffine(
            self.pixels,
            matrix,
            (view.width, view.height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        rgba = np.dstack([seen, np.full(seen.shape[:2], 255, np.uint8)])
        canvas.drawImage(skia.Image.fromarray(rgba, RGBA, skia.kOpaque_AlphaType, copy=True), 0, 0)


def _middle(picture: np.ndarray, wide: float, high: float) -> np.ndarray:
    """At least so many pixels of the middle of a picture, as much cut off on either side."""
    left = max(0, int((picture.shape[1] - wide) / 2) - 1)
    top = max(0, int((picture.shape[0] - high) / 2) - 1)
    return picture[top : picture.shape[0] - top, left : picture.shape[1] - left]
