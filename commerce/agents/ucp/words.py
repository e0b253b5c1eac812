"""What reading and writing share: version, capabilities, names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from commerce.agents.sessions import Status

VERSION = "2026-04-08"
PROFILE = "/.well-known/ucp"
Json = dict[str, Any]
SERVICE = "dev.ucp.shopping"
CHECKOUT, CART, ORDER = f"{SERVICE}.checkout", f"{SERVICE}.cart", f"{SERVICE}.order"
SEARCH, LOOKUP = f"{SERVICE}.catalog.search", f"{SERVICE}.catalog.lookup"
FULFILLMENT, DISCOUNT = f"{SERVICE}.fulfillment", f"{SERVICE}.discount"
CAPABILITIES: dict[str, list[Json]] = {
    **{name: [{"version": VERSION}] for name in (CHECKOUT, CART, ORDER, SEARCH, LOOKUP)},
    **{name: [{"version": VERSION, "extends": CHECKOUT}] for name in (FULFILLMENT, DISCOUNT)},
}
Spoken = Mapping[str, Sequence[Json]]
STATUS = {
    Status.INCOMPLETE: "incomplete",
    Status.READY: "ready_for_complete",
    Status.ESCALATED: "requires_escalation",
    Status.PAYING: "complete_in_progress",
    Status.COMPLETED: "completed",
    Status.CANCELED: "canceled",
    Status.EXPIRED: "canceled",
}
PLACES = {
    "line_one": "street_address",
    "line_two": "extended_address",
    "city": "address_locality",
    "state": "address_region",
    "country": "address_country",
    "postal_code": "postal_code",
}


def total_row(kind: str, amount: int, text: str = "") -> Json:
    return {"type": kind, "amount": amount} | ({"display_text": text} if text else {})
