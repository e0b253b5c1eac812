"""Voices in a language that nobody speaks: whoever talks or sings is heard, and mouths follow what is heard.

    voices(scene)                    -> {person: float32 [samples]}, mono, silent where they are
    mouth(voice, frames, fps)        -> [frames] in 0..1: how far a mouth is open, from the sound alone

Nobody's voice is imitated: syllables are a few harmonics under the formants of a vowel, by the kind of
character and the seed. People who talk take turns; whoever sings keeps to the clip's key and beat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.scene import tracks as T

RATE = 48_000
PITCH = {
    "woman": 205,
    "man": 118,
    "girl": 265,
    "boy": 245,
    "grandmother": 178,
    "grandfather": 104,
    "robot": 150,
}  # Hz; everybody else
OTHERS = 225
VOWELS = (  # loudness, and the first two formants (Hz) after Peterson & Barney 1952
    (1.00, 730, 1090), (0.78, 530, 1840), (0.55, 320, 2250), (0.80, 570, 840), (0.52, 330, 870),
)  # fmt: skip
HARMONICS = 14
LOUDEST = 0.45


@dataclass(frozen=True)
class Syllable:
    """A sound: when (s), how long, its vowel, and the pitch at its beginning and end (Hz)."""

    at: float
    length: float
    vowel: int
    begin: float
    end: float


@dataclass(frozen=True)
class Key:
    """What a song keeps to: Hz of its root, the scale's semitones, seconds of a beat."""

    root: float
    scale: tuple[int, ...]
    beat: float


def stretches(scene: T.Scene, action: str) -> dict[int, tuple[float, float]]:
    """From when to when (s) each person does something; those who never do are left out."""
    found = {}
    for i, person in enumerate(scene.plan.people):
        turned = person.then != T.NO_ACTION and person.switch < scene.frames
        change = person.switch / T.FPS if turned else scene.seconds
        if person.action == action:
            found[i] = (0.0, change)
        elif turned and person.then == action:
            found[i] = (change, scene.seconds)
    return found


def doing(scene: T.Scene, person: int, action: str, frames: int, fps: float) -> np.ndarray:
    """In which frames somebody does something [frames]; whoever talks does so in pauses too."""
    start, stop = stretches(scene, action).get(person, (0.0, 0.0))
    at = np.arange(frames) / fps
    return (at >= start) & (at < stop)


def voices(scene: T.Scene, key: Key, seconds: float | None = None) -> dict[int, np.ndarray]:
    """What each person who talks or sings is heard saying."""
    length = max(1, round((scene.seconds if seconds is None else seconds) * RATE))
    said = {i: sung(scene, i, *when, key) for i, when in stretches(scene, "sing").items()}
    said |= talked(scene, stretches(scene, "talk"))
    return {i: _spoken(syllables, length, scene.plan.people[i].kind) for i, syllables in said.items()}


def talked(scene: T.Scene, when: dict[int, tuple[float, float]]) -> dict[int, list[Syllable]]:
    """Phrases of a second or two; of several people one after the other."""
    said: dict[int, list[Syllable]] = {i: [] for i in when}
    rng = np.random.default_rng([scene.seed & 0xFFFFFFFF, 0x7A])
    order = list(when)
    t = min((a for a, _ in when.values()), default=0.0) + 0.2
    for turn in range(400):
        speaker = order[turn % len(order)] if order else 0
        if not order or t >= max(b for _, b in when.values()):
            break
        start, stop = when[speaker]
        if not start <= t < stop - 0.3:
            t += 0.25
            continue
        until = min(stop - 0.15, t + rng.uniform(0.9, 1.9))
        t = _phrase(said[speaker], t, until, PITCH.get(scene.plan.people[speaker].kind, OTHERS), rng)
        t += rng.uniform(0.18, 0.4)
    return said


