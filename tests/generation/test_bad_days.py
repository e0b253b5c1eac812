"""Bad input and bad days: each a named state and a sentence, credits right, and nothing orphaned."""

from __future__ import annotations

import errno
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts import books
from accounts.models import User
from generation import (
    actions,
    credits,
    failures,
    hand,
    orphans,
    pipeline,
    queue,
    renditions,
    scores,
    store,
    tasks,
)
from generation.models import Clip, Generation
from generation.states import State
from generation.sweep import sweep
from tests.generation import swatch
from tests.generation.conftest import Ask


def is_sound(settings: Any) -> bool:
    """Nothing orphaned, with nothing left for a sweep to clear."""
    late = timezone.now() + timedelta(hours=1)
    return orphans.find(late) == [] and orphans.clear(late, with_clips=True) == 0 and books.unbalanced() == []


@pytest.mark.parametrize(
    ("engine", "error"),
    [
        ("absent", "engine_missing"),
        ("hungry", "out_of_memory"),
        ("torn", "nan_frames"),
        ("breaking", "engine_error"),
    ],
)
def test_an_engine_that_cannot_is_a_named_failure_with_a_sentence_of_its_own(
    ask: Ask, bob: User, settings: Any, client: Any, engine: str, error: str
) -> None:
    before = credits.balance(bob)
    generation = ask(bob, engine=engine)
    hand.drain()
    generation.refresh_from_db()
    assert (generation.state, generation.error) == (State.FAILED, error)
    assert credits.balance(bob) == before and not Clip.objects.exists() and is_sound(settings)
    client.force_login(bob)
    page = client.get(f"/generations/{generation.public_id}").content.decode()
    assert failures.sentence(error) in page and "All credits are back" in page


def test_out_of_memory_is_tried_once_more_at_half_the_size(ask: Ask, bob: User, settings: Any) -> None:
    generation = ask(bob, engine="peckish")
    hand.drain()
    generation.refresh_from_db()
    clip = generation.clip
    assert generation.state == State.READY and generation.attempts == 1 and clip is not None
    assert (clip.width, clip.height) == (108, 192) and is_sound(settings)


