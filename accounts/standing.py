"""What the operator said that many requests ask for, and that no request may ask the database for.

It lies in the cache, put there when the operator saves it and once a minute by the beat; each process
remembers it for a quarter of a minute. With the cache away a process goes on with what it remembers.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.cache import cache

REMEMBERED_S = 15.0


class Standing:
    """One such word: plain data under a key. `nothing` is what holds where nobody said anything."""

    def __init__(self, key: str, nothing: Any, *, kept_s: int) -> None:
        self.key, self.nothing, self.kept_s = key, nothing, kept_s
        self._remembered: tuple[float, Any] = (-REMEMBERED_S, nothing)

    def put(self, said: Any) -> None:
        cache.set(self.key, said, self.kept_s)

    def now(self) -> Any:
        """What holds, at most a quarter of a minute old in this process."""
        at, said = self._remembered
        if time.monotonic() - at >= REMEMBERED_S:
            said = self._cached(said)
            self._remembered = (time.monotonic(), said)
        return said

    def forget(self) -> None:
        """Ask the cache again at the next request of this process."""
        self._remembered = (-REMEMBERED_S, self.nothing)

    def _cached(self, before: Any) -> Any:
        try:
            said = cache.get(self.key)
        except Exception:  # noqa: BLE001  each cache backend has errors of its own, and all mean the same here
            return before
        return self.nothing if said is None else said
