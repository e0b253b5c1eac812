"""News of orders for the agent that placed them: signed, and sent again with growing waits until taken."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from commerce.agents import acp
from commerce.models import OrderWebhook

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 12
AT_ONCE = 50
Post = Callable[[str, bytes, dict[str, str]], int]


def signature(body: bytes, secret: str, at: int) -> str:
    """`Merchant-Signature`: HMAC-SHA256 over the moment, a full stop and the raw body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """POST to the operator's own setting; 0 when nobody answers."""
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # config/checks wants https  # nosec B310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def send_due(*, now: datetime, send: Post = post) -> int:
    """Send what is due, the whole order as it stands; how many were taken. Without an address, nothing."""
    if not settings.AGENT_WEBHOOK_URL:
        return 0
    due = OrderWebhook.objects.filter(due_at__lte=now).select_related(
        "order__merchant", "order__agent_session"
    )
    taken = 0
    for row in due.order_by("pk")[:AT_ONCE]:
        body = json.dumps({"type": row.kind, "data": acp.order_body(row.order)}).encode()
        headers = {
            "Content-Type": "application/json",
            "Merchant-Signature": signature(body, settings.AGENT_WEBHOOK_SECRET, int(now.timestamp())),
            "Request-Id": f"news-{row.pk}",
            "Timestamp": now.isoformat(),
        }
        status = send(settings.AGENT_WEBHOOK_URL, body, headers)
        row.attempts += 1
        if 200 <= status < 300:
            row.due_at, taken = None, taken + 1
        else:
            wait = timedelta(seconds=min(6 * 3600, 5 * 2**row.attempts))
            row.due_at = now + wait if row.attempts < MOST_ATTEMPTS else None
            log.warning("an agent did not take its news: %s", status)
        row.save(update_fields=["attempts", "due_at"])
    return taken
