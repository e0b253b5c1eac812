"""Products on which the formula of `generation.fidelity` may be tuned, beside `tests/generation/goods`: a
vase and a kettle with hardly a mark on them, a bag and a tin with labels. Forms, labels, letters, rooms and
cameras are others than those of `fresh_goods`, which is scored and on which nothing is tuned.

look-alikes   as there: `words`, `colour`, `form`, `sibling`
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
FORMS = ("vase", "kettle", "bag", "tin")
ALIKE = ("words", "colour", "form", "sibling")
NAMES = (
    "Birch", "Solstice", "Nimbus", "Quartz", "Poppy", "Raven", "Sable", "Tulip", "Umber", "Vista", "Zephyr",
    "Cedar", "Dahlia", "Fjord", "Garnet", "Heron", "Indigo", "Jasmin", "Kelp", "Lupine",
)  # fmt: skip
SMALL = ("no. 4", "est. 1920", "500 g", "deluxe", "light", "dark", "sea salt", "honey", "smoked", "spring")
SIZE = (720, 900)


def photos(seed: int, views: Sequence[int], alike: str = "") -> list[Frame]:
    return [photo(seed, view, alike) for view in views]


def photo(seed: int, view: int, alike: str = "") -> Frame:
    """The product of this seed from one side, H W 3."""
    form = FORMS[(seed + (1 if alike == "form" else 0)) % len(FORMS)]
    rng = np.random.default_rng([seed, view, 0x71, len(alike)])
    piece, cover = _made(form, seed, alike)
    scene = _room(rng)
    high = SIZE[1] * rng.uniform(0.42, 0.66)
    scale = min(high / piece.shape[0], 0.8 * SIZE[0] / piece.shape[1])
    lean, squeeze = rng.uniform(-5, 5), rng.uniform(0.88, 1.0)
    middle = SIZE[0] * (0.5 + rng.uniform(-0.08, 0.08)), SIZE[1] * (0.52 + rng.uniform(-0.06, 0.06))
    turn = cv2.getRotationMatrix2D((piece.shape[1] / 2, piece.shape[0] / 2), lean, scale)
    turn[0] *= squeeze
    turn[:, 2] += np.array(middle) - turn[:, :2] @ (piece.shape[1] / 2, piece.shape[0] / 2) - turn[:, 2]
    laid = cv2.warpAffine(piece, turn, SIZE, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    share = cv2.warpAffine(cover, turn, SIZE)[..., None]
    side = np.linspace(rng.uniform(0.8, 1.05), rng.uniform(0.8, 1.1), SIZE[0], dtype=np.float32)
    scene = scene * (1 - share) + laid * side[None, :, None] * share
    return _taken(scene, rng)


def saved(path: Path, picture: Frame) -> Path:
    Image.fromarray(picture).save(path)
    return path


@cache
def _made(form: str, seed: int, alike: str) -> tuple[Floats, Floats]:
    hue = int(np.random.default_rng([seed, 1]).integers(0, 180))
    rest = np.random.default_rng([seed, 2])
    names = np.random.default_rng([seed, 3, alike == "words"])
    small = np.random.default_rng([seed, 4, alike in ("words", "sibling")])
    hue += int(rest.integers(30, 80)) if alike == "colour" else 0
    second = hue + int(rest.integers(35, 120)) + (45 if alike == "sibling" else 0)
    colours = (
        _hsv(hue, int(rest.integers(70, 200)), int(rest.integers(100, 230))),
        _hsv(second, int(rest.integers(90, 210)), int(rest.integers(90, 225))),
    )
    words = str(names.choice(NAMES)), [str(small.choice(SMALL)) for _ in range(2)]
    draw = {"vase": _vase, "kettle": _kettle, "bag": _bag, "tin": _tin}[form]
    picture, cover = draw(colours, words, names.uniform(0.35, 1.0, 7))
    return np.asarray(picture, np.float32), np.asarray(cover, np.float32) / 255


Colours = tuple[tuple[int, int, int], tuple[int, int, int]]
Words = tuple[str, list[str]]


def _vase(colours: Colours, words: Words, sign: Floats) -> tuple[Floats, NDArray[np.uint8]]:
    y = np.linspace(0, 1, 640)
    half = 60 + 110 * np.sin(np.pi * np.clip(y * 1.1 - 0.1, 0, 1)) ** 1.5 + 30 * (y > 0.93)
    x = np.arange(400)[None] - 200
    cover = (np.abs(x) < half[:, None]).astype(np.uint8) * 255
    picture = np.full((640, 400, 3), colours[0], np.float32)
    picture[:90] = colours[1]
    picture[596:] = colours[1]
    drawn = Image.fromarray(picture.astype(np.uint8))
    ImageDraw.Draw(drawn).text((200, 560), words[0], fill=(250, 246, 235), anchor="mm", font=_font(30))
    return _lit(np.asarray(drawn, np.float32)), cover


def _kettle(colours: Colours, words: Words, sign: Floats) -> tuple[Floats, NDArray[np.uint8]]:
    cover, picture = np.zeros((520, 560), np.uint8), np.zeros((520, 560, 3), np.float32)
    body = np.array([(120, 180), (360, 180), (420, 500), (60, 500)], np.int32)
    for outline, colour in (
        (body, colours[0]),
        (np.array([(400, 300), (520, 190), (545, 205), (415, 400)], np.int32), colours[0]),
        (np.array([(150, 140), (330, 140), (360, 182), (120, 182)], np.int32), colours[1]),
    ):
        cv2.fillPoly(picture, [outline], tuple(map(float, colour)))
        cv2.fillPoly(cover, [outline], 255)
    cv2.ellipse(picture, (240, 140), (130, 110), 0, 180, 360, tuple(map(float, colours[1])), 26)
    cv2.ellipse(cover, (240, 140), (130, 110), 0, 180, 360, 255, 26)
    drawn = Image.fromarray(picture.astype(np.uint8))
    ImageDraw.Draw(drawn).text((240, 460), words[0], fill=(250, 246, 235), anchor="mm", font=_font(28))
    return _lit(np.asarray(drawn, np.float32)), cover


def _label(wide: int, high: int, colours: Colours, words: Words, sign: Floats) -> Floats:
    """A ground, a round field with a star in it, a name below, small words at the foot."""
    drawn = Image.new("RGB", (wide, high), colours[0])
    draw = ImageDraw.Draw(drawn)
    middle, reach = np.array([wide / 2, high * 0.34]), 0.3 * min(wide, high)
    draw.ellipse([*(middle - reach), *(middle + reach)], fill=colours[1])
    turns = np.linspace(0, 2 * np.pi, 15)[:-1]
    far = reach * 0.8 * np.where(np.arange(14) % 2, 0.4, np.repeat(sign, 2))
    points = np.column_stack([np.cos(turns), np.sin(turns)]) * far[:, None] + middle
    draw.polygon([tuple(p) for p in points], fill=(248, 240, 220))
    ink = (20, 20, 30) if sum(colours[0]) > 380 else (250, 248, 240)
    points_of_name = min(round(high * 0.14), round(1.5 * wide / max(4, len(words[0]))))
    draw.text((wide / 2, high * 0.74), words[0], fill=ink, anchor="mm", font=_font(points_of_name))
    for n, line in enumerate(words[1]):
        draw.text(
            (wide / 2, high * (0.86 + 0.06 * n)), line, fill=ink, anchor="mm", font=_font(round(high * 0.05))
        )
    return np.asarray(drawn, np.float32)


def _bag(colours: Colours, words: Words, sign: Floats) -> tuple[Floats, NDArray[np.uint8]]:
    picture, cover = np.zeros((640, 480, 3), np.float32), np.zeros((640, 480), np.uint8)
    for colour, canvas in ((tuple(0.8 * c for c in colours[0]), picture), (255, cover)):
        cv2.ellipse(canvas, (240, 150), (110, 130), 0, 180, 360, colour, 20)  # type: ignore[call-overload]
    picture[150:] = _label(480, 490, colours, words, sign)
    cover[150:] = 255
    return picture, cover


def _tin(colours: Colours, words: Words, sign: Floats) -> tuple[Floats, NDArray[np.uint8]]:
    picture = np.zeros((420, 480, 3), np.float32)
    picture[:60] = (196, 194, 188)
    picture[60:] = _label(480, 360, colours, words, sign)
    cover = np.full((420, 480), 255, np.uint8)
    return _lit(picture), cover


def _lit(picture: Floats) -> Floats:
    x = np.linspace(-1, 1, picture.shape[1], dtype=np.float32)
    return np.asarray(picture * (0.65 + 0.35 * np.sqrt(np.clip(1 - x**2, 0, 1)))[None, :, None], np.float32)


def _room(rng: np.random.Generator) -> Floats:
    """A wall with blocks, dots or nothing, and a table."""
    wide, high = SIZE
    picture = np.full((high, wide, 3), _hsv(int(rng.integers(0, 180)), int(rng.integers(5, 60)),
                                            int(rng.integers(130, 240))), np.float32)  # fmt: skip
    kind = int(rng.integers(0, 3))
    if kind == 0:
        step = int(rng.integers(40, 120))
        y, x = np.mgrid[:high, :wide] // step
        picture *= (1 + 0.05 * ((x + y) % 2))[..., None]
    elif kind == 1:
        for _ in range(30):
            middle = tuple(int(v) for v in rng.integers(0, (wide, high)))
            cv2.circle(picture, middle, int(rng.integers(10, 60)), tuple(map(float, picture[0, 0] * 0.9)), -1)
    top = round(high * rng.uniform(0.62, 0.8))
    picture[top:] = _hsv(int(rng.integers(5, 30)), int(rng.integers(30, 130)), int(rng.integers(80, 200)))
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(2, 5))), np.float32)


def _taken(scene: Floats, rng: np.random.Generator) -> Frame:
    balance = np.array([rng.uniform(0.93, 1.07), 1.0, rng.uniform(0.93, 1.07)], np.float32)
    soft = cv2.GaussianBlur(scene * balance * rng.uniform(0.85, 1.1), (0, 0), float(rng.uniform(0.4, 1.2)))
    grainy = (soft + rng.normal(0, rng.uniform(1.5, 4), soft.shape)).clip(0, 255).astype(np.uint8)
    _, jpeg = cv2.imencode(".jpg", grainy[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(70, 92))])
    return np.ascontiguousarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR)[..., ::-1])


def _hsv(hue: int, saturation: int, value: int) -> tuple[int, int, int]:
    pixel = np.array([[[hue % 180, saturation, value]]], np.uint8)
    red, green, blue = (int(c) for c in cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0])
    return red, green, blue


@cache
def _font(points: int) -> ImageFont.FreeTypeFont:
    import matplotlib

    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans-Bold.ttf", points)
