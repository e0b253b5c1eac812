"""Photos of products that nobody sells, built for tests: cans, boxes and mugs with labels of their own, seen
from several sides in several rooms; and look-alikes of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Frame = NDArray[np.uint8]
FORMS = ("can", "box", "mug")
# How a look-alike differs: other words and sign on the same colours, other colours under the same words, or
# the same label on another form.
ALIKE = ("words", "colour", "form")
SYLLABLES = ("no", "va", "ki", "lu", "mer", "tan", "os", "ri", "bel", "do", "fen", "za")


def photo(
    seed: int, view: int = 0, *, alike: str = "", size: tuple[int, int] = (640, 800), form: str = ""
) -> Frame:
    """The product of this seed from one side, H W 3; `alike`: what looks like it."""
    form = form or FORMS[seed % len(FORMS)]
    if alike == "form":
        form = FORMS[(FORMS.index(form) + 1) % len(FORMS)]
    label = _label(seed, alike)
    rng = np.random.default_rng([seed, view, 7])
    picture = _room(rng, size)
    yaw, scale = rng.uniform(-0.25, 0.25), rng.uniform(0.52, 0.66)
    piece, cover = {"can": _can, "box": _box, "mug": _mug}[form](label, yaw, rng)
    high = round(size[1] * scale)
    wide = round(piece.shape[1] * high / piece.shape[0])
    if wide > 0.8 * size[0]:
        high, wide = round(high * 0.8 * size[0] / wide), round(0.8 * size[0])
    piece = cv2.resize(piece, (wide, high), interpolation=cv2.INTER_AREA).astype(np.float32)
    share = cv2.resize(cover, (wide, high), interpolation=cv2.INTER_AREA)[..., None]
    left = round((size[0] - wide) / 2 + rng.uniform(-0.06, 0.06) * size[0])
    top = round((size[1] - high) / 2 + rng.uniform(-0.04, 0.04) * size[1])
    place = picture[top : top + high, left : left + wide]
    place[:] = place * (1 - share) + piece * rng.uniform(0.9, 1.08) * share
    noisy = picture + rng.normal(0, 2.5, picture.shape)
    _, jpeg = cv2.imencode(
        ".jpg", noisy.clip(0, 255).astype(np.uint8)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85]
    )
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR)[..., ::-1], np.uint8)


def photos(seed: int, views: Sequence[int], alike: str = "") -> list[Frame]:
    return [np.ascontiguousarray(photo(seed, view, alike=alike)) for view in views]


def saved(path: Path, picture: Frame) -> Path:
    Image.fromarray(picture).save(path)
    return path


def _label(seed: int, alike: str) -> Frame:
    """600 x 480: a ground, a band, a sign and a name."""
    colours = np.random.default_rng([seed, 1, 1 if alike == "colour" else 0])
    words = np.random.default_rng([seed, 2, 1 if alike == "words" else 0])
    layout = np.random.default_rng([seed, 3])
    hue = np.random.default_rng([seed, 4]).integers(0, 180) + (60 if alike == "colour" else 0)
    ground = _colour(int(hue), int(colours.integers(120, 220)), int(colours.integers(120, 220)))
    band = _colour(int(hue) + int(colours.integers(50, 120)), 160, int(colours.integers(90, 230)))
    label = np.full((600, 480, 3), ground, np.uint8)
    top = int(layout.integers(120, 300))
    cv2.rectangle(label, (0, top), (480, top + 160), band, -1)
    _sign(label, words, (240, 100 if top > 200 else 470))
    name = "".join(words.choice(SYLLABLES, 3)).upper()
    ink = (250, 250, 245) if sum(band) < 400 else (25, 25, 30)
    width = cv2.getTextSize(name, cv2.FONT_HERSHEY_TRIPLEX, 2.6, 6)[0][0]
    size = min(2.6, 2.6 * 430 / width)
    cv2.putText(
        label, name, (round(240 - width * size / 5.2), top + 105), cv2.FONT_HERSHEY_TRIPLEX, size, ink, 6
    )
    for line in range(3):
        text = " ".join("".join(words.choice(SYLLABLES, 2)) for _ in range(3))
        cv2.putText(label, text, (60, top + 195 + 34 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.8, ink, 2)
    return label


def _sign(label: Frame, rng: np.random.Generator, middle: tuple[int, int]) -> None:
    corners = int(rng.integers(3, 8))
    turns = np.sort(rng.uniform(0, 2 * np.pi, corners))
    far = rng.uniform(40, 85, corners)
    shape = np.column_stack([np.cos(turns), np.sin(turns)]) * far[:, None] + middle
    cv2.fillPoly(label, [shape.astype(np.int32)], (245, 240, 225))
    cv2.circle(
        label,
        (int(middle[0] + rng.integers(-20, 20)), middle[1]),
        int(rng.integers(10, 28)),
        (30, 30, 40),
        -1,
    )


def _colour(hue: int, saturation: int, value: int) -> tuple[int, int, int]:
    pixel = np.array([[[hue % 180, saturation, value]]], np.uint8)
    red, green, blue = cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0]
    return int(red), int(green), int(blue)


def _room(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.float32]:
    """A wall and a table in dull colours, lit from one side."""
    wall, table = (rng.uniform(150, 235) + rng.uniform(-10, 10, 3) for _ in range(2))
    picture = np.full((size[1], size[0], 3), wall, np.float32)
    picture[round(size[1] * rng.uniform(0.66, 0.8)) :] = table * 0.85
    light = np.linspace(rng.uniform(0.9, 1.0), rng.uniform(1.0, 1.1), size[0], dtype=np.float32)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 5) * light[None, :, None], np.float32)


def _round(label: Frame, yaw: float, wide: int, high: int) -> NDArray[np.float32]:
    """The label around a cylinder, turned by `yaw`, darker at its sides."""
    x = np.linspace(-1, 1, wide, dtype=np.float32)
    turn = np.arcsin(np.clip(x, -0.999, 0.999)) + yaw
    columns = (turn / np.pi + 0.5) * (label.shape[1] - 1)
    rows = np.linspace(0, label.shape[0] - 1, high, dtype=np.float32)
    bent = rows[:, None] + 10 * np.sqrt(1 - np.clip(x, -1, 1) ** 2)[None]
    across = np.repeat(columns[None].astype(np.float32), high, axis=0)
    laid = cv2.remap(
        label, across, bent.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(laid * (0.55 + 0.45 * np.sqrt(1 - x**2))[None, :, None], np.float32)


def _can(
    label: Frame, yaw: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    wide, high = 360, 600
    body = _round(label, yaw, wide, high)
    cover = np.zeros((high, wide), np.uint8)
    cv2.rectangle(cover, (0, 24), (wide, high - 24), 255, -1)
    for middle in (24, high - 24):
        cv2.ellipse(cover, (wide // 2, middle), (wide // 2, 22), 0, 0, 360, 255, -1)
    cv2.ellipse(body, (wide // 2, 24), (wide // 2, 22), 0, 0, 360, (190, 192, 196), -1)
    return body, cover.astype(np.float32) / 255


def _mug(
    label: Frame, yaw: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Plainer than the others: the label's ground, and its sign and name small."""
    plain = np.full_like(label, label[2, 2])
    small = cv2.resize(label, (240, 300), interpolation=cv2.INTER_AREA)
    plain[170:470, 120:360] = small
    body = _round(plain, yaw, 420, 460)
    wide, high = 560, 460
    picture, cover = np.zeros((high, wide, 3), np.float32), np.zeros((high, wide), np.uint8)
    cv2.ellipse(cover, (420, 230), (110, 130), 0, 0, 360, 255, 44)
    picture[:] = label[2, 2].astype(np.float32) * 0.8
    picture[:, :420] = body
    cv2.rectangle(cover, (0, 10), (420, high - 12), 255, -1)
    cv2.ellipse(cover, (210, high - 14), (210, 14), 0, 0, 360, 255, -1)
    return picture, cover.astype(np.float32) / 255


