"""What is said in sound that this host did not make: an engine's own, or recorded by somebody with a film.

The machine hears English, and mishears a good part of it. So what it heard is read by the lists alone (the
judge of sense would take garbled words for anything), and a hit is *held* for a person who listens, never
refused. A transcript that an engine gives is read like a prompt, and held too. Other languages are not
understood; nothing is said then of what they say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation import screening
from generation.screening import levels, words
from generation.screening.verdict import Outcome, Verdict

RATE, HEARS_AT = 48_000, 16_000
STAGE = "sound"
MOST_KEPT_S = 12.0
Sound = NDArray[np.float32]


@dataclass(frozen=True)
class Heard:
    """`outcome` of the verdict is ALLOW or REVIEW; `part`: the stretch of sound that a person should hear."""

    verdict: Verdict
    part: Sound


def judge(sound: Sound | None, transcript: str = "") -> Heard:
    """The verdict on sound [samples] or [samples, channels] in -1..1 at 48 kHz, and on what its engine says
    was said. Raises `screening.Unjudged` for a transcript while the vectors are down."""
    nothing = np.zeros(0, np.float32)
    strictness = levels.current()
    if transcript.strip():
        said = screening.judge_prompt(transcript)
        if said.outcome is not Outcome.ALLOW:
            return Heard(_held(said.rule, said.evidence), nothing if sound is None else _mono(sound)[:RATE])
    if sound is None or not len(sound) or all(level == "off" for level in strictness.values()):
        return Heard(Verdict(Outcome.ALLOW), nothing)
    return _listened(_mono(sound), strictness)


def _listened(mono: Sound, strictness: Mapping[str, str]) -> Heard:
    from scipy.signal import resample_poly

    from cameos import speech  # loads the recogniser: workers only

    low = np.clip(resample_poly(np.nan_to_num(mono), 1, RATE // HEARS_AT) * 32767, -32768, 32767)
    low = low.astype(np.int16)
    for start, stop, text in speech.sentences(low):
        if words.judge(text, (), strictness).outcome is Outcome.ALLOW:
            continue
        # A hasty ear hears words in wind and music; where it heard a bad one, a patient one has to as well.
        again = low[round(start * HEARS_AT) : round(stop * HEARS_AT)]
        found = words.judge(_all_that_is_said(again), (), strictness)
        if found.outcome is not Outcome.ALLOW:
            part = mono[round(start * RATE) : round(min(stop, start + MOST_KEPT_S) * RATE)]
            return Heard(_held(found.rule, f"{start:.0f} s: {found.evidence}"), part)
    return Heard(Verdict(Outcome.ALLOW), np.zeros(0, np.float32))


def _all_that_is_said(low: NDArray[np.int16]) -> str:
    from cameos import speech

    return " ".join(text for _, _, text in speech.sentences(low, patient=True))


def _held(rule: str, evidence: str) -> Verdict:
    return Verdict(Outcome.REVIEW, stage=STAGE, rule=rule, evidence=evidence)


def _mono(sound: Sound) -> Sound:
    return np.asarray(sound if sound.ndim == 1 else sound.mean(axis=1), np.float32)
