"""Sends files of people: whole, or the byte ranges that players ask for (RFC 9110, section 14).

Whoever calls decides first whether the viewer may see the file. Answers may be kept by the viewer's own
browser only, and only after asking again, so that a withdrawal holds at the next request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

from django.conf import settings
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.http import http_date, parse_http_date_safe, quote_etag

# 18 digits are beyond any file; Python refuses to read a number of thousands of them.
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})$")
_BLOCK = 256 * 1024


def serve(
    request: HttpRequest, path: Path, *, content_type: str, etag: str, private: bool = True
) -> HttpResponseBase:
    """The file, or the one range asked for: 200, 206, 304 or 416. A file that is not there is a 404.

    With `MEDIA_ACCEL` set (nginx's internal location), the web server sends the bytes instead.
    """
    try:
        size, modified = path.stat().st_size, path.stat().st_mtime
    except FileNotFoundError:
        return HttpResponse(status=404)
    if accel := getattr(settings, "MEDIA_ACCEL", ""):
        return _handed_on(path, accel, content_type, etag, private)
    return _answer(request, path, size, content_type, etag, modified, private)


def serve_bytes(request: HttpRequest, data: bytes, *, content_type: str, etag: str) -> HttpResponseBase:
    """The same for what only memory holds, as an unsealed recording."""
    return _answer(request, data, len(data), content_type, etag, None, True)


def elsewhere(address: str, *, etag: str) -> HttpResponseBase:
    """The way to a file that another service keeps: told again at each request, as what we send ourselves."""
    response = HttpResponseRedirect(address)
    response["ETag"] = quote_etag(etag)
    response["Cache-Control"] = "private, no-cache"
    return response


def _answer(
    request: HttpRequest,
    source: Path | bytes,
    size: int,
    content_type: str,
    etag: str,
    modified: float | None,
    private: bool,
) -> HttpResponseBase:
    quoted = quote_etag(etag)
    if quoted in [tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")]:
        response: HttpResponseBase = HttpResponse(status=304)
    elif (asked := _asked(request, size, quoted, modified)) is None:
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        response = _part(request, source, size, asked, content_type)
    response["ETag"] = quoted
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = ("private" if private else "public") + ", no-cache"
    if modified is not None:
        response["Last-Modified"] = http_date(modified)
    return response


def _asked(request: HttpRequest, size: int, etag: str, modified: float | None) -> tuple[int, int] | None:
    """First and last byte to send; None where the range lies outside. Several ranges get the whole file."""
    header = request.headers.get("Range", "").strip()
    match = _RANGE.match(header)
    if not match or header == "bytes=-" or not _still_the_same(request, etag, modified):
        return 0, size - 1
    first, last = match.groups()
    if not first:
        length = int(last)
        return (max(0, size - length), size - 1) if length and size else None
    start, end = int(first), min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return 0, size - 1  # A malformed range is no range.
    return (start, end) if start < size else None


def _still_the_same(request: HttpRequest, etag: str, modified: float | None) -> bool:
    """`If-Range`: the part is only of use when the file is the one the player began with."""
    condition = request.headers.get("If-Range")
    if not condition:
        return True
    if condition.startswith('"'):
        return condition == etag
    moment = parse_http_date_safe(condition)
    return moment is not None and modified is not None and int(modified) <= moment


def _part(
    request: HttpRequest, source: Path | bytes, size: int, asked: tuple[int, int], content_type: str
) -> HttpResponseBase:
    start, end = asked
    length = max(0, end - start + 1)
    whole = length == size
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(status=200 if whole else 206, content_type=content_type)
    elif whole:
        response = FileResponse(_open(source), content_type=content_type)
        del response["Content-Disposition"]  # The file's own name would win over the one a link gives it.
    else:
        blocks = _blocks(_open(source), start, length)
        response = StreamingHttpResponse(blocks, status=206, content_type=content_type)
    response["Content-Length"] = str(length)
    response["Content-Encoding"] = "identity"  # Else the middleware would squeeze it and lose the ranges.
    if not whole:
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response


def _open(source: Path | bytes) -> IO[bytes]:
    return BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _blocks(file: IO[bytes], start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0 and (block := file.read(min(_BLOCK, length))):
            length -= len(block)
            yield block


def _handed_on(path: Path, accel: str, content_type: str, etag: str, private: bool) -> HttpResponse:
    inside = path.resolve().relative_to(Path(settings.MEDIA_ROOT).resolve())
    response = HttpResponse(content_type=content_type)
    response["X-Accel-Redirect"] = f"{accel.rstrip('/')}/{inside.as_posix()}"
    response["ETag"] = quote_etag(etag)
    response["Cache-Control"] = ("private" if private else "public") + ", no-cache"
    return response
