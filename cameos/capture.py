"""Is this recording one living person who did what was asked? Pure: frames and sound in, verdict out.

VERIFIED needs every check; RETRY names what the person can do better; REVIEW is for a human, when
only weak signals speak against it. A machine verdict is "assurance: basic" and no more: a still
picture that somebody animates well can pass it. `docs/algorithms/capture.md` explains each number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cameos import likenesses, lips, speech, spoofs, voices
from cameos.challenge import IGNORED_S, Asked, Movement
from cameos.intake.sandbox import Decoded
from cameos.verdicts import WEAK, CaptureVerdict, Check, Outcome, Reason
from cameos.watching import Track, watch

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Known:
    """Face vectors (N x 128) that a new one is compared with: the never-me registry, and other likenesses."""

    never: Floats = field(repr=False)
    others: Floats = field(repr=False)


NOBODY = Known(np.zeros((0, 128)), np.zeros((0, 128)))
# The threshold of a search, stricter than "are these two one person": each new face meets everybody.
KNOWN_FACE = 0.45
# Between one spoken number and the others (docs/algorithms/capture.md): a hint; a person listens.
LEAST_ALIKE = 0.72


def check(
    decoded: Decoded,
    asked: Asked,
    *,
    earlier: Iterable[spoofs.Fingerprint] = (),
    known: Known = NOBODY,
) -> CaptureVerdict:
    """The verdict on a decoded recording that should answer `asked`.

    `earlier` are the fingerprints of captures seen before, `known` the faces of everybody
    else. Costs about a second of one core per second of recording.
    """
    checks = list(_whole(decoded))
    if not all(c.ok for c in checks):
        return _verdict(checks)
    return judge(watch(decoded, ignored_s=IGNORED_S), asked, earlier=earlier, known=known, before=checks)


def judge(
    track: Track,
    asked: Asked,
    *,
    earlier: Iterable[spoofs.Fingerprint] = (),
    known: Known = NOBODY,
    before: Sequence[Check] = (),
) -> CaptureVerdict:
    """The verdict on a recording that was watched already; `before` are the checks that it passed so far."""
    checks = [*before, *_presence(track)]
    if not all(c.ok for c in checks):
        return _verdict(checks)
    print_ = spoofs.fingerprint(track)
    who = likenesses.people_over_time(track)
    checks += [
        *_picture(track),
        _same_person(who),
        _movements(track, asked),
        _blink(track),
        *_voice(track, asked),
        _at_most(Reason.SEEN_BEFORE, max((spoofs.overlap(print_, old) for old in earlier), default=0.0), 0.8),
        _at_least(Reason.NEVER_ME, _nearest(who.middle, known.never), KNOWN_FACE),
        _at_least(Reason.LIKE_ANOTHER, _nearest(who.middle, known.others), KNOWN_FACE),
        _at_least(Reason.LOOKS_FLAT, spoofs.depth(track), 0.012),
        _at_most(Reason.LOOKS_LIKE_A_SCREEN, spoofs.grid(track), 5.0),
        _at_most(Reason.FRAMED, spoofs.dark_edges(track), 1),
    ]
    verdict = _verdict(checks, print_)
    if verdict.outcome is Outcome.RETRY:
        return verdict
    return replace(verdict, likeness=likenesses.gather(track, who))


def enrol(decoded: Decoded) -> likenesses.Likeness:
    """The references of a recording that a person accepted, whatever the checks think of it.

    Raises `ValueError` when there is hardly a face in it.
    """
    track = watch(decoded, ignored_s=IGNORED_S)
    if not _presence(track)[0].ok:
        raise ValueError("no face to gather")
    return likenesses.gather(track, likenesses.people_over_time(track))


def movements_seen(track: Track) -> tuple[Movement, ...]:
    """Head movements in the order they were made.

    A movement is at least two frames beyond its angle; the head has to come back to half of it
    before the next one counts.
    """
    seen: list[Movement] = []
    held = 0
    current: Movement | None = None
    for yaw, pitch in zip(track.yaw, track.pitch, strict=True):
        sides = {
            Movement.LEFT: yaw / YAW_DEG,
            Movement.RIGHT: -yaw / YAW_DEG,
            Movement.UP: pitch / PITCH_DEG,
            Movement.DOWN: -pitch / PITCH_DEG,
        }
        furthest = max(sides, key=lambda side: sides[side])
        if not sides[furthest] >= 0.5:  # Also where there is no face: not-a-number compares false.
            current, held = None, 0
        elif current is None and sides[furthest] >= 1:
            held += 1
            if held >= 2:
                current, held = furthest, 0
                seen.append(furthest)
    return tuple(seen)


YAW_DEG, PITCH_DEG = 11.0, 8.0


def _whole(decoded: Decoded) -> Iterable[Check]:
    """What needs no look at a face."""
    gaps = np.diff(decoded.stamps)
    rate = len(gaps) / max(decoded.seconds, 1e-3)
    yield _at_least(Reason.TOO_SHORT, decoded.seconds, 5.0)
    yield _at_least(Reason.CHOPPY, rate if not len(gaps) or gaps.max() < 0.6 else 1 / gaps.max(), 8.0)
    yield Check(Reason.NO_SOUND, float(len(decoded.sound)), 1.0, len(decoded.sound) > 0)


def _presence(track: Track) -> list[Check]:
    with_face = float(np.mean([s is not None for s in track.seen])) if track.seen else 0.0
    return [
        _at_least(Reason.NO_FACE, with_face, 0.92),
        _at_most(Reason.TWO_FACES, float(np.mean(track.counts > 1)) if len(track.counts) else 0.0, 0.05),
    ]


def _picture(track: Track) -> list[Check]:
    """Size, light, sharpness, and no cut. Sizes are a share of the frame's shorter side."""
    sides = [s.found.side for s in track.seen if s]
    luma = float(np.nanmedian(track.series("luma")))
    usual = max(float(np.median(track.jump)), 0.5)
    return [
        _at_least(Reason.FACE_TOO_SMALL, float(np.median(sides)) / min(track.frames.shape[1:3]), 0.18),
        _at_least(Reason.TOO_DARK, luma, 25.0),
        _at_most(Reason.TOO_BRIGHT, luma, 225.0),
        _at_least(Reason.BLURRED, float(np.nanmedian(track.series("sharpness"))), 12.0),
        _at_most(Reason.CUT, float(track.jump.max()), max(14.0, 8 * usual)),
    ]


