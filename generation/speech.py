"""Lines spoken by a stock voice of this machine (`flite`, where it is installed), and mixed over a clip's own
sound. Workers only.

It is never the voice of the person: that needs an engine that can, and a permit that covers the voice. A
language that the stock voice does not speak is left to the captions.
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
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import resample_poly

from generation import script, sound
from generation.engines.base import Spoken

log = logging.getLogger(__name__)
PROGRAM = "flite"
VOICES = ("slt", "rms", "awb", "kal16")
STRETCH = (0.7, 1.4)
PATIENCE_S = 20
DUCKED = 10 ** (-10 / 20)  # what is left of the rest while somebody speaks
RAMP_S = 0.08
LEVEL = -18.0  # LUFS of a line before all of it is brought to the clip's loudness
Sound = NDArray[np.float32]


def has_voice() -> bool:
    return shutil.which(PROGRAM) is not None


def spoken(how: Mapping[str, Any]) -> list[Spoken]:
    """The lines of a script as sound; empty without lines, without a voice for them, or without a wish."""
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


def say(text: str, voice: str, seconds: float) -> Sound | None:
    """These words within `seconds`, mono at 48 kHz; None for a language that the voice does not speak."""
    if script.CHINESE.search(text) or not re.search(r"[A-Za-z]", text):
        return None
    natural = _flite(text, voice, 1.0)
    if natural is None or not len(natural):
        return None
    stretch = float(np.clip(seconds / (len(natural) / sound.RATE), *STRETCH))
    fitted = _flite(text, voice, stretch)
    return None if fitted is None else _levelled(fitted[: round(seconds * sound.RATE)])


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
