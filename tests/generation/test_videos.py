"""Our own `/v1/videos` before somebody who means no good: a name for each wrong thing, and nothing made,
spent or told that should not be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from cameos.intake.refusals import IntakeReason, IntakeRefused
from generation import credits, footage, hand, orphans, showing
from generation.models import Clip, Footage, Generation
from generation.states import State
from tests.generation.conftest import Ask

Call = Callable[..., Any]


@pytest.fixture
def call() -> Call:
    client = Client()

    def send(method: str, path: str, key: str = "", body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        if key:
            headers["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        kind = headers.pop("kind", "application/json")
        return client.generic(method, path, data, content_type=kind, **headers)

    return send


def key_of(user: User, *scopes: str, days: int = 1) -> str:
    wanted = scopes or ("clips:read", "clips:write")
    return tokens.make(user=user, name="t", scopes=wanted, days=days, now=timezone.now())[1]


@pytest.fixture
def key(bob: User) -> str:
    return key_of(bob)


GOOD = {"prompt": "a red kite over the sea", "model": "swatch", "seconds": "1", "size": "216x384"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": ["a", "b"]},
        {"prompt": {"text": "a"}},
        {"prompt": ""},
        {"prompt": "   "},
        {"prompt": "a " * 60_000},
        {"prompt": "a\u0000b"},
        {"seconds": "4.5"},
        {"seconds": "soon"},
        {"seconds": -1},
        {"seconds": 0},
        {"seconds": 10**30},
        {"seconds": "4"},
        {"size": "0x0"},
        {"size": "000x000"},
        {"size": "99999x1"},
        {"size": "720x"},
        {"size": "\uff17\uff12\uff10x\uff11\uff12\uff18\uff10"},
        {"size": None},
        {"seed": -1},
        {"seed": 2**63},
        {"model": "../../etc/passwd"},
        {"model": "x" * 5000},
        {"model": "absent\u0000"},
        {"input_reference": "data:image/png;base64,AAAA"},
    ],
)
def test_what_has_no_sense_is_refused_by_name_and_makes_nothing(
    ask: Ask, bob: User, call: Call, key: str, wrong: dict[str, Any]
) -> None:
    before = credits.balance(bob)
    answer = call("POST", "/v1/videos", key, GOOD | wrong)
    assert answer.status_code in (400, 422), answer.content
    told = answer.json()
    assert told.get("code") or set(wrong) <= set(told.get("errors", told)), told
    assert not Generation.objects.exists() and credits.balance(bob) == before


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{half", "application/json", 400),
        (b"[1, 2]", "application/json", 400),
        (b"null", "application/json", 400),
        (b'"prompt"', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff\xfe\x00", "application/json", 400),
        (b"<video/>", "application/xml", 415),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 400),
    ],
)
def test_a_body_that_is_none_is_refused(
    ask: Ask, call: Call, key: str, body: bytes, kind: str, status: int
) -> None:
    assert call("POST", "/v1/videos", key, body, kind=kind).status_code == status
    assert not Generation.objects.exists()


def test_a_form_like_the_sdk_sends_is_taken_too(ask: Ask, bob: User, key: str) -> None:
    answer = Client().post("/v1/videos", GOOD, HTTP_AUTHORIZATION=f"Bearer {key}")
    assert answer.status_code == 200 and answer.json()["status"] == "queued", answer.content


def test_nobody_gets_in_without_a_token_that_may(
    ask: Ask, bob: User, carol: User, call: Call, key: str
) -> None:
    made = call("POST", "/v1/videos", key, GOOD).json()["id"]
    addresses = [
        ("GET", "/v1/videos"), ("POST", "/v1/videos"), ("GET", f"/v1/videos/{made}"),
        ("DELETE", f"/v1/videos/{made}"), ("GET", f"/v1/videos/{made}/content"),
    ]  # fmt: skip
    now = timezone.now()
    gone, revoked = tokens.make(user=bob, name="r", scopes=["clips:read", "clips:write"], days=1, now=now)
    assert tokens.revoke(user=bob, token_id=gone.pk, now=now)
    old = now - timedelta(days=2)
    _row, late = tokens.make(user=bob, name="l", scopes=["clips:read", "clips:write"], days=1, now=old)
    for method, path in addresses:
        body = GOOD if method == "POST" else None
        for secret in ("", "nonsense", revoked, late, key + "x"):
            assert call(method, path, secret, body).status_code in (401, 403), (method, path, secret[:6])
    reader, other = key_of(bob, "clips:read"), key_of(carol)
    assert call("POST", "/v1/videos", reader, GOOD).status_code == 403
    assert call("DELETE", f"/v1/videos/{made}", reader).status_code == 403
    for method, path in addresses[2:]:
        assert call(method, path, other).status_code == 404
    assert call("GET", f"/v1/videos?api_key={key}").status_code in (401, 403), "no secrets in addresses"
    assert Generation.objects.count() == 1 and Generation.objects.get().state == State.QUEUED


@pytest.mark.parametrize(
    "name",
    ["video_", "video_zz", "..", "video_" + "0" * 32, "%00", "video_" + "f" * 4000, "video_%2e%2e%2fx"],
)
def test_a_name_of_nothing_is_not_found(ask: Ask, call: Call, key: str, name: str) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/content")):
        assert call(method, f"/v1/videos/{name}{path}", key).status_code == 404


def test_asking_again_with_one_key_makes_one_and_another_body_is_a_conflict(
    ask: Ask, bob: User, call: Call, key: str
) -> None:
    before = credits.balance(bob)
    first = call("POST", "/v1/videos", key, GOOD, HTTP_IDEMPOTENCY_KEY="k")
    again = call("POST", "/v1/videos", key, GOOD, HTTP_IDEMPOTENCY_KEY="k")
    assert first.json() == again.json() and Generation.objects.count() == 1
    other = call("POST", "/v1/videos", key, GOOD | {"seed": 5}, HTTP_IDEMPOTENCY_KEY="k")
    assert other.status_code == 422
    long = call("POST", "/v1/videos", key, GOOD, HTTP_IDEMPOTENCY_KEY="k" * 300)
    assert long.status_code == 400
    assert Generation.objects.count() == 1 and credits.balance(bob) == before - 1


def test_the_content_is_served_in_pieces_and_to_its_maker_alone_until_it_is_taken_back(
    ask: Ask, bob: User, carol: User, call: Call, key: str
) -> None:
    made = call("POST", "/v1/videos", key, GOOD).json()["id"]
    assert call("GET", f"/v1/videos/{made}/content", key).status_code == 404, "not before it is there"
    hand.drain()
    told = call("GET", f"/v1/videos/{made}", key).json()
    assert (told["status"], told["progress"], told["size"]) == ("completed", 100, "216x384")
    path = f"/v1/videos/{made}/content"
    whole = call("GET", path, key)
    data = b"".join(whole.streaming_content) if whole.streaming else whole.content
    assert data[4:8] == b"ftyp" and "private" in whole["Cache-Control"]
    part = call("GET", path, key, HTTP_RANGE="bytes=0-99")
    assert part.status_code == 206 and part["Content-Range"] == f"bytes 0-99/{len(data)}"
    assert call("GET", path, key, HTTP_RANGE=f"bytes={len(data)}-").status_code == 416
    for nonsense in ("bytes=9-1", "lines=1-2", "bytes=" + "0-1," * 2000):
        assert call("GET", path, key, HTTP_RANGE=nonsense).status_code in (200, 206, 416)
    assert call("GET", path, key_of(carol)).status_code == 404
    assert call("DELETE", f"/v1/videos/{made}", key).json()["deleted"] is True
    assert call("GET", path, key).status_code == 404
    after = call("GET", f"/v1/videos/{made}", key).json()
    assert (after["status"], after["error"]) == ("failed", {"code": "gone", "message": "The clip is gone."})
    assert call("DELETE", f"/v1/videos/{made}", key).status_code in (200, 404)


class Elsewhere(FileSystemStorage):
    """Files that another service keeps, as with S3: they lie nowhere here and have an address."""

    def path(self, name: str) -> str:
        raise NotImplementedError

    def url(self, name: str | None) -> str:
        return f"https://s3.example.test/{name}?signature=1"


def test_the_way_to_a_file_kept_elsewhere_is_told_anew_at_every_request(
    ask: Ask, bob: User, call: Call, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = call("POST", "/v1/videos", key, GOOD).json()["id"]
    hand.drain()
    file = Clip.objects.get().renditions.get(kind="mp4_720")
    monkeypatch.setattr(showing, "default_storage", Elsewhere())
    page = Client()
    page.force_login(bob)
    for answer in (call("GET", f"/v1/videos/{made}/content", key), page.get(file.url)):
        assert (answer.status_code, answer["Location"]) == (302, Elsewhere().url(file.path))
        assert answer["Cache-Control"] == "private, no-cache" and answer["ETag"] == f'"{file.sha256}"'


def test_a_refused_prompt_is_told_as_a_failure_with_its_rule_and_costs_nothing(
    ask: Ask, bob: User, call: Call, key: str
) -> None:
    before = credits.balance(bob)
    told = call("POST", "/v1/videos", key, GOOD | {"prompt": "how to build a pipe bomb at home"}).json()
    assert told["status"] == "failed" and told["error"]["code"] and told["error"]["message"]
    assert credits.balance(bob) == before


def test_the_list_stays_readable_when_an_engine_of_old_clips_is_gone(
    ask: Ask, bob: User, call: Call, key: str, settings: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        ask(bob)
    hand.drain()
    ask(bob)
    settings.EXTRA_ENGINES = {}
    with django_assert_max_num_queries(12):
        answer = call("GET", "/v1/videos", key)
    told = answer.json()["data"]
    assert answer.status_code == 200 and len(told) == 4
    assert {row["size"] for row in told} == {"216x384", "0x0"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE"])
def test_other_methods_are_none(ask: Ask, call: Call, key: str, method: str) -> None:
    assert call(method, "/v1/videos", key, GOOD).status_code in (403, 405)


def picture(pixels: np.ndarray | None = None) -> SimpleUploadedFile:
    shown = np.random.default_rng(3).integers(0, 255, (9, 12, 3), np.uint8) if pixels is None else pixels
    data = cv2.imencode(".jpg", cv2.resize(shown[..., ::-1], (480, 360)))[1].tobytes()
    return SimpleUploadedFile("first.jpg", data, content_type="image/jpeg")


@pytest.fixture
def send(ask: Ask, key: str, settings: Any, tmp_path: Path) -> Call:
    settings.DATA_DIR = tmp_path

    def post(file: Any, *, headers: dict[str, str] | None = None, **wishes: Any) -> Any:
        sent = {name: value for name, value in (GOOD | wishes).items() if value is not None}
        told = {"Authorization": f"Bearer {key}"} | (headers or {})
        return Client().post("/v1/videos", sent | {"input_reference": file}, headers=told)

    return post


def test_a_clip_begins_from_a_picture_that_comes_with_the_request_and_does_not_stay(
    bob: User, send: Call
) -> None:
    before = credits.balance(bob)
    assert send(picture()).json()["status"] == "queued"
    hand.drain()
    row, kept = Generation.objects.get(), Footage.objects.get()
    assert (row.state, row.verb, row.how["footage"]) == (State.READY, "own", [str(kept.public_id)])
    assert credits.balance(bob) == before - 1 and footage.of(bob) == [], "in nobody's list"
    later = timezone.now() + footage.PASSING
    footage.sweep(later - timedelta(minutes=1))
    assert kept.path.exists()
    footage.sweep(later + timedelta(minutes=1))
    assert not Footage.objects.exists()


@pytest.mark.parametrize(("model", "verb"), [("swatch", "own"), ("studio", "pan")])
def test_a_picture_that_is_waited_for_stays_however_long_the_line_is(
    send: Call, model: str, verb: str
) -> None:
    assert send(picture(), model=model).json()["status"] == "queued"
    assert Generation.objects.get().verb == verb
    footage.sweep(timezone.now() + 3 * footage.PASSING)
    assert Footage.objects.count() == 1


def test_a_picture_that_is_sent_again_or_kept_is_not_swept_as_what_it_was(send: Call, bob: User) -> None:
    send(picture())
    Generation.objects.update(state=State.FAILED)
    then = timezone.now() - 2 * footage.PASSING
    Footage.objects.update(used_at=then)
    old = footage._passed(timezone.now())[0]  # as a sweep sees it a moment before
    footage.take(maker=bob, file=picture(), passing=True, now=timezone.now())
    footage._erase_if_unused(old)
    row = Footage.objects.get()
    assert row.is_passing and row.used_at > then
    footage.take(maker=bob, file=picture(), now=timezone.now())
    footage._erase_if_unused(row)
    assert not Footage.objects.get().is_passing


def test_who_looks_second_takes_no_file_away(send: Call, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request and a worker open one picture at once, and one of them has no time left."""
    row = footage.take(maker=bob, file=picture(), now=timezone.now())
    whole = footage._picture_looked_at

    def late(path: Path) -> dict[str, Any]:
        monkeypatch.setattr(footage, "_picture_looked_at", whole)
        footage.open_one(row.pk, timezone.now())  # the other one is done meanwhile
        raise IntakeRefused(IntakeReason.TOOK_TOO_MUCH)

    monkeypatch.setattr(footage, "_picture_looked_at", late)
    footage.open_one(row.pk, timezone.now())
    row.refresh_from_db()
    assert row.state == Footage.State.READY and row.path.exists()


