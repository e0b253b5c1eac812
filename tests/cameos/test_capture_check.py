"""Which recordings make a likeness, and which are sent back with which reason."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from cameos import capture, lips, speech, spoofs
from cameos.capture_words import ASKED_FOR_HUMAN, WORDS, sentences, words_for
from cameos.intake.refusals import SENTENCES, IntakeReason
from cameos.verdicts import WEAK, Outcome, Reason
from tests import likeness_attacks as attacks
from tests import likeness_media as media
from tests.cameos import takes
from tests.likeness_actor import Look, astronaut

pytestmark = takes.needs_voice


def test_alice_is_verified_when_she_does_what_was_asked() -> None:
    verdict = takes.judged(takes.honest().track)

    assert verdict.outcome is Outcome.VERIFIED, verdict.numbers
    assert verdict.likeness is not None
    assert verdict.likeness.face_vector.shape == (128,)
    assert len(verdict.likeness.frames) == len(verdict.likeness.meshes) >= 3
    assert {c.reason for c in verdict.checks} > set(Reason) - {
        Reason.TOO_SHORT,
        Reason.CHOPPY,
        Reason.NO_SOUND,
        Reason.LOOKS_FLAT,
    }


def test_what_is_kept_of_a_verdict_is_plain_numbers() -> None:
    verdict = takes.judged(takes.honest().track)

    assert verdict.numbers["wrong_numbers"] == {"value": "417", "threshold": "417", "ok": True}
    assert all({"value", "threshold", "ok"} == set(number) for number in verdict.numbers.values())


@pytest.mark.parametrize(
    ("movements", "numbers", "reason"),
    [
        (["up", "left"], [4, 1, 7], Reason.WRONG_MOVEMENTS),
        (["right", "up"], [4, 1, 7], Reason.WRONG_MOVEMENTS),
        (["left"], [4, 1, 7], Reason.WRONG_MOVEMENTS),
        (["left", "up", "left"], [4, 1, 7], Reason.WRONG_MOVEMENTS),
        (["left", "up"], [7, 1, 4], Reason.WRONG_NUMBERS),
        (["left", "up"], [4, 1, 2], Reason.WRONG_NUMBERS),
    ],
)
def test_an_answer_to_another_challenge_is_no_answer(
    movements: list[str], numbers: list[int], reason: Reason
) -> None:
    verdict = takes.judged(takes.honest().track, media.asked(movements, numbers))

    assert (verdict.outcome, verdict.reasons) == (Outcome.RETRY, (reason,))
    assert verdict.likeness is None


@pytest.mark.parametrize(
    ("heard", "numbers", "right"),
    [
        ("417205", [41, 72, 5], False),  # five digits asked: each counts
        ("41725", [41, 72, 5], True),
        ("417205", [41, 72, 20], False),
        ("417220", [41, 72, 20], True),
        ("417230", [41, 72, 20], True),  # one misheard of six
        ("417231", [41, 72, 20], False),
        ("41722", [41, 72, 20], False),
        ("", [41, 72, 20], False),
        ("412", [4, 1, 7], False),
        ("417205983", [417, 205, 983], True),
        ("417206984", [417, 205, 983], True),  # two misheard of nine
        ("417316983", [417, 205, 983], False),  # a number that was not asked
        ("41720598", [417, 205, 983], False),
    ],
)
def test_of_six_digits_one_is_misheard_and_of_nine_two(heard: str, numbers: list[int], right: bool) -> None:
    assert capture.are_those(heard, media.asked(["left"], numbers)) is right


def test_a_still_mouth_under_the_right_voice_is_noticed() -> None:
    track = takes.honest().track
    quiet = np.nanmedian(track.mouth)
    still = replace(track, mouth=np.where(np.isfinite(track.mouth), quiet, np.nan))

    assert capture.lips_with_voice(track) > 3
    verdict = takes.judged(still)
    assert (verdict.outcome, verdict.reasons) == (Outcome.RETRY, (Reason.LIPS_STILL, Reason.LIPS_FAINT))


def test_lips_that_move_little_are_looked_at_by_a_person_and_not_sent_back() -> None:
    """Three of twelve genuine-like recordings; still lips under a voice have at most 1.25."""
    track = takes.honest().track
    faint = replace(track, mouth=np.where(track.spoken > 0, 1.6, 1.0) * np.nanmedian(track.mouth))

    assert 1.4 < capture.lips_with_voice(faint) < 2.0
    verdict = takes.judged(faint)
    assert (verdict.outcome, verdict.reasons) == (Outcome.REVIEW, (Reason.LIPS_FAINT,)), verdict.numbers


def test_a_voice_laid_over_lips_that_say_something_else_goes_to_a_person() -> None:
    """One delay for all is a slow microphone; a number that needs its own is another recording's."""
    track = takes.honest().track
    first, second, third = speech.utterances(track.sound)
    late = np.roll(track.sound, speech.RATE // 5)
    moved = track.sound.copy()
    moved[second[0] : third[0]] = late[second[0] : third[0]]

    assert lips.apart(track) < 0.06
    assert lips.apart(replace(track, sound=late)) < 0.06
    verdict = takes.judged(replace(track, sound=moved))
    assert (verdict.outcome, verdict.reasons) == (Outcome.REVIEW, (Reason.LIPS_APART,)), verdict.numbers


def test_a_picture_that_stands_still_while_numbers_are_spoken_is_recorded_again() -> None:
    """A busy device loses pictures there, and its camera falls behind: no lips can be judged so."""
    track = takes.honest().track
    _, (start, _stop), _ = speech.utterances(track.sound)
    at = track.times[0] + start / speech.RATE
    late = np.where(track.times > at, track.times + 0.3, track.times)

    assert lips.unseen_s(track) < 0.1
    assert lips.unseen_s(replace(track, times=late)) == pytest.approx(0.3 + 1 / media.FPS, abs=0.01)
    verdict = takes.judged(replace(track, times=late))
    assert verdict.outcome is Outcome.RETRY and Reason.LIPS_UNSEEN in verdict.reasons, verdict.numbers


def test_of_lips_that_were_not_seen_nobody_is_told_that_they_stood_still() -> None:
    told = [line["code"] for line in sentences([Reason.LIPS_UNSEEN, Reason.LIPS_STILL, Reason.TOO_DARK])]
    assert told == [Reason.LIPS_UNSEEN, Reason.TOO_DARK]
    assert [line["code"] for line in sentences([Reason.LIPS_STILL])] == [Reason.LIPS_STILL]


def test_who_waits_for_a_person_is_not_sent_to_record_again() -> None:
    reasons = [Reason.WRONG_MOVEMENTS, Reason.LOOKS_FLAT, ASKED_FOR_HUMAN]
    movements, asked = sentences(reasons)
    assert movements["message"] == WORDS[Reason.WRONG_MOVEMENTS][0] and movements["hint"] == ""
    assert asked["code"] == ASKED_FOR_HUMAN and "14 days" in asked["hint"]
    (told,) = sentences(reasons, decided=True)
    assert told["hint"] == WORDS[Reason.WRONG_MOVEMENTS][1]


def test_somebody_who_never_blinks_records_again() -> None:
    track = takes.honest().track
    awake = replace(track, eyes=np.maximum(track.eyes, 0.9 * np.nanmedian(track.eyes)))

    assert takes.judged(awake).reasons == (Reason.NO_BLINK,)


def test_eyes_that_stay_shut_are_no_blink() -> None:
    track = takes.honest().track
    closing = int(np.nanargmin(np.where(track.at_rest, track.eyes, np.nan)))
    eyes = track.eyes.copy()
    eyes[closing:] = eyes[closing]

    assert Reason.NO_BLINK in takes.judged(replace(track, eyes=eyes)).reasons


def test_silence_and_shouting_have_their_own_sentences() -> None:
    track = takes.honest().track
    silent = takes.judged(replace(track, sound=np.zeros_like(track.sound), spoken=0 * track.spoken))
    loud = np.clip(track.sound.astype(np.int32) * 80, -32768, 32767).astype(np.int16)
    clipped = takes.judged(replace(track, sound=loud))

    assert Reason.SILENT in silent.reasons
    assert Reason.CLIPPED in clipped.reasons


def test_a_recording_without_a_sound_track_is_not_even_looked_at() -> None:
    verdict = takes.checked(sound=np.zeros(0, np.int16))

    assert verdict.reasons == (Reason.NO_SOUND,)
    assert verdict.fingerprint is None


def test_an_empty_chair_is_nobody() -> None:
    frames = takes.honest().decoded.frames
    room = np.stack([next(attacks.empty_chair(media.Take([Look()], np.zeros(1, np.int16))))] * len(frames))

    assert takes.checked(**takes.shortened(room)).reasons == (Reason.NO_FACE,)


def test_two_people_are_one_too_many() -> None:
    both = []
    for frame in takes.honest().decoded.frames[::3]:
        out = frame.copy()
        out[180:, :300] = cv2.resize(frame, (400, 300))[:, 50:350]
        both.append(out)

    assert takes.checked(frames=np.stack(both), times=takes.honest().decoded.times[::3]).reasons == (
        Reason.TWO_FACES,
    )


def test_a_dark_room_is_called_dark() -> None:
    dark = (takes.honest().decoded.frames * 0.12).astype(np.uint8)

    assert Reason.TOO_DARK in takes.checked(**takes.shortened(dark)).reasons


def test_a_recording_put_together_of_two_is_seen() -> None:
    frames = takes.honest().decoded.frames.copy()
    half = len(frames) // 2
    frames[half:] = frames[half:, :, ::-1]

    assert Reason.CUT in takes.checked(**takes.shortened(frames)).reasons


def test_another_person_from_the_middle_on_is_seen() -> None:
    frames = takes.honest().decoded.frames.copy()
    half = len(frames) // 2
    frames[half:] = astronaut(other=True).frame(Look())

    assert Reason.OTHER_PERSON in takes.checked(**takes.shortened(frames)).reasons


def test_a_photograph_turned_before_the_camera_is_flat_and_does_nothing_asked() -> None:
    paper = np.stack(list(attacks.printed(media.answer(takes.ASKED))))
    decoded = takes.honest().decoded
    verdict = takes.checked(frames=paper[::3], times=np.arange(len(paper))[::3] / media.FPS)

    assert decoded.has_sound
    assert {Reason.WRONG_MOVEMENTS, Reason.NO_BLINK, Reason.LOOKS_FLAT} <= set(verdict.reasons)
    assert verdict.outcome is Outcome.RETRY


def test_a_screen_filmed_from_a_screen_goes_to_a_person() -> None:
    track = takes.honest().track
    frames = np.stack(list(_on_a_screen(track.frames)))
    verdict = takes.judged(replace(track, frames=frames))

    assert verdict.reasons == (Reason.LOOKS_LIKE_A_SCREEN,)
    assert verdict.outcome is Outcome.REVIEW


def test_a_recording_comes_back_re_encoded_and_is_recognised() -> None:
    track = takes.honest().track
    smaller = np.stack([cv2.resize(cv2.resize(f, (400, 300)), (640, 480)) for f in track.frames])
    first = spoofs.fingerprint(track)
    kept = spoofs.Fingerprint.from_json(first.as_json())

    again = capture.judge(replace(track, frames=smaller), takes.ASKED, earlier=[kept])

    assert again.reasons == (Reason.SEEN_BEFORE,)


def test_a_second_take_of_the_same_person_is_not_taken_for_the_first() -> None:
    track = takes.honest().track
    first = spoofs.fingerprint(track)
    swayed = tuple((x + 0.02 * np.sin(i / 9), y) for i, (x, y) in enumerate(first.sway))

    assert spoofs.overlap(first, first) == 1.0
    assert spoofs.overlap(replace(first, sway=swayed), first) == 0.0


def test_every_reason_has_a_sentence_and_something_to_do() -> None:
    assert set(WORDS) == set(Reason)
    assert set(SENTENCES) == set(IntakeReason)
    for reason in [*Reason, *IntakeReason, "asked_for_human", "unusable"]:
        said = words_for(str(reason))
        assert said["message"]
        assert said["hint"]


def test_who_is_sent_back_is_not_told_that_a_person_will_look() -> None:
    both = sentences(["lips_still", "lips_faint", "broken"])
    assert [said["code"] for said in both] == ["lips_still", "broken"]
    assert [said["code"] for said in sentences(["lips_faint"])] == ["lips_faint"]


def test_weak_signs_alone_never_send_anybody_back() -> None:
    assert {
        Reason.LOOKS_FLAT,
        Reason.LOOKS_LIKE_A_SCREEN,
        Reason.FRAMED,
        Reason.LIKE_ANOTHER,
        Reason.VOICE_CHANGES,
        Reason.LIPS_FAINT,
        Reason.LIPS_APART,
    } == WEAK


def _on_a_screen(frames: np.ndarray) -> list[np.ndarray]:
    ys, xs = np.mgrid[0 : frames.shape[1], 0 : frames.shape[2]]
    beat = 1 + 0.18 * np.sin(2 * np.pi * xs / 2.9) * np.sin(2 * np.pi * (ys + 0.13 * xs) / 3.1)
    return [np.clip(frame * beat[..., None], 0, 255).astype(np.uint8) for frame in frames]
