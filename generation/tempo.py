"""The same sound faster or slower at the same pitch: pieces of it laid over each other where they fit best
(WSOLA, Verhelst and Roelands, 1993)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PIECE, SEARCH = 1920, 480  # samples at 48 kHz: 40 ms, and 10 ms to either side

Sound = NDArray[np.float32]


def stretched(sound: Sound, factor: float) -> Sound:
    """`factor` times as long, mono at 48 kHz. What is shorter than a piece stays as it is."""
    if abs(factor - 1) < 0.01 or len(sound) < 2 * PIECE:
        return sound
    hop, length = PIECE // 2, round(len(sound) * factor)
    window = np.hanning(PIECE + 1)[:PIECE].astype(np.float32)
    padded = np.pad(sound, (SEARCH, PIECE + hop + SEARCH))
    out, weight = np.zeros(length + PIECE, np.float32), np.zeros(length + PIECE, np.float32)
    at = SEARCH
    for start in range(0, length, hop):
        out[start : start + PIECE] += padded[at : at + PIECE] * window
        weight[start : start + PIECE] += window
        goes_on = padded[at + hop : at + hop + PIECE]
        near = SEARCH + min(round((start + hop) / factor), len(sound))
        at = near + _best(padded[near - SEARCH : near + SEARCH + PIECE], goes_on)
    return np.asarray((out / np.maximum(weight, 1e-3))[:length], np.float32)


def _best(around: Sound, goes_on: Sound) -> int:
    """Samples from the middle at which `around` is most like what would have come next."""
    if len(around) < len(goes_on) or not np.any(goes_on):
        return 0
    energy = np.sqrt(np.convolve(np.square(around, dtype=np.float64), np.ones(len(goes_on)), "valid"))
    alike = np.correlate(around.astype(np.float64), goes_on.astype(np.float64), "valid")
    return int(np.argmax(alike / np.maximum(energy, 1e-6))) - SEARCH
