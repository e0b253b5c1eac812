"""Workers on other machines: what they are given, what they bring, and everything that may go wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from accounts import books
from accounts.models import User
from cameos import references, revocation
from cameos.models import Cameo, Reference
from generation import actions, credits, hand, orphans, queue
from generation.engines.base import Engine, Job, OnStep, Rendered, ShouldStop
from generation.models import Generation, RemoteJob, RemotePromise, RemoteResult, RemoteWorker
from generation.queue import clock
from generation.states import State
from generation.sweep import sweep
from generation.workers import sealing, tokens
from generation.workers.client import Client, Host, HostSaysNo
from tests.generation.conftest import Ask, allow
from tests.generation.swatch import Swatch

pytestmark = pytest.mark.django_db(transaction=True)
FACE = b"the crops of a face" * 50


class Spy(Swatch):
    """Renders, and remembers what it was given."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.between: Callable[[], None] = lambda: None

    def render(self, job: Job, on_step: OnStep, should_stop: ShouldStop) -> Rendered:
        self.jobs.append(job)
        self.between()
        return super().render(job, on_step, should_stop)


@pytest.fixture
def spy() -> Spy:
    return Spy()


@pytest.fixture
def shed(db: None) -> tuple[RemoteWorker, str]:
    return tokens.register(name="shed", by=None, now=clock())


@pytest.fixture
def worker(live_server: Any, shed: tuple[RemoteWorker, str], spy: Spy) -> Client:
    return client_of(live_server, shed[1], spy)


def client_of(live_server: Any, secret: str, engine: Engine, **wishes: Any) -> Client:
    host = Host(live_server.url, secret)
    return Client(host, ["swatch"], engine=lambda name: engine, pause=lambda s: None, **wishes)


def taken(worker: Client) -> tuple[dict[str, Any], X25519PrivateKey]:
    """A claim without the rendering."""
    private = X25519PrivateKey.generate()
    key = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    asked = {"instance": worker.instance, "engines": ["swatch"], "key": key, "clock": worker.now()}
    return json.loads(worker.host.post("/claim", asked))["job"], private


def beat(worker: Client, told: dict[str, Any], step: int = 1) -> None:
    said = {"instance": worker.instance, "fence": told["fence"], "step": step, "steps": 8}
    worker.host.post(f"/jobs/{told['id']}/beat", said)


