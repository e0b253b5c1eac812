"""Says whose voice it is. Only for workers: the network needs torch.

A voice is 256 numbers of length one; two of one person have a similarity of about 0.85, of two
people about 0.55. The network is the one of the package Resemblyzer (a generalised end-to-end
speaker encoder, Wan et al. 2018), whose weights we read by path; its own sound code would bring in
a hundred megabytes of libraries for one spectrogram, so that stands here.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cameos import speech

Floats = NDArray[np.floating[Any]]

SAME_VOICE = 0.75
RATE = 16_000
# The spectrogram the weights were trained on: 25 ms windows each 10 ms, 40 bands, 1.6 s a piece.
_WINDOW, _HOP, _BANDS, _PIECE, _STEP = 400, 160, 40, 160, 77
_STRETCH = int(0.6 * RATE)  # with the margins of 0.15 s that `speech.utterances` leaves
_LOUDNESS = 10 ** (-30 / 20)


class VoicesUnavailable(RuntimeError):
    """The package that compares voices is missing; the message names it."""


def embed(sound: NDArray[np.int16]) -> NDArray[np.float32]:
    """The voice in mono 16-bit sound at 16 kHz; pauses are left out before it is measured.

    Raises `ValueError` when less than half a second of speech is in it.
    """
    import torch

    spoken = [sound[start:stop] for start, stop in speech.utterances(sound)]
    if sum(map(len, spoken)) < RATE // 2:
        raise ValueError("too little speech to know a voice by")
    pieces = _pieces(_spectrogram(_evened(np.concatenate(spoken))))
    with torch.inference_mode():
        lstm, linear = _encoder()
        _, (hidden, _) = lstm(torch.from_numpy(pieces))
        voices = torch.relu(linear(hidden[-1]))
        mean = torch.nn.functional.normalize(voices, dim=1).mean(0)
        return torch.nn.functional.normalize(mean, dim=0).numpy()


def similarity(a: Floats, b: Floats) -> float:
    """Cosine of two voices: 1 is the same recording."""
    return float(np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)))


def least_alike(sound: NDArray[np.int16], count: int) -> float:
    """The smallest similarity between two of the `count` numbers that were said; 1 where fewer than two are
    long enough.

    The longer a stretch is, the more it says about a voice: a number of one digit ("eight") is hardly enough,
    and what is shorter than that is left out.
    """
    stretches = [part for part in speech.parts(sound, count) if len(part) >= _STRETCH]
    voices = [embed(np.pad(stretch, RATE // 5)) for stretch in stretches if _has_speech(stretch)]
    return min((similarity(a, b) for a, b in combinations(voices, 2)), default=1.0)


def _has_speech(stretch: NDArray[np.int16]) -> bool:
    heard = speech.utterances(np.pad(stretch, RATE // 5))
    return sum(stop - start for start, stop in heard) >= RATE // 2


def _evened(sound: NDArray[np.int16]) -> Floats:
    floats = sound.astype(np.float32) / 32768
    loudness = float(np.sqrt(np.mean(floats**2))) or 1.0
    return floats * max(1.0, _LOUDNESS / loudness)


def _spectrogram(sound: Floats) -> NDArray[np.float32]:
    """Power in 40 mel bands: frames x bands."""
    padded = np.pad(sound, _WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    return (power @ _mel_bands().T).astype(np.float32)


def _pieces(spectrogram: NDArray[np.float32]) -> NDArray[np.float32]:
    """Overlapping pieces of 1.6 s: pieces x frames x bands; a short one is filled up with silence."""
    short = max(0, _PIECE - len(spectrogram))
    spectrogram = np.pad(spectrogram, ((0, short), (0, 0)))
    starts = range(0, len(spectrogram) - _PIECE + 1, _STEP)
    return np.stack([spectrogram[start : start + _PIECE] for start in starts])


@cache
def _mel_bands() -> Floats:
    """Triangles on Slaney's mel scale, each of area one: bands x frequencies."""
    low, step, knee = 200 / 3, np.log(6.4) / 27, 1000.0
    top = knee / low + np.log(RATE / 2 / knee) / step
    mels = np.linspace(0, top, _BANDS + 2)
    edges = np.where(mels < knee / low, mels * low, knee * np.exp(step * (mels - knee / low)))
    frequencies = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    rising = (frequencies - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequencies) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]


@cache
def _encoder() -> tuple[Any, Any]:
    import torch

    spec = importlib.util.find_spec("resemblyzer")
    path = Path(spec.origin).with_name("pretrained.pt") if spec and spec.origin else None
    if path is None or not path.exists():
        raise VoicesUnavailable("Install the package resemblyzer: it compares voices.")
    state = torch.load(path, map_location="cpu", weights_only=True)["model_state"]
    lstm, linear = torch.nn.LSTM(_BANDS, 256, 3, batch_first=True), torch.nn.Linear(256, 256)
    for name, part in (("lstm.", lstm), ("linear.", linear)):
        part.load_state_dict({k[len(name) :]: v for k, v in state.items() if k.startswith(name)})
    return lstm.eval(), linear.eval()
