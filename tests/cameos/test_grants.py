"""What an owner may change, when it counts, and what a thief of the session cannot do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from accounts.models import User
from accounts.stepup import StepUpRequired
from cameos import actions, consent, queries
from cameos import terms as the_terms
from cameos.models import Audience, Cameo, Companions, LedgerEntry, LikenessGrant, LikenessUse, Purpose
from cameos.refusals import LikenessGone, NotYours, TermsRefused
from cameos.terms import Terms, meet, names_one, widened
from tests.cameos.making import OPEN, block, grant, likeness_of, sealed, take_close, use_in
from tests.conftest import person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = datetime.fromisoformat("2026-11-22T12:00:00+00:00")


@pytest.fixture
def likeness(alice: User, now: datetime) -> Cameo:
    return likeness_of(alice, now - 3 * DAY)


def save(cameo: Cameo, now: datetime, terms: Terms, **more: Any) -> LikenessGrant:
    return actions.save_grant(
        cameo=cameo, owner=cameo.owner, terms=terms, now=now, **({"stepped_up": True} | more)
    )


WIDER: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "audience": ({"audience": Audience.CIRCLE}, {"audience": Audience.EVERYONE}),
    "people": ({"audience": Audience.CIRCLE}, {"audience": Audience.CIRCLE, "people": frozenset({7})}),
    "purposes": ({}, {"purposes": frozenset({Purpose.GENERATE, Purpose.REMIX, Purpose.GOODS})}),
    "topics_refused": ({"topics_refused": frozenset({"gambling"})}, {}),
    "refused_words": ({"refused_words": "clowns, snakes"}, {"refused_words": "snakes"}),
    "commercial": ({}, {"commercial": True}),
    "voice": ({}, {"voice": True}),
    "companions": ({"companions": Companions.CIRCLE}, {"companions": Companions.ANYONE}),
    "show_me_first": ({"show_me_first": True}, {"show_me_first": False}),
    "minimum_age": ({"minimum_age": 18}, {"minimum_age": 16}),
    "use_from": ({"use_from": NOW + DAY}, {"use_from": None}),
    "use_until": ({"use_until": NOW + DAY}, {"use_until": NOW + 2 * DAY}),
    "show_until": ({"show_until": NOW + DAY}, {"show_until": None}),
    "count_limit": ({"count_limit": 3}, {"count_limit": 4}),
}


def test_every_field_but_wishes_can_widen() -> None:
    assert set(WIDER) == set(Terms.__dataclass_fields__) - {"wishes"}


@pytest.mark.parametrize("field", WIDER)
def test_wider_and_narrower_mean_the_same_everywhere(field: str) -> None:
    narrow, wide = (replace(OPEN, **values) for values in WIDER[field])
    assert widened(narrow, wide) == {field}
    assert widened(wide, narrow) == set()
    assert meet(narrow, wide) == narrow
    assert meet(wide, narrow) == narrow


def test_circle_and_mutuals_are_no_steps_of_one_ladder() -> None:
    circle, mutuals = replace(OPEN, audience=Audience.CIRCLE), replace(OPEN, audience=Audience.MUTUALS)
    assert widened(circle, mutuals) == {"audience"} and widened(mutuals, circle) == {"audience"}
    assert meet(circle, mutuals).covers_nobody


def test_naming_one_person_is_naming_one_person() -> None:
    named = replace(OPEN, audience=Audience.NAMED, people=frozenset({1}))
    assert names_one(the_terms.NOTHING, named)
    assert names_one(named, replace(named, people=frozenset({1, 2})))
    assert not names_one(the_terms.NOTHING, replace(named, people=frozenset({1, 2})))
    assert not names_one(named, replace(named, people=frozenset({1, 2}), voice=True))
    assert not names_one(the_terms.NOTHING, replace(OPEN, people=frozenset({1})))


def test_widening_needs_a_fresh_proof_is_mailed_and_waits_a_day(
    likeness: Cameo, bob: User, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    with pytest.raises(StepUpRequired):
        save(likeness, now, OPEN, stepped_up=False)
    assert not LikenessGrant.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        saved = save(likeness, now, OPEN)
    assert saved.effective_at == now + DAY
    assert consent.in_force(likeness, now) is None
    assert consent.in_force(likeness, now + DAY) == saved
    assert [message.to for message in mail.outbox] == [[likeness.owner.email]]
    assert "/likeness" in mail.outbox[0].body


def test_the_mail_about_one_more_person_names_only_them(
    likeness: Cameo, bob: User, carol: User, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    actions.name_person(cameo=likeness, owner=likeness.owner, person=bob, stepped_up=True, now=now)
    with django_capture_on_commit_callbacks(execute=True):
        actions.name_person(cameo=likeness, owner=likeness.owner, person=carol, stepped_up=True, now=now)
    assert "Carol" in mail.outbox[-1].body and "Bob" not in mail.outbox[-1].body


def test_naming_one_person_counts_at_once_but_only_three_a_day(likeness: Cameo, now: datetime) -> None:
    people = [person(f"friend{n}") for n in range(5)]
    for count, friend in enumerate(people, start=1):
        saved = actions.name_person(
            cameo=likeness, owner=likeness.owner, person=friend, stepped_up=True, now=now
        )
        assert (saved.effective_at == now) is (count <= actions.NAMED_AT_ONCE_A_DAY)
    later = now + 2 * DAY
    assert actions.name_person(
        cameo=likeness, owner=likeness.owner, person=people[4], stepped_up=True, now=later
    )


def test_who_is_named_first_gets_what_a_first_grant_proposes(
    likeness: Cameo, bob: User, now: datetime
) -> None:
    saved = actions.name_person(cameo=likeness, owner=likeness.owner, person=bob, stepped_up=True, now=now)
    assert saved.topics_refused == ["humiliation", "nudity"] and saved.purposes == ["generate", "remix"]


def test_a_version_that_was_dropped_while_it_waited_never_counted(likeness: Cameo, now: datetime) -> None:
    wide = Terms(audience="everyone", purposes=frozenset({Purpose.GENERATE}))
    for terms in (wide, replace(wide, purposes=frozenset({Purpose.GENERATE, Purpose.REMIX}))):
        actions.save_grant(cameo=likeness, owner=likeness.owner, terms=terms, stepped_up=True, now=now)
    waits, dropped = queries.versions(likeness, now)
    assert (waits.never_counted, dropped.never_counted) == (False, True)


def test_naming_one_person_needs_a_fresh_proof(likeness: Cameo, bob: User, now: datetime) -> None:
    with pytest.raises(StepUpRequired):
        actions.name_person(cameo=likeness, owner=likeness.owner, person=bob, stepped_up=False, now=now)


def test_naming_somebody_lets_a_wider_version_go_on_waiting(
    likeness: Cameo, bob: User, now: datetime
) -> None:
    waiting = save(likeness, now, OPEN)
    actions.name_person(cameo=likeness, owner=likeness.owner, person=bob, stepped_up=True, now=now)
    assert consent.may_cast(cameo=likeness, requester=bob, now=now) is None
    then = consent.in_force(likeness, waiting.effective_at)
    assert then is not None and then.audience == Audience.EVERYONE


def test_narrowing_counts_at_once_and_drops_what_waited(likeness: Cameo, alice: User, now: datetime) -> None:
    grant(likeness, now, audience=Audience.CIRCLE)
    save(likeness, now, replace(OPEN, audience=Audience.EVERYONE))
    narrow = save(likeness, now, Terms(), stepped_up=False)
    assert narrow.effective_at == now
    for moment in (now, now + 2 * DAY):
        assert consent.in_force(likeness, moment) == narrow


def test_what_a_change_takes_away_is_gone_while_what_it_adds_waits(likeness: Cameo, now: datetime) -> None:
    grant(likeness, now, audience=Audience.EVERYONE, voice=True)
    wider = save(likeness, now, replace(OPEN, audience=Audience.EVERYONE, voice=False, commercial=True))
    between = consent.in_force(likeness, now)
    assert between is not None and between != wider
    assert (between.voice, between.commercial) == (False, False)
    after = consent.in_force(likeness, now + DAY)
    assert after is not None and (after.voice, after.commercial) == (False, True)


def test_old_versions_stay_readable(likeness: Cameo, now: datetime) -> None:
    first = grant(likeness, now, wishes="always in a hat")
    save(likeness, now, replace(OPEN, audience=Audience.CIRCLE))
    first.refresh_from_db()
    assert (first.version, first.wishes) == (1, "always in a hat")
    assert LedgerEntry.objects.filter(cameo=likeness, kind="grant_saved").count() == 2


def test_narrowing_ends_clips_it_no_longer_covers_unless_alice_says_no(
    likeness: Cameo, alice: User, bob: User, carol: User, now: datetime
) -> None:
    grant(likeness, now)
    take_close(alice, bob, now)
    close, strange = sealed(bob, [likeness], now), sealed(carol, [likeness], now)
    circle = replace(OPEN, audience=Audience.CIRCLE)
    save(likeness, now, replace(circle, wishes="a hat"), also_existing=False)
    assert not use_in(strange, likeness).is_ended
    save(likeness, now, replace(circle, purposes=frozenset({Purpose.GENERATE})))
    assert use_in(strange, likeness).is_ended
    assert use_in(strange, likeness).ended_reason == "narrowed"
    assert use_in(close, likeness).state == LikenessUse.State.LIVE


def test_a_shorter_showing_time_reaches_clips_that_are_out(likeness: Cameo, bob: User, now: datetime) -> None:
    grant(likeness, now)
    clip = sealed(bob, [likeness], now)
    save(likeness, now, replace(OPEN, show_until=now + DAY))
    assert use_in(clip, likeness).show_until == now + DAY


REFUSED: dict[str, dict[str, Any]] = {
    "use_until": {"use_from": NOW + 2 * DAY, "use_until": NOW + DAY},
    "show_until": {"show_until": NOW},
    "people": {"audience": Audience.NAMED},
    "audience": {"audience": "friends of friends"},
    "purposes": {"purposes": frozenset({"war"})},
    "topics_refused": {"topics_refused": frozenset({"weather"})},
    "companions": {"companions": "cats"},
    "count_limit": {"count_limit": -1},
    "minimum_age": {"minimum_age": 200},
    "refused_words": {"refused_words": ",".join(["word"] * 21)},
    "wishes": {"wishes": "x" * 281},
}


@pytest.mark.parametrize("field", REFUSED)
def test_terms_that_cannot_be_name_their_field(field: str, likeness: Cameo, now: datetime) -> None:
    with pytest.raises(TermsRefused) as refused:
        save(likeness, now, replace(OPEN, **REFUSED[field]))
    assert refused.value.field == field
    assert not LikenessGrant.objects.exists()


def test_somebody_blocked_cannot_be_named(likeness: Cameo, alice: User, mallory: User, now: datetime) -> None:
    block(alice, mallory, now)
    with pytest.raises(TermsRefused) as refused:
        actions.name_person(cameo=likeness, owner=alice, person=mallory, stepped_up=True, now=now)
    assert refused.value.field == "people"


@pytest.mark.parametrize("who_blocks", ["alice", "mallory"])
def test_somebody_named_and_blocked_since_stops_no_narrowing(
    who_blocks: str, likeness: Cameo, alice: User, bob: User, mallory: User, now: datetime
) -> None:
    """Else a person who is named could keep Alice from taking anything back, by blocking her."""
    grant(likeness, now, base=OPEN, audience=Audience.NAMED, people=[bob, mallory])
    block(*((alice, mallory) if who_blocks == "alice" else (mallory, alice)), now)
    actions.drop_person(cameo=likeness, owner=alice, person=bob, now=now)
    left = the_terms.of(consent.in_force(likeness, now))
    assert (left.audience, left.people) == (Audience.ONLY_ME, frozenset())
    assert consent.may_cast(cameo=likeness, requester=bob, now=now) is not None


def test_a_teens_likeness_is_never_open_to_everyone(alice: User, now: datetime) -> None:
    alice.birth_date = (now - timedelta(days=15 * 365)).date()
    alice.save()
    likeness = likeness_of(alice, now)
    with pytest.raises(TermsRefused) as refused:
        save(likeness, now, OPEN)
    assert refused.value.field == "audience"


def test_bob_cannot_change_alices_grant(likeness: Cameo, bob: User, now: datetime) -> None:
    with pytest.raises(NotYours):
        actions.save_grant(cameo=likeness, owner=bob, terms=Terms(), stepped_up=True, now=now)


def test_a_likeness_that_is_not_verified_has_no_grants(alice: User, now: datetime) -> None:
    pending = Cameo.objects.create(owner=alice, name="Alice", created_at=now)
    with pytest.raises(LikenessGone):
        save(pending, now, OPEN)