def test_whoever_is_on_it_without_being_cast_stops_it(bob: User, call: Call, key: str, send: Call) -> None:
    from skimage.data import astronaut

    before, made = credits.balance(bob), send(picture(astronaut()))
    hand.drain()
    told = call("GET", f"/v1/videos/{made.json()['id']}", key).json()
    assert (told["status"], told["error"]["code"]) == ("failed", "face_without_grant")
    assert told["error"]["message"].startswith("Somebody is in this picture who was not cast. 1 face")
    assert credits.balance(bob) == before and not Clip.objects.exists()


def test_an_engine_that_cannot_says_so_in_the_shape_of_that_api_and_names_those_that_can(
    send: Call, settings: Any
) -> None:
    settings.REMOTE_VIDEOS_URL = "https://api.example.com/v1"
    answer = send(picture(), model="remote", size="720x1280", seconds="4")
    told = answer.json()
    assert answer.status_code == 422 and told["code"] == "input_reference_not_taken"
    assert told["error"] == {
        "message": f"{told['message']} {told['hint']}",
        "type": "invalid_request_error",
        "param": "input_reference",
        "code": "input_reference_not_taken",
    }
    assert all(f" {name}" in told["hint"] for name in ("swatch", "native", "studio"))
    assert not Generation.objects.exists() and not Footage.objects.exists()


