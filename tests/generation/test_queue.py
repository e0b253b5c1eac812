"""Whose turn it is, and what happens when a worker is gone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from generation import credits, hand, queue
from generation.models import Generation
from generation.states import ARROWS, ArrowNotDrawn, State, check
from generation.sweep import sweep
from tests.conftest import person
from tests.generation.conftest import Ask

LATER = timedelta(seconds=1)
TOO_LATE = queue.LEASE + timedelta(seconds=1)


def serve(count: int, now: datetime) -> list[str]:
    """Let one worker take and finish `count` jobs; who was served, in order."""
    served = []
    for turn in range(count):
        held = queue.claim("w", now + turn * LATER)
        assert held is not None
        row = Generation.objects.select_related("maker").get(pk=held.generation_id)
        served.append(row.maker.username)
        Generation.objects.filter(pk=row.pk).update(state=State.FAILED)
    return served


def test_somebody_with_many_jobs_waits_like_somebody_with_one(
    ask: Ask, alice: User, bob: User, carol: User, now: datetime
) -> None:
    for _job in range(5):
        ask(bob)
    ask(carol, now=now + LATER)
    ask(alice, now=now + 2 * LATER)
    assert serve(7, now + 3 * LATER) == ["bob", "carol", "alice", "bob", "bob", "bob", "bob"]


def test_a_newcomer_waits_for_at_most_one_job_of_each(
    ask: Ask, bob: User, carol: User, now: datetime
) -> None:
    for _job in range(4):
        ask(bob)
        ask(carol)
    assert serve(3, now + LATER) == ["bob", "carol", "bob"]
    newcomer = person("nina")
    ask(newcomer, now=now + 4 * LATER)
    assert serve(1, now + 5 * LATER) == ["nina"]


def test_two_workers_never_hold_one_job(ask: Ask, bob: User, now: datetime) -> None:
    ask(bob)
    first, second = queue.claim("one", now), queue.claim("two", now)
    assert first is not None and second is None


def test_a_lost_lease_goes_to_another_worker_and_the_first_can_write_nothing(
    ask: Ask, bob: User, now: datetime
) -> None:
    generation = ask(bob)
    lost = queue.claim("gone", now)
    assert lost is not None
    queue.report_step(lost, 1, 4)
    assert sweep(now).requeued == 0
    assert sweep(now + TOO_LATE).requeued == 1
    taken = queue.claim("next", now + TOO_LATE)
    assert taken is not None and taken.generation_id == generation.pk and taken.fence > lost.fence
    for write in (
        lambda: queue.renew(lost, now),
        lambda: queue.report_step(lost, 2, 4),
        lambda: queue.is_cancelled(lost),
    ):
        with pytest.raises(queue.LostClaim):
            write()
    generation.refresh_from_db()
    assert generation.worker == "next" and generation.step == 0


def test_a_worker_that_renews_keeps_its_job(ask: Ask, bob: User, now: datetime) -> None:
    ask(bob)
    held = queue.claim("w", now)
    assert held is not None
    queue.renew(held, now + TOO_LATE)
    assert sweep(now + TOO_LATE + LATER).requeued == 0


def test_a_worker_that_renews_late_keeps_its_job_although_a_sweep_is_on_its_way(
    ask: Ask, bob: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(bob)
    held = queue.claim("slow", now)
    assert held is not None
    late, look, renewed = now + TOO_LATE, queue.lost_leases, []

    def and_meanwhile(moment: datetime) -> list[Generation]:
        monkeypatch.setattr(queue, "lost_leases", look)
        found = list(look(moment))
        queue.renew(held, moment)
        renewed.append(len(found))
        return found

    monkeypatch.setattr(queue, "lost_leases", and_meanwhile)
    assert sweep(late).requeued == 0 and renewed == [1]
    queue.renew(held, late)  # still its own


def test_a_free_worker_takes_up_what_a_killed_one_held_as_soon_as_its_lease_is_over(
    ask: Ask, bob: User
) -> None:
    generation = ask(bob)
    assert queue.claim("killed", queue.clock()) is not None
    assert not hand.run_one("free"), "its lease is not over"
    Generation.objects.filter(pk=generation.pk).update(lease_until=queue.clock() - LATER)
    assert hand.run_one("free")
    generation.refresh_from_db()
    assert (generation.state, generation.attempts) == (State.READY, 2)


def test_a_killed_worker_costs_about_twenty_seconds_and_a_slow_one_no_lease() -> None:
    """The lease, a look at the queue each second, and a second for the machine."""
    assert queue.LEASE + timedelta(seconds=hand.IDLE_S + 1) <= timedelta(seconds=20)
    patience = queue.LEASE - queue.LEASE / queue.RENEWALS
    assert patience >= timedelta(seconds=15), "so long may a renewing thread get no turn"


def test_the_third_lost_worker_sets_the_job_aside_with_credits_back(
    ask: Ask, bob: User, now: datetime
) -> None:
    before = credits.balance(bob)
    generation = ask(bob)
    moment = now
    for _strike in range(queue.STRIKES):
        assert queue.claim("w", moment) is not None
        moment += TOO_LATE
        swept = sweep(moment)
    assert swept.quarantined == 1
    generation.refresh_from_db()
    assert generation.state == State.QUARANTINED and generation.error == "quarantined"
    assert credits.balance(bob) == before
    assert queue.claim("w", moment) is None


@pytest.mark.parametrize(
    ("state", "after", "end"),
    [
        (State.SCREENING, timedelta(minutes=10, seconds=1), State.FAILED),
        (State.HELD, timedelta(hours=72, seconds=1), State.REFUSED),
        (State.QUEUED, timedelta(hours=24, seconds=1), State.FAILED),
    ],
)
def test_no_state_waits_for_ever(
    ask: Ask, bob: User, now: datetime, state: State, after: timedelta, end: State, no_vectors: None
) -> None:
    before = credits.balance(bob)
    generation = ask(bob)
    Generation.objects.filter(pk=generation.pk).update(state=state, state_since=now, queued_at=now)
    assert sweep(now + after - 2 * LATER).expired == 0
    assert sweep(now + after).expired == 1
    generation.refresh_from_db()
    assert generation.state == end
    assert credits.balance(bob) == before


def test_an_arrow_that_is_not_drawn_cannot_happen(ask: Ask, bob: User, now: datetime) -> None:
    generation = ask(bob)
    with pytest.raises(ArrowNotDrawn):
        Generation.objects.move(generation, State.READY, now)
    for state in (State.READY, State.REFUSED, State.FAILED, State.CANCELLED):
        assert ARROWS[state] == set()
        with pytest.raises(ArrowNotDrawn):
            check(state, State.QUEUED)
