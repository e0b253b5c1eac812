"""News of orders for the agent that placed them: signed, and sent again with growing waits until taken.

An ACP agent's go to the operator's setting, with an HMAC; a UCP agent's to where its profile wants them, with
this host's RFC 9421 signature.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from accounts import outbound
from commerce.agents import acp, platforms, signing, ucp
from commerce.agents.sessions import Bad
from commerce.models import OrderWebhook

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 12
AT_ONCE = 50
TIMEOUT_S = 5.0
Post = Callable[[str, bytes, dict[str, str]], int]


def signature(body: bytes, secret: str, at: int) -> str:
    """`Merchant-Signature`: HMAC-SHA256 over the moment, a full stop and the raw body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """POST to the operator's own setting; 0 when nobody answers."""
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # config/checks wants https  # nosec B310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def guarded(url: str, body: bytes, headers: dict[str, str]) -> int:
    """POST to an address that an agent gave, where it is a public one; 0 when nobody answers."""
    try:
        return outbound.post(url, body, headers, timeout_s=TIMEOUT_S)
    except outbound.OutboundRefused:
        return 0


def send_due(*, now: datetime, send: Post = post, deliver: Post = guarded) -> int:
    """Send what is due, the whole order as it stands; how many were taken. `send` reaches the ACP agent,
    `deliver` a UCP agent's address."""
    due = OrderWebhook.objects.filter(due_at__lte=now).select_related(
        "order__merchant", "order__agent_session"
    )
    if not settings.AGENT_WEBHOOK_URL:
        due = due.exclude(order__channel="acp")
    return sum(_try(row, now, send, deliver) for row in due.order_by("pk")[:AT_ONCE])


def _try(row: OrderWebhook, now: datetime, send: Post, deliver: Post) -> bool:
    status = _tell_acp(row, now, send) if row.order.channel == "acp" else _tell_ucp(row, deliver)
    row.attempts += 1
    is_taken = status is None or 200 <= status < 300
    if is_taken:
        row.due_at = None
    else:
        wait = timedelta(seconds=min(6 * 3600, 5 * 2**row.attempts))
        row.due_at = now + wait if row.attempts < MOST_ATTEMPTS else None
        log.warning("an agent did not take its news: %s", status)
    row.save(update_fields=["attempts", "due_at"])
    return is_taken


def _tell_acp(row: OrderWebhook, now: datetime, send: Post) -> int:
    body = json.dumps({"type": row.kind, "data": acp.order_body(row.order)}).encode()
    headers = {
        "Content-Type": "application/json",
        "Merchant-Signature": signature(body, settings.AGENT_WEBHOOK_SECRET, int(now.timestamp())),
        "Request-Id": f"news-{row.pk}",
        "Timestamp": now.isoformat(),
    }
    return send(settings.AGENT_WEBHOOK_URL, body, headers)


def _tell_ucp(row: OrderWebhook, deliver: Post) -> int | None:
    """The answer's status; None where the agent wants no news, and 0 where its profile cannot be had."""
    session = getattr(row.order, "agent_session", None)  # gone with the agent's account
    if session is None or not session.profile:
        return None
    try:
        platform = platforms.resolve(session.profile)
        spoken = platforms.negotiated(platform, ucp.VERSION, ucp.CAPABILITIES)
    except Bad:
        return 0
    if not platform.webhook_url:
        return None
    body = json.dumps(ucp.order_body(row.order, spoken)).encode()
    number = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.SITE_URL}/ucp/news/{row.pk}"))
    headers = {
        "Content-Type": "application/json",
        "UCP-Agent": f'profile="{ucp.profile_url()}"',
        "Idempotency-Key": number,
        "Webhook-Id": number,
        "Webhook-Timestamp": str(int(row.created_at.timestamp())),
    }
    return deliver(
        platform.webhook_url, body, headers | signing.sign_request(platform.webhook_url, headers, body)
    )
