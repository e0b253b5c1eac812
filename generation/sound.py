"""How loud a clip is, and the one loudness at which all leave this host.

After ITU-R BS.1770-4: each channel through a shelf and a high pass ("K weighting"), mean squares of blocks
of 400 ms that overlap by three quarters, a gate at -70 LUFS and another 10 LU below what passes it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

RATE = 48_000
TARGET = -14.0  # LUFS, what players of short clips expect
PEAK = 10 ** (-1.0 / 20)  # samples stay 1 dB below full scale
MOST_GAIN = 20.0  # dB: a quiet room stays a quiet room
# The standard's filters for 48 kHz: numerators and denominators.
SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))

Sound = NDArray[np.float32]  # samples, or samples x channels, -1..1, at `RATE`


def loudness(sound: Sound) -> float:
    """Integrated loudness in LUFS; -inf for silence and for less than 400 ms."""
    channels = np.atleast_2d(np.asarray(sound, np.float64).T)
    weighted = lfilter(*HIGH_PASS, lfilter(*SHELF, channels, axis=1), axis=1)
    block, step = int(0.4 * RATE), int(0.1 * RATE)
    if weighted.shape[1] < block:
        return -math.inf
    summed = np.concatenate([[0.0], np.cumsum(np.square(weighted).sum(axis=0))])
    starts = np.arange(0, weighted.shape[1] - block + 1, step)
    power = (summed[starts + block] - summed[starts]) / block
    power = power[power > _power(-70.0)]
    if len(power):
        power = power[power > power.mean() / 10]
    return _lufs(float(power.mean())) if len(power) else -math.inf


def levelled(sound: Sound) -> Sound:
    """The same at `TARGET`, less where its peaks would clip; silence stays as it is."""
    clean = np.nan_to_num(np.asarray(sound, np.float32), posinf=0.0, neginf=0.0)
    now, peak = loudness(clean), float(np.abs(clean).max(initial=0.0))
    if math.isinf(now) or peak == 0:
        return clean
    gain = 10 ** (min(TARGET - now, MOST_GAIN) / 20)
    return np.asarray(clean * min(gain, PEAK / peak), np.float32)


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def _lufs(power: float) -> float:
    return -0.691 + 10 * math.log10(power)
