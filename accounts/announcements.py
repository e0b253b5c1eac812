"""What the operator says to everybody, at the top of pages, for a time.

Pages ask no database for it: what stands is put into the cache when the operator saves it and once a minute
by the beat, and each process remembers that for a quarter of a minute. With the cache away nothing is said.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from accounts.models import Announcement

KEY = "announcements"
KEPT_S = 180  # the beat renews it each minute; without a beat it does not stand for ever
REMEMBERED_S = 15.0
_remembered: tuple[float, list[dict[str, str]]] = (-REMEMBERED_S, [])


def refresh(now: datetime) -> int:
    """Put what stands now into the cache; how many."""
    rows = Announcement.objects.filter(begins_at__lte=now, ends_at__gt=now).order_by("begins_at", "pk")
    said = [{"en": row.text, "zh": row.text_zh or row.text} for row in rows]
    cache.set(KEY, said, KEPT_S)
    return len(said)


def standing() -> list[str]:
    """What stands, in the reader's language."""
    global _remembered
    at, said = _remembered
    if time.monotonic() - at >= REMEMBERED_S:
        said = _cached()
        _remembered = (time.monotonic(), said)
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return [row[language] for row in said]


def forget() -> None:
    """Ask the cache again at the next page of this process."""
    global _remembered
    _remembered = (-REMEMBERED_S, [])


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `announcements`, asked for only by a page that shows them."""
    return {"announcements": SimpleLazyObject(standing)}


def _cached() -> list[dict[str, str]]:
    try:
        return list(cache.get(KEY) or [])
    except Exception:  # noqa: BLE001  each cache backend has errors of its own, and all mean the same here
        return []
