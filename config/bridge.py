"""WSGI behind an ASGI server, with as few hops between the loop and the threads as a request needs.

Each hop costs a wake-up and a turn of the interpreter's lock; `a2wsgi` takes four or five for a beacon of a
hundred bytes. Here a small body is read before a thread is asked, and an answer that is whole goes back with
the thread's own return. Answers that stream go piece by piece, and requests with larger bodies by the library
(docs/decisions/0005). A thread keeps its own context from one request to the next, as under any server with
threads: Django keeps its connections to the cache there, and in a context made for each request it would make
a new one each time.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import build_environ

Scope = MutableMapping[str, Any]
Receive = Callable[[], Any]
Send = Callable[[MutableMapping[str, Any]], Any]

SMALL_BYTES = 64 * 1024


class Bridge:
    """Serves `http` scopes by a WSGI application in `threads` threads."""

    def __init__(self, application: Callable[..., Iterable[bytes]], *, threads: int) -> None:
        self.application = application
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="WSGI")
        self.streaming = WSGIMiddleware(application)  # type: ignore[arg-type]
        self.streaming.executor = self.threads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_small(scope):
            await self.streaming(scope, receive, send)  # type: ignore[arg-type]
            return
        body = await _read(receive)
        if body is None:  # who asked is gone
            return
        environ: Any = build_environ(scope, io.BytesIO(body))  # type: ignore[arg-type]
        loop = asyncio.get_running_loop()
        for message in await loop.run_in_executor(self.threads, self._answer, environ, send, loop):
            await send(message)

    def _answer(
        self, environ: MutableMapping[str, Any], send: Send, loop: asyncio.AbstractEventLoop
    ) -> list[MutableMapping[str, Any]]:
        """What is left to be sent when the thread is done: all of an answer that is whole."""
        start: MutableMapping[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            named = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            start.update(type="http.response.start", status=int(status.split(" ", 1)[0]), headers=named)

        pieces = self.application(environ, start_response)
        try:
            if not getattr(pieces, "streaming", True):
                return [start, {"type": "http.response.body", "body": b"".join(pieces)}]
            return _streamed(pieces, start, send, loop)
        finally:
            if close := getattr(pieces, "close", None):
                close()


def _streamed(
    pieces: Iterable[bytes],
    start: MutableMapping[str, Any],
    send: Send,
    loop: asyncio.AbstractEventLoop,
) -> list[MutableMapping[str, Any]]:
    """Each piece as it comes, no faster than it is taken."""

    def now(message: MutableMapping[str, Any]) -> None:
        asyncio.run_coroutine_threadsafe(send(message), loop).result()

    began = False
    for piece in pieces:
        if not began:  # a WSGI application may begin its answer with its first piece
            began = True
            now(start)
        now({"type": "http.response.body", "body": piece, "more_body": True})
    end = {"type": "http.response.body", "body": b""}
    return [end] if began else [start, end]


def _is_small(scope: Scope) -> bool:
    """Whether all of the body may lie in memory: it says how long it is, and is short."""
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"0")
    return b"transfer-encoding" not in headers and length.isdigit() and int(length) <= SMALL_BYTES


async def _read(receive: Receive) -> bytes | None:
    body, message = b"", await receive()
    while message["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body
        message = await receive()
    return None
