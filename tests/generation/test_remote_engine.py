"""An engine somewhere else: the same client against a server written from the public shape, and against our
own mirror of it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.utils import timezone

from accounts import books, cases, tokens
from accounts.models import Case, User
from generation import actions, credits, failures, filming, hand, orphans, pipeline, queue
from generation.engines import base as engines
from generation.engines import remote
from generation.engines.base import EngineFailed, Job, Source, Stopped
from generation.engines.remote import LONGEST_S, PATIENCE_S, RemoteEngine
from generation.models import Clip, Generation
from generation.screening import pictures
from generation.states import State, Verb
from model import video
from tests.conftest import person
from tests.generation.conftest import Ask
from tests.generation.test_photos import bring, coffee

JOB = Job(prompt="a red kite", verb="text", seed=1, seconds=4, size=(72, 128))


def told(kind: str, body: bytes) -> dict[str, Any]:
    """The fields of a body, JSON or a form; a file as its bytes."""
    if not kind.startswith("multipart/"):
        return dict(json.loads(body))
    parts = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body).get_payload()
    read = {str(part.get_param("name", header="Content-Disposition")): part for part in parts}  # type: ignore[union-attr]
    return {
        name: part.get_payload(decode=True) if part.get_filename() else part.get_payload(decode=True).decode()
        for name, part in read.items()
    }


class Elsewhere:
    """The public shape on a port of its own. `says` are the answers in order: a status, or a video object."""

    def __init__(self, mp4: bytes) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.says: dict[str, list[Any]] = {"POST": [], "GET": [], "content": [], "DELETE": []}
        self.mp4 = mp4
        elsewhere = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = told(self.headers.get("Content-Type", ""), self.rfile.read(size)) if size else None
                elsewhere.asked.append((self.command, self.path, body))
                kind = "content" if self.path.endswith("/content") else self.command
                said = elsewhere.says[kind].pop(0) if elsewhere.says[kind] else None
                status, data = elsewhere.reply(kind, said)
                self.send_response(status)
                if status == 429:
                    self.send_header("Retry-After", "7")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reply(self, kind: str, said: Any) -> tuple[int, bytes]:
        if isinstance(said, int):
            return said, b'{"error": {"code": "no", "message": "not now"}}'
        if isinstance(said, bytes):
            return 200, said
        if kind == "content":
            return 200, self.mp4
        state = {"id": "video_1", "object": "video", "status": "queued", "progress": 0}
        done = {"status": "completed", "progress": 100} if kind == "GET" else {}
        return 200, json.dumps(state | done | (said or {})).encode()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    pictures = (np.full((128, 72, 3), 20 * k, np.uint8) for k in range(8))
    video.write_mp4(tmp_path / "v.mp4", pictures, 8.0, None, (72, 128))
    server = Elsewhere((tmp_path / "v.mp4").read_bytes())
    yield server
    server.server.shutdown()
    server.server.server_close()


class Waits:
    """A clock that moves by what was waited, and nothing sleeps."""

    def __init__(self) -> None:
        self.now, self.pauses = 0.0, []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def client(url: str, waits: Waits) -> RemoteEngine:
    return RemoteEngine(url, "secret", "kite-1", pause=waits.pause, clock=lambda: waits.now)


def never() -> bool:
    return False


def test_it_creates_polls_fetches_and_deletes(elsewhere: Elsewhere) -> None:
    elsewhere.says["GET"] = [{"status": "in_progress", "progress": 40}]
    steps: list[int] = []
    made = client(elsewhere.url, Waits()).render(JOB, lambda step, _: steps.append(step), never)
    frames = list(made.frames)
    assert (len(frames), made.fps, frames[0].shape) == (8, 8.0, (128, 72, 3))
    assert [(method, path) for method, path, _ in elsewhere.asked] == [
        ("POST", "/v1/videos"), ("GET", "/v1/videos/video_1"), ("GET", "/v1/videos/video_1"),
        ("GET", "/v1/videos/video_1/content"), ("DELETE", "/v1/videos/video_1"),
    ]  # fmt: skip
    assert elsewhere.asked[0][2] == {
        "model": "kite-1", "prompt": "a red kite", "seconds": "4", "size": "72x128"
    }  # fmt: skip
    assert steps == [0, 40, 99]


def test_a_picture_to_begin_from_goes_along_as_a_file_of_the_size_asked_for(elsewhere: Elsewhere) -> None:
    first = np.full((300, 400, 3), (200, 30, 30), np.uint8)
    begins = replace(JOB, prompt="红风筝\r\nflies", verb="image", sources=[Source(b"", load=lambda: [first])])
    made = client(elsewhere.url, Waits()).render(begins, lambda *_: None, never)
    assert len(list(made.frames)) == 8
    sent = elsewhere.asked[0][2]
    picture = cv2.imdecode(np.frombuffer(sent.pop("input_reference"), np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (128, 72, 3) and picture[60, 30].tolist() == [30, 30, 200]
    assert sent == {"model": "kite-1", "prompt": "红风筝\r\nflies", "seconds": "4", "size": "72x128"}


@pytest.mark.parametrize("may", [True, False])
def test_pictures_leave_this_host_only_where_its_operator_says_so(settings: Any, may: bool) -> None:
    settings.REMOTE_VIDEOS_URL, settings.REMOTE_VIDEOS_PICTURES = "http://127.0.0.1:1/v1", may
    for verb in (Verb.IMAGE, Verb.OWN):
        assert (verb in engines.entries()["remote"].abilities.verbs) is may


def test_a_preview_is_asked_for_at_a_size_that_the_api_has(elsewhere: Elsewhere) -> None:
    small = engines.at_half(replace(JOB, size=(144, 256)))
    made = client(elsewhere.url, Waits()).render(small, lambda *_: None, never)
    assert elsewhere.asked[0][2]["size"] == "144x256"
    assert {frame.shape for frame in made.frames} == {(128, 72, 3)}


def test_too_many_and_broken_answers_are_tried_again_as_the_server_asks(elsewhere: Elsewhere) -> None:
    elsewhere.says |= {"POST": [429, 500], "GET": [503], "content": [502]}
    waits = Waits()
    made = client(elsewhere.url, waits).render(JOB, lambda *_: None, never)
    assert len(list(made.frames)) == 8
    assert waits.pauses[:4] == [2, 2, 2, 1], "seven seconds, as Retry-After said, in pieces"


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ({"POST": [429] * 99}, "remote_busy"),
        ({"POST": [500] * 99}, "remote_down"),
        ({"POST": [400]}, "remote_refused"),
        ({"POST": [b"no JSON"]}, "remote_down"),
        ({"GET": [{"status": "failed", "error": {"message": "no"}}]}, "remote_failed"),
        ({"GET": [{"status": "in_progress"}] * 20}, "remote_timeout"),
        ({"content": [b"no video"]}, "remote_failed"),
    ],
)
def test_what_remains_is_a_failure_with_a_name_and_a_sentence(
    elsewhere: Elsewhere, says: dict[str, list[Any]], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "POLL_S", 300.0)
    elsewhere.says |= says
    waits = Waits()
    with pytest.raises(EngineFailed) as failed:
        client(elsewhere.url, waits).render(JOB, lambda *_: None, never)
    assert failed.value.code == code
    assert failures.sentence(code) != failures.sentence("something else")
    assert waits.now <= PATIENCE_S + LONGEST_S + 600


def test_a_server_that_never_answers_is_named(elsewhere: Elsewhere) -> None:
    elsewhere.server.shutdown()
    elsewhere.server.server_close()
    with pytest.raises(EngineFailed, match="remote_down"):
        client(elsewhere.url, Waits()).render(JOB, lambda *_: None, never)


def test_a_cancel_stops_at_the_next_poll_and_deletes_it_there(elsewhere: Elsewhere) -> None:
    elsewhere.says["GET"] = [{"status": "in_progress"}] * 9
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Stopped):
        client(elsewhere.url, Waits()).render(JOB, lambda *_: None, should_stop)
    assert elsewhere.asked[-1][0] == "DELETE" and len(elsewhere.asked) == 4


def test_a_cancel_need_not_wait_for_a_server_that_is_too_busy(elsewhere: Elsewhere) -> None:
    elsewhere.says["POST"] = [429] * 99
    waits = Waits()
    with pytest.raises(Stopped):
        client(elsewhere.url, waits).render(JOB, lambda *_: None, lambda: waits.now > 3)
    assert waits.now <= 4 and len(elsewhere.asked) == 1


@pytest.mark.parametrize(
    "said",
    [
        b"[]", b"null", b'"video"', b"\xff\xfe", b"{" * 5000,
        {"id": ""}, {"id": "../../admin"}, {"id": "a b"}, {"id": "x?y"}, {"id": None}, {"id": "v" * 500},
    ],
)  # fmt: skip
def test_an_answer_that_is_no_video_object_is_named(elsewhere: Elsewhere, said: Any) -> None:
    elsewhere.says["POST"] = [said]
    with pytest.raises(EngineFailed, match="remote_down"):
        client(elsewhere.url, Waits()).render(JOB, lambda *_: None, never)


@pytest.mark.parametrize("progress", ["half", -4, 1e400, [], {}, True, "99.9"])
def test_progress_that_is_no_number_stops_nothing(elsewhere: Elsewhere, progress: Any) -> None:
    elsewhere.says["GET"] = [{"status": "in_progress", "progress": progress}]
    steps: list[int] = []
    made = client(elsewhere.url, Waits()).render(JOB, lambda step, _: steps.append(step), never)
    assert len(list(made.frames)) == 8 and all(0 <= step <= 99 for step in steps)


@pytest.mark.parametrize("error", ["no", None, [], 7, {"message": None}])
def test_a_failure_there_in_whatever_words_is_a_failure_here(elsewhere: Elsewhere, error: Any) -> None:
    elsewhere.says["GET"] = [{"status": "failed", "error": error}]
    with pytest.raises(EngineFailed, match="remote_failed"):
        client(elsewhere.url, Waits()).render(JOB, lambda *_: None, never)


def raw_server(says: Callable[[Any], None]) -> str:
    """A server that speaks no HTTP of ours: `says` gets each connection."""
    import socket

    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                visitor, _ = door.accept()
                threading.Thread(target=says, args=(visitor,), daemon=True).start()
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{door.getsockname()[1]}/v1"


def test_a_server_that_speaks_something_else_is_named() -> None:
    def says(visitor: Any) -> None:
        visitor.recv(4000)
        visitor.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        visitor.close()

    with pytest.raises(EngineFailed, match="remote_down"):
        client(raw_server(says), Waits()).render(JOB, lambda *_: None, never)


def test_a_server_that_takes_the_question_and_never_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "ANSWER_S", 0.05)
    with pytest.raises(EngineFailed, match="remote_down"):
        client(raw_server(lambda visitor: visitor.recv(4000)), Waits()).render(JOB, lambda *_: None, never)


def test_an_answer_that_drips_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "FETCH_S", 0.2)
    monkeypatch.setattr(remote, "PATIENCE_S", 0.0)

    def drips(visitor: Any) -> None:
        visitor.recv(4000)
        visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with suppress(OSError):
            while True:
                visitor.sendall(b" ")
                time.sleep(0.02)

    engine = RemoteEngine(raw_server(drips), "secret", "kite-1")
    with pytest.raises(EngineFailed, match="remote_down"):
        engine.render(JOB, lambda *_: None, never)


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ({"POST": [429] * 99}, "remote_busy"),
        ({"POST": [500] * 99}, "remote_down"),
        ({"POST": [400]}, "remote_refused"),
        ({"GET": [{"status": "failed"}]}, "remote_failed"),
        ({"GET": [{"status": "in_progress"}] * 999}, "remote_timeout"),
        ({"content": [b"\0\0\0\x18ftypmp42" + b"x" * 500]}, "remote_failed"),
    ],
)
def test_a_job_that_an_api_elsewhere_does_not_make_ends_by_name_with_its_credits_back(
    ask: Ask, bob: User, elsewhere: Elsewhere, settings: Any, client: Any, monkeypatch: pytest.MonkeyPatch,
    says: dict[str, list[Any]], code: str,
) -> None:  # fmt: skip
    settings.REMOTE_VIDEOS_URL, settings.REMOTE_VIDEOS_SECONDS = elsewhere.url, [4]
    for name in ("PATIENCE_S", "POLL_S"):
        monkeypatch.setattr(remote, name, 0.01)
    monkeypatch.setattr(remote, "LONGEST_S", 0.3)
    elsewhere.says |= says
    before, row = credits.balance(bob), ask(bob, engine="remote", seconds=4)
    hand.drain()
    row.refresh_from_db()
    assert (row.state, row.error) == (State.FAILED, code)
    assert credits.balance(bob) == before and orphans.find(queue.clock()) == [] and books.unbalanced() == []
    client.force_login(bob)
    page = client.get(f"/generations/{row.public_id}").content.decode()
    assert failures.sentence(code) in page and "All credits are back" in page


class Interrupted(RemoteEngine):
    """The product's own client, in whose pauses something else happens."""

    meanwhile: Callable[[float], None]

    def __init__(self) -> None:
        super().__init__(pause=Interrupted.meanwhile)