def _same_person(who: likenesses.People) -> Check:
    return _at_most(Reason.OTHER_PERSON, who.spread, 0.5)


def _nearest(face: Floats, faces: Floats) -> float:
    """The distance to the most similar of `faces`; 2 where there is none."""
    return float(np.linalg.norm(faces - face, axis=1).min()) if len(faces) else 2.0


def _movements(track: Track, asked: Asked) -> Check:
    seen = movements_seen(track)
    return Check(Reason.WRONG_MOVEMENTS, " ".join(seen), " ".join(asked.movements), seen == asked.movements)


def _blink(track: Track) -> Check:
    """The deepest closing of the eyes with the head at rest, as a share of how open they usually are.

    Eyes that stay shut are no blink: they have to be open before and after.
    """
    eyes = np.where(track.at_rest, track.eyes, np.nan)
    usual = float(np.nanmedian(eyes)) if np.isfinite(eyes).any() else 0.0
    shut = np.flatnonzero(eyes < 0.6 * usual)
    opened = (
        len(shut) > 0
        and bool(np.any(eyes[: shut[0]] > 0.8 * usual))
        and bool(np.any(eyes[shut[-1] :] > 0.8 * usual))
    )
    least = float(np.nanmin(eyes)) / usual if usual and opened else 1.0
    return _at_most(Reason.NO_BLINK, least, 0.6)


