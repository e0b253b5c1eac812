"""Progress is told from a thread beside the engine: nothing of it is late, nothing comes after the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from generation import progress, queue
from generation.models import Generation, Preview
from generation.progress import Aside
from generation.queue import Claim, LostClaim
from generation.states import State
from tests.conftest import person
from tests.generation.conftest import Ask

pytestmark = pytest.mark.django_db(transaction=True)
PICTURE = np.full((64, 48, 3), 90, np.uint8)


@pytest.fixture
def held(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> Claim:
    monkeypatch.setattr(progress, "TELL_EVERY_S", 0.001)
    ask(person("bob"))
    claim = queue.claim("w", queue.clock())
    assert claim is not None
    return claim


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def row_of(held: Claim) -> Generation:
    return Generation.objects.get(pk=held.generation_id)


def test_the_last_step_and_its_picture_come_into_the_row_while_the_engine_goes_on(held: Claim) -> None:
    looked = threading.Event()

    def look() -> bool:
        looked.set()
        return True

    with Aside(row_of(held), held, look) as aside:
        assert not aside.note(1, 8, PICTURE)
        until(lambda: row_of(held).step == 1 and Preview.objects.filter(step=1).exists())
        assert looked.wait(60)
        until(aside.somebody_waits)
        aside.note(7, 8, None)
    assert row_of(held).step == 7, "what was noted last is written before it closes"
    assert not [t for t in threading.enumerate() if t.name == f"progress-{held.generation_id}"]


def test_a_cancel_is_known_at_the_next_step_and_a_lost_claim_too(held: Claim) -> None:
    rows = Generation.objects.filter(pk=held.generation_id)
    with Aside(row_of(held), held) as aside:
        assert aside.note(1, 8, None) is False
        rows.update(cancel_requested_at=queue.clock())
        assert aside.note(2, 8, None) is True
        rows.update(fence=held.fence + 1, state=State.QUEUED)
        with pytest.raises(LostClaim):
            aside.note(3, 8, PICTURE)
    assert not Preview.objects.exists(), "who lost it draws nothing for the next one"


def test_a_database_that_is_away_for_a_moment_stops_no_engine(
    held: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    real, tried = queue.note_step, threading.Event()

    def away(*args: Any) -> None:
        tried.set()
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(queue, "note_step", away)
    with Aside(row_of(held), held) as aside:
        aside.note(1, 8, None)
        assert tried.wait(60)
        monkeypatch.setattr(queue, "note_step", real)
        aside.note(2, 8, None)
        until(lambda: row_of(held).step == 2)


def test_the_last_step_comes_with_the_arrow_and_nothing_overwrites_it(
    held: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who renders does not wait for what is being told; a step that is late finds the job gone on."""
    began, go = threading.Event(), threading.Event()
    real = queue.note_step

    def slow(*args: Any) -> None:
        began.set()
        assert go.wait(60)
        real(*args)

    monkeypatch.setattr(queue, "note_step", slow)
    row = row_of(held)
    with Aside(row, held) as aside:
        aside.note(3, 8, PICTURE)
        assert began.wait(60)
        aside.note(8, 8, PICTURE)
        aside.hush()
        assert Generation.objects.move(row, State.INSPECTING, queue.clock(), step=8, steps=8)
        go.set()
    after = row_of(held)
    assert (after.state, after.step, after.steps) == (State.INSPECTING, 8, 8)
    assert not Preview.objects.exists()
