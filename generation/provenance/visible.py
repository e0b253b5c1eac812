"""The mark that people see: a moving line with the creator's handle and the word AI, in every frame.

It travels slowly along the borders of the picture and changes its place, so that it can neither be cropped
away nor covered by one patch. It keeps `INSET` of the width free at both sides: a player that fills a phone
taller than 9:16 with the picture cuts a tenth off each side. It is drawn once; per frame it is blended in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Frame = NDArray[np.uint8]
OPACITY = 0.62
STAY_S = 4.0
INSET = 0.11  # of the width, free at either side: on 9:20, 9:16 loses 0.1 of its width each side
SMALLEST = 12  # points; a name that is too long for the room is written smaller, and below this cut
# x, y of the mark in the free room: above and below, left and right, seldom over a face; below the tabs and
# above the words that a player lays over the picture.
CORNERS = ((0.0, 0.09), (1.0, 0.66), (1.0, 0.1), (0.0, 0.68))


def mark_for(handle: str, size: tuple[int, int], *, by_model: bool = True) -> Callable[[Frame, float], Frame]:
    """A function (frame, second) -> marked copy, for frames of `size` (width, height)."""
    inset = round(INSET * size[0])
    points = max(14, size[1] // 52 if size[1] > size[0] else size[1] // 34)
    stamp, cover = _fitting(
        f"{'AI' if by_model else 'Filmed'} · @{handle} · Understudy", points, size[0] - 2 * inset
    )
    height, width = cover.shape[:2]
    room_x, room_y = max(0, size[0] - 2 * inset - width), max(0, size[1] - height)

    def apply(frame: Frame, second: float) -> Frame:
        x, y = _place(second)
        left, top = inset + round(x * room_x), round(y * room_y)
        marked = frame.copy()
        patch = marked[top : top + height, left : left + width].astype(np.float32)
        part = cover[: patch.shape[0], : patch.shape[1]]
        patch += part * (stamp[: patch.shape[0], : patch.shape[1]] - patch)
        marked[top : top + height, left : left + width] = np.clip(patch + 0.5, 0, 255).astype(np.uint8)
        return marked

    return apply


def _place(second: float) -> tuple[float, float]:
    """A corner for `STAY_S`, drifting a little, then the next."""
    at = int(second / STAY_S) % len(CORNERS)
    along = (second % STAY_S) / STAY_S
    x, y = CORNERS[at]
    return x + (0.06 if x < 0.5 else -0.06) * along, y + 0.03 * along


def _fitting(text: str, points: int, room: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The stamp in the largest letters up to `points` that leave it at most `room` wide."""
    stamp, cover = _stamp(text, points)
    if cover.shape[1] > room and points > SMALLEST:
        return _stamp(text, max(SMALLEST, points * room // cover.shape[1]))
    return stamp, cover


@lru_cache(maxsize=64)
def _stamp(text: str, points: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """White letters with a dark rim, and how much they cover (H W 1)."""
    font = _font(points)
    left, top, right, bottom = font.getbbox(text, stroke_width=2)
    size = (int(right - left) + 4, int(bottom - top) + 4)
    cover, ink = Image.new("L", size), Image.new("L", size)
    at = (2 - left, 2 - top)
    ImageDraw.Draw(cover).text(at, text, fill=255, font=font, stroke_width=2, stroke_fill=190)
    ImageDraw.Draw(ink).text(at, text, fill=255, font=font)
    colour = np.repeat(np.asarray(ink, np.float32)[:, :, None], 3, axis=2)
    return colour, (np.asarray(cover, np.float32)[:, :, None] * (OPACITY / 255)).astype(np.float32)


@lru_cache(maxsize=8)
def _font(points: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans out of matplotlib's wheel: the same letters on every machine, no system font needed."""
    import matplotlib

    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans-Bold.ttf", points)
