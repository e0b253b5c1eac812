"""A place for objects that speaks as much of S3 as the product uses, in memory, for the drills alone.

PUT, GET (one range), HEAD, DELETE, and listings of one page. Nobody's signature is checked.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


class Objects:
    """`Objects().port`; `kept` holds every object by "bucket/key"."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.kept: dict[str, bytes] = {}
        handler = type("Handler", (_Handler,), {"kept": self.kept})
        self.server = ThreadingHTTPServer((host, port), handler)
        self.server.daemon_threads = True
        self.port = int(self.server.server_port)
        threading.Thread(target=self.server.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    kept: dict[str, bytes]

    def do_PUT(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        if "aws-chunked" in self.headers.get("Content-Encoding", ""):
            body = _unchunked(body)
        self.kept[self._name()] = body
        self._answer(200, etag=body)

    def do_HEAD(self) -> None:
        self._give(with_body=False)

    def do_GET(self) -> None:
        if "/" not in self._name().rstrip("/"):  # a bucket, and no key
            self._list(parse_qs(urlsplit(self.path).query))
        else:
            self._give(with_body=True)

    def do_DELETE(self) -> None:
        self.kept.pop(self._name(), None)
        self._answer(204)

    def _name(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    def _give(self, *, with_body: bool) -> None:
        data = self.kept.get(self._name())
        if data is None:
            return self._answer(404, _error("NoSuchKey") if with_body else b"")
        part = self.headers.get("Range", "")
        if not part.startswith("bytes="):
            return self._answer(200, data, etag=data, with_body=with_body)
        first, _, last = part.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last or len(data) - 1), len(data) - 1)
        return self._answer(
            206,
            data[start : end + 1],
            etag=data,
            span=f"bytes {start}-{end}/{len(data)}",
            with_body=with_body,
        )

    def _list(self, asked: dict[str, list[str]]) -> None:
        bucket = self._name().strip("/")
        prefix, border = asked.get("prefix", [""])[0], asked.get("delimiter", [""])[0]
        keys = sorted(name.removeprefix(f"{bucket}/") for name in self.kept if name.startswith(f"{bucket}/"))
        files, folders = [], set()
        for key in keys:
            if not key.startswith(prefix):
                continue
            rest = key[len(prefix) :]
            if border and border in rest:
                folders.add(prefix + rest.partition(border)[0] + border)
            else:
                files.append(key)
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.kept[f'{bucket}/{key}'])}</Size></Contents>"
            for key in files
        )
        rows += "".join(
            f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>" for name in sorted(folders)
        )
        body = f"{XML}<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        self._answer(200, body.encode())

    def _answer(
        self,
        status: int,
        body: bytes = b"",
        *,
        etag: bytes | None = None,
        span: str = "",
        with_body: bool = True,
    ) -> None:
        self.send_response(status)
        if etag is not None:
            self.send_header("ETag", f'"{hashlib.sha256(etag).hexdigest()[:32]}"')
            self.send_header("Last-Modified", "Thu, 26 Nov 2026 12:00:00 GMT")
        if span:
            self.send_header("Content-Range", span)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def _error(code: str) -> bytes:
    return f"{XML}<Error><Code>{code}</Code></Error>".encode()


def _unchunked(body: bytes) -> bytes:
    """The payload of `aws-chunked`: lengths in hex before each piece, a checksum after the last."""
    found = b""
    while body:
        head, _, rest = body.partition(b"\r\n")
        size = int(head.split(b";")[0], 16)
        if not size:
            break
        found, body = found + rest[:size], rest[size + 2 :]
    return found


if __name__ == "__main__":
    Objects(sys.argv[1], int(sys.argv[2]))
    threading.Event().wait()
