"""Even borders round a film: black bars, or the page on which somebody recorded it from a screen."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

LEAST_LEFT = 0.25  # of a side, when borders are taken off
EVEN = 6.0  # spread of brightness along a line that is still even, and between lines of one border

Frame = NDArray[np.uint8]


def without(frames: Sequence[Frame]) -> list[Frame]:
    """The pictures within the even borders that all frames have (each side of one colour); the frames
    themselves where there are none, or hardly a picture within."""
    boxes = [_inner(frame) for frame in frames]
    top, bottom = min(box[0] for box in boxes), max(box[1] for box in boxes)
    left, right = min(box[2] for box in boxes), max(box[3] for box in boxes)
    height, width = frames[0].shape[:2]
    is_picture = bottom - top >= LEAST_LEFT * height and right - left >= LEAST_LEFT * width
    return [frame[top:bottom, left:right] if is_picture else frame for frame in frames]


def _inner(frame: Frame) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of what is not border; all of a frame that is even throughout."""
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return *_between(grey.mean(axis=1), grey.std(axis=1)), *_between(grey.mean(axis=0), grey.std(axis=0))


def _between(mean: NDArray[np.float32], spread: NDArray[np.float32]) -> tuple[int, int]:
    """From the first line that is neither even nor of the outermost one's colour to the last such."""
    first = np.flatnonzero((spread > EVEN) | (np.abs(mean - mean[0]) > EVEN))
    last = np.flatnonzero((spread > EVEN) | (np.abs(mean - mean[-1]) > EVEN))
    return (int(first[0]), int(last[-1]) + 1) if len(first) and len(last) else (0, len(mean))
