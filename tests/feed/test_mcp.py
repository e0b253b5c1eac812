"""An assistant under a person's token: what it is shown, what it may do, and how it is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from generation.models import Generation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def assistant(user: User, *scopes: str) -> Any:
    """Calls a method as an assistant with a token of these scopes does; gives the whole answer."""
    _token, secret = tokens.make(user=user, name="assistant", scopes=scopes, days=7, now=timezone.now())

    def call(method: str, **params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
        return Client().post("/mcp", json.dumps(body), content_type="application/json",
                             headers={"Authorization": f"Bearer {secret}"})  # fmt: skip

    return call


def test_an_assistant_shakes_hands_and_sees_the_tools_of_its_scopes(bob: User) -> None:
    call = assistant(bob, "clips:read")
    told = call("initialize", protocolVersion="2025-06-18", capabilities={}).json()
    assert told["id"] == 7 and told["result"]["protocolVersion"] == "2025-06-18"
    assert told["result"]["capabilities"] == {"tools": {}}
    names = {tool["name"] for tool in call("tools/list").json()["result"]["tools"]}
    assert names == {"find_clips", "clip_status", "my_clips"}
    assert "make_clip" in {
        tool["name"] for tool in assistant(bob, "clips:write")("tools/list").json()["result"]["tools"]
    }


@pytest.mark.parametrize("odd", ["\ud800", "\0"])
def test_text_that_is_none_is_refused_by_name_and_not_said_again(bob: User, odd: str) -> None:
    _token, secret = tokens.make(
        user=bob, name="assistant", scopes=["clips:read"], days=7, now=timezone.now()
    )
    find = {"name": "find_clips", "arguments": {"words": odd}}
    for said in ({"id": odd, "method": "ping"}, {"id": 7, "method": "tools/call", "params": find}):
        body = json.dumps({"jsonrpc": "2.0", **said})
        answer = Client().post("/mcp", body, content_type="application/json",
                               headers={"Authorization": f"Bearer {secret}"})  # fmt: skip
        assert answer.status_code == 400 and answer.json()["code"] == "parse_error"


def test_it_asks_for_a_clip_as_its_person_would(bob: User) -> None:
    call = assistant(bob, "clips:read", "clips:write")
    answer = call("tools/call", name="make_clip", arguments={"prompt": "a red kite", "seconds": 5}).json()[
        "result"
    ]
    assert answer["isError"] is False
    made = Generation.objects.get(maker=bob)
    assert answer["structuredContent"]["id"] == str(made.public_id)
    seen = call("tools/call", name="clip_status", arguments={"id": str(made.public_id)}).json()["result"]
    assert json.loads(seen["content"][0]["text"])["prompt"] == "a red kite"


def test_what_its_scope_or_its_person_may_not_is_refused_in_a_sentence(bob: User, carol: User) -> None:
    call = assistant(bob, "clips:read")
    answer = call("tools/call", name="make_clip", arguments={"prompt": "a red kite"}).json()["result"]
    assert answer["isError"] and json.loads(answer["content"][0]["text"])["code"] == "scope_missing"
    assert not Generation.objects.exists()
    made = assistant(carol, "clips:write")(
        "tools/call", name="make_clip", arguments={"prompt": "a red kite"}
    ).json()
    other = call(
        "tools/call", name="clip_status", arguments={"id": made["result"]["structuredContent"]["id"]}
    ).json()
    absent = call("tools/call", name="clip_status", arguments={"id": "no-id"}).json()
    assert other["result"] == absent["result"] and other["result"]["isError"]


def test_odd_calls_are_answered_by_the_protocol(bob: User) -> None:
    call = assistant(bob, "clips:read", "clips:write")
    assert call("tools/drop").json()["error"]["code"] == -32601
    assert call("tools/call", name="erase_everything").json()["result"]["isError"] is True
    fields = call("tools/call", name="make_clip", arguments={"prompt": "x", "seconds": "many"}).json()[
        "result"
    ]
    assert json.loads(fields["content"][0]["text"])["code"] == "invalid"


def test_without_a_token_nothing_is_there_for_assistants(bob: User) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    browser = Client()
    browser.force_login(bob)
    assert browser.post("/mcp", json.dumps(body), content_type="application/json").status_code == 401
