"""Lines spoken by a stock voice of this machine (`flite`, where it is installed), and mixed over a clip's own
sound. Workers only.

A stock voice is never the voice of the person; who says which line in whose is `voicing`'s. A language that
the stock voice does not speak is left to the captions.
"""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import tempfile
import wave
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import resample_poly

from cameos import prosody
from generation import script, sound
from generation.engines.base import Spoken

log = logging.getLogger(__name__)
PROGRAM = "flite"
VOICES = ("slt", "rms", "awb", "kal16")
STRETCH = (0.7, 1.4)
MOVED = (0.8, 1.25)  # of its own pitch: beyond it, a voice sounds like a toy
PACES = (0.8, 1.25)  # of its own pace
LEAST_OF_ROOM = 0.75  # of the time that a caption stands, somebody speaks
NUMBERS = "Seventy four. Ninety two. Thirty five."  # what people say when they are recorded
PATIENCE_S = 20
DUCKED = 10 ** (-10 / 20)  # what is left of the rest while somebody speaks
RAMP_S = 0.08
LEVEL = -18.0  # LUFS of a line before all of it is brought to the clip's loudness
Sound = NDArray[np.float32]


def has_voice() -> bool:
    return shutil.which(PROGRAM) is not None


@dataclass(frozen=True)
class Manner:
    """A stock voice, and how it speaks: `higher` times its own pitch; `faster` than the room that a line has
    (1: it fills it)."""

    voice: str
    higher: float = 1.0
    faster: float = 1.0


def spoken(how: Mapping[str, Any]) -> list[Spoken]:
    """The lines of a script as sound, in stock voices; empty without lines, without a voice for them, or
    without a wish."""
    if not has_voice() or how.get("voice") == "none":
        return []
    said = []
    for cue in script.cues(how.get("shots", ())):
        samples = say(cue.text, voice_of(cue.key or cue.who), cue.end_s - cue.start_s)
        if samples is not None:
            said.append(Spoken(cue.start_s, cue.key, samples))
    return said


def voice_of(who: str) -> str:
    """The same voice for the same person, whatever they say."""
    return VOICES[zlib.crc32(who.encode()) % len(VOICES)] if who else VOICES[0]


def near(pitch: float, pace: float | None) -> Manner | None:
    """The stock voice whose pitch is nearest to this (Hz), moved the rest of the way as far as it still
    sounds like speech, and in about this pace (syllables a second). None without stock voices."""
    known = {voice: of for voice in VOICES if (of := _own_manner(voice)) is not None}
    if not known:
        return None
    voice = min(known, key=lambda name: abs(np.log2(known[name][0] / pitch)))
    own_pitch, own_pace = known[voice]
    faster = float(np.clip(pace / own_pace, *PACES)) if pace and own_pace else 1.0
    return Manner(voice, float(np.clip(pitch / own_pitch, *MOVED)), faster)


@lru_cache(maxsize=len(VOICES))
def _own_manner(voice: str) -> tuple[float, float | None] | None:
    """Pitch and pace of a stock voice, measured as those of people are: of numbers that it says."""
    said = _flite(NUMBERS, voice, 1.0)
    heard = None if said is None else hearing(said)
    pitch = None if heard is None else prosody.pitch(heard)
    return None if heard is None or pitch is None else (pitch, prosody.pace(heard))


def hearing(samples: Sound) -> NDArray[np.int16]:
    """As what listens to people takes it: 16-bit at 16 kHz."""
    low = resample_poly(samples, 1, sound.RATE // prosody.RATE)
    return np.asarray(low.clip(-1, 1) * 32767, np.int16)


def say(text: str, voice: str | Manner, seconds: float) -> Sound | None:
    """These words within `seconds`, mono at 48 kHz; None for a language that the voice does not speak."""
    how = voice if isinstance(voice, Manner) else Manner(voice)
    if script.CHINESE.search(text) or not re.search(r"[A-Za-z]", text):
        return None
    natural = _flite(text, how.voice, 1.0)
    if natural is None or not len(natural):
        return None
    own_s = len(natural) / sound.RATE
    wanted_s = max(min(seconds, own_s / how.faster), LEAST_OF_ROOM * seconds) if how.faster != 1 else seconds
    stretch = float(np.clip(wanted_s / own_s, *STRETCH))
    fitted = _flite(text, how.voice, stretch * how.higher)  # longer by as much as it is shortened after it
    if fitted is None:
        return None
    return _levelled(_moved(fitted, how.higher)[: round(seconds * sound.RATE)])


def _moved(samples: Sound, higher: float) -> Sound:
    """Played so much faster, which lifts the pitch with it."""
    if abs(higher - 1) < 0.01:
        return samples
    ratio = Fraction(higher).limit_denominator(100)
    return np.asarray(resample_poly(samples, ratio.denominator, ratio.numerator), np.float32)


def levelled(samples: Sound) -> Sound:
    """A line at the loudness that lines have before all of it is brought to the clip's."""
    return _levelled(samples)


def _flite(text: str, voice: str, stretch: float) -> Sound | None:
    with tempfile.TemporaryDirectory() as folder:
        words, out = Path(folder) / "words.txt", Path(folder) / "out.wav"
        words.write_text(text)
        command = [PROGRAM, "-voice", voice, "--setf", f"duration_stretch={stretch:.3f}"]
        command += ["-f", str(words), "-o", str(out)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)  # argv, no shell  # nosec B603
            with wave.open(str(out)) as opened:
                rate = opened.getframerate()
                data = np.frombuffer(opened.readframes(opened.getnframes()), "<i2").astype(np.float32) / 32768
        except (OSError, subprocess.SubprocessError, wave.Error) as error:
            log.warning("no voice for a line: %s", type(error).__name__)
            return None
    loud = np.flatnonzero(np.abs(data) > 0.01)
    data = data[loud[0] : loud[-1] + 1] if len(loud) else data[:0]
    return np.asarray(resample_poly(data, sound.RATE, rate), np.float32)


def _levelled(samples: Sound) -> Sound:
    now = sound.loudness(samples)
    if not np.isfinite(now):
        rms = float(np.sqrt(np.mean(np.square(samples)))) or 1.0
        return np.asarray(np.clip(samples * 0.1 / rms, -1, 1), np.float32)
    return np.asarray(np.clip(samples * 10 ** ((LEVEL - now) / 20), -1, 1), np.float32)


def mixed(bed: Sound | None, lines: Sequence[Spoken], seconds: float) -> Sound | None:
    """The lines over the rest, which steps back while somebody speaks."""
    if not lines:
        return bed
    length = round(seconds * sound.RATE)
    out = np.zeros((length, 2), np.float32)
    if bed is not None:
        there = np.atleast_2d(np.asarray(bed, np.float32).T).T
        there = np.repeat(there, 2, axis=1) if there.shape[1] == 1 else there[:, :2]
        out[: min(length, len(there))] = there[:length]
    quiet, voice = np.ones(length, np.float32), np.zeros(length, np.float32)
    for line in lines:
        start = round(line.start_s * sound.RATE)
        piece = line.samples[: max(0, length - start)]
        voice[start : start + len(piece)] += piece
        quiet[max(0, start - _ramp()) : start + len(piece) + _ramp()] = DUCKED
    smooth = uniform_filter1d(quiet, 2 * _ramp() + 1, mode="nearest")
    return np.asarray(out * smooth[:, None] + voice[:, None], np.float32)


def _ramp() -> int:
    return round(RAMP_S * sound.RATE)
