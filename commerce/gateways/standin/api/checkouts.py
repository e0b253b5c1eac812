"""Checkout sessions, and what a buyer does on their page."""

from __future__ import annotations

import re

from commerce.gateways.standin import billing, saving
from commerce.gateways.standin.api.asking import CARDS, ApiError, Json, Params, found, wanted, whole
from commerce.gateways.standin.api.disputes import open_dispute
from commerce.gateways.standin.api.intents import charge_intent
from commerce.gateways.standin.store import Session

SMALLEST_LIFE_S, LONGEST_LIFE_S = 30 * 60, 24 * 3600


def create_session(session: Session, params: Params, base_url: str) -> Json:
    mode = wanted(params, "mode")
    if mode not in {"payment", "setup", "subscription"}:
        raise ApiError("Invalid mode.", param="mode")
    in_page = params.get("ui_mode") == "elements"
    success_url = wanted(params, "return_url" if in_page else "success_url")
    if in_page and mode != "payment":
        raise ApiError("The stand-in takes ui_mode=elements for payments only.", param="ui_mode")
    lines = _lines(session, params, mode)
    session_id = session.new_id("cs_test")
    life = whole(params.get("expires_at", int(session.now) + LONGEST_LIFE_S), "expires_at") - session.now
    if not SMALLEST_LIFE_S - 5 <= life <= LONGEST_LIFE_S + 5:
        raise ApiError(
            "The `expires_at` timestamp must be 30 minutes to 24 hours from now.", param="expires_at"
        )
    total = sum(line["amount_total"] for line in lines)
    return session.put(
        {
            "id": session_id,
            "object": "checkout.session",
            "amount_subtotal": total,
            "amount_total": total if lines else None,
            "cancel_url": params.get("cancel_url"),
            "client_reference_id": params.get("client_reference_id"),
            "client_secret": session.new_id(f"{session_id}_secret") if in_page else None,
            "created": int(session.now),
            "currency": lines[0]["currency"] if lines else wanted(params, "currency").lower(),
            "customer": None,
            "customer_email": params.get("customer_email"),
            "customer_details": None,
            "expires_at": int(session.now + life),
            "line_items": {"object": "list", "data": lines, "has_more": False, "url": ""},
            "livemode": False,
            "locale": params.get("locale"),
            "metadata": params.get("metadata", {}),
            "mode": mode,
            "payment_intent": None,
            "payment_intent_data": params.get("payment_intent_data", {}),
            # Without a word of its own, what the account's settings say.
            "payment_method_types": params.get("payment_method_types", ["card", "link"]),
            "payment_status": "unpaid" if lines else "no_payment_required",
            "return_url": params.get("return_url"),
            "setup_intent": None,
            "setup_intent_data": params.get("setup_intent_data", {}),
            "status": "open",
            "subscription": None,
            "subscription_data": params.get("subscription_data", {}),
            "success_url": None if in_page else success_url,
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "ui_mode": "elements" if in_page else "hosted_page",
            "url": None if in_page else f"{base_url}/pay/{session_id}",
        }
    )


def _lines(session: Session, params: Params, mode: str) -> list[Json]:
    """What is paid: nothing where a card is only left."""
    if mode == "setup":
        return []
    lines = [_line(session, number, line) for number, line in enumerate(wanted(params, "line_items"))]
    if len({line["currency"] for line in lines}) != 1:
        raise ApiError("All line items must have the same currency.", param="line_items")
    if mode == "subscription" and not all(line["price"].get("recurring") for line in lines):
        raise ApiError("A subscription wants a recurring price.", param="line_items")
    return lines


def _line(session: Session, number: int, line: Params) -> Json:
    where = f"line_items[{number}]"
    price = line.get("price_data") or {}
    amount = whole(price.get("unit_amount", ""), f"{where}[price_data][unit_amount]")
    quantity = whole(line.get("quantity", ""), f"{where}[quantity]", least=1)
    return {
        "id": session.new_id("li"),
        "object": "item",
        "amount_subtotal": amount * quantity,
        "amount_total": amount * quantity,
        "currency": wanted(price, "currency").lower(),
        "description": wanted(price.get("product_data") or {}, "name"),
        "price": price_of(amount, price),
        "quantity": quantity,
    }


def price_of(amount: int, price: Params) -> Json:
    made = {"object": "price", "unit_amount": amount, "currency": price["currency"].lower()}
    every = (price.get("recurring") or {}).get("interval")
    if every not in {None, "month", "year"}:
        raise ApiError("Invalid interval.", param="recurring[interval]")
    return made | ({"recurring": {"interval": every, "interval_count": 1}} if every else {})


