"""Says whose voice it is. Only for workers: the network needs torch.

A voice is 256 numbers of length one; two of one person have a similarity of about 0.85, of two
people about 0.55. The network is the one of the package Resemblyzer (a generalised end-to-end
speaker encoder, Wan et al. 2018), whose weights we read by path; its own sound code would bring in
a hundred megabytes of libraries for one spectrogram, so that stands here.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from cameos import speech

Floats = NDArray[np.floating[Any]]

SAME_VOICE = 0.75
RATE = 16_000
# The spectrogram the weights were trained on: 25 ms windows each 10 ms, 40 bands, 1.6 s a piece.
_WINDOW, _HOP, _BANDS, _PIECE, _STEP = 400, 160, 40, 160, 77
_CLOSE_STEP = 10
_NUMBER = RATE // 2  # the least speech that says something about a voice
_LOUDNESS = 10 ** (-30 / 20)


class VoicesUnavailable(RuntimeError):
    """The package that compares voices is missing; the message names it."""


def embed(sound: NDArray[np.int16]) -> NDArray[np.float32]:
    """The voice in mono 16-bit sound at 16 kHz; pauses are left out before it is measured.

    Raises `ValueError` when less than half a second of speech is in it.
    """
    spoken = [sound[start:stop] for start, stop in speech.utterances(sound)]
    if sum(map(len, spoken)) < RATE // 2:
        raise ValueError("too little speech to know a voice by")
    return _mean_voice(_pieces(_spectrogram(_evened(np.concatenate(spoken)))))


def _mean_voice(pieces: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pieces x frames x bands in, the voice that they have together out."""
    import torch

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
    """Of the `count` spoken numbers the one that fits least: how alike it is to the others together. 1 where
    fewer than two are long enough.

    The longer a stretch is, the more it says about a voice: a number of one digit ("eight") is hardly enough,
    and what is shorter than that is left out.
    """
    voices = [voice for part in speech.parts(sound, count) if (voice := _of_number(part)) is not None]
    return min((similarity(one, np.sum(rest, axis=0)) for one, rest in _one_and_rest(voices)), default=1.0)


def _one_and_rest(voices: list[Floats]) -> Iterator[tuple[Floats, list[Floats]]]:
    if len(voices) > 1:
        for at, voice in enumerate(voices):
            yield voice, voices[:at] + voices[at + 1 :]


def _of_number(part: NDArray[np.int16]) -> Floats | None:
    """The voice of one number; None where it is too short. Unlike `embed` this leaves out every pause and
    looks anew each tenth of a second: of so little speech none may be wasted, or thinned by silence."""
    speaking = _spoken_only(part)
    if len(speaking) < _NUMBER:
        return None
    return _mean_voice(_pieces(_repeated(_spectrogram(_one_loudness(speaking))), step=_CLOSE_STEP))


def _spoken_only(sound: NDArray[np.int16]) -> NDArray[np.int16]:
    """The frames in which somebody speaks, and one more on either side of each stretch."""
    padded = np.pad(sound, RATE // 5)
    heard = binary_dilation(speech.activity(padded))
    frames = padded[: len(heard) * speech.FRAME].reshape(len(heard), speech.FRAME)
    return frames[heard].reshape(-1)


def _repeated(spectrogram: NDArray[np.float32]) -> NDArray[np.float32]:
    """At least one piece long, by saying it again: the network never learned from silence."""
    times = -(-_PIECE // len(spectrogram))
    return np.tile(spectrogram, (times, 1))


def _one_loudness(sound: NDArray[np.int16]) -> Floats:
    floats = sound.astype(np.float32) / 32768
    return floats * (_LOUDNESS / (float(np.sqrt(np.mean(floats**2))) or 1.0))


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


def _pieces(spectrogram: NDArray[np.float32], *, step: int = _STEP) -> NDArray[np.float32]:
    """Overlapping pieces of 1.6 s: pieces x frames x bands; a short one is filled up with silence."""
    short = max(0, _PIECE - len(spectrogram))
    spectrogram = np.pad(spectrogram, ((0, short), (0, 0)))
    starts = range(0, len(spectrogram) - _PIECE + 1, step)
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