def _phrase(out: list[Syllable], t: float, until: float, pitch: float, rng: np.random.Generator) -> float:
    """Syllables that fall in pitch to the end of the phrase; a question rises on its last one."""
    begun, asks = t, rng.random() < 0.3
    while t < until - 0.08:
        length = float(min(until - t, rng.uniform(0.11, 0.2)))
        last = until - t - length < 0.1
        height = pitch * (1.12 - 0.22 * (t - begun) / max(0.3, until - begun)) * rng.uniform(0.95, 1.06)
        bend = 1.3 if last and asks else rng.uniform(0.92, 1.02)
        out.append(Syllable(t, length * (1.4 if last else 1.0), int(rng.integers(5)), height, height * bend))
        t += length + rng.uniform(0.01, 0.05)
    return until


def sung(scene: T.Scene, person: int, start: float, stop: float, key: Key) -> list[Syllable]:
    """Long notes of the key on its beats, in the octave of the singer."""
    rng = np.random.default_rng([scene.seed & 0xFFFFFFFF, 0x51, person])
    low = PITCH.get(scene.plan.people[person].kind, OTHERS)
    root = key.root * 2.0 ** float(np.round(np.log2(low * 1.15 / key.root)))
    out, step = [], 2
    beat = np.ceil(start / key.beat) * key.beat
    while beat < stop - 0.25:
        many = int(rng.choice((1, 1, 2)))
        length = many * key.beat
        step = int(np.clip(step + rng.integers(-2, 3), 0, 7))
        note = root * 2 ** ((key.scale[step % 5] + 12 * (step // 5)) / 12)
        if rng.random() < 0.86:
            out.append(
                Syllable(float(beat), min(0.88 * length, stop - beat), int(rng.integers(5)), note, note)
            )
        beat += length
    return out


def _spoken(syllables: list[Syllable], length: int, kind: str) -> np.ndarray:
    out = np.zeros(length, np.float32)
    for syllable in syllables:
        start = round(syllable.at * RATE)
        piece = _sound(syllable, flat=kind == "robot")[: max(0, length - start)]
        out[start : start + len(piece)] += piece
    return out


def _sound(s: Syllable, flat: bool) -> np.ndarray:
    """A vowel with a soft beginning: harmonics of a falling spectrum, louder near its formants."""
    n = max(64, round(s.length * RATE))
    t = np.arange(n) / RATE
    hz = np.full(n, (s.begin + s.end) / 2) if flat else np.linspace(s.begin, s.end, n)
    if s.length > 0.3 and not flat:  # a long note trembles
        hz = hz * (1 + 0.006 * np.sin(2 * np.pi * 5.2 * t) * np.clip(t / 0.25, 0, 1))
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    loud, first, second = VOWELS[s.vowel]
    middle = float(hz.mean())
    voice = np.zeros(n)
    for k in range(1, HARMONICS + 1):
        near = np.exp(-(((k * middle - first) / 170) ** 2))
        near += 0.55 * np.exp(-(((k * middle - second) / 260) ** 2))
        voice += (0.10 + near) / k**0.6 * np.sin(k * phase)
    shape = np.minimum(1, t / 0.03) * np.minimum(1, t[::-1] / 0.055)
    return (LOUDEST * loud * voice / 2.2 * shape).astype(np.float32)


def mouth(voice: np.ndarray, frames: int, fps: float) -> np.ndarray:
    """How far the mouth is open in each frame: what is heard around its moment. Silence shuts it."""
    window = np.hanning(round(0.09 * RATE))
    level = np.sqrt(np.convolve(voice[::16] ** 2, window[::16] / window[::16].sum(), "same"))
    at = np.minimum((np.arange(frames) / fps * RATE / 16).round().astype(int), len(level) - 1)
    loudest = float(np.quantile(level[level > 1e-4], 0.95)) if (level > 1e-4).any() else 1.0
    return np.clip(level[at] / loudest, 0, 1) ** 0.8