def _voice(track: Track, asked: Asked) -> Iterable[Check]:
    sound = track.sound
    spoken_s = float(speech.activity(sound).sum() * 0.03)
    yield _at_least(Reason.SILENT, spoken_s, 0.25 * len(asked.numbers))
    yield _at_most(Reason.CLIPPED, _flattened(sound), 0.05)
    yield _at_most(Reason.LIPS_UNSEEN, lips.unseen_s(track), 0.2)
    moved = lips_with_voice(track)
    yield _at_least(Reason.LIPS_STILL, moved, 1.4)
    yield _at_least(Reason.LIPS_FAINT, moved, 2.0)  # too little to say by it whose voice that is
    yield _at_most(Reason.LIPS_APART, lips.apart(track), 0.12)
    heard = _heard(sound, asked)
    yield Check(Reason.WRONG_NUMBERS, heard, asked.digits, are_those(heard, asked))
    yield _at_least(Reason.VOICE_CHANGES, voices.least_alike(sound, len(asked.numbers)), LEAST_ALIKE)


def _heard(sound: NDArray[np.int16], asked: Asked) -> str:
    """The digits number by number; where those are others, as they are heard in one stretch if that fits."""
    heard = speech.numbers(sound, tuple(len(str(number)) for number in asked.numbers))
    if are_those(heard, asked):
        return heard
    again = speech.digits(sound, len(asked.digits))
    return again if are_those(again, asked) else heard


def are_those(heard: str, asked: Asked) -> bool:
    """Whether these digits are the ones asked for. Of six, one may be misheard, of nine two: a guess then
    still fits fewer than one challenge in 100,000, and a recording with another number has three wrong."""
    misheard = sum(one != other for one, other in zip(heard, asked.digits, strict=False))
    return len(heard) == len(asked.digits) and misheard <= max(0, len(asked.digits) // 3 - 1)


def _flattened(sound: NDArray[np.int16]) -> float:
    """Share of the loud samples that stand within a tenth of the loudest: clipped sound has a flat top."""
    loudness = np.abs(sound.astype(np.int32))
    peak = int(loudness.max(initial=0))
    loud = loudness > peak / 4
    return float(np.mean(loudness[loud] > 0.9 * peak)) if peak > 16_000 and loud.any() else 0.0


def lips_with_voice(track: Track) -> float:
    """How much more the mouth moves while speech is heard than while it is not (1: no more).

    Compared are the seventh tenths, since a mouth also rests while it speaks. Sound and picture of a
    browser's recording may be apart, so the best of the delays up to 0.6 s is taken.
    """
    usable = track.at_rest & np.isfinite(track.mouth)
    step = float(np.median(np.diff(track.times))) if len(track.times) > 1 else 1.0
    reach = round(0.6 / step)
    best = 0.0
    for delay in range(-reach, reach + 1):
        spoken = np.roll(track.spoken, delay) > 0.3
        speaking, silent = track.mouth[usable & spoken], track.mouth[usable & ~spoken]
        if len(speaking) >= 5 and len(silent) >= 5:
            still = max(float(np.quantile(silent, 0.7)), 1e-4)
            best = max(best, float(np.quantile(speaking, 0.7)) / still)
    return best


def _at_least(reason: Reason, value: float, threshold: float) -> Check:
    return Check(reason, round(value, 4), threshold, bool(value >= threshold))


def _at_most(reason: Reason, value: float, threshold: float) -> Check:
    return Check(reason, round(value, 4), round(threshold, 4), bool(value <= threshold))


def _verdict(checks: Sequence[Check], print_: spoofs.Fingerprint | None = None) -> CaptureVerdict:
    reasons = tuple(c.reason for c in checks if not c.ok)
    strong = [reason for reason in reasons if reason not in WEAK]
    outcome = Outcome.RETRY if strong else Outcome.REVIEW if reasons else Outcome.VERIFIED
    return CaptureVerdict(outcome, reasons, tuple(checks), print_)
