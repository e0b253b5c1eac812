"""Mouths of those who speak: opened by the loudness of what they say, key frame by key frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.scene import tracks as T
from model.scene.reel import Reel

RATE = 48_000
OPEN = 0.9  # of a mouth, at the loudest


def move(reel: Reel, lines: Sequence[tuple[float, str, np.ndarray]]) -> None:
    """Lines are (second at which it begins, key of who says it, mono samples at 48 kHz); who is not in the
    shot at that moment, or has no key, keeps a closed mouth. Changes the reel in place."""
    for start_s, key, samples in lines:
        opened = envelope(samples)
        for step, value in enumerate(opened):
            shot, frame = reel.at(start_s + step / T.FPS)
            if key and key in shot.who:
                shot.scene.people[shot.who.index(key), frame, T.H["mouth"]] = OPEN * value


def envelope(samples: np.ndarray) -> np.ndarray:
    """Loudness of each key frame's worth of samples, 0 silent, 1 the loudest."""
    size = RATE // T.FPS
    count = -(-len(samples) // size)
    padded = np.pad(np.asarray(samples, np.float64), (0, count * size - len(samples)))
    rms = np.sqrt(np.square(padded.reshape(count, size)).mean(axis=1)) if count else np.zeros(0)
    return rms / rms.max() if count and rms.max() > 0 else rms
