"""Every parser of ours that reads what a stranger sent, as a function of bytes.

A target returns, or raises a refusal with a name; anything else is a crash. What crashed once is kept in
`tests/fuzz/kept/<target>/` and tried by `tests/fuzz/test_fuzz.py` on every run.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.handles import check_handle, check_name
from accounts.refusals import Refused
from accounts.views.edge import safe
from cameos.intake import api as tus
from cameos.intake import kinds, media, uploads
from commerce import money
from commerce.agents import acp, ucp
from commerce.catalog import formats, rows
from feed import pagination, steering, text
from generation import layout

Target = Callable[[bytes], None]
MOST = 20_000  # of one catalogue: rows are read lazily, and a fuzzer's file is small


def words(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def as_json(data: bytes) -> Any:
    """JSON of what was sent, as our parsers are given it; None for what is no JSON."""
    try:
        return json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def cursor(data: bytes) -> None:
    pagination.read("latest", words(data))


def rules(data: bytes) -> None:
    steering.read(as_json(data))
    list(steering.as_lines(steering.compile_words(words(data))))


def importers(data: bytes) -> None:
    for kind in formats.READERS:
        try:
            for number, _row in enumerate(formats.read(io.BytesIO(data), kind=kind, currency="EUR")):
                if number > MOST:
                    break
        except rows.UnreadableFile:
            pass
    with suppress(rows.UnreadableFile):
        formats.guess(io.BytesIO(data))


def headers_of_tus(data: bytes) -> None:
    """Headers reach us as latin-1, whatever bytes they were."""
    said = data.decode("latin-1").replace("\r", "").replace("\n", "")
    request = HttpRequest()
    request.META.update(HTTP_UPLOAD_METADATA=said, HTTP_UPLOAD_OFFSET=said, HTTP_UPLOAD_LENGTH=said)
    for read in (
        lambda: tus._metadata(request),  # type: ignore[arg-type]
        lambda: tus._number(request, "Upload-Offset"),  # type: ignore[arg-type]
        lambda: uploads._check_sum(b"piece", said),
    ):
        with suppress(Refused):
            read()


def agents(data: bytes) -> None:
    body = as_json(data)
    for read in (
        lambda: acp.session_asked(body, is_new=True),
        lambda: acp.session_asked(body, is_new=False),
        lambda: acp.token_of(body),
        lambda: ucp.asked(body, is_new=True),
        lambda: ucp.asked(body, is_new=False),
    ):
        with suppress(Refused):
            read()


def first_bytes(data: bytes) -> None:
    """What /verify and the intake tell from the first bytes."""
    kinds.picture_kind(data[: kinds.SNIFF_BYTES])
    kinds.film_kind(data[: kinds.SNIFF_BYTES])


def ranges(data: bytes) -> None:
    request = HttpRequest()
    request.META["HTTP_RANGE"] = data.decode("latin-1")
    request.META["HTTP_IF_RANGE"] = data[:40].decode("latin-1")
    request.method = "GET"
    media.serve_bytes(request, b"0123456789" * 10, content_type="video/mp4", etag="x")


def prices(data: bytes) -> None:
    for currency in ("EUR", "JPY", "KWD"):
        with suppress(money.BadMoney):
            money.parse(words(data), currency)


def names(data: bytes) -> None:
    for check in (check_handle, check_name):
        with suppress(ValidationError, Refused):
            check(words(data))
    text.hashtags(text.clean(words(data)))


def layouts(data: bytes) -> None:
    layout.read(as_json(data))


def ways_back(data: bytes) -> None:
    request = HttpRequest()
    request.META.update(SERVER_NAME="localhost", SERVER_PORT="80")
    led = safe(words(data), request)
    if not led.startswith("/") or led.startswith(("//", "/\\")):
        raise AssertionError(led)


TARGETS: dict[str, Target] = {
    "cursor": cursor,
    "rules": rules,
    "importers": importers,
    "tus": headers_of_tus,
    "agents": agents,
    "verify": first_bytes,
    "ranges": ranges,
    "prices": prices,
    "names": names,
    "layouts": layouts,
    "ways_back": ways_back,
}

# Where a fuzzer begins: something that is nearly right.
SEEDS: dict[str, list[bytes]] = {
    "rules": [
        b'[{"kind": "topic", "subject": "cats", "amount": 1.5}]',
        b"more cats, no politics, a little less music",
    ],
    "importers": [
        b"Handle,Title,Variant SKU,Variant Price\nmug,Mug,MUG-1,9.90\n",
        b"id\ttitle\tprice\tlink\n1\tMug\t9.90 EUR\thttps://x\n",
        b'<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>1</g:id></item></channel></rss>',
        b'{"id": "1", "title": "Mug", "variants": [{"id": "1", "price": {"amount": 9, "currency": "eur"}}]}',
    ],
    "tus": [b"purpose Y2FwdHVyZQ==,name eA==", b"sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", b"12"],
    "agents": [
        b'{"line_items": [{"item": {"id": "1"}, "quantity": 1}], "currency": "eur", "buyer": {}}',
        b'{"payment_data": {"token": "t", "provider": "stripe"}}',
    ],
    "ranges": [b"bytes=0-1", b"bytes=-5", b'"x"'],
    "prices": [b"1,299.00", b"19.90"],
    "layouts": [b'[{"what": "person", "x": 0.5, "y": 0.5, "size": 0.2}]'],
    "ways_back": [b"/circle", b"//evil.test", b"/\\evil.test"],
}


def attempt(name: str, data: bytes) -> None:
    """Run a target once; raises whatever is no refusal."""
    with suppress(Refused):
        TARGETS[name](data)
