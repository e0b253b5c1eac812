"""WSGI behind ASGI: whole answers in one go, long ones piece by piece, bodies of any size."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import caches

from config.bridge import SMALL_BYTES, Bridge

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Whole(list[bytes]):
    """As Django's HttpResponse: it says that it does not stream, and is closed by whoever read it."""

    streaming = False
    closed = 0

    def close(self) -> None:
        Whole.closed += 1


def run(through: Coroutine[Any, Any, None]) -> None:
    """On a loop of its own: the browser's tests leave one running in this thread."""
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, through).result()


def scope(method: str = "POST", **headers: str) -> dict[str, Any]:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": "/a/é",
        "query_string": b"b=1",
        "headers": named,
        "client": ("10.0.0.7", 4711),
        "server": ("host", 80),
    }


def ask(application: WSGI, pieces: list[bytes], gone: bool = False, **headers: str) -> list[dict[str, Any]]:
    """What a server behind the bridge was told to send, for a body that came in these pieces."""
    sent: list[dict[str, Any]] = []
    waiting = [
        {"type": "http.request", "body": piece, "more_body": gone or number < len(pieces) - 1}
        for number, piece in enumerate(pieces)
    ]

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    bridge = Bridge(application, threads=2)
    run(bridge(scope(**headers), receive, send))
    return sent


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Whole:
    said = environ["wsgi.input"].read()
    start_response(
        "201 Created", [("X-Path", environ["PATH_INFO"]), ("Set-Cookie", "a"), ("Set-Cookie", "b")]
    )
    return Whole([said, b"|", environ["QUERY_STRING"].encode(), b"|", environ["REMOTE_ADDR"].encode()])


def test_a_small_body_is_read_and_a_whole_answer_sent_at_once() -> None:
    before = Whole.closed
    start, body = ask(echo, [b"he", b"llo"], content_length="5")
    assert (start["status"], body["body"]) == (201, b"hello|b=1|10.0.0.7")
    assert not body.get("more_body")
    assert [value for name, value in start["headers"] if name == b"set-cookie"] == [b"a", b"b"]
    assert dict(start["headers"])[b"x-path"].decode("latin-1").encode("latin-1").decode() == "/a/é"
    assert Whole.closed == before + 1


def test_who_left_before_the_body_was_there_is_not_served() -> None:
    calls: list[int] = []

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Whole:
        calls.append(1)
        return echo(environ, start_response)

    assert ask(application, [b"he"], gone=True, content_length="5") == []
    assert not calls


@pytest.mark.parametrize(
    "headers", [{"content_length": str(SMALL_BYTES + 1)}, {"transfer_encoding": "chunked"}]
)
def test_a_large_body_and_one_of_unknown_length_are_read_as_they_come(headers: dict[str, str]) -> None:
    pieces = [bytes([n]) * 4096 for n in range(SMALL_BYTES // 4096)] + [b"!"]

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        assert not hasattr(environ["wsgi.input"], "getvalue")  # it does not lie in memory
        start_response("200 OK", [])
        return [hashlib.sha256(environ["wsgi.input"].read()).hexdigest().encode()]

    sent = ask(application, pieces, **headers)
    assert b"".join(message.get("body", b"") for message in sent) == (
        hashlib.sha256(b"".join(pieces)).hexdigest().encode()
    )


def test_a_long_answer_leaves_piece_by_piece() -> None:
    order: list[str] = []

    def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [])
        for name in ("one", "two"):
            order.append(f"made {name}")
            yield name.encode()

    async def through() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None:
            order.append(str(message.get("body", message.get("status"))))

        await Bridge(application, threads=1)(scope("GET"), receive, send)

    run(through())
    assert order == ["made one", "200", "b'one'", "made two", "b'two'", "b''"]


def test_an_application_that_fails_says_so_to_the_server() -> None:
    def application(_environ: dict[str, Any], _start_response: Callable[..., Any]) -> list[bytes]:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        ask(application, [b""])


def test_a_thread_keeps_its_connection_to_the_cache_from_one_request_to_the_next() -> None:
    met: list[object] = []

    def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Whole:
        met.append(caches["default"])  # kept here, so that no address is used twice
        start_response("200 OK", [])
        return Whole([b""])

    async def twice() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def send(_message: Any) -> None:
            pass

        bridge = Bridge(application, threads=1)
        await bridge(scope("GET"), receive, send)
        await bridge(scope("GET"), receive, send)

    run(twice())
    assert met[0] is met[1]
