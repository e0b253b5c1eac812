"""The gate: who may cast whom, for what, when. One row a condition, each with its named reason."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from cameos import consent, references
from cameos.consent import ConsentDenied, Permit, Reason, Unavailable
from cameos.models import (
    Audience,
    Cameo,
    Companions,
    LedgerEntry,
    LikenessGrant,
    PermitRecord,
    Purpose,
    Reference,
)
from model import text as vectors
from tests.cameos.making import ask, befriend, block, generation_by, grant, likeness_of, take_close

pytestmark = pytest.mark.django_db


@pytest.fixture
def likeness(alice: User, now: datetime) -> Cameo:
    return likeness_of(alice, now - timedelta(days=3))


@pytest.fixture(autouse=True)
def no_vector_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens there: what words alone do not refuse cannot be judged."""
    monkeypatch.setattr(vectors, "_address", "unix:/nonexistent/vectors.sock")


@dataclass
class Scene:
    likeness: Cameo
    alice: User
    bob: User
    carol: User
    now: datetime


Arrange = Callable[[Scene], Any]


def case(
    reason: Reason | None, *arrange: Arrange, asks: dict[str, Any] | None = None, **terms: Any
) -> tuple[Reason | None, tuple[Arrange, ...], dict[str, Any], dict[str, Any]]:
    return reason, arrange, asks or {}, terms


def not_verified(s: Scene) -> None:
    Cameo.objects.filter(pk=s.likeness.pk).update(state=Cameo.State.PENDING)


def erased(s: Scene) -> None:
    Cameo.objects.filter(pk=s.likeness.pk).update(state=Cameo.State.ERASED)


def frozen(s: Scene) -> None:
    Cameo.objects.filter(pk=s.likeness.pk).update(frozen_at=s.now)


def alice_blocks_bob(s: Scene) -> None:
    block(s.alice, s.bob, s.now)


def bob_blocks_alice(s: Scene) -> None:
    block(s.bob, s.alice, s.now)


def bob_is_close(s: Scene) -> None:
    take_close(s.alice, s.bob, s.now)


def mutuals(s: Scene) -> None:
    befriend(s.alice, s.bob, s.now)


def bob_follows(s: Scene) -> None:
    from accounts.models import Follow

    Follow.objects.create(follower=s.bob, followee=s.alice, created_at=s.now)


def bob_is_17(s: Scene) -> None:
    s.bob.birth_date = (s.now - timedelta(days=17 * 365 + 30)).date()
    s.bob.save()


def bob_has_no_birth_date(s: Scene) -> None:
    s.bob.birth_date = None
    s.bob.save()


def revoked(s: Scene) -> None:
    LikenessGrant.objects.update(revoked_at=s.now)


def spent(s: Scene) -> None:
    LikenessGrant.objects.update(count_taken=2)


def alice_asks_a_fee(s: Scene) -> None:
    from cameos import licences

    terms = {"fee": 500, "currency": "EUR", "share_bp": 0, "friends_free": True, "stepped_up": True}
    licences.set_card(cameo=s.likeness, owner=s.alice, now=s.now, **terms)


DAY = timedelta(days=1)
NOW = datetime.fromisoformat("2026-11-22T12:00:00+00:00")