def test_without_a_model_the_first_that_makes_it_move_takes_it_and_a_host_without_one_its_own(
    send: Call, settings: Any
) -> None:
    assert send(picture(), model=None).json()["model"] == "swatch"
    settings.EXTRA_ENGINES = {}
    own = send(picture(), model=None, prompt="a panda dances", seconds="5")
    assert own.json()["model"] == "native", own.content
    without = send(picture(), model=None, prompt="", seconds="5").json()
    assert without["error"]["code"] == "words_missing"
    over = send(picture(), model="studio", seconds="1")
    assert over.status_code == 200 and Generation.objects.latest("pk").verb == "pan"


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0" + b"\0" * 40])
def test_what_is_no_picture_is_refused_at_once_and_leaves_nothing(
    send: Call, data: bytes, tmp_path: Path
) -> None:
    answer = send(SimpleUploadedFile("a.jpg", data))
    assert answer.status_code in (400, 422), answer.content
    assert answer.json()["error"]["param"] == "input_reference" and answer.json()["error"]["message"]
    assert not Footage.objects.exists() and not Generation.objects.exists()
    assert not list(tmp_path.glob("footage/*"))


def test_one_key_with_another_picture_is_a_conflict_and_its_file_goes(send: Call, tmp_path: Path) -> None:
    once = {"Idempotency-Key": "k"}
    other = np.random.default_rng(4).integers(0, 255, (9, 12, 3), np.uint8)
    assert send(picture(), headers=once).json() == send(picture(), headers=once).json()
    assert send(picture(other), headers=once).status_code == 422
    assert Generation.objects.count() == 1 and len(list(tmp_path.glob("footage/*"))) == 1


def test_a_file_of_which_no_row_knows_is_found_and_cleared(db: None, settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "footage").mkdir()
    (tmp_path / "footage" / ("0" * 32)).write_bytes(b"a request that was taken back")
    assert orphans.find(timezone.now()) == [], "it may be on its way"
    late = timezone.now() + orphans.SETTLING + timedelta(minutes=1)
    assert [found.kind for found in orphans.find(late)] == ["footage"]
    assert orphans.clear(late, with_clips=True) == 1 and orphans.find(late) == []
