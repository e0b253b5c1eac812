"""Rounds by plan, previews between steps, budgets, and the button under what was set aside."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts import books
from accounts.models import User
from generation import actions, credits, glimpse, hand, pipeline, progress, queue
from generation.engines import base as engines
from generation.models import Allowance, Generation, Preview, Worker
from generation.refusals import AlreadyOver, OverBudget
from generation.states import State
from generation.sweep import sweep
from tests.conftest import person
from tests.generation.conftest import Ask
from tests.generation.test_queue import LATER, serve


@pytest.fixture(autouse=True)
def empty_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_resident", None)


def plan(user: User, weight: int, now: datetime, **terms: Any) -> Allowance:
    until = now + timedelta(days=30)
    return Allowance.objects.create(person=user, plan="plus", weight=weight, until=until, **terms)


def test_a_plan_of_weight_two_gives_two_turns_a_round_and_nobody_starves(
    ask: Ask, bob: User, carol: User, now: datetime
) -> None:
    plan(bob, 2, now)
    for _job in range(6):
        ask(bob)
        ask(carol)
    assert sorted(serve(3, now)) == ["bob", "bob", "carol"]
    assert sorted(serve(3, now + 3 * LATER)) == ["bob", "bob", "carol"]


def test_a_plan_that_ended_weighs_like_everybody(ask: Ask, bob: User, carol: User, now: datetime) -> None:
    Allowance.objects.create(person=bob, plan="plus", weight=5, until=now - LATER)
    for _job in range(3):
        ask(bob)
        ask(carol)
    assert serve(4, now) == ["bob", "carol", "bob", "carol"]


def test_who_was_away_saves_up_no_turns(ask: Ask, bob: User, carol: User, now: datetime) -> None:
    for _job in range(4):
        ask(bob)
    assert serve(4, now) == ["bob"] * 4
    for _job in range(3):
        ask(bob)
        ask(carol)
    assert serve(6, now + 9 * LATER) == ["carol", "bob", "carol", "bob", "carol", "bob"]


def test_a_preview_goes_before_whole_clips_costs_one_credit_and_is_one_at_a_time(
    ask: Ask, bob: User, carol: User, now: datetime
) -> None:
    ask(carol)
    before = credits.balance(bob)
    ask(bob, seconds=5)
    preview = ask(bob, seconds=5, is_preview=True)
    assert before - credits.balance(bob) == 5 + 1
    with pytest.raises(OverBudget) as refused:
        ask(bob, seconds=5, is_preview=True)
    assert refused.value.code == "one_preview"
    held = queue.claim("w", now)
    assert held is not None and held.generation_id == preview.pk


def test_a_preview_is_rendered_at_a_step_border_of_a_long_clip_which_then_goes_on(
    ask: Ask, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "TELL_EVERY_S", 0.0)
    long = ask(bob, seconds=5)
    asked: list[Generation] = []
    looked = hand.serve_previews

    def ask_in_between(worker: str, pulse: Any, *more: Any) -> None:
        if not asked:
            asked.append(ask(carol, seconds=1, is_preview=True))
        looked(worker, pulse, *more)

    monkeypatch.setattr(hand, "serve_previews", ask_in_between)
    assert hand.run_one("w")
    long.refresh_from_db()
    asked[0].refresh_from_db()
    assert (long.state, asked[0].state) == (State.READY, State.READY), (long.error, asked[0].error)
    assert long.started_at and asked[0].finished_at and long.finished_at
    assert long.started_at < asked[0].finished_at < long.finished_at
    assert long.attempts == 1
    shown, whole = asked[0].clip, long.clip
    assert shown is not None and whole is not None and shown.width < whole.width


def test_the_maker_sees_each_step_as_a_small_picture_and_nobody_else_does(
    ask: Ask, bob: User, carol: User, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "TELL_EVERY_S", 0.0)
    generation = ask(bob)
    seen: list[tuple[int, int, int]] = []

    def look() -> None:
        kept = glimpse.latest(generation)
        if kept is None:
            return
        for viewer in (bob, carol):
            client.force_login(viewer)
            answer = client.get(f"/generations/{generation.public_id}/glimpse")
            seen.append((kept.step, viewer.pk, answer.status_code))
            if viewer is bob:
                assert answer.content[:2] == b"\xff\xd8" and len(answer.content) < 20_000

    held = queue.claim("w", queue.clock())
    assert held is not None
    pipeline.run(held, between=look)
    steps = [step for step, who, status in seen if (who, status) == (bob.pk, 200)]
    assert steps == list(range(1, 9)), "eight frames, eight steps"
    assert {status for _step, who, status in seen if who == carol.pk} == {404}
    assert not Preview.objects.exists()


@pytest.mark.parametrize(
    ("knob", "limit", "code"),
    [
        ("PERSON_OPEN_AT_ONCE", 2, "open_at_once"),
        ("PERSON_SECONDS_A_DAY", 2, "seconds_a_day"),
        ("HOST_BACKLOG_S", 1, "host_backlog"),
    ],
)
def test_a_budget_that_is_used_up_refuses_by_name_and_takes_nothing(
    ask: Ask, bob: User, settings: Any, knob: str, limit: int, code: str
) -> None:
    setattr(settings, knob, limit)
    ask(bob)
    if code != "host_backlog":
        ask(bob)
    before = credits.balance(bob)
    with pytest.raises(OverBudget) as refused:
        ask(bob)
    assert refused.value.code == code and refused.value.status == 429
    assert credits.balance(bob) == before and Generation.objects.filter(maker=bob).count() <= limit


def test_a_plan_has_a_day_of_its_own_and_what_failed_is_not_counted(
    ask: Ask, bob: User, now: datetime, settings: Any
) -> None:
    settings.PERSON_SECONDS_A_DAY = 1
    plan(bob, 1, now, seconds_a_day=3)
    rows = [ask(bob) for _job in range(3)]
    with pytest.raises(OverBudget):
        ask(bob)
    actions.end_failed(rows[0], now, error="engine_error")
    assert ask(bob).state == State.QUEUED


def test_the_button_under_what_was_set_aside_asks_once_more_with_everything_anew(
    ask: Ask, bob: User, carol: User, client: Any, now: datetime
) -> None:
    before = credits.balance(bob)
    generation = ask(bob, seconds=2)
    moment = now
    for _strike in range(queue.STRIKES):
        assert queue.claim("w", moment) is not None
        moment += queue.LEASE + LATER
        sweep(moment)
    generation.refresh_from_db()
    assert generation.state == State.QUARANTINED and credits.balance(bob) == before
    client.force_login(carol)
    assert client.post(f"/generations/{generation.public_id}/again").status_code == 404
    client.force_login(bob)
    page = client.get(f"/generations/{generation.public_id}").content.decode()
    assert f"/generations/{generation.public_id}/again" in page
    made = client.post(f"/generations/{generation.public_id}/again")
    again = Generation.objects.get(public_id=made.url.rpartition("/")[2])
    generation.refresh_from_db()
    assert generation.state == State.CANCELLED
    assert (again.prompt, again.seed, again.seconds, again.attempts) == (
        generation.prompt,
        generation.seed,
        2,
        0,
    )
    assert hand.drain() == 1
    again.refresh_from_db()
    assert again.state == State.READY
    assert credits.balance(bob) == before - 2 and books.unbalanced() == []


def test_the_button_of_what_was_set_aside_works_once(ask: Ask, bob: User, now: datetime) -> None:
    """Pressed twice at the same moment: both have read the row, one of them is the first."""
    before = credits.balance(bob)
    row = ask(bob)
    actions.end_quarantined(queue_row(row, now), now)
    first, second = Generation.objects.get(pk=row.pk), Generation.objects.get(pk=row.pk)
    made = actions.try_again(generation=first, by=bob, now=now)
    with pytest.raises(AlreadyOver):
        actions.try_again(generation=second, by=bob, now=now)
    assert made.state == State.QUEUED and credits.balance(bob) == before - made.credits
    assert Generation.objects.made_by(bob).still_open().count() == 1 and books.unbalanced() == []


def queue_row(row: Generation, now: datetime) -> Generation:
    """The row while a worker holds it."""
    assert queue.claim("w", now) is not None
    return Generation.objects.get(pk=row.pk)


@pytest.mark.django_db(transaction=True)
def test_presses_at_the_same_moment_are_counted_one_after_another(ask: Ask, bob: User, settings: Any) -> None:
    settings.PERSON_OPEN_AT_ONCE = 2
    together, ends = threading.Barrier(6), list[str]()

    def press() -> None:
        together.wait(30)
        try:
            ask(bob)
            ends.append("taken")
        except OverBudget as refused:
            ends.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _press in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(ends) == ["open_at_once"] * 4 + ["taken"] * 2
    assert Generation.objects.filter(maker=bob).count() == 2


def test_what_nobody_asked_for_again_is_over_after_a_week(ask: Ask, bob: User, now: datetime) -> None:
    generation = ask(bob)
    Generation.objects.filter(pk=generation.pk).update(state=State.QUARANTINED, state_since=now)
    sweep(now + timedelta(days=6))
    generation.refresh_from_db()
    assert generation.state == State.QUARANTINED
    sweep(now + timedelta(days=7, seconds=1))
    generation.refresh_from_db()
    assert generation.state == State.CANCELLED


def test_workers_that_gave_a_sign_of_life_share_the_wait(
    ask: Ask, bob: User, carol: User, now: datetime
) -> None:
    from generation import estimate

    for maker in (person(f"p{n}") for n in range(8)):
        ask(maker)
    alone = estimate.estimate(maker=bob, seconds=1, engine="swatch", now=now)
    for name in ("one", "two", "three", "four"):
        Worker.objects.create(name=name, seen_at=now)
    shared = estimate.estimate(maker=bob, seconds=1, engine="swatch", now=now)
    work = alone.compute_s
    assert (alone.wait_s, shared.wait_s) == (work * 9, work * 3)


def test_the_wait_is_what_workers_that_become_free_one_after_another_leave(
    ask: Ask, bob: User, carol: User, now: datetime
) -> None:
    """Two workers, one busy: who comes next waits for nobody."""
    from generation import estimate

    for name in ("one", "two"):
        Worker.objects.create(name=name, seen_at=now)
    ask(carol)
    assert queue.claim("one", now) is not None
    free = estimate.estimate(maker=bob, seconds=1, engine="swatch", now=now)
    assert free.wait_s == free.compute_s
    ask(carol)
    assert estimate.estimate(maker=bob, seconds=1, engine="swatch", now=now).wait_s == free.wait_s, (
        "carol had her turn"
    )
    ask(person("dora"))
    behind_one = estimate.estimate(maker=bob, seconds=1, engine="swatch", now=now)
    assert behind_one.wait_s == 2 * behind_one.compute_s, "both are taken; the first that is free is theirs"
    small = estimate.estimate(maker=bob, seconds=1, engine="swatch", now=now, is_preview=True)
    assert small.wait_s == small.compute_s < behind_one.compute_s, "a preview goes before whole clips"


def test_work_is_learned_by_length_and_verb_and_few_examples_weigh_little(
    ask: Ask, bob: User, now: datetime
) -> None:
    from generation import estimate
    from generation.models import Clip

    def done(seconds: int, took: float, verb: str = "text") -> None:
        row = ask(bob, seconds=seconds)
        clip = Clip.objects.create(
            maker=bob, engine="swatch", duration_ms=1, width=2, height=2, sealed_at=now
        )
        Generation.objects.filter(pk=row.pk).update(
            state=State.READY, clip=clip, verb=verb, started_at=now, finished_at=now + timedelta(seconds=took)
        )

    def work(seconds: int, verb: str = "text") -> float:
        return estimate.History().work(estimate.Kind("swatch", verb, seconds))[0]

    for seconds in (1, 2, 2, 1):
        done(seconds, 10.0 * seconds)
    assert work(5) == pytest.approx(50), "through the lengths that are known"
    done(5, 500.0)
    assert 50 < work(5) < 500, "one clip is no rule"
    before = work(1, "still")
    for _again in range(12):
        done(1, 2.0, "still")
    assert work(1, "still") < 3 < before
    assert work(1) > 2 * work(1, "still")


def test_a_longer_clip_is_never_said_to_be_done_sooner() -> None:
    """Short clips that came while the host was busy bend the line downwards: it lies flat then."""
    from generation import estimate

    line = estimate._Line([(5, 120.0), (5, 110.0), (11, 60.0), (13, 50.0)])
    assert line.at(30) == line.at(5) > 50