def test_a_job_leaves_rendering_with_the_last_frame_of_its_engine(
    ask: Ask, bob: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is done on its files afterwards is not the engine's time; an error there is not the engine's, and
    nothing is rendered again for it."""
    seen: list[tuple[str, int, int]] = []
    before = credits.balance(bob)
    generation = ask(bob)

    def breaks(*args: Any) -> Any:
        generation.refresh_from_db()
        seen.append((generation.state, generation.step, generation.steps))
        raise MemoryError

    monkeypatch.setattr(renditions, "write_pictures", breaks)
    hand.drain()
    generation.refresh_from_db()
    assert seen == [(State.INSPECTING, 8, 8)]
    assert (generation.state, generation.error) == (State.FAILED, "out_of_memory")
    assert credits.balance(bob) == before and is_sound(settings)


def test_a_disk_that_fills_up_while_the_file_is_written_fails_by_name(
    ask: Ask, bob: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **more: Any) -> Any:
        (Path(args[1]) / "half.mp4").write_bytes(b"half a file")
        raise OSError(errno.ENOSPC, "no space left")

    before = credits.balance(bob)
    monkeypatch.setattr(renditions, "write", full)
    generation = ask(bob)
    hand.drain()
    generation.refresh_from_db()
    assert (generation.state, generation.error) == (State.FAILED, "disk_full")
    assert credits.balance(bob) == before and is_sound(settings)


def test_what_a_killed_worker_left_on_the_disk_is_cleared_when_its_claim_is_over(
    ask: Ask, bob: User, settings: Any
) -> None:
    generation = ask(bob)
    held = queue.claim("w", queue.clock())
    assert held is not None
    left = Path(settings.MEDIA_ROOT) / ".work" / f"{held.generation_id}-{held.fence}-abc"
    left.mkdir(parents=True)
    (left / "half.mp4").write_bytes(b"half")
    sweep(queue.clock())
    assert left.exists(), "its worker may still be at it"
    sweep(queue.clock() + queue.LEASE + timedelta(seconds=1))
    assert not left.exists()
    generation.refresh_from_db()
    assert generation.state == State.QUEUED


def test_files_that_a_worker_stored_before_it_died_are_found_and_cleared(bob: User, settings: Any) -> None:
    folder = Path(settings.MEDIA_ROOT) / "clips" / "0b4d6f5a-1111-4222-8333-944445555666"
    folder.mkdir(parents=True)
    (folder / "mp4_720.mp4").write_bytes(b"nobody's")
    now = timezone.now()
    assert orphans.find(now) == [], "its rows may come in a moment"
    later = now + timedelta(minutes=11)
    assert [found.kind for found in orphans.find(later)] == ["clip folder"]
    assert orphans.clear(later, with_clips=True) == 1 and orphans.find(later) == []


def test_credits_that_do_not_belong_to_an_open_request_are_told(ask: Ask, bob: User) -> None:
    generation = ask(bob)
    assert orphans.find(timezone.now()) == []
    Generation.objects.filter(pk=generation.pk).update(state=State.FAILED)
    assert [found.kind for found in orphans.find(timezone.now())] == ["credits"]


@pytest.mark.parametrize("off", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_worker_whose_clock_is_off_by_an_hour_holds_its_lease_as_long_as_any(
    ask: Ask, bob: User, monkeypatch: pytest.MonkeyPatch, off: timedelta
) -> None:
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + off)
    generation = ask(bob)
    during: list[tuple[timedelta, int]] = []

    def look() -> None:
        generation.refresh_from_db()
        lease = generation.lease_until
        assert lease is not None
        during.append((lease - real(), sweep(real()).requeued))

    held = queue.claim("w", queue.clock())
    assert held is not None
    with queue.renewing(held, every=timedelta(milliseconds=20)) as pulse:
        pipeline.run(held, pulse=pulse, between=look)
    generation.refresh_from_db()
    assert generation.state == State.READY and generation.attempts == 1
    assert generation.started_at and generation.finished_at
    assert timedelta(0) < generation.finished_at - generation.started_at < timedelta(minutes=5)
    assert during and all(timedelta(0) < left <= queue.LEASE + timedelta(seconds=1) for left, _ in during)
    assert {requeued for _, requeued in during} == {0}


@pytest.mark.parametrize("off", [timedelta(hours=1), timedelta(hours=-1)])
def test_the_beat_of_a_machine_whose_clock_is_off_ends_no_lease_and_clears_no_file(
    ask: Ask, bob: User, settings: Any, monkeypatch: pytest.MonkeyPatch, off: timedelta
) -> None:
    ask(bob)
    held = queue.claim("w", queue.clock())
    assert held is not None
    folder = Path(settings.MEDIA_ROOT) / "clips" / "0b4d6f5a-1111-4222-8333-944445555666"
    folder.mkdir(parents=True)
    (folder / "mp4_720.mp4").write_bytes(b"its rows come in a moment")
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + off)
    tasks.sweep()
    tasks.clear_orphans()
    queue.renew(held, queue.clock())  # still its worker's
    assert folder.exists()


def test_a_database_that_goes_away_in_the_middle_is_no_strike(
    ask: Ask, bob: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = credits.balance(bob)
    generation = ask(bob)
    held = queue.claim("w", queue.clock())
    assert held is not None
    monkeypatch.setattr(pipeline.connection, "close", lambda: None)  # a test has one connection

    def gone(*args: Any) -> bool:
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(queue, "report_step", gone)
        pipeline.run(held)
    generation.refresh_from_db()
    assert (generation.state, generation.attempts) == (State.QUEUED, 0)
    assert hand.drain() == 1
    generation.refresh_from_db()
    assert generation.state == State.READY and credits.balance(bob) == before - 1 and is_sound(settings)


def test_an_engine_that_hangs_loses_its_job_although_its_worker_lives(
    ask: Ask, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    renewed = threading.Event()
    monkeypatch.setattr(queue, "_renew_if_reachable", lambda held: renewed.set())
    ask(bob)
    held = queue.claim("w", queue.clock())
    assert held is not None
    with queue.renewing(held, every=timedelta(milliseconds=5)):
        assert renewed.wait(5), "while steps come it is renewed"
    monkeypatch.setattr(queue, "STALL", timedelta(seconds=-1))
    with queue.renewing(held, every=timedelta(milliseconds=5)):
        names = [t for t in threading.enumerate() if t.name == f"renew-{held.generation_id}"]
        for thread in names:
            thread.join(60)
            assert not thread.is_alive(), "without a step the thread lets go by itself"


@pytest.mark.parametrize(
    "code",
    ["remote_busy", "remote_down", "remote_refused", "remote_failed", "remote_timeout", "likeness_gone",
     "parent_gone"],
)  # fmt: skip
def test_whatever_an_engine_names_ends_the_job_with_its_sentence_and_the_credits_back(
    ask: Ask, bob: User, settings: Any, client: Any, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(swatch.Failing, "code", code)
    before = credits.balance(bob)
    generation = ask(bob, engine="failing")
    hand.drain()
    generation.refresh_from_db()
    assert (generation.state, generation.error) == (State.FAILED, code)
    assert credits.balance(bob) == before and is_sound(settings)
    client.force_login(bob)
    page = client.get(f"/generations/{generation.public_id}").content.decode()
    assert failures.sentence(code) in page and failures.sentence("anything else") not in page


def test_weights_that_are_half_copied_fail_by_name_and_nothing_stays_loaded(
    ask: Ask, bob: User, settings: Any, tmp_path: Path
) -> None:
    from generation.engines import base as engines
    from tests.generation import tiny

    place = tiny.save("wan", tmp_path / "wan")
    weights = next((place / "transformer").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:700])
    settings.DIFFUSERS_FOLDER = str(place)
    before = credits.balance(bob)
    length = engines.entry("diffusers").abilities.seconds[0]
    generation = ask(bob, engine="diffusers", seconds=length)
    hand.drain()
    generation.refresh_from_db()
    assert (generation.state, generation.error) == (State.FAILED, "engine_missing")
    assert credits.balance(bob) == before and is_sound(settings)
    assert engines.in_hand() != "diffusers"


def test_a_disk_that_is_full_beforehand_is_seen_before_anything_is_rendered(
    ask: Ask, bob: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LEAST_FREE", 2**62)
    before = credits.balance(bob)
    generation = ask(bob)
    hand.drain()
    generation.refresh_from_db()
    assert (generation.state, generation.error, generation.step) == (State.FAILED, "disk_full", 0)
    assert credits.balance(bob) == before and is_sound(settings)


def test_a_disk_that_fills_up_while_files_are_stored_leaves_none_of_them(
    ask: Ask, bob: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.files.storage import FileSystemStorage, default_storage

    real = FileSystemStorage._save
    stored: list[str] = []

    def until_full(self: Any, name: str, content: Any) -> str:
        if len(stored) == 2:
            raise OSError(errno.ENOSPC, "no space left")
        stored.append(real(self, name, content))
        return stored[-1]

    monkeypatch.setattr(FileSystemStorage, "_save", until_full)
    before = credits.balance(bob)
    generation = ask(bob)
    hand.drain()
    generation.refresh_from_db()
    assert (generation.state, generation.error) == (State.FAILED, "disk_full") and len(stored) == 2
    assert not any(default_storage.exists(name) for name in stored)
    assert credits.balance(bob) == before and not Clip.objects.exists() and is_sound(settings)


def test_a_cancelled_job_that_finishes_anyway_gives_no_clip(ask: Ask, bob: User, settings: Any) -> None:
    before = credits.balance(bob)
    generation = ask(bob, engine="deaf", seconds=2)
    held = queue.claim("w", queue.clock())
    assert held is not None
    steps: list[int] = []

    def cancel_early() -> None:
        steps.append(1)
        if len(steps) == 3:
            actions.cancel(generation=generation, by=bob, now=queue.clock())

    pipeline.run(held, pulse=cancel_early)
    generation.refresh_from_db()
    assert len(steps) == 16, "the engine drew to its end"
    assert generation.state == State.CANCELLED and not Clip.objects.exists()
    assert credits.balance(bob) == before and is_sound(settings)


def test_numbers_that_cannot_be_measured_cost_nobody_their_clip(
    ask: Ask, bob: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(*args: Any) -> Any:
        raise ValueError("no scene")

    monkeypatch.setattr(scores, "_reel", torn)
    generation = ask(bob)
    hand.drain()
    generation.refresh_from_db()
    assert generation.state == State.READY and is_sound(settings)
