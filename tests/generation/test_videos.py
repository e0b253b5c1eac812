"""Our own `/v1/videos` before somebody who means no good: a name for each wrong thing, and nothing made,
spent or told that should not be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from generation import credits, hand
from generation.models import Generation
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
    assert (after["status"], after["error"]["code"]) == ("failed", "gone")
    assert call("DELETE", f"/v1/videos/{made}", key).status_code in (200, 404)


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
