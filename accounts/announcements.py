"""What the operator says to everybody, at the top of pages, for a time. Pages ask no database for it
(`accounts.standing`); with the cache away nothing new is said.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from accounts.models import Announcement
from accounts.standing import Standing

# The beat renews it each minute; without a beat it does not stand for ever.
_said = Standing("announcements", [], kept_s=180)
forget = _said.forget


def refresh(now: datetime) -> int:
    """Put what stands now into the cache; how many."""
    rows = Announcement.objects.filter(begins_at__lte=now, ends_at__gt=now).order_by("begins_at", "pk")
    said = [{"en": row.text, "zh": row.text_zh or row.text} for row in rows]
    _said.put(said)
    return len(said)


def standing() -> list[str]:
    """What stands, in the reader's language."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return [row[language] for row in _said.now()]


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `announcements`, asked for only by a page that shows them."""
    return {"announcements": SimpleLazyObject(standing)}
