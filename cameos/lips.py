"""Do the lips belong to the voice? Pure: a watched recording in, one number out.

Sound and picture of one recording may be apart, but by one delay from its first number to its last. A voice
laid over other lips needs a delay of its own for every number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cameos import speech
from cameos.watching import Track

Floats = NDArray[np.floating[Any]]

_DELAYS = np.arange(-0.4, 0.405, 0.01)
_AROUND_S = 0.3
_FEWEST_FRAMES = 8
_FOLLOWS = 0.4  # Below, the lips do not follow this number at all, and their best delay says nothing.


def apart(track: Track) -> float:
    """How much better the lips fit the sound of one number at a delay of its own than at the delay that fits
    all numbers best: the largest difference of two correlations (0 to 2) over the numbers.

    0 where fewer than two numbers can be compared.
    """
    opening, times = track.series("opening"), track.times - track.times[0]
    energy = np.concatenate([[0.0], np.cumsum(track.sound.astype(np.float64) ** 2)])
    spoken = [(start / speech.RATE, stop / speech.RATE) for start, stop in speech.utterances(track.sound)]
    fits = [_fit(opening, times, energy, start, stop) for start, stop in spoken]
    known = [fit for fit in fits if fit is not None]
    if len(known) < 2:
        return 0.0
    table = np.stack(known)
    together = int(table.mean(axis=0).argmax())
    return float((table.max(axis=1) - table[:, together]).max())


def _fit(opening: Floats, times: Floats, energy: Floats, start: float, stop: float) -> Floats | None:
    """The correlation of opening and loudness around one number, at each delay; None where there is none.
    `energy` is that of the sound, summed up to each sample."""
    here = (times >= start - _AROUND_S) & (times <= stop + _AROUND_S) & np.isfinite(opening)
    if here.sum() < _FEWEST_FRAMES or opening[here].std() == 0:
        return None
    lips = _standard(opening[here])
    found = np.array([float(np.mean(lips * _standard(_loudness(energy, times[here] - d)))) for d in _DELAYS])
    return found if found.max() >= _FOLLOWS else None


def _loudness(energy: Floats, times: Floats) -> Floats:
    """Root mean square in the fifteenth of a second around each time, evened over neighbours."""
    half = speech.RATE // 30
    centres = (times * speech.RATE).astype(np.int64)
    first, last = (np.clip(centres + step, 0, len(energy) - 1) for step in (-half, half))
    loud = np.sqrt((energy[last] - energy[first]) / np.maximum(last - first, 1))
    return np.convolve(loud, [0.25, 0.5, 0.25], "same")


def _standard(values: Floats) -> Floats:
    return (values - values.mean()) / max(float(values.std()), 1e-6)
