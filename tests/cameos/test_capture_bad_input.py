"""What goes wrong with recordings, each with its named outcome; nothing of a face or a path is told.

The file itself (container, frames, tracks) is `test_intake_sandbox.py`, challenge and upload are
`test_capture_path.py`; here is what the check says to recordings that open.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from cameos import capture, capture_check
from cameos.capture_words import words_for
from cameos.intake.refusals import IntakeReason, IntakeRefused
from cameos.models import Cameo, CameoCapture, Challenge
from cameos.verdicts import Outcome, Reason
from tests.cameos import takes
from tests.conftest import NOW

pytestmark = takes.needs_voice


def whole(**changed: Any) -> dict[str, Any]:
    """The checks that need no look at a face."""
    return {c.reason: c for c in capture._whole(replace(takes.honest().decoded, **changed))}


def painted(corner: tuple[slice, slice], paint: Any) -> dict[str, Any]:
    frames = takes.honest().decoded.frames[::3].copy()
    for frame in frames:
        frame[corner] = paint(frame) if callable(paint) else paint
    return {"frames": frames, "times": takes.honest().decoded.times[::3]}


def test_a_variable_rate_is_fine_while_it_is_quick_enough() -> None:
    steps = np.resize([0.02, 0.05, 0.11, 0.033], 400)

    assert whole(stamps=np.cumsum(steps))[Reason.CHOPPY].ok


def test_a_picture_that_stood_still_is_called_choppy() -> None:
    stamps = np.r_[np.arange(0, 6, 1 / 30), np.arange(6.9, 16, 1 / 30)]
    verdict = takes.checked(stamps=stamps)

    assert (verdict.outcome, verdict.reasons) == (Outcome.RETRY, (Reason.CHOPPY,))
    assert verdict.numbers["choppy"]["value"] == pytest.approx(1 / 0.93, abs=0.1)


def test_a_hundred_and_twenty_pictures_a_second_are_no_worry() -> None:
    assert whole(stamps=np.arange(0, 16, 1 / 120))[Reason.CHOPPY].ok


def test_a_camera_that_lies_on_its_side_without_saying_so_shows_no_face() -> None:
    turned = np.rot90(takes.honest().decoded.frames[::3], axes=(1, 2)).copy()
    verdict = takes.checked(frames=turned, times=takes.honest().decoded.times[::3])

    assert verdict.outcome is Outcome.RETRY
    assert Reason.NO_FACE in verdict.reasons or Reason.WRONG_MOVEMENTS in verdict.reasons


def test_a_mask_over_mouth_and_nose_is_sent_back() -> None:
    verdict = takes.checked(**painted((slice(235, 330), slice(225, 415)), (196, 206, 214)))

    assert verdict.outcome is Outcome.RETRY
    assert {Reason.NO_FACE, Reason.LIPS_STILL} & set(verdict.reasons), verdict.numbers


def test_a_poster_on_the_wall_counts_as_a_second_face() -> None:
    def poster(frame: np.ndarray) -> np.ndarray:
        return cv2.resize(frame[60:340, 180:460], (130, 130))

    verdict = takes.checked(**painted((slice(5, 135), slice(5, 135)), poster))

    assert verdict.reasons == (Reason.TWO_FACES,)
    assert "pictures and screens behind you" in words_for("two_faces")["hint"]


def test_four_faces_are_one_too_many_as_well() -> None:
    frames = takes.honest().decoded.frames[::3].copy()
    height, width = frames.shape[1:3]
    for frame in frames:
        face = cv2.resize(frame[60:340, 180:460], (130, 130))
        for y, x in ((5, 5), (5, width - 135), (height - 135, 5)):
            frame[y : y + 130, x : x + 130] = face
    verdict = takes.checked(frames=frames, times=takes.honest().decoded.times[::3])

    assert (verdict.outcome, verdict.reasons) == (Outcome.RETRY, (Reason.TWO_FACES,))


def test_the_border_of_a_screen_is_a_weak_sign() -> None:
    track = takes.honest().track
    frames = track.frames.copy()
    frames[:, :12], frames[:, -12:] = 14, 14
    verdict = takes.judged(replace(track, frames=frames))

    assert (verdict.outcome, verdict.reasons) == (Outcome.REVIEW, (Reason.FRAMED,))


@pytest.mark.usefixtures("db")
def test_a_file_that_does_not_open_tells_nobody_where_it_lay(
    alice: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Challenge.objects.create(
        user=alice, nonce="n" * 43, movements=["left", "up"], numbers=[1, 2, 3], issued_at=NOW
    )
    cameo = Cameo.objects.create(owner=alice, name="Alice", created_at=NOW)
    made = CameoCapture.objects.create(cameo=cameo, challenge=asked, created_at=NOW)

    def refuse(path: Any, limits: Any) -> Any:
        raise IntakeRefused(IntakeReason.BROKEN, bytes=12)

    monkeypatch.setattr(capture_check, "decode_video", refuse)
    monkeypatch.setattr(capture_check.recordings, "plain_path", lambda made: "/var/data/intake/secret-name")
    with caplog.at_level(logging.DEBUG):
        capture_check.run(made.pk, NOW)

    made.refresh_from_db()
    assert (made.state, made.reasons) == ("retry", ["broken"])
    told = caplog.text + str(made.numbers) + str(words_for("broken"))
    assert "secret-name" not in told
    assert "/var/data" not in told


def test_a_verdict_that_lands_in_a_log_shows_no_face_and_no_vector(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        verdict = takes.judged(takes.honest().track)
        logging.getLogger("cameos").error("verdict %r of %r", verdict, takes.known())

    assert verdict.likeness is not None
    assert "array(" not in caplog.text
    number = f"{float(verdict.likeness.face_vector[0]):.4f}"
    assert number not in caplog.text