def get_session(session: Session, params: Params, base_url: str, session_id: str) -> Json:
    checkout = expire_if_late(session, found(session, "checkout.session", session_id))
    if "setup_intent" in params.get("expand", []) and checkout["setup_intent"]:
        return checkout | {"setup_intent": session.get("setup_intent", checkout["setup_intent"])}
    return checkout


def expire_session(session: Session, params: Params, base_url: str, session_id: str) -> Json:
    checkout = found(session, "checkout.session", session_id)
    if checkout["status"] != "open":
        raise ApiError(f"Only open sessions can be expired; this one is {checkout['status']}.")
    return _expire(session, checkout)


def expire_if_late(session: Session, checkout: Json) -> Json:
    late = checkout["status"] == "open" and session.now >= checkout["expires_at"]
    return _expire(session, checkout) if late else checkout


def _expire(session: Session, checkout: Json) -> Json:
    checkout |= {"status": "expired", "url": None}
    session.put(checkout)
    session.emit("checkout.session.expired", checkout)
    return checkout


def pay(session: Session, session_id: str, *, card: str, email: str, authenticated: bool = False) -> str:
    """What the buyer does on the hosted page: "paid", "authenticate", or the decline's code."""
    checkout = expire_if_late(session, found(session, "checkout.session", session_id))
    if checkout["status"] != "open":
        return "paid" if checkout["status"] == "complete" else "expired"
    outcome = CARDS.get(re.sub(r"\D", "", card), "incorrect_number")
    if checkout["mode"] != "payment":
        return _leave(session, checkout, card=card, email=email, authenticated=authenticated)
    if outcome == "authentication_required" and not authenticated:
        return "authenticate"
    if outcome not in {"succeeds", "authentication_required", "disputed"}:
        _fail_payment(session, checkout, outcome)
        return outcome
    charge = _complete(session, checkout, email, card)
    if outcome == "disputed":
        open_dispute(session, charge)
    return "paid"


def _leave(session: Session, checkout: Json, *, card: str, email: str, authenticated: bool) -> str:
    """A card is left: for later, or for a subscription whose first bill it pays."""
    outcome = CARDS.get(re.sub(r"\D", "", card), "incorrect_number")
    if outcome == "authentication_required" and not authenticated:
        return "authenticate"
    if not saving.can_be_left(card):
        return outcome if outcome != "succeeds" else "incorrect_number"
    email = checkout["customer_email"] or email
    if checkout["mode"] == "setup":
        saving.set_up(session, checkout, card, email)
    elif outcome == "card_declined":
        return outcome
    else:
        billing.begin(session, checkout, card, email, charge_intent)
    return "paid"


def _intent(session: Session, checkout: Json) -> Json:
    known = checkout["payment_intent"] and session.get("payment_intent", checkout["payment_intent"])
    if known:
        return known
    given = checkout["payment_intent_data"]
    intent = {
        "id": session.new_id("pi"),
        "object": "payment_intent",
        "amount": checkout["amount_total"],
        "amount_received": 0,
        "currency": checkout["currency"],
        "created": int(session.now),
        "latest_charge": None,
        "last_payment_error": None,
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "receipt_email": None,
        "transfer_group": given.get("transfer_group"),
        "customer": None,
        "payment_method": None,
        "setup_future_usage": given.get("setup_future_usage"),
        "status": "requires_payment_method",
    }
    checkout["payment_intent"] = intent["id"]
    return intent


def _fail_payment(session: Session, checkout: Json, code: str) -> None:
    intent = _intent(session, checkout)
    intent["last_payment_error"] = {"type": "card_error", "code": code, "message": "Your card was declined."}
    session.put(checkout)
    session.emit("payment_intent.payment_failed", session.put(intent))


def _complete(session: Session, checkout: Json, email: str, card: str) -> Json:
    intent = _intent(session, checkout)
    email = checkout["customer_email"] or email
    if intent["setup_future_usage"]:
        intent["customer"], intent["payment_method"] = saving.keep(session, card, email)
        checkout["customer"] = intent["customer"]
    charge = charge_intent(session, intent, email)
    checkout |= {
        "status": "complete",
        "payment_status": "paid",
        "customer_details": {"email": email, "name": None},
        "url": None,
    }
    session.emit("checkout.session.completed", session.put(checkout))
    return charge
