"""Words drawn over pictures, in letters that come along: DejaVu Sans (Latin, Greek, Cyrillic, out of
matplotlib's wheel) and a part of Noto Sans SC (Chinese, kana; `letters/README.md`). Any other script is
written in the machine's own letters where it has some; what no letters are there for is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

CHINESE = Path(__file__).parent / "letters" / "NotoSansSC-Bold-part.otf"
# Beside those that come along: what distributions call so. The first that has all is taken.
SYSTEM = (
    "NotoSansCJK-Bold.ttc", "NotoSansCJK-Regular.ttc", "SourceHanSansSC-Bold.otf", "wqy-zenhei.ttc",
    "NotoSans-Bold.ttf", "NotoSansArabic-Bold.ttf", "NotoSansDevanagari-Bold.ttf", "NotoSansThai-Bold.ttf",
)  # fmt: skip
FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
WIDE = (range(0x2E80, 0xA000), range(0xFE30, 0xFFE7))  # no blanks between: a line may end after any of them
SPACING = 1.22  # of a line, of the letters' height
CLOSES = frozenset("，。、；：？！…—”’）》」』】〕·,.;:?!)]}%")  # begins no line
OPENS = frozenset("“‘（《「『【〔([{")  # ends no line


@dataclass(frozen=True)
class Overlay:
    """Colours and cover of words, H W each, to be laid at (left, top) of a picture."""

    colour: NDArray[np.uint8]  # H W 3
    cover: NDArray[np.uint8]  # H W
    left: int
    top: int


def block(
    text: str,
    size: tuple[int, int],
    *,
    points: int,
    top: float,
    width: float = 0.84,
    most_lines: int = 3,
    ink: tuple[int, int, int] = (255, 255, 255),
    shade: bool = True,
) -> Overlay | None:
    """Centred lines for a picture of `size` (width, height), from the share `top` of its height on; smaller
    where they need more than `most_lines`. None for nothing to write, or no letters to write it with."""
    path, text = letters_for(" ".join(text.split()))
    if path is None:
        return None
    room = round(size[0] * width)
    font, lines = _fitting(text, path, points, room, most_lines)
    high = round(font.size * SPACING)
    edge = max(4, round(font.size * 0.3))
    shape = (size[0], high * len(lines) + 2 * edge)
    cover, inked = Image.new("L", shape), Image.new("L", shape)
    for number, line in enumerate(lines):
        at = (shape[0] / 2, edge + number * high)
        if shade:
            ImageDraw.Draw(cover).text(at, line, fill=150, font=font, anchor="ma", stroke_width=edge // 3,
                                       stroke_fill=150)  # fmt: skip
        ImageDraw.Draw(inked).text(at, line, fill=255, font=font, anchor="ma")
    return _overlay(cover, inked, ink, edge, 0, round(top * size[1]))


def _overlay(
    cover: Image.Image, inked: Image.Image, ink: tuple[int, int, int], edge: int, left: int, top: int
) -> Overlay:
    import cv2

    letters = np.asarray(inked, np.float32) / 255
    shadow = cv2.GaussianBlur(np.asarray(cover, np.float32) / 255, (0, 0), max(1.0, edge / 3)) * 0.75
    whole = letters + shadow * (1 - letters)
    share = np.divide(letters, whole, out=np.zeros_like(letters), where=whole > 0)
    colour = share[..., None] * np.array(ink, np.float32)
    return Overlay(colour.astype(np.uint8), (whole * 255).clip(0, 255).astype(np.uint8), left, top)


def _fitting(
    text: str, path: Path, points: int, room: int, most_lines: int
) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    smallest = max(10, points // 3)
    for height in range(points, smallest - 1, -2):
        font = _font(path, height)
        lines = wrapped(text, font, room)
        if len(lines) <= most_lines and all(font.getlength(line) <= room for line in lines):
            return font, _evened(text, font, room, lines)
    font = _font(path, smallest)
    return font, wrapped(text, font, room)[: most_lines + 2]


def _evened(text: str, font: ImageFont.FreeTypeFont, room: int, lines: list[str]) -> list[str]:
    """As many lines, about as long as each other: no letter stands alone on the last."""
    for narrower in range(room, room // 2, -max(1, room // 24)):
        closer = wrapped(text, font, narrower)
        if len(closer) > len(lines) or any(font.getlength(line) > room for line in closer):
            break
        lines = closer
    return lines


def wrapped(text: str, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
    """Lines that fit into `room` pixels where their words do."""
    lines, line = [], ""
    for piece in _pieces(text):
        longer = line + piece
        if line.strip() and font.getlength(longer.strip()) > room:
            lines.append(line.strip())
            longer = piece
        line = longer
    return [*lines, line.strip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    """Words with the blank before them; letters of scripts without blanks each alone, with the marks that
    stand close to them."""
    out: list[str] = []
    for letter in text:
        if not out or letter == " ":
            out.append(letter)
        elif letter in CLOSES or out[-1][-1] in OPENS or out[-1] == " ":
            out[-1] += letter
        elif _is_wide(letter) or any(map(_is_wide, out[-1])):
            out.append(letter)
        else:
            out[-1] += letter
    return out if text.strip() else []


def _is_wide(letter: str) -> bool:
    return any(ord(letter) in some for some in WIDE)


@lru_cache(maxsize=256)
def letters_for(text: str) -> tuple[Path | None, str]:
    """A font that has every letter of the text; else the one that has most, and the text without the rest.
    (None, "") where none has any."""
    wanted = {ord(letter) for letter in text if not letter.isspace()}
    if not wanted:
        return None, ""
    there = {path: wanted & _has(path) for path in _fonts()}
    best = max(there, key=lambda path: len(there[path]))  # the first of those that are level
    kept = "".join(letter for letter in text if letter.isspace() or ord(letter) in there[best])
    return (best, " ".join(kept.split())) if there[best] else (None, "")


@lru_cache(maxsize=1)
def _fonts() -> Sequence[Path]:
    import matplotlib

    own = (Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans-Bold.ttf", CHINESE)
    there = {path.name: path for folder in FOLDERS if folder.is_dir() for path in folder.rglob("*.[to]t[cf]")}
    return (*own, *(there[name] for name in SYSTEM if name in there))


@lru_cache(maxsize=8)
def _has(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, fontNumber=0, lazy=True) as opened:  # of a collection the first: all hold the same
        return frozenset(opened.getBestCmap())


@lru_cache(maxsize=32)
def _font(path: Path, points: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, points)
