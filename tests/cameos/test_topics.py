"""What an owner refuses is heard in other words, in English and Chinese, by the real vectors of the
product."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from accounts.models import User
from cameos import consent, topics
from cameos.models import LikenessGrant, PermitRecord
from cameos.topic_words import TOPICS
from cameos.topics import Verdict, judge
from model import text as vectors
from tests.cameos.making import ask, grant, likeness_of


@pytest.fixture(scope="module")
def vector_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product's own vector process, at an address of this test."""
    address = f"unix:{tmp_path_factory.mktemp('v')}/v.sock"
    process = subprocess.Popen([sys.executable, "-m", "model.text", "--listen", address])
    deadline = time.monotonic() + 120
    while not vectors.is_up(address) and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.1)
    yield address
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture
def up(vector_process: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "_address", vector_process)


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "_address", f"unix:{tmp_path}/nobody.sock")


def refusing(*codes: str, words: str = "") -> LikenessGrant:
    return LikenessGrant(topics_refused=list(codes), refused_words=words)


MEANT = {
    "nudity": "Alice poses nude by the pool",
    "romance": "they fall in love and kiss",
    "violence": "a man punches Alice in the face",
    "weapons": "he loads his revolver and takes aim",
    "politics": "a protest march against the government",
    "religion": "a priest blesses her",
    "intoxication": "Alice drinks three shots of tequila",
    "gambling": "they play cards for money",
    "horror": "the dead rise from their graves",
    "crime": "two masked men hold up a bank",
    "humiliation": "the whole class laughs at her and calls her stupid",
    "health": "a nurse tells her that the tumour has spread",
}
HARMLESS = [
    "Alice juggles three balls on a rainy street",
    "a woman walks her dog through the snow at night",
    "Bob rides a skateboard past a fountain",
    "a person waves beside a boat at dawn",
    "她在公园里放风筝",
    "一个女人在海滩上散步",
]
CHINESE = {
    "romance": "他们在月光下深情拥吻",
    "violence": "有人用刀刺伤了他",
    "politics": "他呼吁大家支持那位候选人",
    "intoxication": "他喝得烂醉",
}


def test_every_topic_has_a_row() -> None:
    assert set(MEANT) == set(TOPICS)


@pytest.mark.parametrize("code", MEANT)
def test_a_refused_topic_is_never_simply_allowed(code: str, up: None) -> None:
    verdict = judge(MEANT[code], refusing(code))
    assert verdict.verdict in (Verdict.REFUSED, Verdict.UNSURE)
    assert (verdict.topic, verdict.sentence) == (code, MEANT[code])


@pytest.mark.parametrize("code", CHINESE)
def test_so_it_is_in_chinese(code: str, up: None) -> None:
    assert judge(CHINESE[code], refusing(code)).verdict == Verdict.REFUSED


@pytest.mark.parametrize("text", HARMLESS)
def test_everyday_prompts_pass_even_where_everything_is_refused(text: str, up: None) -> None:
    assert judge(text, refusing(*TOPICS)).verdict == Verdict.ALLOWED


def test_the_owners_own_words_are_meant_not_only_matched(up: None) -> None:
    own = refusing(words="clowns, fast food\nswimming")
    assert judge("two clowns on a bike", own).topic == "clowns"
    assert judge("she dives into a pool", own).verdict != Verdict.ALLOWED
    assert judge("she reads a book in the library", own).verdict == Verdict.ALLOWED


def test_the_sentence_that_was_unsure_is_the_one_named(up: None) -> None:
    verdict = judge("She reads a book. A boxer trains with a punching bag! They wave.", refusing("violence"))
    assert (verdict.verdict, verdict.sentence) == (Verdict.UNSURE, "A boxer trains with a punching bag")


def test_an_owner_who_refuses_nothing_needs_no_vectors(away: None) -> None:
    assert judge("anything at all", refusing()).verdict == Verdict.ALLOWED
    assert judge("anything at all", None).verdict == Verdict.ALLOWED


def test_with_the_vectors_away_words_still_refuse_and_nothing_is_allowed(away: None) -> None:
    topics._anchors.cache_clear()
    assert judge("Alice plays poker", refusing("gambling")).verdict == Verdict.REFUSED
    assert judge("Alice waves", refusing("gambling")).verdict == Verdict.UNAVAILABLE


def test_a_word_inside_another_is_not_that_word(away: None) -> None:
    assert judge("a shotgun wedding of sextants", refusing("nudity")).verdict == Verdict.UNAVAILABLE
    assert topics.judge_words("begun at noon", refusing("weapons")).verdict == Verdict.ALLOWED


@pytest.mark.django_db
def test_what_was_unsure_makes_the_permit_provisional_and_is_kept_for_the_owner(
    up: None, alice: User, bob: User, now: datetime
) -> None:
    likeness = likeness_of(alice, now)
    grant(likeness, now, topics_refused=frozenset({"violence"}))
    permit = ask(likeness, bob, now, prompt="a boxer trains with a punching bag")
    assert permit.provisional and permit.grant is not None and not permit.grant.show_me_first
    assert PermitRecord.objects.get().unsure_sentence == "a boxer trains with a punching bag"
    with pytest.raises(consent.ConsentDenied) as denied:
        ask(likeness, bob, now, prompt="a man punches her in the face")
    assert denied.value.reason == consent.Reason.TOPIC
    assert "punches" in str(denied.value.hint)
