"""Hears spoken digits, when somebody speaks, and roughly what they say in English.

Sound is mono 16-bit at 16 kHz. The recogniser is PocketSphinx with its packaged English model. For digits
its grammar holds nothing else; for sentences it has its packaged language model, and mishears a good part of
them: enough for a person to be asked, never to decide. It needs no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Sound = NDArray[np.int16]
Range = tuple[int, int]

_WORDS = {
    "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_UNHEARD = "?"
_JOIN_S = 0.45
_FRAME_S = 0.03
FRAME = int(RATE * _FRAME_S)  # samples that `activity` looks at together


class SpeechUnavailable(RuntimeError):
    """A package that hears is missing; the message names it."""


def numbers(sound: Sound, lengths: Sequence[int]) -> str:
    """The digits of numbers of so many digits each, in order; heard in one where their pauses are not found.

    Each number is heard by itself: a breath that is taken for a digit then moves nothing in the next number,
    nor does one that was not heard ("?").
    """
    heard = [_between(sound, part) for part in _ranges(sound, len(lengths))]
    if len(heard) != len(lengths):
        return digits(sound, sum(lengths))
    return "".join(_hear(part, n).ljust(n, _UNHEARD) for part, n in zip(heard, lengths, strict=True))


def digits(sound: Sound, count: int) -> str:
    """The `count` digits that were heard, in order, as in "417"; empty when nobody spoke.

    A grammar of exactly that many digits keeps breath and clicks from counting as words (with any
    number allowed, every fourth clean recording gained a digit).
    """
    spoken = utterances(sound)
    return _hear(_between(sound, spoken), count) if spoken and count > 0 else ""


def _hear(sound: Sound, count: int) -> str:
    decoder = _recogniser(count)
    decoder.start_utt()
    decoder.process_raw(_padded(sound).tobytes(), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return "".join(_WORDS.get(word, "") for word in hypothesis.hypstr.split()) if hypothesis else ""


def _between(sound: Sound, stretches: Sequence[Range]) -> Sound:
    """From the first to the last of these stretches, with the pauses in between."""
    return sound[stretches[0][0] : stretches[-1][1]]


def activity(sound: Sound) -> NDArray[np.bool_]:
    """Whether somebody speaks, for each 30 ms."""
    try:
        import webrtcvad
    except ImportError as error:
        raise SpeechUnavailable("Install the package webrtcvad-wheels: it hears speech.") from error
    vad = webrtcvad.Vad(2)
    frames = [sound[i : i + FRAME] for i in range(0, len(sound) - FRAME + 1, FRAME)]
    loud = [float(np.sqrt(np.mean(f.astype(np.float64) ** 2))) > 80 for f in frames]
    return np.array([q and vad.is_speech(f.tobytes(), RATE) for f, q in zip(frames, loud, strict=True)], bool)


def utterances(sound: Sound, *, join_s: float = _JOIN_S) -> list[Range]:
    """Stretches of speech as sample ranges; pauses shorter than `join_s` do not part them."""
    return _stretches(activity(sound), join_s)


def _stretches(heard: NDArray[np.bool_], join_s: float) -> list[Range]:
    speaking = np.flatnonzero(heard)
    if not len(speaking):
        return []
    breaks = np.flatnonzero(np.diff(speaking) > join_s / _FRAME_S)
    starts = speaking[np.r_[0, breaks + 1]]
    stops = speaking[np.r_[breaks, len(speaking) - 1]]
    margin = int(0.15 * RATE)
    ranges = zip(starts, stops, strict=True)
    return [(max(0, int(a) * FRAME - margin), (int(b) + 1) * FRAME + margin) for a, b in ranges if b > a + 2]


def parts(sound: Sound, count: int) -> list[Sound]:
    """The speech in `count` parts, parted at the longest pauses and without those in and between them. Fewer
    parts where there are fewer stretches."""
    return [np.concatenate([sound[a:b] for a, b in part]) for part in _ranges(sound, count)]


def _ranges(sound: Sound, count: int) -> list[list[Range]]:
    """The stretches of each of `count` parts."""
    spoken = utterances(sound)
    if 0 < len(spoken) < count:  # Steady noise passes for speech, and fills the pauses.
        spoken = max(spoken, _stretches(_louder(sound), _JOIN_S), key=len)
    pauses = [after[0] - before[1] for before, after in pairwise(spoken)]
    longest = sorted(range(len(pauses)), key=lambda i: -pauses[i])[: max(0, count - 1)]
    edges = [0, *(i + 1 for i in sorted(longest)), len(spoken)]
    return [spoken[a:b] for a, b in pairwise(edges) if a < b]


def _louder(sound: Sound) -> NDArray[np.bool_]:
    """The frames above the middle, in decibels, between what is quiet in this sound and what is loud."""
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    levels = 10 * np.log10(np.mean(frames**2, axis=1) + 1)
    quiet, loud = np.quantile(levels, [0.1, 0.95])
    return levels > (quiet + loud) / 2


def sentences(sound: Sound, *, patient: bool = False) -> list[tuple[float, float, str]]:
    """(from, until, words) in seconds of each stretch of speech, as far as English was understood in it.
    Who is `patient` needs three times as long, and takes less of what is no speech for words."""
    heard = []
    decoder = _listener(patient)
    for start, stop in utterances(sound):
        decoder.start_utt()
        decoder.process_raw(_padded(sound[start:stop]).tobytes(), full_utt=True)
        decoder.end_utt()
        hypothesis = decoder.hyp()
        if hypothesis and hypothesis.hypstr:
            heard.append((start / RATE, stop / RATE, hypothesis.hypstr))
    return heard


def _padded(sound: Sound) -> Sound:
    return np.pad(sound, RATE // 5)


@cache
def _recogniser(count: int) -> Any:
    try:
        from pocketsphinx import Decoder
    except ImportError as error:
        raise SpeechUnavailable("Install the package pocketsphinx: it hears the numbers.") from error
    # "batch" evens each recording by itself: what was heard before must not colour what is heard now.
    decoder = Decoder(samprate=RATE, lm=None, cmn="batch", loglevel="FATAL")
    grammar = f"<digit> = ( {' | '.join(_WORDS)} ); public <digits> = {'<digit> ' * count};"
    decoder.add_jsgf_string("digits", f"#JSGF V1.0; grammar digits; {grammar}")
    decoder.activate_search("digits")
    return decoder


@cache
def _listener(patient: bool) -> Any:
    try:
        from pocketsphinx import Decoder
    except ImportError as error:
        raise SpeechUnavailable("Install the package pocketsphinx: it hears what is said.") from error
    # Music opens so many paths that hearing it took longer than playing it. With so few kept at once, and no
    # second look, it takes a third of its length, and of spoken sentences no word more is lost (.925 heard).
    # But of 58 pieces of music and wind one then held an ugly word; with the second look none did.
    hasty = {} if patient else {"maxhmmpf": 3000, "fwdflat": False}
    return Decoder(samprate=RATE, cmn="batch", loglevel="FATAL", **hasty)
