"""Do the lips belong to the voice? Pure: a watched recording in, one number out.

Sound and picture of one recording may be apart, but by one delay from its first number to its last, give or
take what a busy device's clock slips. A voice laid over other lips needs a delay of its own for every number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from cameos import speech
from cameos.watching import Track

Floats = NDArray[np.floating[Any]]

_STEP_S = 0.01
_DELAYS = np.arange(-0.4, 0.405, _STEP_S)
_SLIPS_S = 0.03  # Chromium's clocks on a loaded machine; twice that would also excuse other lips
_AROUND_S = 0.3
_FEWEST_FRAMES = 8
_FOLLOWS = 0.4  # Below, the lips do not follow this number at all, and their best delay says nothing.


def unseen_s(track: Track) -> float:
    """The longest time in seconds without a new picture while the numbers were spoken; 0 without any.

    A device that was too busy loses pictures, and some of them lose step with the sound over it: what is left
    says nothing about whose lips these are, and whoever recorded it can do so again at once.
    """
    spoken = speech.utterances(track.sound)
    if not spoken or len(track.times) < 2:
        return 0.0
    times = track.times - track.times[0]
    first, last = spoken[0][0] / speech.RATE - _AROUND_S, spoken[-1][1] / speech.RATE + _AROUND_S
    heard = (times[1:] >= first) & (times[:-1] <= last)
    return float(np.diff(times)[heard].max(initial=0.0))


def apart(track: Track) -> float:
    """How much better the lips fit the sound of one number at a delay of its own than near the one delay that
    fits all numbers best: the largest difference of two correlations (0 to 2) over the numbers.

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
    near = maximum_filter1d(table, 2 * round(_SLIPS_S / _STEP_S) + 1, axis=1, mode="nearest")
    together = int(near.mean(axis=0).argmax())
    return float((table.max(axis=1) - near[:, together]).max())


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