def _box(
    label: Frame, yaw: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    wide, high, depth = 440, 560, round(70 + 120 * abs(yaw))
    front = np.array([[0, 30], [wide, 0], [wide, high], [0, high - 30]], np.float32)
    front += rng.uniform(-8, 8, (4, 2)).astype(np.float32)
    side = np.array([front[1], [wide + depth, 40], [wide + depth, high - 50], front[2]], np.float32)
    size = (wide + depth + 10, high + 12)
    front, side = front + (4, 8), side + (4, 8)
    picture, cover = np.zeros((size[1], size[0], 3), np.float32), np.zeros((size[1], size[0]), np.uint8)
    corners = np.array([[0, 0], [480, 0], [480, 600], [0, 600]], np.float32)
    for face, texture, light in ((side, np.full_like(label, label[2, 2]), 0.65), (front, label, 1.0)):
        matrix = cv2.getPerspectiveTransform(corners, face.astype(np.float32))
        laid = cv2.warpPerspective(texture, matrix, size).astype(np.float32) * light
        inside = cv2.warpPerspective(np.full(label.shape[:2], 255, np.uint8), matrix, size)
        picture[inside > 0] = laid[inside > 0]
        cover = np.maximum(cover, inside)
    return picture, cover.astype(np.float32) / 255