def test_a_maker_who_cancels_while_the_api_is_too_busy_need_not_wait_for_it(
    ask: Ask, bob: User, elsewhere: Elsewhere, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REMOTE_VIDEOS_URL, settings.REMOTE_VIDEOS_SECONDS = elsewhere.url, [4]
    path = "tests.generation.test_remote_engine.Interrupted"
    offered = replace(engines.entry("remote"), path=path)
    settings.EXTRA_ENGINES = {"remote": offered}
    monkeypatch.setattr(pipeline, "ASK_AGAIN", timedelta(0))
    elsewhere.says["POST"] = [429] * 99
    before, row, pauses = credits.balance(bob), ask(bob, engine="remote", seconds=4), list[float]()

    def cancels(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            actions.cancel(generation=Generation.objects.get(pk=row.pk), by=bob, now=queue.clock())
        assert len(pauses) < 50, "nobody heard it"
        time.sleep(0.01)

    monkeypatch.setattr(Interrupted, "meanwhile", cancels, raising=False)
    held = queue.claim("w", queue.clock())
    assert held is not None
    pulses: list[int] = []
    pipeline.run(held, pulse=lambda: pulses.append(len(pauses)))
    row.refresh_from_db()
    assert (row.state, len(pauses)) == (State.CANCELLED, 2)
    assert pulses[-1] == 2, "who waits is alive, and keeps the job"
    assert len(elsewhere.asked) == 1 and credits.balance(bob) == before


@pytest.fixture
def pictures_go(elsewhere: Elsewhere, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REMOTE_VIDEOS_URL, settings.REMOTE_VIDEOS_SECONDS = elsewhere.url, [4]
    settings.REMOTE_VIDEOS_PICTURES = True
    monkeypatch.setattr(remote, "POLL_S", 0.01)


def begun(bob: User) -> Generation:
    now = timezone.now()
    made = filming.request(
        maker=bob, films=[bring(bob, coffee(), now)], now=now, verb=Verb.OWN, engine="remote", seconds=4,
        aspect="9:16", prompt="steam rises",
    )  # fmt: skip
    hand.drain()
    made.refresh_from_db()
    return made


@pytest.mark.django_db
def test_a_picture_that_may_be_sexual_waits_for_a_person_before_it_leaves(
    bob: User, mod: User, elsewhere: Elsewhere, pictures_go: None, vectors: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(pictures, "HOLD", 0.0)
    made = begun(bob)
    assert (made.state, made.refusal_stage, made.refusal_rule) == (State.HELD, "offered", "offered_nsfw")
    assert elsewhere.asked == []
    case = Case.objects.get(kind="held_pictures")
    cases.decide(case=case, moderator=mod, decision="allow", note="I looked", now=timezone.now())
    hand.drain()
    made.refresh_from_db()
    assert elsewhere.asked, "now it may leave"
    assert (made.state, made.refusal_rule) == (State.HELD, "nsfw_frames"), "what came back is judged anew"


@pytest.mark.django_db
def test_a_picture_that_nobody_can_judge_does_not_leave(
    bob: User, elsewhere: Elsewhere, pictures_go: None, vectors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures._net.cache_clear()
    monkeypatch.setattr(pictures, "FILE", "lost.onnx")
    made = begun(bob)
    assert (made.state, made.error) == (State.FAILED, "pictures_unjudged") and elsewhere.asked == []


@pytest.fixture
def token(request: pytest.FixtureRequest) -> Callable[..., str]:
    def make(user: User, *scopes: str) -> str:
        return tokens.make(user=user, name="t", scopes=scopes, days=1, now=timezone.now())[1]

    return make


@pytest.mark.django_db(transaction=True)
def test_the_same_client_makes_a_clip_through_our_own_mirror(
    live_server: Any, vectors: str, token: Callable[..., str]
) -> None:
    bob = person("bob")
    secret = token(bob, "clips:read", "clips:write")
    engine = RemoteEngine(f"{live_server.url}/v1", secret, "swatch", pause=lambda s: hand.drain() and None)
    job = Job(prompt="a red kite over the sea", verb="text", seed=1, seconds=1, size=(216, 384))
    made = engine.render(job, lambda *_: None, never)
    frames = list(made.frames)
    assert len(frames) == 8 and frames[0].shape == (384, 216, 3)
    assert made.audio is not None
    row = Generation.objects.get()
    assert (row.maker, row.engine, row.seconds, row.state) == (bob, "swatch", 1, State.READY)
    assert Clip.objects.get().deleted_at is not None, "fetched, and taken back"


@pytest.mark.django_db(transaction=True)
def test_the_same_client_lets_a_clip_begin_from_a_picture_through_our_own_mirror(
    live_server: Any, vectors: str, token: Callable[..., str], settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    bob = person("bob")
    secret = token(bob, "clips:read", "clips:write")
    engine = RemoteEngine(f"{live_server.url}/v1", secret, "swatch", pause=lambda s: hand.drain() and None)
    first = cv2.resize(np.random.default_rng(1).integers(0, 255, (12, 9, 3), np.uint8), (216, 384))
    job = replace(JOB, verb="image", seconds=1, size=(216, 384), sources=[Source(b"", load=lambda: [first])])
    assert len(list(engine.render(job, lambda *_: None, never).frames)) == 8
    row = Generation.objects.get()
    assert (row.verb, row.engine, row.state, len(row.how["footage"])) == ("own", "swatch", State.READY, 1)


def test_the_mirror_speaks_the_shape_and_refuses_by_name(
    ask: Ask, bob: User, carol: User, client: Any, token: Callable[..., str]
) -> None:
    def call(method: str, path: str, who: str, **body: Any) -> Any:
        return client.generic(
            method, path, json.dumps(body) if body else "", content_type="application/json",
            HTTP_AUTHORIZATION=f"Bearer {who}",
        )  # fmt: skip

    key, reader, other = (
        token(bob, "clips:read", "clips:write"),
        token(bob, "clips:read"),
        token(carol, "clips:read"),
    )
    made = call("POST", "/v1/videos", key, prompt="a red kite", model="swatch", seconds="1", size="720x1280")
    told = made.json()
    assert made.status_code == 200, told
    assert (told["object"], told["status"], told["model"], told["seconds"]) == (
        "video",
        "queued",
        "swatch",
        "1",
    )
    assert call("GET", f"/v1/videos/{told['id']}", reader).json()["id"] == told["id"]
    assert call("GET", f"/v1/videos/{told['id']}", other).status_code == 404
    assert call("GET", f"/v1/videos/{told['id']}/content", reader).status_code == 404
    assert call("POST", "/v1/videos", reader, prompt="a kite").status_code == 403
    assert (
        call("POST", "/v1/videos", key, prompt="a kite", model="nowhere").json()["code"] == "engine_missing"
    )
    assert call("GET", "/v1/videos/video_zz", reader).status_code == 404
    assert call("GET", "/v1/videos", reader).json()["data"][0]["id"] == told["id"]
    gone = call("DELETE", f"/v1/videos/{told['id']}", key).json()
    assert gone["deleted"] is True
    after = call("GET", f"/v1/videos/{told['id']}", reader).json()
    assert (after["status"], after["error"]["code"]) == ("failed", "maker")
    assert after["created_at"] <= int((timezone.now() + timedelta(days=9000)).timestamp())
