"""Photos in motion: each is shown for a while under a slow move, and fades into the next.

A photo whose shape is near the clip's fills it; any other stands whole as a card before its own colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.cutting.lettering import Overlay

Frame = NDArray[np.uint8]
Floats = NDArray[np.float64]

FILLS = 0.2  # of a photo that may be cut off before it is shown as a card
CARD, CARD_HIGH = 0.88, 0.62  # of the clip's width and height that a card may have
CORNER = 0.03  # of the clip's width
APPEARS_S = 0.4  # words come and go softly
# Where a move begins and ends: zoom, and the centre as shares of what the zoom leaves over.
MOVES = {
    "closer": ((1.0, 0.5, 0.5), (1.1, 0.5, 0.48)),
    "away": ((1.12, 0.5, 0.5), (1.0, 0.5, 0.5)),
    "near": ((1.0, 0.5, 0.5), (1.04, 0.5, 0.5)),  # of cards with words: hardly at all, there ...
    "back": ((1.04, 0.5, 0.5), (1.0, 0.5, 0.5)),  # ... and back
    "right": ((1.1, 0.15, 0.5), (1.1, 0.85, 0.5)),
    "left": ((1.1, 0.85, 0.5), (1.1, 0.15, 0.5)),
    "up": ((1.1, 0.5, 0.85), (1.1, 0.5, 0.15)),
    "detail": ((1.24, 0.35, 0.4), (1.32, 0.65, 0.55)),
}


@dataclass(frozen=True)
class Shot:
    """A photo (its number) from `start_s` to `end_s`, the move over it, and words laid on top."""

    photo: int
    start_s: float
    end_s: float
    move: str
    words: tuple[Overlay, ...] = ()
    dim: float = 0.0  # how much darker it is
    stays: bool = False  # its words stay until the end


@dataclass
class Laid:
    """A photo laid out for one clip: what stands still behind, what moves in front, and its cover (None: it
    fills the picture)."""

    behind: Frame
    front: Frame
    cover: NDArray[np.uint8] | None
    fit: float  # pixels of the clip for one of `front`, at zoom 1
    middle: tuple[float, float]
    size: tuple[int, int] = field(default=(0, 0))


def laid_out(photo: Frame, size: tuple[int, int], *, middle: float = 0.52) -> Laid:
    """A photo H W 3 for a clip of `size` (width, height)."""
    width, height = size
    high, wide = photo.shape[:2]
    cover_scale = max(width / wide, height / high)
    lost = 1 - (width * height) / (wide * high * cover_scale**2)
    fills = lost <= FILLS
    scale = cover_scale if fills else min(CARD * width / wide, CARD_HIGH * height / high)
    # Kept a little larger than shown, so that a zoom stays sharp; never more than the photo has.
    kept = min(1.0, scale * 1.35)
    how = cv2.INTER_AREA if kept < 1 else cv2.INTER_LINEAR
    shape = (max(2, round(wide * kept)), max(2, round(high * kept)))
    front = np.asarray(cv2.resize(photo, shape, interpolation=how), np.uint8)
    behind = front if fills else _behind(photo, size)
    cover = None if fills else _rounded(front.shape[1], front.shape[0], CORNER * width / (scale / kept))
    at = (width / 2, height * (0.5 if fills else middle))
    return Laid(behind, front, cover, scale / kept, at, size)


def _behind(photo: Frame, size: tuple[int, int]) -> Frame:
    """The photo's own colours, far out of focus and darker, with the shade of a card on them."""
    width, height = size
    scale = max(width / photo.shape[1], height / photo.shape[0])
    small = cv2.resize(photo, None, fx=scale / 8, fy=scale / 8, interpolation=cv2.INTER_AREA)
    top = max(0, (small.shape[0] - height // 8) // 2)
    left = max(0, (small.shape[1] - width // 8) // 2)
    part = small[top : top + max(2, height // 8), left : left + max(2, width // 8)]
    soft = cv2.GaussianBlur(part, (0, 0), max(2.0, width / 8 / 9))
    large = cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    fall = np.linspace(0.5, 0.72, height, dtype=np.float32)[:, None, None]
    return np.asarray((large * fall).clip(0, 255), np.uint8)


def _rounded(width: int, height: int, corner: float) -> NDArray[np.uint8]:
    """255 inside of a card, 0 at its corners, soft by a pixel."""
    radius = min(corner, width / 3, height / 3)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    out_x = np.maximum(radius - np.minimum(x, width - 1 - x), 0)
    out_y = np.maximum(radius - np.minimum(y, height - 1 - y), 0)
    cover = np.clip(radius - np.hypot(out_x, out_y) + 0.5, 0, 1)
    cover[[0, -1], :] = 0
    cover[:, [0, -1]] = 0
    return np.asarray(cover * 255, np.uint8)


def pictures(photos: Sequence[Laid], shots: Sequence[Shot], fps: float, fade_s: float) -> Iterator[Frame]:
    """Every picture of the clip: shots follow each other without a gap, each fades in over the one before."""
    count = round(shots[-1].end_s * fps)
    at = 0
    for index in range(count):
        second = index / fps
        while at + 1 < len(shots) and second >= shots[at + 1].start_s:
            at += 1
        shot = shots[at]
        picture = _shown(photos[shot.photo], shot, second)
        gone = second - shot.start_s
        if at and gone < fade_s:
            before = _shown(photos[shots[at - 1].photo], shots[at - 1], second)
            share = _eased((gone + 0.5 / fps) / fade_s)
            picture = np.asarray(cv2.addWeighted(before, 1 - share, picture, share, 0), np.uint8)
        yield picture


def _shown(laid: Laid, shot: Shot, second: float) -> Frame:
    """One picture of a shot; a moment after its end it moves on, for who fades out of it."""
    length = max(0.1, shot.end_s - shot.start_s)
    way = float(np.clip((second - shot.start_s) / length, -0.1, 1.15))
    picture = _moved(laid, shot.move, way)
    if shot.dim:
        picture = np.asarray(cv2.convertScaleAbs(picture, alpha=1 - shot.dim), np.uint8)
    leaves = 1.0 if shot.stays else shot.end_s - second
    strength = _eased(min((second - shot.start_s) / APPEARS_S, 1.0)) * _eased(min(max(leaves / 0.25, 0), 1.0))
    for words in shot.words:
        picture = write(picture, words, strength)
    return picture


def _moved(laid: Laid, move: str, way: float) -> Frame:
    width, height = laid.size
    (zoom_a, x_a, y_a), (zoom_b, x_b, y_b) = MOVES[move]
    zoom, x, y = (a + (b - a) * way for a, b in ((zoom_a, zoom_b), (x_a, x_b), (y_a, y_b)))
    high, wide = laid.front.shape[:2]
    if laid.cover is not None:  # a card drifts and breathes: it is never cut
        zoom, shift = 0.94 + 0.6 * (zoom - 1), 0.03
        centre = (laid.middle[0] + (0.5 - x) * shift * width, laid.middle[1] + (0.5 - y) * shift * height)
        return _card(laid, zoom * laid.fit, centre)
    scale = zoom * laid.fit
    over_x, over_y = max(0.0, wide * scale - width), max(0.0, high * scale - height)
    matrix = np.array([[scale, 0, -x * over_x], [0, scale, -y * over_y]])
    return _warp(laid.front, matrix, laid.size)


def _warp(picture: Frame, matrix: Floats, size: tuple[int, int]) -> Frame:
    """Centres of pixels on centres of pixels."""
    half = matrix.copy()
    half[:, 2] += 0.5 * (matrix[0, 0] - 1)
    return np.asarray(
        cv2.warpAffine(picture, half, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _card(laid: Laid, scale: float, centre: tuple[float, float]) -> Frame:
    high, wide = laid.front.shape[:2]
    left, top = centre[0] - wide * scale / 2, centre[1] - high * scale / 2
    x0, y0 = max(0, int(left) - 1), max(0, int(top) - 1)
    x1 = min(laid.size[0], int(left + wide * scale) + 3)
    y1 = min(laid.size[1], int(top + high * scale) + 3)
    matrix = np.array([[scale, 0, left - x0], [0, scale, top - y0]])
    size = (x1 - x0, y1 - y0)
    front = _warp(laid.front, matrix, size)
    half = matrix.copy()
    half[:, 2] += 0.5 * (scale - 1)
    assert laid.cover is not None
    shade = cv2.warpAffine(laid.cover, half, size, flags=cv2.INTER_LINEAR)  # nothing outside of the card
    cover = np.asarray(shade, np.uint8)
    picture = laid.behind.copy()
    picture[y0:y1, x0:x1] = blended(picture[y0:y1, x0:x1], front, cover)
    return picture


def blended(below: Frame, above: Frame, cover: NDArray[np.uint8]) -> Frame:
    """`above` where `cover` is 255, `below` where it is 0."""
    share = cv2.merge([cover, cover, cover])
    one = cv2.multiply(above, share, scale=1 / 255)
    other = cv2.multiply(below, cv2.bitwise_not(share), scale=1 / 255)
    return np.asarray(cv2.add(one, other), np.uint8)


def write(picture: Frame, words: Overlay, strength: float) -> Frame:
    """A picture with words on it, `strength` 0..1; they rise a little as they come."""
    if strength <= 0:
        return picture
    rise = round((1 - strength) * 0.015 * picture.shape[0])
    top, left = max(0, words.top + rise), words.left
    high = min(words.cover.shape[0], picture.shape[0] - top)
    wide = min(words.cover.shape[1], picture.shape[1] - left)
    if min(high, wide) <= 0:
        return picture
    out = picture.copy()
    place = out[top : top + high, left : left + wide]
    cover = np.asarray(cv2.convertScaleAbs(words.cover[:high, :wide], alpha=strength), np.uint8)
    out[top : top + high, left : left + wide] = blended(place, words.colour[:high, :wide], cover)
    return out


def _eased(share: float) -> float:
    return float(0.5 - 0.5 * np.cos(np.pi * np.clip(share, 0, 1)))
