"""One model a worker, loaded once: by the first job that needs it, and kept while others need none."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from generation import hand, progress
from generation.engines import base as engines
from generation.engines import remote
from generation.engines.base import Stopped
from generation.models import Generation
from generation.states import State
from tests.generation.conftest import Ask
from tests.generation.test_films import finished
from tests.generation.test_photos import bring, coffee, photo_of
from tests.generation.test_remote_engine import JOB, Elsewhere, elsewhere, never

__all__ = ["elsewhere"]


@pytest.fixture(autouse=True)
def empty_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_resident", None)
    monkeypatch.setattr(engines, "loads", 0)


def test_a_worker_that_is_asked_before_it_is_warm_keeps_the_model_that_it_was_asked_for(
    ask: Ask, bob: User
) -> None:
    first = ask(bob)
    assert hand.run_one("w")
    hand._warm_engine()
    second = ask(bob, seed=8)
    assert hand.run_one("w")
    assert (engines.in_hand(), engines.loads) == ("swatch", 1)
    for row in (first, second):
        row.refresh_from_db()
        assert row.state == State.READY, row.error


def test_a_worker_that_nobody_asked_loads_the_usual_engine(settings: Any) -> None:
    settings.RENDER_HERE = False
    hand._warm_engine()
    assert engines.loads == 0, "only others render for this host"
    settings.RENDER_HERE = True
    hand._warm_engine()
    assert (engines.in_hand(), engines.loads) == ("native", 1)


@pytest.mark.django_db
def test_a_clip_of_photos_displaces_no_model(ask: Ask, bob: User, now: datetime, vectors: str) -> None:
    finished(ask(bob))
    finished(photo_of(bob, bring(bob, coffee(), now), now))
    finished(ask(bob, seed=8))
    assert (engines.in_hand(), engines.loads) == ("swatch", 1)


@pytest.mark.django_db
def test_a_preview_of_the_loaded_model_is_rendered_between_two_steps_of_a_film(
    ask: Ask, bob: User, carol: User, now: datetime, vectors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "TELL_EVERY_S", 0.0)
    finished(ask(bob))
    long = photo_of(bob, bring(bob, coffee(), now), now)
    asked: list[Generation] = []
    looked = hand.serve_previews

    def ask_in_between(*given: Any) -> None:
        if not asked:
            asked.append(ask(carol, is_preview=True))
        looked(*given)

    monkeypatch.setattr(hand, "serve_previews", ask_in_between)
    assert hand.run_one("w")
    long.refresh_from_db()
    asked[0].refresh_from_db()
    assert (long.state, asked[0].state) == (State.READY, State.READY), (long.error, asked[0].error)
    assert asked[0].finished_at and long.finished_at and asked[0].finished_at < long.finished_at
    assert engines.loads == 1


def test_nothing_waits_for_another_machine_between_two_steps_on_this_one(
    settings: Any, elsewhere: Elsewhere
) -> None:
    settings.REMOTE_VIDEOS_URL = elsewhere.url
    assert engines.at_hand("native") == {"studio"}, "no model is loaded"
    engines.get("swatch")
    assert engines.at_hand("swatch") == {"swatch", "studio"}
    assert engines.at_hand("remote") == {"swatch", "studio", "remote"}
    assert engines.at_hand("absent") == {"swatch", "studio"}


def test_a_preview_elsewhere_between_two_answers_leaves_the_whole_clip_its_own_stop_and_token(
    settings: Any, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REMOTE_VIDEOS_URL = elsewhere.url
    monkeypatch.setattr(remote, "POLL_S", 0.01)
    elsewhere.mp4 += b"\0" * remote.PIECE  # more than one piece: its fetching asks whether to stop
    whole, served, stop = engines.get("remote"), list[str](), False

    def between(step: int, _steps: int) -> None:
        nonlocal stop
        if step and not served:
            own = whole.token  # type: ignore[attr-defined]
            served.append("preview")
            engines.get("remote").render(JOB, lambda *_: None, never)
            assert whole.token == own  # type: ignore[attr-defined]
            stop = True

    with pytest.raises(Stopped):
        whole.render(JOB, between, lambda: stop)
    assert served == ["preview"]
