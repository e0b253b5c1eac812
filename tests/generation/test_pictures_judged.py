"""Finished pictures before the judge: held for a person to look at, refused, appealed, and never let through
unjudged. The network is the real one; pictures that it is there for are none of this repository's, so the
tests that need one move its threshold."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as ours

from accounts import cases
from accounts.models import Case, User
from generation import appeals
from generation.models import Clip, Generation, HarmLevel, HeldPictures
from generation.screening import Outcome, pictures
from generation.states import State
from model import video
from tests.generation.conftest import Ask
from tests.generation.test_pipeline import finished, nothing_is_left

CLIPS = Path(ours.BASE_DIR) / "feed" / "demo" / "clips"


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "HOLD", 0.0)


def decide(kind: str, decision: str, mod: User, now: datetime) -> None:
    case = Case.objects.get(kind=kind)
    cases.decide(case=case, moderator=mod, decision=decision, note="I looked", now=now)


def test_drawn_scenes_and_a_photograph_are_let_through(db: None) -> None:
    shown = [next(iter(video.read_frames(path))) for path in sorted(CLIPS.glob("[a-z]*.mp4"))[::8]]
    import cv2

    photograph = cv2.imread(str(Path(ours.BASE_DIR) / "tests/data/faces/obama.jpg"))
    assert all(pictures.score(frame) < 0.2 for frame in [*shown, photograph[..., ::-1]])
    verdict, frames = pictures.judge(shown)
    assert verdict.outcome is Outcome.ALLOW and frames == []


def test_pictures_in_doubt_are_held_with_their_moment_and_drawn_on_when_a_moderator_says_so(
    ask: Ask, bob: User, mod: User, now: datetime, strict: None, settings: Any
) -> None:
    held = finished(ask(bob, seconds=2))
    assert (held.state, held.refusal_stage, held.refusal_rule) == (State.HELD, "pictures", "nsfw_frames")
    assert " s (" in held.refusal_evidence and held.refusal_suggestion
    assert 1 <= len(HeldPictures.objects.get(generation=held).frames) <= 4
    assert not Clip.objects.exists() and nothing_is_left(settings)
    decide("held_pictures", "allow", mod, now)
    done = finished(held)
    assert done.state == State.READY and not HeldPictures.objects.exists()


def test_a_moderator_sees_the_frames_and_the_rule(
    ask: Ask, bob: User, mod: User, strict: None, client: Any
) -> None:
    finished(ask(bob))
    client.force_login(mod)
    page = client.get(f"/cases/{Case.objects.get(kind='held_pictures').public_id}").content.decode()
    assert "data:image/jpeg;base64," in page and "may break a rule" in page and "May show" not in page


def test_what_a_moderator_refuses_costs_nothing_and_can_be_appealed(
    ask: Ask, bob: User, mod: User, now: datetime, strict: None
) -> None:
    held = finished(ask(bob, "a red kite over the sea"))
    decide("held_pictures", "refuse", mod, now)
    held.refresh_from_db()
    assert (held.state, held.refusal_rule) == (State.REFUSED, "nsfw_frames")
    from generation import credits

    assert credits.balance(bob) == 100
    assert appeals.may_appeal(held)
    appeals.appeal(generation=held, by=bob, words="It is a kite.", now=now)
    decide("prompt_appeal", "grant", mod, now)
    assert finished(ask(bob, "a red kite over the sea")).state == State.READY


def test_without_its_network_nothing_is_sealed_and_the_failure_has_a_name(
    ask: Ask, bob: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures._net.cache_clear()
    monkeypatch.setattr(pictures, "FILE", "lost.onnx")
    failed = finished(ask(bob))
    assert (failed.state, failed.error) == (State.FAILED, "pictures_unjudged")
    assert not Clip.objects.exists() and nothing_is_left(settings)
    assert Generation.objects.get().credits


def test_an_operator_who_lets_it_through_has_no_judge_of_pictures(db: None, strict: None) -> None:
    HarmLevel.objects.create(category="sexual", level="off")
    verdict, _ = pictures.judge([np.zeros((64, 36, 3), np.uint8)])
    assert verdict.outcome is Outcome.ALLOW
