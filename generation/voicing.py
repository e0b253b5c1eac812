"""Who says each line of a clip, and in whose voice. Workers only.

    cloned   the voice of the person, spoken by the network that the operator installed (`engines.cloning`)
    near     a stock voice, chosen and moved towards their pitch and pace
    stock    a stock voice that is nobody's

The first two need a permit that covers the voice: the recording is read with it by `references.load_voice`,
and by nothing else. One person has one voice in a clip: where the network fails at one line (no number,
silence, too long for its place), all of theirs are said by the stock voice. What came of it is kept with the
clip.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cameos import prosody, references, vault
from cameos import speech as hearing
from cameos.consent import ConsentDenied, Permit, Reason
from cameos.likenesses import voice_of
from generation import explaining, script, sound, speakers, speech, tempo
from generation.engines import cloning
from generation.engines.base import EngineFailed, Spoken
from generation.engines.cloning import Installed, Voice
from generation.script import Cue

log = logging.getLogger(__name__)
QUIETEST, LEAST_S = 0.003, 0.25  # of what counts as having been said
SHORTEST = 0.7  # of its own length: faster than that, a voice is not understood
Sound = NDArray[np.float32]


@dataclass(frozen=True)
class Told:
    """The lines as sound, and for each who speaks in whose voice: {key: {name, voice, with, notice}}."""

    lines: Sequence[Spoken]
    voices: Mapping[str, Mapping[str, str]]


def recordings(permits: Sequence[Permit], how: Mapping[str, Any]) -> dict[str, NDArray[np.int16]]:
    """The speech of those who let their voice be used here, by their key: mono 16-bit at 16 kHz, without
    pauses. Raises `ConsentDenied` where somebody does not agree any more."""
    found = {}
    for permit in permits:
        if permit.voice and speakers.speaks(dict(how), permit.cameo):
            try:
                heard = voice_of(references.load_voice(permit))
            except references.NotPermitted as ended:
                raise ConsentDenied(Reason.PERMIT_OVER, name=permit.cameo.name) from ended
            except (
                references.NoReference,
                vault.VaultClosed,
            ):  # erased meanwhile: there is nothing to be like
                continue
            parts = [heard[start:stop] for start, stop in hearing.utterances(heard)]
            found[str(permit.cameo.public_id)] = np.concatenate([np.zeros(0, np.int16), *parts])
    return found


def told(
    how: Mapping[str, Any], recorded: Mapping[str, NDArray[np.int16]], seed: int, tick: Callable[[], None]
) -> Told:
    """Every line that somebody can say. `tick` is called at each step of the network, and may raise."""
    cues = script.cues(how.get("shots", ()))
    if not cues or how.get("voice") == speakers.SILENT:
        return Told([], {})
    cloned = _cloned(cues, recorded, seed, tick)
    lines, voices = [], {}
    is_english = explaining.is_read_as_english([cue.text for cue in cues])
    manners = {key: _near(heard) for key, heard in recorded.items() if key not in cloned.lines}
    for cue in cues:
        how_said, samples = speakers.STOCK, cloned.lines.get(cue.key, {}).get(cue.start_s)
        if samples is not None:
            how_said = speakers.CLONED
        elif is_english and speech.has_voice():
            manner = manners.get(cue.key)
            how_said = speakers.NEAR if manner else speakers.STOCK
            voice = manner or speech.voice_of(cue.key or cue.who)
            samples = speech.say(cue.text, voice, cue.end_s - cue.start_s)
        if samples is not None:
            lines.append(Spoken(cue.start_s, cue.key, samples, is_cloned=how_said == speakers.CLONED))
            voices[cue.key or cue.who] = {"name": cue.who, "voice": how_said} | cloned.named(how_said)
    return Told(lines, voices)


def networks_own(lines: Sequence[Spoken], seconds: float) -> Sound | None:
    """What a network said, alone: it is listened to, as other sound is that this host did not write."""
    cloned = [line for line in lines if line.is_cloned]
    return speech.mixed(None, cloned, seconds) if cloned else None


def _near(heard: NDArray[np.int16]) -> speech.Manner | None:
    pitch = prosody.pitch(heard)
    return None if pitch is None else speech.near(pitch, prosody.pace(heard))


@dataclass(frozen=True)
class _Cloned:
    """Lines by who says them and when; of everybody listed, all of them."""

    lines: Mapping[str, Mapping[float, Sound]]
    by: Installed | None = None

    def named(self, how_said: str) -> dict[str, str]:
        if how_said != speakers.CLONED or self.by is None:
            return {}
        return {"with": self.by.title, "notice": self.by.notice}


def _cloned(
    cues: Sequence[Cue],
    recorded: Mapping[str, NDArray[np.int16]],
    seed: int,
    tick: Callable[[], None],
) -> _Cloned:
    if not recorded:
        return _Cloned({})
    try:
        found = cloning.load()
    except EngineFailed as error:
        log.error("no line is said in anybody's own voice: %s", error)
        return _Cloned({})
    if found is None:
        return _Cloned({})
    installed, voice = found
    lines = {}
    for key, heard in recorded.items():
        said = [cue for cue in cues if cue.key == key]
        if len(heard) < installed.can.needs_s * hearing.RATE or not _can_say(installed, said):
            continue
        try:
            lines[key] = {cue.start_s: _said(voice, cue, heard, seed + n, tick) for n, cue in enumerate(said)}
        except EngineFailed as error:
            log.warning("a line could not be said in somebody's own voice: %s", error)
    return _Cloned(lines, installed)


def _can_say(installed: Installed, cues: Sequence[Cue]) -> bool:
    texts = [cue.text for cue in cues]
    read = "en" if explaining.is_read_as_english(texts) else explaining.language(" ".join(texts))
    return read in installed.can.languages


def _said(voice: Voice, cue: Cue, heard: NDArray[np.int16], seed: int, tick: Callable[[], None]) -> Sound:
    """A line within its place. Raises `EngineFailed("voice_failed")` for what is no speech or does not
    fit."""
    tick()
    made, room = voice.say(cue.text, heard, seed, tick), cue.end_s - cue.start_s
    if not np.isfinite(made).all():
        raise EngineFailed("voice_failed", "it gave numbers that are no sound")
    loud = np.flatnonzero(np.abs(made) > max(1e-3, 0.02 * float(np.abs(made).max(initial=0.0))))
    made = made[loud[0] : loud[-1] + 1] if len(loud) else made[:0]
    if len(made) < LEAST_S * sound.RATE or float(np.sqrt(np.mean(np.square(made)))) < QUIETEST:
        raise EngineFailed("voice_failed", "it said nothing")
    lasts = len(made) / sound.RATE
    if lasts * SHORTEST > room:
        raise EngineFailed("voice_failed", f"{lasts:.1f} s for a place of {room:.1f} s")
    fitted = tempo.stretched(made / max(1.0, float(np.abs(made).max())), min(1.0, room / lasts))
    return speech.levelled(fitted[: round(room * sound.RATE)])