def code_of(call: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(HostSaysNo) as no:
        call()
    return no.value.status, no.value.code


def now_of(generation: Generation) -> Generation:
    generation.refresh_from_db()
    return generation


@pytest.fixture
def cast(alice: User, bob: User, likeness: Cameo, now: Any) -> Cameo:
    references.store(likeness, Reference.Kind.FACE, FACE, now)
    allow(likeness, bob, now)
    return likeness


def nothing_stored(settings: Any) -> bool:
    folder = Path(settings.MEDIA_ROOT)
    return not any(path.is_file() for path in folder.rglob("*")) if folder.exists() else True


def test_a_clip_is_rendered_elsewhere_and_sealed_here(
    ask: Ask, bob: User, worker: Client, spy: Spy, settings: Any
) -> None:
    before, generation = credits.balance(bob), ask(bob)
    assert worker.one() and not worker.one()
    assert now_of(generation).state == State.QUEUED and RemoteResult.objects.count() == 1
    hand.drain()
    clip = now_of(generation).clip
    assert generation.state == State.READY, generation.error
    assert clip is not None and clip.duration_ms == 1000 and clip.material_path
    assert spy.jobs[0].prompt == "a red kite over the sea" and spy.jobs[0].seed == 7
    assert "fetch" in generation.stage_seconds and "render" not in generation.stage_seconds
    assert credits.balance(bob) == before - 1 and books.unbalanced() == []
    assert not RemoteResult.objects.exists() and orphans.find(clock()) == []
    assert not any((Path(settings.MEDIA_ROOT) / "results").iterdir())
    assert RemoteJob.objects.get().outcome == RemoteJob.Outcome.UPLOADED


def test_finishing_it_costs_no_second_turn(ask: Ask, bob: User, worker: Client) -> None:
    ask(bob)
    worker.one()
    turn = bob.turn.finish
    hand.drain()
    bob.turn.refresh_from_db()
    assert bob.turn.finish == turn


def test_a_remix_goes_on_from_material_that_travels(ask: Ask, bob: User, worker: Client, spy: Spy) -> None:
    first = ask(bob)
    hand.drain()
    # Only the native engine's clips travel: their material is scene tokens, not pictures.
    remix = ask(bob, verb="remix", parent=now_of(first).clip)
    assert not worker.one()
    Generation.objects.filter(pk=remix.pk).update(engine="native")
    worker.names = ["native"]
    spy.between = lambda: None
    told, private = taken_as(worker, "native")
    sealed = worker.host.post(f"/promised/{told['sources'][0]['material']}", {})
    assert sealing.open_with(private, sealed, told["label"]) == b"swatch 7"


def taken_as(worker: Client, engine: str) -> tuple[dict[str, Any], X25519PrivateKey]:
    private = X25519PrivateKey.generate()
    key = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    asked = {"instance": worker.instance, "engines": [engine], "key": key, "clock": worker.now()}
    return json.loads(worker.host.post("/claim", asked))["job"], private


def test_a_face_is_given_once_and_to_this_claim_alone(
    ask: Ask, bob: User, cast: Cameo, worker: Client, live_server: Any, spy: Spy
) -> None:
    ask(bob, "Alice at the sea", cast=[cast])
    other = client_of(live_server, tokens.register(name="barn", by=None, now=clock())[1], spy)
    told, private = taken(worker)
    address = f"/promised/{told['cast'][0]['face']}"
    assert code_of(lambda: other.host.post(address, {}))[0] == 404
    sealed = worker.host.post(address, {})
    assert FACE not in sealed and FACE[:19] not in sealed
    assert sealing.open_with(private, sealed, told["label"]) == FACE
    with pytest.raises(sealing.NotForUs):
        sealing.open_with(X25519PrivateKey.generate(), sealed, told["label"])
    with pytest.raises(sealing.NotForUs):
        sealing.open_with(private, sealed, "another job:1")
    assert code_of(lambda: worker.host.post(address, {}))[0] == 404  # replayed
    kept = RemotePromise.objects.get(kind="face")
    assert told["cast"][0]["face"] not in kept.token_hash and kept.used_at is not None


def test_a_face_is_not_given_after_a_minute(ask: Ask, bob: User, cast: Cameo, worker: Client) -> None:
    ask(bob, "Alice at the sea", cast=[cast])
    told, _private = taken(worker)
    RemotePromise.objects.update(expires_at=clock() - timedelta(seconds=1))
    assert code_of(lambda: worker.host.post(f"/promised/{told['cast'][0]['face']}", {}))[0] == 404


def test_who_revokes_meanwhile_is_not_sent(
    ask: Ask, bob: User, alice: User, cast: Cameo, worker: Client
) -> None:
    before = credits.balance(bob)
    generation = ask(bob, "Alice at the sea", cast=[cast])
    told, _private = taken(worker)
    revocation.revoke(cameo=cast, owner=alice, now=clock())
    status, code = code_of(lambda: worker.host.post(f"/promised/{told['cast'][0]['face']}", {}))
    assert status == 409 and code in {"job_cancelled", "job_refused"}
    assert code_of(lambda: beat(worker, told)) == (409, code)
    assert now_of(generation).state in {State.CANCELLED, State.REFUSED}
    assert credits.balance(bob) == before and orphans.find(clock()) == []


def test_an_engine_gets_the_face_and_draws_with_it(
    ask: Ask, bob: User, cast: Cameo, worker: Client, spy: Spy
) -> None:
    generation = ask(bob, "Alice at the sea", cast=[cast])
    assert worker.one() and spy.jobs[0].cast[0].face == FACE
    hand.drain()
    assert now_of(generation).state == State.READY
    assert generation.clip is not None and generation.clip.cast_count == 1


def test_progress_and_a_picture_come_with_each_beat(ask: Ask, bob: User, worker: Client) -> None:
    generation = ask(bob)
    told, _private = taken(worker)
    said = {"instance": worker.instance, "fence": told["fence"], "step": 3, "steps": 8}
    jpeg = base64.b64encode(b"\xff\xd8\xff a small picture").decode()
    worker.host.post(f"/jobs/{told['id']}/beat", said | {"picture": jpeg})
    assert now_of(generation).step == 3 and generation.percent == 37
    assert bytes(generation.preview.jpeg).endswith(b"a small picture")
    page = base64.b64encode(b"<script>").decode()
    worker.host.post(f"/jobs/{told['id']}/beat", said | {"step": 4, "picture": page})
    generation.preview.refresh_from_db()
    assert bytes(generation.preview.jpeg).endswith(b"a small picture")


def test_a_second_process_with_the_same_token_is_turned_away(
    ask: Ask, bob: User, worker: Client, live_server: Any, shed: tuple[RemoteWorker, str], spy: Spy
) -> None:
    generation = ask(bob)
    told, _private = taken(worker)
    twin = client_of(live_server, shed[1], spy)
    with pytest.raises(HostSaysNo, match="token_in_use"):
        twin.work()
    assert code_of(lambda: beat(twin, told)) == (409, "token_in_use")
    beat(worker, told)
    RemoteWorker.objects.update(seen_at=clock() - timedelta(seconds=61))
    assert not twin.one()  # the first one is silent: its token may be taken over, its job is its own
    assert now_of(generation).state == State.RENDERING


def test_a_worker_whose_clock_is_an_hour_off_is_told_and_served(
    ask: Ask, bob: User, live_server: Any, shed: tuple[RemoteWorker, str], spy: Spy, caplog: Any
) -> None:
    generation = ask(bob)
    late = client_of(live_server, shed[1], spy, now=lambda: clock().timestamp() + 3600)
    assert late.one()
    assert "clock" in caplog.text and abs(RemoteWorker.objects.get().clock_off_s - 3600) < 30
    hand.drain()
    assert now_of(generation).state == State.READY


def test_a_cancelled_job_that_finishes_anyway_leaves_nothing(
    ask: Ask, bob: User, worker: Client, spy: Spy, settings: Any
) -> None:
    before, generation = credits.balance(bob), ask(bob)

    def cancel() -> None:
        actions.cancel(generation=Generation.objects.get(), by=bob, now=clock())

    spy.between = cancel  # no beat comes in between: the film is whole when it is brought
    told, private = taken(worker)
    assert worker.render(told, private) == "job_cancelled"
    assert now_of(generation).state == State.CANCELLED
    assert RemoteJob.objects.get().outcome == RemoteJob.Outcome.CANCELLED
    assert credits.balance(bob) == before and nothing_stored(settings) and orphans.find(clock()) == []


def test_a_cancel_is_heard_with_the_next_beat(ask: Ask, bob: User, worker: Client) -> None:
    generation = ask(bob)
    told, _private = taken(worker)
    beat(worker, told)
    actions.cancel(generation=generation, by=bob, now=clock())
    assert now_of(generation).state == State.RENDERING
    assert code_of(lambda: beat(worker, told, 2)) == (409, "job_cancelled")
    assert now_of(generation).state == State.CANCELLED


def test_a_worker_that_comes_back_late_changes_nothing(
    ask: Ask, bob: User, worker: Client, settings: Any
) -> None:
    generation = ask(bob)
    told, private = taken(worker)
    Generation.objects.update(lease_until=clock() - timedelta(seconds=1))
    assert sweep(clock()).requeued == 1
    assert code_of(lambda: beat(worker, told)) == (409, "claim_lost")
    assert worker.render(told, private) == "claim_lost"
    assert nothing_stored(settings) and RemoteJob.objects.get().outcome == RemoteJob.Outcome.LOST
    hand.drain()
    assert now_of(generation).state == State.READY and "render" in generation.stage_seconds


def test_a_result_is_taken_once(ask: Ask, bob: User, worker: Client) -> None:
    ask(bob)
    told, private = taken(worker)
    assert worker.render(told, private) == "brought"
    kept = RemoteResult.objects.get().film_path
    assert worker.render(told, private) == "claim_lost"
    assert RemoteResult.objects.get().film_path == kept


def test_what_is_no_film_of_this_job_fails_with_its_credits_back(ask: Ask, bob: User, worker: Client) -> None:
    before, generation = credits.balance(bob), ask(bob)
    told, private = taken(worker)
    told["size"] = [64, 64]
    assert worker.render(told, private) == "brought"
    hand.drain()
    assert (now_of(generation).state, generation.error) == (State.FAILED, "remote_failed")
    assert credits.balance(bob) == before and not RemoteResult.objects.exists()


def test_a_film_that_is_brought_is_opened_behind_the_walls_alone(
    ask: Ask, bob: User, worker: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    import av

    before = credits.balance(bob)
    good, bad = ask(bob), ask(bob, "a blue kite over the sea")
    assert worker.one() and worker.one()
    torn = RemoteResult.objects.get(generation=bad)
    film = Path(settings.MEDIA_ROOT) / torn.film_path
    film.write_bytes(film.read_bytes()[:2000])
    opened = av.open

    def only_written(path: Any, mode: str = "r", **more: Any) -> Any:
        assert mode == "w" or "results" not in str(path) and "brought" not in str(path)
        return opened(path, mode, **more)

    monkeypatch.setattr(av, "open", only_written)
    hand.drain()
    assert now_of(good).state == State.READY, good.error
    assert (now_of(bad).state, bad.error) == (State.FAILED, "remote_failed")
    assert credits.balance(bob) == before - 1 and orphans.find(clock()) == []


def test_more_pictures_than_a_clip_may_have_are_not_taken(ask: Ask, bob: User, worker: Client) -> None:
    """A head that says one thing and a rate that says another: a clip is at most two minutes."""
    before, generation = credits.balance(bob), ask(bob)
    assert worker.one()
    RemoteResult.objects.update(fps=0.05)
    hand.drain()
    assert (now_of(generation).state, generation.error) == (State.FAILED, "remote_failed")
    assert credits.balance(bob) == before


def test_revoking_the_token_gives_its_job_back_without_a_strike(
    ask: Ask, bob: User, cast: Cameo, worker: Client, shed: tuple[RemoteWorker, str]
) -> None:
    generation = ask(bob, "Alice at the sea", cast=[cast])
    told, _private = taken(worker)
    assert tokens.revoke(worker=shed[0], now=clock()) and not tokens.revoke(worker=shed[0], now=clock())
    assert code_of(lambda: worker.host.post(f"/promised/{told['cast'][0]['face']}", {}))[0] == 401
    assert code_of(worker.work)[0] == 401
    assert now_of(generation).state == State.QUEUED and generation.attempts == 0


def test_what_the_worker_cannot_do_is_left_to_others_three_times_at_most(
    ask: Ask, bob: User, live_server: Any, shed: tuple[RemoteWorker, str]
) -> None:
    from generation.engines.base import EngineFailed

    class Without(Swatch):
        def render(self, *args: Any) -> Rendered:
            raise EngineFailed("engine_missing")

    generation, poor = ask(bob), client_of(live_server, shed[1], Without())
    assert [poor.one() for _ in range(4)] == [True, True, True, False]
    assert now_of(generation).state == State.QUEUED and generation.attempts == 0
    hand.drain()
    assert now_of(generation).state == State.READY


def test_a_failure_of_the_job_itself_ends_it(ask: Ask, bob: User, live_server: Any, shed: Any) -> None:
    from tests.generation.swatch import Torn

    before, generation = credits.balance(bob), ask(bob)
    client_of(live_server, shed[1], Torn()).one()
    assert (now_of(generation).state, generation.error) == (State.FAILED, "nan_frames")
    assert credits.balance(bob) == before


def test_a_job_that_reports_no_step_is_let_go(ask: Ask, bob: User, worker: Client) -> None:
    generation = ask(bob)
    told, _private = taken(worker)
    beat(worker, told, 2)
    RemoteJob.objects.update(progressed_at=clock() - queue.STALL - timedelta(seconds=1))
    assert code_of(lambda: beat(worker, told, 2)) == (409, "no_progress")
    assert now_of(generation).state == State.QUEUED


def test_a_host_that_renders_nothing_itself_finishes_what_is_brought(
    ask: Ask, bob: User, worker: Client, settings: Any
) -> None:
    settings.RENDER_HERE = False
    generation = ask(bob)
    assert not hand.run_one("here")
    worker.one()
    assert hand.run_one("here") and now_of(generation).state == State.READY


def test_faces_travel_over_tls_only() -> None:
    with pytest.raises(ValueError):
        Host("http://clips.example.org", "uw_x")
    Host("https://clips.example.org", "uw_x")
