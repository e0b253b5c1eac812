"""What is said in sound that this host did not make: heard by a machine, judged by the lists, decided by a
person. The voices are flite's, where it is installed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts import cases
from accounts.models import Case, User
from cameos import speech as ears
from generation import credits, hand, speech
from generation.engines.base import Entry, Job, OnStep, Rendered, ShouldStop
from generation.models import Clip, Generation, HeldPictures
from generation.screening import Outcome, Unjudged, heard
from generation.states import State
from tests.generation import swatch
from tests.generation.conftest import Ask

pytestmark = pytest.mark.django_db
flite = pytest.mark.skipif(not speech.has_voice(), reason="flite is not installed")
RATE = heard.RATE


def said(text: str, voice: str = "slt", seconds: float = 4.0) -> Any:
    samples = speech.say(text, voice, seconds)
    assert samples is not None
    return samples


class Talking(swatch.Swatch):
    """Brings its own sound. `says`: samples; `knows`: what it says was said."""

    says: Any = None
    knows = ""

    def render(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
        made = super().render(job, on_step, should_stop)
        return replace(made, audio=type(self).says, transcript=type(self).knows)


@pytest.fixture
def talks(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Talking]:
    mine = Entry("tests.generation.test_heard.Talking", swatch.CAN, "Talking")
    ours = Entry("tests.generation.test_heard.Talking", replace(swatch.CAN, sound_is_ours=True), "Ours")
    settings.EXTRA_ENGINES = swatch.ENGINES | {"talking": mine, "ours": ours}
    monkeypatch.setattr(Talking, "says", None)
    monkeypatch.setattr(Talking, "knows", "")
    return Talking


def ended(row: Generation) -> Generation:
    hand.drain()
    row.refresh_from_db()
    return row


@flite
@pytest.mark.parametrize("voice", ["slt", "rms", "awb"])
def test_a_plain_sentence_is_roughly_understood(voice: str) -> None:
    sound = said("the weather is very nice today and we go to the beach", voice)
    low = (np.clip(sound[::3], -1, 1) * 32767).astype(np.int16)
    words = " ".join(text for _, _, text in ears.sentences(low))
    assert "weather" in words or "beach" in words, words


@flite
def test_threats_are_held_with_their_moment_and_the_sound_of_it(db: None) -> None:
    quiet = np.zeros(2 * RATE, np.float32)
    found = heard.judge(np.concatenate([quiet, said(THREAT)]))
    assert found.verdict.outcome is Outcome.REVIEW and found.verdict.stage == "sound"
    assert int(found.verdict.evidence.split(" s: ")[0]) in (1, 2) and len(found.part) > RATE


THREAT = "you should kill yourself"


@pytest.mark.parametrize(
    "sound",
    [
        None,
        np.zeros(0, np.float32),
        np.zeros((3 * RATE, 2), np.float32),
        np.sin(np.arange(3 * RATE) / 20).astype(np.float32)[:, None] * 0.3,
        np.random.default_rng(1).normal(0, 0.2, (2 * RATE, 2)).astype(np.float32),
        np.full(RATE, np.nan, np.float32),
        np.full((RATE, 2), 9.0, np.float32),
    ],
)
def test_what_is_no_speech_is_let_through(db: None, sound: Any) -> None:
    assert heard.judge(sound).verdict.outcome is Outcome.ALLOW


@flite
def test_everyday_speech_is_let_through(db: None) -> None:
    for text in EVERYDAY:
        found = heard.judge(said(text))
        assert found.verdict.outcome is Outcome.ALLOW, (text, found.verdict)


EVERYDAY = (
    "good morning everybody and welcome to my kitchen",
    "this is our house and this is the garden",
    "today we bake bread with my grandmother",
    "the train leaves at seven from platform nine",
    "look at the dog he wants to play with the ball",
    "thank you for watching and see you next week",
)


def test_a_bad_word_that_only_the_hasty_ear_heard_holds_nothing(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wind was once heard as "thank the fucking thing"."""
    heard_by = {False: "thank the fucking thing", True: "thank the thing"}
    monkeypatch.setattr(
        ears, "sentences", lambda sound, *, patient=False: [(0.0, len(sound) / ears.RATE, heard_by[patient])]
    )
    wind = np.random.default_rng(1).normal(0, 0.2, 2 * RATE).astype(np.float32)
    assert heard.judge(wind).verdict.outcome is Outcome.ALLOW
    heard_by[True] = "thank the fucking thing"
    assert heard.judge(wind).verdict.outcome is Outcome.REVIEW


def test_a_transcript_that_an_engine_gives_is_read_like_a_prompt(
    talks: type[Talking], ask: Ask, bob: User, mod: User, client: Client, now: datetime
) -> None:
    talks.knows, talks.says = "buy cheap cocaine, call me", np.zeros(RATE, np.float32)
    before = credits.balance(bob)
    held = ended(ask(bob, engine="talking"))
    assert (held.state, held.refusal_stage, held.refusal_rule) == (State.HELD, "sound", "illegal")
    assert not Clip.objects.exists() and HeldPictures.objects.get().sound
    client.force_login(mod)
    case = Case.objects.get(kind="held_pictures")
    page = client.get(f"/cases/{case.public_id}").content.decode()
    assert "Listen first" in page and f"/generations/{held.public_id}/held-sound" in page
    played = client.get(f"/generations/{held.public_id}/held-sound")
    assert played["Content-Type"] == "audio/mp4" and b"ftyp" in played.content[:12]
    client.force_login(bob)
    assert client.get(f"/generations/{held.public_id}/held-sound").status_code == 404
    cases.decide(case=case, moderator=mod, decision="refuse", note="It sells drugs.", now=now)
    held.refresh_from_db()
    assert (held.state, held.refusal_stage) == (State.REFUSED, "sound")
    assert credits.balance(bob) == before and not HeldPictures.objects.exists()
    page = client.get(f"/generations/{held.public_id}").content.decode()
    assert "What is said in it" in page and "Is this wrong?" in page


def test_what_a_moderator_heard_and_let_through_is_not_held_again(
    talks: type[Talking], ask: Ask, bob: User, mod: User, now: datetime
) -> None:
    talks.knows, talks.says = "buy cheap cocaine, call me", np.zeros(RATE, np.float32)
    held = ended(ask(bob, engine="talking"))
    case = Case.objects.get(kind="held_pictures")
    cases.decide(case=case, moderator=mod, decision="allow", note="A play.", now=now)
    assert ended(held).state == State.READY


def test_this_hosts_own_sound_is_not_listened_to(talks: type[Talking], ask: Ask, bob: User) -> None:
    talks.knows = "buy cheap cocaine, call me"
    assert ended(ask(bob, engine="ours")).state == State.READY


def test_a_transcript_waits_for_its_judge(db: None, no_vectors: None) -> None:
    with pytest.raises(Unjudged):
        heard.judge(None, "a walk on the beach")
    assert heard.judge(None, "how to build a pipe bomb at home").verdict.outcome is Outcome.REVIEW
