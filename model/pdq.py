"""PDQ: a 256-bit print of a picture that survives scaling, recompression and small edits.

After "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (Facebook, 2019): luma, two
tent-like box passes, 64 x 64 samples, a 16 x 16 corner of the cosine transform, each above its median or not.
Our own few lines, since the package that wraps the reference code comes only as C++ source for this Python.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

Bits = NDArray[np.bool_]

SIDE = 64
CORNER = 16
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
# Two prints this near are taken for the same picture (the paper's working threshold).
SAME_WITHIN = 31


def compute(picture: NDArray[np.uint8]) -> tuple[Bits, int]:
    """(256 bits, quality 0..100) of an RGB (H, W, 3) or grey (H, W) picture; low quality means flat."""
    grey = picture.astype(np.float32) if picture.ndim == 2 else picture.astype(np.float32) @ LUMA
    blurred = _blur(_blur(grey, axis=1), axis=0)
    blurred = _blur(_blur(blurred, axis=1), axis=0)
    height, width = blurred.shape
    rows = ((np.arange(SIDE) + 0.5) * height / SIDE).astype(int)
    columns = ((np.arange(SIDE) + 0.5) * width / SIDE).astype(int)
    samples = blurred[np.ix_(rows, columns)]  # 64 64
    corner = _cosines() @ samples @ _cosines().T  # 16 16
    return (corner > np.median(corner)).ravel(), _quality(samples)


def distance(a: Bits, b: Bits) -> int:
    """How many of the 256 bits differ."""
    return int(np.count_nonzero(a != b))


def to_hex(bits: Bits) -> str:
    """64 hexadecimal digits."""
    return np.packbits(bits).tobytes().hex()


def from_hex(text: str) -> Bits:
    return np.unpackbits(np.frombuffer(bytes.fromhex(text), np.uint8)).astype(bool)


def _blur(grey: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """A running mean as wide as one 128th of the side, its edges averaging only what is inside."""
    window = (grey.shape[axis] + 2 * SIDE - 1) // (2 * SIDE)
    if window <= 1:
        return grey
    inside = uniform_filter1d(np.ones(grey.shape[axis], np.float32), window, mode="constant")
    shape = (-1, 1) if axis == 0 else (1, -1)
    filtered: NDArray[np.float32] = uniform_filter1d(grey, window, axis=axis, mode="constant")
    return filtered / inside.reshape(shape)


def _quality(samples: NDArray[np.float32]) -> int:
    """The paper's measure: how much neighbouring samples differ, in steps of 1/255, over 90, at most 100."""
    steps = [np.trunc(np.diff(samples, axis=axis) * 100 / 255) for axis in (0, 1)]
    return min(100, int(sum(np.abs(step).sum() for step in steps) / 90))


@cache
def _cosines() -> NDArray[np.float32]:
    i, j = np.arange(1, CORNER + 1)[:, None], np.arange(SIDE)[None, :]
    return (np.sqrt(2 / SIDE) * np.cos(np.pi / 2 / SIDE * i * (2 * j + 1))).astype(np.float32)
