"""The labels that China's measures for AI-made content ask for (since 1 September 2025; GB 45438-2025): one
that people see in the picture, and a field that programs read in the file. On with CHINA_LABELS.

In the picture: "AI" and the Chinese word for "generated", one twentieth of its shorter side high (but never
so small that a stroke is thinner than a pixel), at its upper left, from the first frame to the last. The two
Chinese signs are drawn from strokes below: no font with them is on every machine. In the file: `AIGC`, a JSON
object. 1 says that it was made by a model for certain.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from xml.sax.saxutils import quoteattr  # writes, reads nothing  # nosec B406

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Frame = NDArray[np.uint8]
FIELD = "AIGC"
CERTAIN = "1"
SHARE = 0.05  # of the shorter side; the standard's least
INSET_X, INSET_Y = 0.11, 0.16  # where the moving mark never is
LEAST_HEIGHT = 18  # pixels: the Chinese signs have five strokes one above the other
THINNEST, RIM = 1.5, 1.0  # pixels: a thinner stroke is grey, and a thinner rim is none
OVER = 4  # drawn this much larger, then made small
# Strokes as points in a square, x to the right and y down.
STROKES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "A": (((0.10, 0.94), (0.40, 0.06), (0.70, 0.94)), ((0.22, 0.62), (0.58, 0.62))),
    "I": (((0.30, 0.06), (0.30, 0.94)),),
    "生": (
        ((0.30, 0.08), (0.24, 0.26), (0.10, 0.46)),
        ((0.24, 0.30), (0.88, 0.30)),
        ((0.20, 0.60), (0.82, 0.60)),
        ((0.52, 0.05), (0.52, 0.92)),
        ((0.06, 0.92), (0.94, 0.92)),
    ),
    "成": (
        ((0.18, 0.26), (0.92, 0.26)),
        ((0.18, 0.26), (0.16, 0.60), (0.05, 0.94)),
        ((0.18, 0.50), (0.44, 0.50), (0.42, 0.80), (0.30, 0.76)),
        ((0.56, 0.05), (0.60, 0.40), (0.74, 0.78), (0.88, 0.93), (0.94, 0.74)),
        ((0.84, 0.44), (0.70, 0.70), (0.46, 0.93)),
        ((0.72, 0.06), (0.84, 0.15)),
    ),
}
WIDTHS = {"A": 0.82, "I": 0.62, "生": 1.1, "成": 1.1}


def label(size: tuple[int, int]) -> Callable[[Frame], Frame]:
    """A function frame -> labelled copy, for frames of `size` (width, height)."""
    ink, cover = _stamp(max(LEAST_HEIGHT, round(SHARE * min(size))))
    left, top = round(INSET_X * size[0]), round(INSET_Y * size[1])
    height, width = cover.shape[:2]

    def apply(frame: Frame) -> Frame:
        marked = frame.copy()
        patch = marked[top : top + height, left : left + width].astype(np.float32)
        part = cover[: patch.shape[0], : patch.shape[1]]
        patch += part * (ink[: patch.shape[0], : patch.shape[1]] - patch)
        marked[top : top + height, left : left + width] = np.clip(patch + 0.5, 0, 255).astype(np.uint8)
        return marked

    return apply


def field(number: str) -> dict[str, str]:
    """The field of a film, by its name: who made it, and under which number."""
    told = {
        "Label": CERTAIN,
        "ContentProducer": settings.SITE_HOST,
        "ProduceID": number,
        "ReservedCode1": "",
        "ContentPropagator": settings.SITE_HOST,
        "PropagateID": number,
        "ReservedCode2": "",
    }
    return {FIELD: json.dumps(told, ensure_ascii=False)}


def xmp(fields: Mapping[str, str]) -> bytes:
    """The same field for pictures, as XMP."""
    value = quoteattr(fields[FIELD])
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/" TC260:AIGC={value}/>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


@lru_cache(maxsize=16)
def _stamp(height: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """White signs with a dark rim, and how much they cover (H W 1)."""
    side = height * OVER
    width = round(sum(WIDTHS.values()) * side) + side // 4
    rim, ink = Image.new("L", (width, side + side // 4)), Image.new("L", (width, side + side // 4))
    stroke_width = max(side // 11, round(THINNEST * OVER))
    rim_width = stroke_width + max(side // 9, round(2 * RIM * OVER))
    x = side / 8
    for sign, strokes in STROKES.items():
        for stroke in strokes:
            points = [(x + a * side, side / 8 + b * side) for a, b in stroke]
            _line(ImageDraw.Draw(rim), points, rim_width)
            _line(ImageDraw.Draw(ink), points, stroke_width)
        x += WIDTHS[sign] * side
    small = (width // OVER, (side + side // 4) // OVER)
    cover = np.asarray(rim.resize(small, Image.Resampling.LANCZOS), np.float32)[:, :, None] / 255
    letters = np.asarray(ink.resize(small, Image.Resampling.LANCZOS), np.float32)
    return np.repeat(letters[:, :, None], 3, axis=2), (cover * 0.9).astype(np.float32)


def _line(draw: ImageDraw.ImageDraw, points: list[tuple[float, float]], width: int) -> None:
    draw.line(points, fill=255, width=width, joint="curve")
    for x, y in (points[0], points[-1]):
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
