"""Signed cursors: where a list goes on, which nobody can forge or use on another list."""

from __future__ import annotations

from typing import Any

from django.core import signing

from feed.refusals import BadCursor

LIFETIME_S = 24 * 3600
LONGEST = 4000


def write(stream: str, state: Any) -> str:
    return signing.dumps(state, salt=f"feed.cursor.{stream}", compress=True)


def read(stream: str, cursor: str) -> Any:
    """What `write` was given for the same stream, within a day. Raises BadCursor."""
    if len(cursor) > LONGEST:
        raise BadCursor()
    try:
        return signing.loads(cursor, salt=f"feed.cursor.{stream}", max_age=LIFETIME_S)
    except signing.BadSignature:
        raise BadCursor() from None
