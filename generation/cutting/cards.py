"""Cards: a sentence in large letters on cut paper, for a moment that has no picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.cutting import lettering, panning

Frame = NDArray[np.uint8]
# paper, a second paper, ink
COLOURS = (
    ((246, 217, 192), (232, 178, 140), (92, 34, 22)),
    ((215, 228, 208), (170, 200, 160), (30, 62, 42)),
    ((213, 223, 240), (160, 180, 220), (30, 48, 90)),
    ((239, 211, 221), (222, 160, 184), (88, 26, 58)),
    ((243, 227, 176), (226, 196, 110), (78, 60, 10)),
)
LARGE, TITLE, WIDE = 0.05, 0.066, 1.4


def card(text: str, size: tuple[int, int], seed: int, *, is_title: bool = False) -> Frame:
    """A picture H W 3 of `size`: the words, or paper alone where there are no letters for them."""
    rng = np.random.default_rng([seed & 0xFFFFFFFF, 0xCA2D])
    paper, second, ink = COLOURS[seed % len(COLOURS)]
    picture = _paper(size, paper, second, rng)
    # Wide pictures are shown small: their letters may take more of the height.
    reach = min(max(size), size[0] * 16 / 9, size[1] * WIDE)
    points = round((TITLE if is_title else LARGE) * reach)
    words = lettering.block(text, size, points=points, top=0, width=0.78, most_lines=7, ink=ink, shade=False)
    if words is None:
        return picture
    top = max(0, round(0.46 * size[1] - words.cover.shape[0] / 2))
    return panning.write(picture, lettering.Overlay(words.colour, words.cover, words.left, top), 1.0)


def _paper(
    size: tuple[int, int], paper: tuple[int, ...], second: tuple[int, ...], rng: np.random.Generator
) -> Frame:
    """Two papers, the second torn along a wave, with a shade between them and a little grain."""
    width, height = size
    picture = np.full((height, width, 3), paper, np.float32)
    x = np.linspace(0, 1, width)
    waves = sum(rng.uniform(0.01, 0.03) * np.sin(2 * np.pi * (rng.uniform(0.6, 2.4) * x + rng.uniform()))
                for _ in range(3))  # fmt: skip
    edge = np.asarray((0.8 + waves) * height, np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    below = np.clip(rows - edge[None], 0, 1)
    shade = np.exp(-np.clip(edge[None] - rows, 0, None) / (0.012 * height)) * (1 - below)
    picture *= 1 - 0.14 * shade[..., None]
    picture = picture * (1 - below[..., None]) + np.array(second, np.float32) * below[..., None]
    grain = cv2.resize(rng.normal(0, 2.2, (height // 2, width // 2)).astype(np.float32), size)
    return np.asarray((picture + grain[..., None]).clip(0, 255), np.uint8)
