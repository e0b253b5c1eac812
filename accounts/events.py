"""What an operator must be able to look up after an incident: who proved who they are, and what was refused.

One line an event on the logger `understudy.security`, with the request's id beside it.
A person is a pseudonym keyed by the host's secret: the lines of one account belong together, and only the
host, asked for a named account, can say which they are. Never an address, a name, a code or what was typed.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User

log = logging.getLogger("understudy.security")

# docs/security/logging.md says when each is written; a test holds the two together.
EVENTS = (
    "signed_in",
    "sign_in_refused",
    "signed_out",
    "session_over",
    "sessions_ended",
    "stepped_up",
    "step_up_refused",
    "code_sent",
    "email_changed",
    "passkey_added",
    "passkey_removed",
    "only_passkeys",
    "token_made",
    "token_revoked",
    "webhook_made",
    "webhook_removed",
    "exported",
    "erased",
    "refused",
)

_PLAIN = re.compile(r"[^A-Za-z0-9_./:<>-]")


def told(event: str, *, user: User | None = None, **facts: object) -> None:
    """Write the line. `facts` are codes and routes of ours; what is not plain in them is struck out."""
    if event not in EVENTS:
        raise ValueError(event)
    words = [event, f"who={pseudonym(user)}"]
    words += [f"{name}={_PLAIN.sub('?', str(value))[:80]}" for name, value in facts.items()]
    log.info(" ".join(words))


def pseudonym(user: Any) -> str:
    """12 hex digits that stand for an account in the logs of this host, and of no other; `-` for nobody."""
    public_id = getattr(user, "public_id", None)
    if public_id is None:
        return "-"
    return hmac.new(settings.SECRET_KEY.encode(), public_id.bytes, hashlib.sha256).hexdigest()[:12]


def refused(request: HttpRequest, *, code: str, status: int) -> None:
    """A named refusal at the edge: which rule, on which route."""
    match = getattr(request, "resolver_match", None)
    route = f"/{match.route}" if match else "-"
    told("refused", user=getattr(request, "user", None), code=code, status=status, route=route)
