"""Whoever or whatever ends it: a running job does at most one more step, a waiting one never starts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts import actions as people
from accounts import books
from accounts.models import User
from cameos import revocation
from cameos.models import Cameo, LikenessUse
from generation import actions, credits, hand, orphans, pipeline, queue
from generation.models import Clip, Generation
from generation.receivers import withdraw
from generation.states import State
from generation.sweep import sweep
from tests.generation.conftest import Ask, allow

Cause = Callable[[Generation, Cameo, User, datetime], Any]

CAUSES: dict[str, tuple[str, Cause]] = {
    "the maker cancels": ("maker", lambda g, c, bob, now: actions.cancel(generation=g, by=bob, now=now)),
    "the owner revokes": (
        "revoked",
        lambda g, c, bob, now: revocation.revoke(cameo=c, owner=c.owner, now=now),
    ),
    "the owner freezes": (
        "frozen",
        lambda g, c, bob, now: revocation.freeze(cameo=c, owner=c.owner, now=now),
    ),
    "the owner blocks the maker": (
        "blocked",
        lambda g, c, bob, now: people.block(blocker=c.owner, blocked=bob, now=now),
    ),
    "the owner erases the likeness": (
        "erased",
        lambda g, c, bob, now: revocation.erase(cameo=c, owner=c.owner, now=now),
    ),
    "the owner deletes the clip that it goes on from": (
        "deleted",
        lambda g, c, bob, now: revocation.delete_use(
            use=LikenessUse.objects.get(clip=g.parent), owner=c.owner, now=now
        ),
    ),
    "a moderator takes down the clip that it goes on from": (
        "taken_down",
        lambda g, c, bob, now: withdraw([g.parent_id or 0], reason="taken_down", now=now),
    ),
    "the maker deletes the clip that it goes on from": (
        "deleted",
        lambda g, c, bob, now: actions.delete_clip(clip=g.parent, by=bob, now=now),  # type: ignore[arg-type]
    ),
}


@pytest.fixture
def remix(ask: Ask, bob: User, character: Cameo, now: datetime, settings: Any, tmp_path: Any) -> Generation:
    """Bob remixes his clip with Alice's character; it waits in the queue."""
    settings.JOURNAL_PATH = tmp_path / "journal.jsonl"
    allow(character, bob, now)
    parent = ask(bob, "a robot waves", cast=[character])
    hand.drain()
    parent.refresh_from_db()
    assert parent.state == State.READY
    return ask(bob, "the same at night", verb="remix", parent=parent.clip, seconds=5)


@pytest.mark.parametrize("cause", CAUSES)
def test_a_running_job_stops_within_one_step(
    remix: Generation, character: Cameo, bob: User, now: datetime, cause: str
) -> None:
    reason, act = CAUSES[cause]
    before = credits.balance(bob)
    held = queue.claim("w", queue.clock())
    assert held is not None
    steps: list[int] = []

    def pulse() -> None:
        steps.append(len(steps) + 1)
        if len(steps) == 3:
            act(remix, character, bob, now)

    pipeline.run(held, pulse=pulse)
    remix.refresh_from_db()
    assert (remix.state, remix.cancel_reason) == (State.CANCELLED, reason)
    assert len(steps) <= 4
    assert credits.balance(bob) == before + remix.credits and books.unbalanced() == []
    assert Clip.objects.count() == 1 and orphans.find(now) == []


@pytest.mark.parametrize("cause", CAUSES)
def test_a_waiting_job_never_starts(
    remix: Generation, character: Cameo, bob: User, now: datetime, cause: str
) -> None:
    reason, act = CAUSES[cause]
    act(remix, character, bob, now)
    remix.refresh_from_db()
    assert (remix.state, remix.cancel_reason) == (State.CANCELLED, reason)
    assert queue.claim("w", queue.clock()) is None and orphans.find(now) == []


def test_a_job_that_is_cancelled_while_it_is_sealed_gives_no_clip(
    ask: Ask, bob: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generation import store

    before = credits.balance(bob)
    generation = ask(bob)
    stored = store.put

    def cancelled_meanwhile(*args: Any) -> dict[str, str]:
        paths = stored(*args)
        actions.cancel(generation=generation, by=bob, now=now)
        return paths

    monkeypatch.setattr(store, "put", cancelled_meanwhile)
    assert hand.drain() == 1
    generation.refresh_from_db()
    assert generation.state == State.CANCELLED and not Clip.objects.exists()
    assert credits.balance(bob) == before
    assert orphans.find(now) == [] and sweep(queue.clock()).cleared == 0
