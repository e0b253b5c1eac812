"""Tempo of a sound: spectral flux, its autocorrelation, and the phase that gathers most of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
HOP, WINDOW = 480, 2048
SLOWEST, FASTEST, LIKELY = 60.0, 180.0, 112.0


def beat_of(sound: NDArray[np.float32]) -> tuple[float, float]:
    """(seconds a beat, when the first one falls); (0, 0) where nothing beats."""
    flux = _flux(sound)
    if len(flux) < 400:
        return 0.0, 0.0
    flux = flux - flux.mean()
    spread = float((flux * flux).sum())
    if spread <= 1e-12:
        return 0.0, 0.0
    low, high = round(60 / FASTEST * RATE / HOP), round(60 / SLOWEST * RATE / HOP)
    lags = np.arange(low, high + 1)
    like = np.array([(flux[:-lag] * flux[lag:]).sum() / spread for lag in lags])
    bpm = 60 * RATE / HOP / lags
    prefer = np.exp(-0.5 * (np.log2(bpm / LIKELY) / 0.8) ** 2)
    best = int(np.argmax(like * prefer))
    if like[best] < 0.08:
        return 0.0, 0.0
    lag = _between(like, lags, best)
    phases = np.linspace(0, lag, max(2, round(lag)), endpoint=False)
    strength = [flux[np.round(np.arange(phase, len(flux) - 1, lag)).astype(int)].sum() for phase in phases]
    return lag * HOP / RATE, float(phases[int(np.argmax(strength))]) * HOP / RATE


def _between(like: NDArray[np.float64], lags: NDArray[np.int_], best: int) -> float:
    """The peak between the lags, by a parabola through its neighbours."""
    if not 0 < best < len(lags) - 1:
        return float(lags[best])
    a, b, c = like[best - 1 : best + 2]
    bend = a - 2 * b + c
    return float(lags[best] + (0.5 * (a - c) / bend if bend else 0.0))


def _flux(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    mono = sound.mean(axis=1) if sound.ndim == 2 else sound
    if len(mono) < WINDOW * 2:
        return np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(mono, WINDOW)[::HOP] * np.hanning(WINDOW)
    loud = np.log1p(20 * np.abs(np.fft.rfft(frames, axis=1))[:, :400])
    return np.maximum(np.diff(loud, axis=0), 0).sum(axis=1)
