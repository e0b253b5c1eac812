"""One hash chain: entry n holds the hash of entry n - 1, so that no entry can be changed, dropped or put in
between.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

GENESIS = "0" * 64


def canonical(obj: Any) -> str:
    """One text for one value: sorted keys, no spaces, UTF-8. Floats are refused, for no two languages print
    them alike.
    """
    _refuse_floats(obj)
    return json.dumps(obj, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def link(previous_hash: str, body: Mapping[str, Any] | str) -> str:
    """SHA-256 over the previous hash, a line feed and the canonical body, as 64 hex digits."""
    text = body if isinstance(body, str) else canonical(body)
    return hashlib.sha256(f"{previous_hash}\n{text}".encode()).hexdigest()


def first_break(entries: Iterable[tuple[str, Mapping[str, Any] | str, str]]) -> int | None:
    """Index of the first entry (previous_hash, body, hash) that doesn't follow from the one before; None
    when all do.
    """
    expected = GENESIS
    for index, (previous_hash, body, own_hash) in enumerate(entries):
        if previous_hash != expected or link(previous_hash, body) != own_hash:
            return index
        expected = own_hash
    return None


def _refuse_floats(obj: Any) -> None:
    if isinstance(obj, float):
        raise TypeError("A chained body holds no floats: write whole numbers with their unit, or text.")
    if isinstance(obj, Mapping):
        for key, value in obj.items():
            if not isinstance(key, str):
                raise TypeError("Keys of a chained body are text.")
            _refuse_floats(value)
    elif isinstance(obj, list | tuple):
        for value in obj:
            _refuse_floats(value)
