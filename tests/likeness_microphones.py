"""Microphones, rooms and codecs drawn at random, for spoken numbers: nobody records twice in the same way."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

from tests.likeness_actor import Floats
from tests.likeness_media import RATE, audio_frames

Sound = NDArray[np.int16]
CODECS = (("aac", 64_000), ("aac", 96_000), ("libopus", 24_000), ("libopus", 48_000), ("libopus", 96_000))
TOP_HZ = (3_600, 5_500, 7_000, 7_900)  # a headset over the telephone's band, up to all that is kept


@dataclass(frozen=True)
class Microphone:
    """One device in one room: its band in Hz, bumps of its response (Hz, dB, width), the room's echo, how
    far under the voice the hiss is in dB, how far loudness wanders between numbers in dB, the highest sample,
    and the codec."""

    low: float
    top: int
    bumps: tuple[tuple[float, float, float], ...]
    echo: Floats
    hiss_db: float
    is_hiss_low: bool
    wander_db: float
    peak: float
    codec: tuple[str, int]

    @classmethod
    def drawn(cls, draw: np.random.Generator) -> Microphone:
        bumps = [
            (float(np.exp(draw.uniform(5.3, 8.7))), draw.uniform(-6, 6), draw.uniform(0.7, 2)) for _ in "ab"
        ]
        return cls(
            low=draw.uniform(60, 200),
            top=int(draw.choice(TOP_HZ)),
            bumps=tuple(bumps),
            echo=_echo(draw),
            hiss_db=draw.uniform(12, 40),
            is_hiss_low=bool(draw.integers(2)),
            wander_db=draw.uniform(0, 5),
            peak=draw.uniform(2_500, 20_000),
            codec=CODECS[draw.integers(len(CODECS))],
        )

    def records(self, numbers: Sequence[Sound], draw: np.random.Generator) -> Sound:
        """The numbers with pauses of 1 to 1.5 s between them, as a film's sound track gives them back."""
        parts = [np.zeros(RATE)]
        for number in numbers:
            parts += [self._said(number, draw), np.zeros(int(draw.uniform(1.0, 1.5) * RATE))]
        clean = self._coloured(fftconvolve(np.concatenate(parts), self.echo)[: sum(map(len, parts))])
        loud = np.abs(clean) > np.abs(clean).max() / 20
        hiss = draw.normal(0, 1, len(clean))
        hiss = lfilter([1], [1, -0.95], hiss) if self.is_hiss_low else hiss
        level = float(np.sqrt(np.mean(clean[loud] ** 2))) * 10 ** (-self.hiss_db / 20)
        heard = clean + hiss / hiss.std() * level
        return coded((heard * (self.peak / np.abs(heard).max())).astype(np.int16), *self.codec)

    def _said(self, number: Sound, draw: np.random.Generator) -> Floats:
        wander = 10 ** (draw.uniform(-self.wander_db, self.wander_db) / 20)
        return number / np.sqrt(np.mean(number.astype(float) ** 2)) * wander

    def _coloured(self, sound: Floats) -> Floats:
        sound = sosfilt(butter(2, self.low, "high", fs=RATE, output="sos"), sound)
        sound = sosfilt(butter(4, self.top, fs=RATE, output="sos"), sound)
        for bump in self.bumps:
            sound = _with_bump(sound, *bump)
        return sound


def coded(sound: Sound, codec: str, bits: int) -> Sound:
    """Through the codec of a recorder's sound track and back."""
    film = io.BytesIO()
    with av.open(film, "w", format="mp4") as file:
        track = file.add_stream(codec, rate=48_000, layout="mono")
        track.bit_rate = bits
        for block in audio_frames(sound):
            file.mux(track.encode(block))
        file.mux(track.encode())
    film.seek(0)
    ear = av.AudioResampler("s16", "mono", RATE)
    with av.open(film) as file:
        pieces = [p.to_ndarray().reshape(-1) for f in file.decode(audio=0) for p in ear.resample(f)]
    return np.concatenate(pieces)


def _echo(draw: np.random.Generator) -> Floats:
    """The direct sound, and after 2.5 ms a tail that dies in 0.1 to 0.45 s, 3 to 18 dB weaker as a whole."""
    length_s = draw.uniform(0.1, 0.45)
    times = np.arange(int(length_s * RATE)) / RATE
    tail = draw.normal(0, 1, len(times)) * np.exp(-6.9 * times / length_s)
    tail *= 10 ** (-draw.uniform(3, 18) / 20) / np.sqrt((tail**2).sum())
    return np.concatenate([[1.0], np.zeros(RATE // 400), tail])


def _with_bump(sound: Floats, centre: float, gain_db: float, width: float) -> Floats:
    """A peaking filter (Bristow-Johnson's audio cookbook)."""
    angle, gain = 2 * np.pi * centre / RATE, 10 ** (gain_db / 40)
    alpha = np.sin(angle) / (2 * width)
    forward = np.array([1 + alpha * gain, -2 * np.cos(angle), 1 - alpha * gain])
    back = np.array([1 + alpha / gain, -2 * np.cos(angle), 1 - alpha / gain])
    return np.asarray(lfilter(forward / back[0], back / back[0], sound))
