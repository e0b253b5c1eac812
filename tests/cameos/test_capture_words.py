"""Why a recording is where it is, to the person recorded and to the moderator who decides."""

import re

import pytest

from cameos.capture_words import ASKED_FOR_HUMAN, HOST_WANTS_HUMAN, for_moderators, sentences, words_for
from cameos.models import CameoCapture
from cameos.verdicts import Reason

EVERY = [*map(str, Reason), ASKED_FOR_HUMAN, HOST_WANTS_HUMAN, "outrun", "nobody_decided"]


@pytest.mark.parametrize("reason", EVERY)
def test_a_moderator_is_not_spoken_to_as_the_person_recorded(reason: str) -> None:
    (said,) = for_moderators([reason])
    assert said and not re.search(r"\b(you|your|yours|we|our)\b", said, re.IGNORECASE)


def test_whoever_recorded_is_spoken_to() -> None:
    assert words_for(Reason.NO_FACE)["message"].startswith("Your face")


@pytest.mark.parametrize("state", [CameoCapture.State.RETRY, CameoCapture.State.REJECTED])
@pytest.mark.parametrize(
    "reasons", [[ASKED_FOR_HUMAN], [Reason.LIPS_APART], [Reason.LIPS_APART, ASKED_FOR_HUMAN]]
)
def test_what_a_moderator_sent_back_waits_for_nobody(state: str, reasons: list[str]) -> None:
    made = CameoCapture(state=state, reasons=reasons)
    (told,) = sentences(made.reasons, decided=made.is_sent_back)
    assert told["message"] and told["hint"] == "Please record again."
    (waits,) = sentences(reasons, decided=CameoCapture(state=CameoCapture.State.REVIEW).is_sent_back)
    assert "You will be told." in waits["hint"]
