"""What reading and writing share: version, names and their places."""

from __future__ import annotations

import re
from typing import Any

from commerce.agents.sessions import Status
from commerce.models import Order

VERSION = "2026-04-17"
Json = dict[str, Any]
STATUS = {
    Status.INCOMPLETE: "not_ready_for_payment",
    Status.READY: "ready_for_payment",
    Status.ESCALATED: "requires_escalation",
    Status.PAYING: "complete_in_progress",
    Status.COMPLETED: "completed",
    Status.CANCELED: "canceled",
    Status.EXPIRED: "expired",
}
ADDRESS = ("name", "line_one", "line_two", "city", "state", "country", "postal_code", "company")
NEEDED = ("name", "line_one", "city", "country", "postal_code")
BUYER = ("first_name", "last_name", "full_name", "email", "phone_number", "customer_id")
EMAIL = re.compile(r"^[^@\s]{1,64}@[^@\s]{1,190}$")
HANDLER = "card_tokenized"
ADDRESS_AT = "$.fulfillment_details.address"


def kept(given: Json, names: tuple[str, ...]) -> Json:
    """The texts that we keep; everything else that is said is let go."""
    return {name: given[name][:300] for name in names if isinstance(given.get(name), str)}


def session_id(order: Order) -> str:
    session = getattr(order, "agent_session", None)
    return str(session.public_id) if session is not None else str(order.public_id)
