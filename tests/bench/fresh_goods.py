"""Products for the bench alone: other forms, labels, letters, rooms and cameras than those of
`tests/generation/goods` and `tuning_goods`, on which the formula of `generation.fidelity` was fitted. Nothing
may be tuned on these.

bottle, pouch, book, cushion, lamp    five forms; three labels, one woven pattern, one almost without any
look-alikes                           `words` other name and sign, `colour` other colours, `form` another
                                      shape, `sibling` the same brand in another flavour (its band and small
                                      words are other, its name and sign are the same)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Frame = NDArray[np.uint8]
Floats = NDArray[np.float32]
FORMS = ("bottle", "pouch", "book", "cushion", "lamp")
ALIKE = ("words", "colour", "form", "sibling")
WORDS = (
    "Harbour", "Linden", "Copper", "Meadow", "Juniper", "Atlas", "Velvet", "Ember", "Willow", "Saffron",
    "Orchard", "Granite", "Maple", "Cobalt", "Fable", "Tundra", "Pepper", "Lantern", "Thistle", "Aurora",
)  # fmt: skip
SMALL = (
    "roasted", "organic", "handmade", "original", "classic", "fresh", "mild", "strong", "pure", "natural",
    "soft", "wild",
)  # fmt: skip


def photos(seed: int, views: Sequence[int], alike: str = "") -> list[Frame]:
    """The product of this seed from so many sides, each H W 3, in a room and a light of its own."""
    return [photo(seed, view, alike) for view in views]


def photo(seed: int, view: int, alike: str = "", size: tuple[int, int] = (720, 960)) -> Frame:
    form = FORMS[seed % len(FORMS)]
    if alike == "form":
        form = FORMS[(seed + 2) % len(FORMS)]
    rng = np.random.default_rng([seed, view, 0xF0, len(alike)])
    scene = _room(rng, size)
    piece, cover = _turned(*_made(form, seed, alike), rng)
    high = round(size[1] * rng.uniform(0.45, 0.68))
    wide = round(piece.shape[1] * high / piece.shape[0])
    if wide > 0.82 * size[0]:
        high, wide = round(high * 0.82 * size[0] / wide), round(0.82 * size[0])
    piece = cv2.resize(piece, (wide, high), interpolation=cv2.INTER_AREA)
    share = cv2.resize(cover, (wide, high), interpolation=cv2.INTER_AREA)[..., None]
    left = round((size[0] - wide) / 2 + rng.uniform(-0.07, 0.07) * size[0])
    top = round((size[1] - high) * rng.uniform(0.42, 0.62))
    place = scene[top : top + high, left : left + wide]
    _shadow(scene, left, top + high, wide, rng)
    light = np.linspace(rng.uniform(0.82, 1.0), rng.uniform(0.95, 1.12), wide, dtype=np.float32)[
        None, :, None
    ]
    place[:] = place * (1 - share) + piece * light * share
    return _taken(scene, rng)


def saved(path: Path, picture: Frame) -> Path:
    Image.fromarray(picture).save(path)
    return path


# --- What is sold ------------------------------------------------------------------------------------------


@cache
def _made(form: str, seed: int, alike: str) -> tuple[Floats, Floats]:
    """The product seen from the front, and its cover."""
    draw = {"bottle": _bottle, "pouch": _pouch, "book": _book, "cushion": _cushion, "lamp": _lamp}[form]
    piece, cover = draw(_Look(seed, alike))
    return np.asarray(piece, np.float32), np.asarray(cover, np.float32) / 255


class _Look:
    """Colours and words of a product; what is alike differs in what it is named after."""

    def __init__(self, seed: int, alike: str) -> None:
        names = np.random.default_rng([seed, 11, alike == "words"])
        hues = np.random.default_rng([seed, 12])
        small = np.random.default_rng([seed, 13, alike in ("words", "sibling")])
        hue = int(hues.integers(0, 180)) + (int(hues.integers(35, 90)) if alike == "colour" else 0)
        band = hue + int(hues.integers(40, 130)) + (50 if alike == "sibling" else 0)
        self.ground = _hsv(hue, int(hues.integers(90, 190)), int(hues.integers(110, 225)))
        self.band = _hsv(band, int(hues.integers(110, 210)), int(hues.integers(90, 220)))
        self.name = str(names.choice(WORDS))
        self.lines = [" ".join(small.choice(SMALL, 2)) for _ in range(3)]
        self.sign = names.uniform(0.4, 1.0, 9)
        self.pattern = np.random.default_rng([seed, 14, alike in ("words", "sibling")])
        self.layout = np.random.default_rng([seed, 15])

    def label(self, wide: int, high: int) -> Floats:
        """Ground, a slanted band, a flower of a sign, a name and small words."""
        picture = Image.new("RGB", (wide, high), self.ground)
        draw = ImageDraw.Draw(picture)
        top = high * self.layout.uniform(0.46, 0.58)
        slope = high * self.layout.uniform(-0.06, 0.06)
        draw.polygon(
            [(0, top), (wide, top + slope), (wide, top + slope + high * 0.3), (0, top + high * 0.3)],
            fill=self.band,
        )
        middle, reach = (wide * 0.5, high * 0.24), 0.15 * min(wide, high * 1.2)
        turns = np.linspace(0, 2 * np.pi, 9 * 12, endpoint=False)
        far = reach * np.interp(turns, np.linspace(0, 2 * np.pi, 10), [*self.sign, self.sign[0]])
        leaves = np.column_stack([np.cos(turns), np.sin(turns)]) * far[:, None] + middle
        draw.polygon([tuple(at) for at in leaves], fill=(250, 244, 228))
        heart = [side + step * reach / 3 for step in (-1, 1) for side in middle]
        draw.ellipse(heart, fill=self.band)
        light = sum(self.band) < 380
        ink = (252, 250, 244) if light else (24, 22, 28)
        draw.text((wide / 2, top + high * 0.1 + slope / 2), self.name, fill=ink, anchor="mm",
                  font=_font(_fits(self.name, wide * 0.86, high * 0.16)))  # fmt: skip
        for n, line in enumerate(self.lines):
            draw.text((wide / 2, top + high * (0.19 + 0.045 * n) + slope / 2), line, fill=ink, anchor="mm",
                      font=_font(max(10, round(high * 0.036))))  # fmt: skip
        return np.asarray(picture, np.float32)


def _bottle(look: _Look) -> tuple[Floats, NDArray[np.uint8]]:
    wide, high = 300, 760
    cover = np.zeros((high, wide), np.uint8)
    outline = [(105, 8), (195, 8), (195, 150), (288, 270), (292, 740), (276, 752), (24, 752),
               (8, 740), (12, 270), (105, 150)]  # fmt: skip
    cv2.fillPoly(cover, [np.array(outline, np.int32)], 255)
    glass = np.full((high, wide, 3), _darker(look.ground, 0.42), np.float32)
    glass[:96] = look.band
    glass[310:680] = cv2.resize(look.label(300, 370), (wide, 370))
    return _barrel(glass), cover


def _pouch(look: _Look) -> tuple[Floats, NDArray[np.uint8]]:
    wide, high = 460, 620
    cover = np.zeros((high, wide), np.uint8)
    outline = [
        (18, 12),
        (442, 12),
        (430, 90),
        (448, 600),
        (390, 612),
        (230, 606),
        (70, 612),
        (12, 600),
        (30, 90),
    ]
    cv2.fillPoly(cover, [np.array(outline, np.int32)], 255)
    picture = look.label(wide, high)
    picture[:52] = np.array(_darker(look.ground, 0.8))
    creases = cv2.GaussianBlur(
        np.random.default_rng(5).normal(0, 1, (high, wide)).astype(np.float32), (0, 0), 26
    )
    return picture * (1 + 0.9 * creases[..., None]).clip(0.75, 1.2), cover


def _book(look: _Look) -> tuple[Floats, NDArray[np.uint8]]:
    wide, high = 470, 640
    picture = look.label(wide, high)
    picture[:, :34] *= 0.72
    picture[:, -10:] = (238, 234, 222)
    return picture, np.full((high, wide), 255, np.uint8)


def _cushion(look: _Look) -> tuple[Floats, NDArray[np.uint8]]:
    """Woven shapes all over and no word: what is alike in its words is woven otherwise."""
    side = 560
    picture = np.full((side, side, 3), look.ground, np.float32)
    for _ in range(46):
        middle = tuple(int(v) for v in look.pattern.integers(20, side - 20, 2))
        reach = int(look.pattern.integers(14, 46))
        corners = int(look.pattern.integers(3, 7))
        turns = np.linspace(0, 2 * np.pi, corners, endpoint=False) + look.pattern.uniform(0, 3)
        shape = np.column_stack([np.cos(turns), np.sin(turns)]) * reach + middle
        colour = look.band if look.pattern.random() < 0.6 else (242, 236, 222)
        cv2.fillPoly(picture, [shape.astype(np.int32)], tuple(float(c) for c in colour))
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    puffed = (np.abs(x) ** 4 + np.abs(y) ** 4) < 0.93
    return picture * (1.05 - 0.3 * (x**2 + y**2))[..., None], puffed.astype(np.uint8) * 255


def _lamp(look: _Look) -> tuple[Floats, NDArray[np.uint8]]:
    """Hardly a mark on it: a shade, a foot, and a small name on the foot."""
    wide, high = 440, 700
    cover, picture = np.zeros((high, wide), np.uint8), np.zeros((high, wide, 3), np.float32)
    parts = (
        ([(120, 20), (320, 20), (420, 300), (20, 300)], look.ground),
        ([(206, 300), (234, 300), (240, 600), (200, 600)], _darker(look.band, 0.6)),
        ([(90, 600), (350, 600), (380, 690), (60, 690)], look.band),
    )
    for outline, colour in parts:
        cv2.fillPoly(picture, [np.array(outline, np.int32)], tuple(float(c) for c in colour))
        cv2.fillPoly(cover, [np.array(outline, np.int32)], 255)
    name = Image.fromarray(picture.astype(np.uint8))
    ImageDraw.Draw(name).text((wide / 2, 648), look.name, fill=(248, 246, 240), anchor="mm", font=_font(34))
    return _barrel(np.asarray(name, np.float32)), cover


# --- How it is photographed --------------------------------------------------------------------------------


def _barrel(picture: Floats) -> Floats:
    """Darker at its sides, with a long light on it."""
    x = np.linspace(-1, 1, picture.shape[1], dtype=np.float32)
    lit = 0.6 + 0.4 * np.sqrt(np.clip(1 - x**2, 0, 1))
    glint = 34 * np.exp(-(((x + 0.45) / 0.07) ** 2))
    return np.asarray(picture * lit[None, :, None] + glint[None, :, None], np.float32)


def _turned(piece: Floats, cover: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Seen a little from the side and from above, and not quite upright."""
    high, wide = cover.shape
    edge = round(0.16 * max(high, wide))
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    side, above, lean = rng.uniform(-0.1, 0.1), rng.uniform(-0.04, 0.04), rng.uniform(-0.07, 0.07)
    goes = corners.copy()
    goes[[0, 3], 1] += np.array([1, -1]) * side * high * 0.5
    goes[[1, 2], 1] -= np.array([1, -1]) * side * high * 0.5
    goes[[0, 1], 0] += np.array([1, -1]) * above * wide
    turn = np.array([[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]])
    middle = np.array([wide / 2, high / 2])
    goes = ((goes - middle) * (1 - 0.6 * abs(side), 1) @ turn.T + middle + edge).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, goes)
    size = (wide + 2 * edge, high + 2 * edge)
    laid = cv2.warpPerspective(piece, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    there = cv2.warpPerspective(cover, matrix, size)
    rows, columns = np.flatnonzero(there.max(axis=1) > 0.1), np.flatnonzero(there.max(axis=0) > 0.1)
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    return np.asarray(laid[box], np.float32), np.asarray(there[box], np.float32)


def _room(rng: np.random.Generator, size: tuple[int, int]) -> Floats:
    """A wall with a pattern or a window's light, and boards or a cloth below."""
    wide, high = size
    wall = _hsv(int(rng.integers(0, 180)), int(rng.integers(5, 70)), int(rng.integers(140, 245)))
    picture = np.full((high, wide, 3), wall, np.float32)
    kind = rng.integers(0, 3)
    if kind == 0:  # stripes
        picture *= (1 + 0.06 * np.sign(np.sin(np.arange(wide) / rng.uniform(9, 30))))[None, :, None].astype(
            np.float32
        )
    elif kind == 1:  # leaves' shadows
        soft = cv2.GaussianBlur(rng.normal(0, 1, (high // 8, wide // 8)).astype(np.float32), (0, 0), 3)
        picture *= 1 + 0.5 * cv2.resize(soft, size)[..., None]
    edge = round(high * rng.uniform(0.6, 0.78))
    boards = _hsv(int(rng.integers(8, 25)), int(rng.integers(40, 140)), int(rng.integers(90, 210)))
    grain = cv2.resize(
        rng.normal(0, 9, (high - edge, max(2, wide // 40))).astype(np.float32), (wide, high - edge)
    )
    picture[edge:] = np.array(boards, np.float32) + grain[..., None]
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(1.5, 4))), np.float32)


def _shadow(scene: Floats, left: int, foot: int, wide: int, rng: np.random.Generator) -> None:
    dark = np.zeros(scene.shape[:2], np.float32)
    middle = (round(left + wide / 2 + rng.uniform(-30, 30)), min(scene.shape[0] - 1, foot))
    cv2.ellipse(dark, middle, (round(wide * 0.55), max(6, round(wide * 0.1))), 0, 0, 360, 1.0, -1)
    scene *= 1 - 0.4 * cv2.GaussianBlur(dark, (0, 0), 12)[..., None]


def _taken(scene: Floats, rng: np.random.Generator) -> Frame:
    """A phone's camera: white balance, exposure, a little blur, grain, JPEG."""
    balance = np.array([rng.uniform(0.92, 1.08), 1.0, rng.uniform(0.92, 1.08)], np.float32)
    lit = scene * balance * rng.uniform(0.84, 1.12)
    soft = cv2.GaussianBlur(lit, (0, 0), float(rng.uniform(0.4, 1.1)))
    grainy = (soft + rng.normal(0, rng.uniform(1.5, 4.5), soft.shape)).clip(0, 255).astype(np.uint8)
    quality = int(rng.integers(70, 92))
    _, jpeg = cv2.imencode(".jpg", grainy[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR)[..., ::-1])


def _hsv(hue: int, saturation: int, value: int) -> tuple[int, int, int]:
    pixel = np.array([[[hue % 180, saturation, value]]], np.uint8)
    red, green, blue = (int(c) for c in cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0])
    return red, green, blue


def _darker(colour: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    red, green, blue = (round(c * share) for c in colour)
    return red, green, blue


def _fits(text: str, room: float, points: float) -> int:
    width = _font(100).getlength(text)
    return max(12, round(min(points, 100 * room / width)))


@cache
def _font(points: int) -> ImageFont.FreeTypeFont:
    import matplotlib

    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSerif-Bold.ttf", points)
