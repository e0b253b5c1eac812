"""Does a clip flash so that it can bring on a seizure? After WCAG 2.3.1.

A flash is a pair of opposing changes of relative luminance by a tenth or more where the darker state is below
0.80, or of opposing changes to and from a saturated red. More than three of them within one second, over more
than a quarter of the picture, is too much. The picture is looked at in cells of a 24th of its width.
"""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
Field = NDArray[np.float32]

ACROSS = 24
STEP, DARK = 0.1, 0.8
RED_STEP, RED_SHARE, RED_SCALE = 20.0, 0.8, 320.0
MOST_FLASHES = 3
AREA = 0.25
_CODES = np.arange(256) / 255
_LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4)
LINEAR = _LINEAR.astype(np.float32)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


class Watcher:
    """Is shown every frame in order; `too_much` says what was seen so far."""

    def __init__(self, fps: float) -> None:
        self.fps = fps
        self.light: _Swings | None = None
        self.red: _Swings | None = None
        self.too_much = False

    def see(self, frame: Frame) -> None:
        down = max(2, round(ACROSS * frame.shape[0] / frame.shape[1]))
        small = cv2.resize(frame, (ACROSS, down), interpolation=cv2.INTER_AREA)
        linear = LINEAR[small]
        luminance, red = linear @ LUMINANCE, _redness(linear)
        if self.light is None or self.red is None:
            self.light = _Swings(luminance, STEP, DARK, self.fps)
            self.red = _Swings(red, RED_STEP, np.inf, self.fps)
            return
        worst = max(self.light.share_after(luminance), self.red.share_after(red))
        self.too_much = self.too_much or worst > AREA


def _redness(linear: Field) -> Field:
    red, rest = linear[..., 0], linear[..., 1] + linear[..., 2]
    is_saturated = red >= RED_SHARE * (red + rest + 1e-6)
    return np.asarray(np.where(is_saturated, np.clip(red - rest, 0, None) * RED_SCALE, 0), np.float32)


class _Swings:
    """Opposing changes of each cell in the last second."""

    def __init__(self, first: Field, step: float, dark: float, fps: float) -> None:
        self.turn = first.copy()  # the extreme since the last change
        self.direction = np.zeros(first.shape, np.int8)
        self.step, self.dark = step, dark
        self.recent: deque[NDArray[np.bool_]] = deque(maxlen=max(1, round(fps)))
        self.count = np.zeros(first.shape, np.int16)

    def share_after(self, value: Field) -> float:
        """Share of the cells with more than `MOST_FLASHES` flashes within the second that ends here."""
        change = value - self.turn
        big = (np.abs(change) >= self.step) & (np.minimum(value, self.turn) < self.dark)
        sign = np.sign(change).astype(np.int8)
        turned = big & (sign != self.direction)
        goes_on = (sign == self.direction) & (change != 0)
        self.direction = np.where(turned, sign, self.direction)
        self.turn = np.where(turned | goes_on, value, self.turn)
        if len(self.recent) == self.recent.maxlen:
            self.count -= self.recent[0]
        self.recent.append(turned)
        self.count += turned
        return float((self.count > 2 * MOST_FLASHES).mean())
