"""Cards that are left for later: customers, payment methods, setups, charges while their owner is away."""

from __future__ import annotations

import re
from typing import Any

from commerce.gateways.standin.store import Session

# What becomes of a card when it is charged while its owner is away; unknown numbers cannot be left at all.
AWAY = {
    "4242424242424242": "succeeds",
    "4000000000000341": "card_declined",  # can be left, and is declined when it is charged
    "4000002500003155": "authentication_required",
    "4000000000000259": "disputed",
}
Json = dict[str, Any]


def keep(session: Session, card: str, email: str) -> tuple[str, str]:
    """(customer, payment method) of a card that its owner left."""
    customer = {"id": session.new_id("cus"), "object": "customer", "email": email, "balance": 0}
    session.put(customer)
    return str(customer["id"]), attach(session, str(customer["id"]), card)


def attach(session: Session, customer_id: str, card: str) -> str:
    number = re.sub(r"\D", "", card)
    method = {
        "id": session.new_id("pm"),
        "object": "payment_method",
        "customer": customer_id,
        "type": "card",
        "card": {"last4": number[-4:], "brand": "visa"},
        "number": number,  # only invented numbers come this far
    }
    return str(session.put(method)["id"])


def outcome(session: Session, method_id: str, customer_id: str) -> str:
    """What a charge of this method comes to; a method that was forgotten is declined."""
    method = session.get("payment_method", method_id)
    if method is None or method["customer"] != customer_id:
        return "payment_method_detached"
    return AWAY.get(method["number"], "card_declined")


def can_be_left(card: str) -> bool:
    return re.sub(r"\D", "", card) in AWAY


def set_up(session: Session, checkout: Json, card: str, email: str) -> None:
    """The setup page is done: its card is kept."""
    customer, method = keep(session, card, email)
    intent = {
        "id": session.new_id("seti"),
        "object": "setup_intent",
        "customer": customer,
        "payment_method": method,
        "metadata": checkout.get("setup_intent_data", {}).get("metadata", {}),
        "status": "succeeded",
        "usage": "off_session",
    }
    session.put(intent)
    checkout |= {
        "status": "complete",
        "customer": customer,
        "customer_details": {"email": email, "name": None},
        "setup_intent": intent["id"],
        "url": None,
    }
    session.emit("checkout.session.completed", session.put(checkout))
