"""Asking for a clip: what is refused before and after there is a row, and where the credits are meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts import books, cases
from accounts.models import Block, Case, Notification, User
from accounts.throttle import TooMany
from cameos.models import Cameo, PermitRecord
from cameos.signals import permit_ended
from generation import actions, credits, queue
from generation.models import Generation
from generation.refusals import AlreadyOver, CannotMake, OutOfCredits, PromptEmpty, PromptTooLong
from generation.states import State
from generation.sweep import sweep
from tests.generation.conftest import Ask, allow


def test_a_harmless_prompt_is_queued_and_its_credits_are_set_aside(ask: Ask, bob: User) -> None:
    before = credits.balance(bob)
    generation = ask(bob, seconds=5)
    assert generation.state == State.QUEUED and generation.queued_at
    assert credits.balance(bob) == before - 5 == before - generation.credits
    assert books.unbalanced() == []


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"prompt": "  "}, PromptEmpty),
        ({"prompt": "kite " * 2000}, PromptTooLong),
        ({"seconds": 300}, CannotMake),
        ({"aspect": "3:1"}, CannotMake),
        ({"engine": "steam"}, CannotMake),
    ],
)
def test_a_request_without_shape_is_refused_before_there_is_a_row(
    ask: Ask, bob: User, wish: dict[str, Any], refusal: type[Exception]
) -> None:
    before = credits.balance(bob)
    with pytest.raises(refusal):
        ask(bob, **wish)
    assert not Generation.objects.exists() and credits.balance(bob) == before


def test_a_refused_prompt_costs_nothing_and_names_stage_rule_evidence_and_suggestion(
    ask: Ask, bob: User
) -> None:
    before = credits.balance(bob)
    generation = ask(bob, "a naked woman dances")
    assert generation.state == State.REFUSED
    assert (generation.refusal_stage, generation.refusal_rule) == ("prompt", "sexual")
    assert generation.refusal_evidence == "naked" and generation.refusal_suggestion
    assert credits.balance(bob) == before and books.unbalanced() == []
    assert queue.claim("w", generation.created_at) is None


def test_an_unclear_prompt_waits_for_a_moderator_who_lets_it_through(
    ask: Ask, bob: User, mod: User, now: datetime
) -> None:
    generation = ask(bob, "two lovers in bed without any clothes")
    assert generation.state == State.HELD and queue.claim("w", now) is None
    case = Case.objects.get(kind="held_prompt")
    cases.decide(case=case, moderator=mod, decision="allow", now=now)
    generation.refresh_from_db()
    assert generation.state == State.QUEUED and generation.refusal_rule == ""


def test_a_moderator_refuses_a_held_prompt_and_the_credits_go_back(
    ask: Ask, bob: User, mod: User, now: datetime
) -> None:
    before = credits.balance(bob)
    generation = ask(bob, "two lovers in bed without any clothes")
    case = Case.objects.get(kind="held_prompt")
    cases.decide(case=case, moderator=mod, decision="refuse", note="Not here.", now=now)
    generation.refresh_from_db()
    assert (generation.state, generation.refusal_evidence) == (State.REFUSED, "Not here.")
    assert credits.balance(bob) == before


def test_with_the_vectors_down_a_prompt_waits_and_is_judged_when_they_are_back(
    ask: Ask, bob: User, now: datetime, vectors: str, tmp_path: Any
) -> None:
    from model import text

    text.use(f"unix:{tmp_path}/nobody")
    generation = ask(bob)
    assert generation.state == State.SCREENING
    assert sweep(now + timedelta(seconds=5)).judged == 0
    text.use(vectors)
    assert sweep(now + timedelta(seconds=10)).judged == 1
    generation.refresh_from_db()
    assert generation.state == State.QUEUED


def test_nobody_spends_credits_they_do_not_have(ask: Ask, bob: User, now: datetime) -> None:
    while credits.balance(bob) >= 5:
        ask(bob, seconds=5, now=now)
        now += timedelta(hours=2)
    with pytest.raises(OutOfCredits):
        ask(bob, seconds=5, now=now)
    assert credits.balance(bob) == 0


def test_asking_too_often_is_refused_without_a_row(ask: Ask, bob: User, settings: Any) -> None:
    settings.BUDGETS = {"generation": (1, 3600)}
    ask(bob)
    with pytest.raises(TooMany):
        ask(bob)
    assert Generation.objects.count() == 1


def test_a_stranger_cannot_cast_alice_and_is_told_the_rule(
    ask: Ask, bob: User, carol: User, likeness: Cameo, now: datetime
) -> None:
    allow(likeness, bob, now)
    before = credits.balance(carol)
    generation = ask(carol, "a woman waves", cast=[likeness])
    assert (generation.state, generation.refusal_stage) == (State.REFUSED, "consent")
    assert generation.refusal_rule == "audience"
    assert "Alice" in generation.refusal_evidence
    assert credits.balance(carol) == before
    assert ask(bob, "a woman waves", cast=[likeness]).state == State.QUEUED


def test_when_one_of_two_people_says_no_the_count_of_the_other_goes_back(
    ask: Ask, bob: User, carol: User, likeness: Cameo, now: datetime
) -> None:
    grant = allow(likeness, bob, now, count_limit=3)
    other = Cameo.objects.create(
        owner=carol, name="Carol", state=Cameo.State.VERIFIED, verified_at=now, created_at=now
    )
    generation = ask(bob, "two women wave", cast=[likeness, other])
    assert (generation.state, generation.refusal_rule) == (State.REFUSED, "no_grant")
    grant.refresh_from_db()
    assert grant.count_taken == 0
    assert not generation.permits.exclude(state=PermitRecord.State.RETURNED).exists()


def test_cancelling_while_waiting_gives_everything_back_and_twice_is_named(
    ask: Ask, bob: User, carol: User, likeness: Cameo, now: datetime
) -> None:
    grant = allow(likeness, bob, now, count_limit=1)
    before = credits.balance(bob)
    generation = ask(bob, "a woman waves", cast=[likeness])
    actions.cancel(generation=generation, by=bob, now=now)
    generation.refresh_from_db()
    grant.refresh_from_db()
    assert (generation.state, grant.count_taken, credits.balance(bob)) == (State.CANCELLED, 0, before)
    with pytest.raises(AlreadyOver):
        actions.cancel(generation=generation, by=bob, now=now)


def test_a_permit_that_ends_stops_waiting_jobs_at_once_and_flags_running_ones(
    ask: Ask, bob: User, likeness: Cameo, now: datetime
) -> None:
    grant = allow(likeness, bob, now)
    running = ask(bob, "a woman waves", cast=[likeness])
    waiting = ask(bob, "a woman jumps", cast=[likeness])
    untouched = ask(bob, "a dog jumps")
    assert queue.claim("w", now) is not None
    permit_ended.send(sender=Cameo, cameo=likeness, grant_ids=[grant.pk], reason="revoked", now=now)
    for row in (running, waiting, untouched):
        row.refresh_from_db()
    assert running.state == State.RENDERING and running.cancel_requested_at
    assert waiting.state == State.CANCELLED and waiting.cancel_reason == "revoked"
    assert untouched.state == State.QUEUED and untouched.cancel_requested_at is None
    assert Notification.objects.filter(recipient=bob, kind="clip_stopped").count() == 1


def test_a_block_is_named_when_it_is_what_stands_between_them(
    ask: Ask, alice: User, bob: User, likeness: Cameo, now: datetime
) -> None:
    allow(likeness, bob, now)
    Block.objects.create(blocker=alice, blocked=bob, created_at=now)
    assert ask(bob, "a woman waves", cast=[likeness]).refusal_rule == "blocked"