TABLE = {
    "everyone may, and bob does": case(None),
    "not verified yet": case(Reason.NOT_VERIFIED, not_verified),
    "erased": case(Reason.NOT_VERIFIED, erased),
    "frozen": case(Reason.FROZEN, frozen),
    "alice blocked bob": case(Reason.BLOCKED, alice_blocks_bob),
    "bob blocked alice": case(Reason.BLOCKED, bob_blocks_alice),
    "the grant is revoked": case(Reason.NO_GRANT, revoked),
    "18 asked, bob is 17": case(Reason.TOO_YOUNG, bob_is_17, minimum_age=18),
    "16 asked, bob is 17": case(None, bob_is_17, minimum_age=16),
    "18 asked, age unknown": case(Reason.TOO_YOUNG, bob_has_no_birth_date, minimum_age=18),
    "no age asked, age unknown": case(None, bob_has_no_birth_date),
    "only me": case(Reason.AUDIENCE, audience=Audience.ONLY_ME),
    "named, and it is bob": case(None, audience=Audience.NAMED, people="bob"),
    "named, and it is carol": case(Reason.AUDIENCE, audience=Audience.NAMED, people="carol"),
    "circle, and bob is in it": case(None, bob_is_close, audience=Audience.CIRCLE),
    "circle, and bob is not": case(Reason.AUDIENCE, mutuals, audience=Audience.CIRCLE),
    "circle, and bob is named": case(None, audience=Audience.CIRCLE, people="bob"),
    "mutuals": case(None, mutuals, audience=Audience.MUTUALS),
    "mutuals, and only bob follows": case(Reason.AUDIENCE, bob_follows, audience=Audience.MUTUALS),
    "mutuals, and bob is only close": case(Reason.AUDIENCE, bob_is_close, audience=Audience.MUTUALS),
    "remix allowed": case(None, asks={"purpose": Purpose.REMIX}),
    "advertising not allowed": case(Reason.PURPOSE, asks={"purpose": Purpose.ADVERTISE}),
    "commercial not allowed": case(Reason.COMMERCIAL, asks={"commercial": True}),
    "commercial allowed": case(None, asks={"commercial": True}, commercial=True),
    "voice not allowed": case(Reason.VOICE, asks={"voice": True}),
    "voice allowed": case(None, asks={"voice": True}, voice=True),
    "alone asked, with carol": case(
        Reason.COMPANIONS, asks={"companions": "carol"}, companions=Companions.NOBODY
    ),
    "circle asked, with carol": case(
        Reason.COMPANIONS, asks={"companions": "carol"}, companions=Companions.CIRCLE
    ),
    "circle asked, with carol who is in it": case(
        None,
        lambda s: take_close(s.alice, s.carol, s.now),
        asks={"companions": "carol"},
        companions=Companions.CIRCLE,
    ),
    "anyone, with carol": case(None, asks={"companions": "carol"}),
    "alone asked, alone": case(None, companions=Companions.NOBODY),
    "not yet": case(Reason.NOT_YET, use_from=NOW + DAY),
    "from today": case(None, use_from=NOW),
    "over since this moment": case(Reason.EXPIRED, use_until=NOW),
    "until tomorrow": case(None, use_until=NOW + DAY),
    "shown until this moment": case(Reason.SHOWN_LONG_ENOUGH, show_until=NOW),
    "one left": case(None, count_limit=1),
    "none left": case(Reason.COUNT_SPENT, spent, count_limit=2),
    "none from the start": case(Reason.COUNT_SPENT, count_limit=0),
    "a fee that bob did not pay": case(Reason.UNPAID, alice_asks_a_fee),
    "a fee, and bob is close": case(None, alice_asks_a_fee, bob_is_close),
    "a refused topic by its word": case(
        Reason.TOPIC, asks={"prompt": "Alice plays poker"}, topics_refused=frozenset({"gambling"})
    ),
    "a refused phrase by its words": case(
        Reason.TOPIC, asks={"prompt": "Alice rides two horses"}, refused_words="riding horses"
    ),
    "a topic nobody refused": case(None, asks={"prompt": "Alice plays poker"}),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_gate_answers_each_row_with_its_reason(
    name: str, likeness: Cameo, alice: User, bob: User, carol: User, now: datetime
) -> None:
    reason, arrange, asks, terms = TABLE[name]
    scene = Scene(likeness, alice, bob, carol, now)
    people = {"bob": bob, "carol": carol}
    if "people" in terms:
        terms = terms | {"people": [people[terms["people"]]]}
    if "companions" in asks:
        asks = asks | {"companions": [likeness_of(people[asks["companions"]], now)]}
    grant(likeness, now, **terms)
    for step in arrange:
        step(scene)
    likeness.refresh_from_db()
    taken = LikenessGrant.objects.get().count_taken

    if reason is None:
        assert ask(likeness, bob, now, **asks).cameo == likeness
        assert PermitRecord.objects.get().state == PermitRecord.State.TAKEN
        assert LikenessGrant.objects.get().count_taken == taken + 1
        return
    with pytest.raises(ConsentDenied) as denied:
        ask(likeness, bob, now, **asks)
    assert denied.value.reason == reason
    assert str(denied.value.message) and denied.value.code == f"consent_{reason}"
    assert not PermitRecord.objects.exists()
    assert LikenessGrant.objects.get().count_taken == taken
    assert not LedgerEntry.objects.filter(kind="permit_issued").exists()


def test_every_condition_has_a_row_that_fails_by_it() -> None:
    refused = {reason for reason, *_ in TABLE.values()} - {None}
    assert {condition.reason for condition in consent.CONDITIONS} == refused


def test_nobody_may_before_there_is_a_grant(likeness: Cameo, bob: User, now: datetime) -> None:
    with pytest.raises(ConsentDenied) as denied:
        ask(likeness, bob, now)
    assert denied.value.reason == Reason.NO_GRANT


def test_alice_casts_herself_without_a_grant_but_not_while_frozen(
    likeness: Cameo, alice: User, now: datetime
) -> None:
    permit = ask(likeness, alice, now, voice=True, commercial=True, purpose=Purpose.ADVERTISE)
    assert permit.grant is None and not permit.provisional
    Cameo.objects.filter(pk=likeness.pk).update(frozen_at=now)
    likeness.refresh_from_db()
    with pytest.raises(ConsentDenied) as denied:
        ask(likeness, alice, now)
    assert denied.value.reason == Reason.FROZEN


@pytest.mark.parametrize(
    ("show_me_first", "is_close", "provisional"),
    [(True, False, True), (True, True, False), (False, False, False), (False, True, False)],
)
def test_show_me_first_is_for_everyone_outside_the_circle(
    show_me_first: bool,
    is_close: bool,
    provisional: bool,
    likeness: Cameo,
    alice: User,
    bob: User,
    now: datetime,
) -> None:
    grant(likeness, now, show_me_first=show_me_first)
    if is_close:
        take_close(alice, bob, now)
    assert ask(likeness, bob, now).provisional is provisional


def test_a_grant_that_waits_is_not_in_force_yet(likeness: Cameo, bob: User, now: datetime) -> None:
    grant(likeness, now + timedelta(days=2))
    with pytest.raises(ConsentDenied) as denied:
        ask(likeness, bob, now + timedelta(hours=23))
    assert denied.value.reason == Reason.NO_GRANT
    assert ask(likeness, bob, now + timedelta(hours=24))


def test_the_last_one_of_a_count_goes_to_one_person_and_comes_back_on_release(
    likeness: Cameo, bob: User, carol: User, now: datetime
) -> None:
    grant(likeness, now, count_limit=1)
    generation = generation_by(bob, now, cast=[likeness])
    ask(likeness, bob, now, generation=generation)
    with pytest.raises(ConsentDenied) as denied:
        ask(likeness, carol, now)
    assert denied.value.reason == Reason.COUNT_SPENT

    consent.release(generation, now)
    consent.release(generation, now)
    assert LikenessGrant.objects.get().count_taken == 0
    assert ask(likeness, carol, now)
    with pytest.raises(ConsentDenied) as again:
        ask(likeness, bob, now, generation=generation)
    assert again.value.reason == Reason.PERMIT_OVER


def test_what_was_spent_does_not_come_back(likeness: Cameo, bob: User, now: datetime) -> None:
    grant(likeness, now, count_limit=1)
    generation = generation_by(bob, now, cast=[likeness])
    ask(likeness, bob, now, generation=generation)
    consent.settle(generation, now)
    consent.release(generation, now)
    assert LikenessGrant.objects.get().count_taken == 1


def test_asking_twice_for_one_generation_takes_one(likeness: Cameo, bob: User, now: datetime) -> None:
    grant(likeness, now, count_limit=5)
    generation = generation_by(bob, now, cast=[likeness])
    first = ask(likeness, bob, now, generation=generation)
    assert ask(likeness, bob, now, generation=generation).record_id == first.record_id
    assert LikenessGrant.objects.get().count_taken == 1


def test_unjudged_words_wait_and_write_nothing(likeness: Cameo, bob: User, now: datetime) -> None:
    grant(likeness, now, count_limit=1, topics_refused=frozenset({"nudity"}))
    with pytest.raises(Unavailable):
        ask(likeness, bob, now)
    assert not PermitRecord.objects.exists()
    assert LikenessGrant.objects.get().count_taken == 0


def test_resume_needs_a_permit_that_was_issued(likeness: Cameo, bob: User, now: datetime) -> None:
    grant(likeness, now)
    generation = generation_by(bob, now, cast=[likeness])
    for refused in (
        lambda: consent.resume(generation=generation, cameo=likeness, now=now),
        lambda: consent.recheck(generation=generation, now=now),
    ):
        with pytest.raises(ConsentDenied) as denied:
            refused()
        assert denied.value.reason == Reason.NO_PERMIT


def test_a_permit_does_not_outlast_its_life(likeness: Cameo, bob: User, now: datetime) -> None:
    grant(likeness, now)
    generation = generation_by(bob, now, cast=[likeness])
    ask(likeness, bob, now, generation=generation)
    assert consent.resume(generation=generation, cameo=likeness, now=now + consent.PERMIT_LIFE / 2)
    with pytest.raises(ConsentDenied) as denied:
        consent.resume(generation=generation, cameo=likeness, now=now + consent.PERMIT_LIFE)
    assert denied.value.reason == Reason.PERMIT_OVER


@pytest.mark.parametrize(
    ("narrowed", "reason"),
    [
        ({"audience": Audience.ONLY_ME}, Reason.AUDIENCE),
        ({"purposes": frozenset({Purpose.REMIX})}, Reason.PURPOSE),
        ({"minimum_age": 99}, Reason.TOO_YOUNG),
        ({"refused_words": "beach"}, Reason.TOPIC),
        ({"refused_words": "yodelling"}, Reason.TOPICS_UNCHECKED),
        ({"count_limit": 0}, None),
        ({"use_until": NOW + timedelta(seconds=1)}, None),
    ],
)
def test_recheck_asks_the_grant_in_force_but_not_count_and_end(
    narrowed: dict[str, Any], reason: Reason | None, likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    from cameos import actions, terms

    saved = grant(likeness, now)
    generation = generation_by(bob, now, cast=[likeness])
    ask(likeness, bob, now, generation=generation)
    narrower = replace(terms.of(saved), **narrowed)
    actions.save_grant(cameo=likeness, owner=alice, terms=narrower, stepped_up=False, now=now)
    later = now + timedelta(minutes=1)
    if reason is None:
        consent.recheck(generation=generation, now=later)
        return
    with pytest.raises(ConsentDenied) as denied:
        consent.recheck(generation=generation, now=later)
    assert denied.value.reason == reason


def test_may_cast_tells_the_composer_which_rule_says_no(
    likeness: Cameo, bob: User, carol: User, now: datetime
) -> None:
    grant(likeness, now, audience=Audience.NAMED, people=[bob])
    assert consent.may_cast(cameo=likeness, requester=bob, now=now) is None
    assert consent.may_cast(cameo=likeness, requester=carol, now=now) == Reason.AUDIENCE


def test_nobody_else_makes_a_permit(likeness: Cameo, bob: User, now: datetime) -> None:
    grant(likeness, now)
    permit = ask(likeness, bob, now)
    values = {name: getattr(permit, name) for name in permit.__dataclass_fields__ if name != "proof"}
    for forge in (
        lambda: Permit(**values),
        lambda: replace(permit, provisional=True),
        lambda: copy.copy(permit),
        lambda: pickle.dumps(permit),
    ):
        with pytest.raises(TypeError):
            forge()


def test_a_face_is_read_with_a_permit_and_only_while_it_stands(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    references.store(likeness, Reference.Kind.FACE, b"a face", now)
    references.store(likeness, Reference.Kind.VOICE, b"a voice", now)
    grant(likeness, now)
    generation = generation_by(bob, now, cast=[likeness])
    permit = ask(likeness, bob, now, generation=generation)
    assert references.load_face(permit) == b"a face"
    with pytest.raises(references.NotPermitted):
        references.load_voice(permit)
    with pytest.raises(references.NotPermitted):
        references.load_face(likeness)  # type: ignore[arg-type]
    LikenessGrant.objects.update(revoked_at=now)
    with pytest.raises(references.NotPermitted):
        references.load_face(permit)
