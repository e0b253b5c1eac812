"""Subscriptions: they begin on a page, renew by the clock, ask thrice for an unpaid bill, and change plans.

A bill that was not paid is tried again after 1, 3 and 5 days; then the subscription ends. Another plan is
billed at once: what is left of the period at the new price, less what is left of it at the old one; a sum
below nothing is the subscriber's balance and lowers the next bills.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from commerce.gateways.standin import saving
from commerce.gateways.standin.store import Session

DAY = 24 * 3600
RETRIES = (1 * DAY, 3 * DAY, 5 * DAY)
Json = dict[str, Any]
Charge = Callable[[Session, Json, str], Json]  # (session, intent, email) -> charge


def begin(session: Session, checkout: Json, card: str, email: str, charge: Charge) -> None:
    """The page is done: a subscription with its first bill, paid."""
    customer, method = saving.keep(session, card, email)
    line, given = checkout["line_items"]["data"][0], checkout.get("subscription_data", {})
    subscription = {
        "id": session.new_id("sub"),
        "object": "subscription",
        "cancel_at_period_end": False,
        "created": int(session.now),
        "currency": checkout["currency"],
        "customer": customer,
        "default_payment_method": method,
        "ended_at": None,
        "items": {"object": "list", "data": [_item(session, line["price"], session.now)]},
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "status": "active",
    }
    session.put(subscription)
    checkout |= {
        "status": "complete",
        "payment_status": "paid",
        "subscription": subscription["id"],
        "customer": customer,
        "customer_details": {"email": email, "name": None},
        "url": None,
    }
    session.emit("customer.subscription.created", subscription)
    bill = _bill(session, subscription, line["price"]["unit_amount"], "subscription_create")
    _try(session, subscription, bill, charge)
    session.emit("checkout.session.completed", session.put(checkout))


def _item(session: Session, price: Json, start: float) -> Json:
    return {
        "id": session.new_id("si"),
        "object": "subscription_item",
        "current_period_start": int(start),
        "current_period_end": _after(int(start), price["recurring"]["interval"]),
        "price": price,
    }


def _after(start: int, every: str) -> int:
    """The same day a month or a year later, or the last of a shorter month."""
    then = datetime.fromtimestamp(start, UTC)
    year, month = (then.year + 1, then.month) if every == "year" else (then.year, then.month + 1)
    year, month = (year + 1, 1) if month == 13 else (year, month)
    day = then.day
    while True:
        try:
            return int(then.replace(year=year, month=month, day=day).timestamp())
        except ValueError:
            day -= 1


def _bill(session: Session, subscription: Json, amount: int, reason: str) -> Json:
    """An open invoice, lowered by what the subscriber's balance holds."""
    customer = session.get("customer", subscription["customer"]) or {"balance": 0}
    due = amount + customer["balance"]
    session.put(customer | {"balance": min(0, due)})
    details = {"subscription": subscription["id"], "metadata": subscription["metadata"]}
    return session.put(
        {
            "id": session.new_id("in"),
            "object": "invoice",
            "amount_due": max(0, due),
            "amount_paid": 0,
            "attempt_count": 0,
            "billing_reason": reason,
            "created": int(session.now),
            "currency": subscription["currency"],
            "customer": subscription["customer"],
            "livemode": False,
            "next_payment_attempt": None,
            "parent": {"type": "subscription_details", "subscription_details": details},
            "payments": {"object": "list", "data": []},
            "status": "open",
        }
    )


def _try(session: Session, subscription: Json, bill: Json, charge: Charge) -> None:
    """Charge the card that was left. Unpaid, the next try is written down, or the subscription ends."""
    bill["attempt_count"] += 1
    method = subscription["default_payment_method"]
    outcome = saving.outcome(session, method, subscription["customer"]) if bill["amount_due"] else "succeeds"
    if outcome in {"succeeds", "disputed"}:
        _paid(session, subscription, bill, charge)
        return
    tries = bill["attempt_count"]
    is_last = tries > len(RETRIES)
    bill["next_payment_attempt"] = None if is_last else int(session.now) + RETRIES[tries - 1]
    session.emit("invoice.payment_failed", session.put(bill))
    if is_last:
        end(session, subscription)
    else:
        session.emit("customer.subscription.updated", session.put(subscription | {"status": "past_due"}))


def _paid(session: Session, subscription: Json, bill: Json, charge: Charge) -> None:
    if bill["amount_due"]:
        intent = {
            "id": session.new_id("pi"),
            "object": "payment_intent",
            "amount": bill["amount_due"],
            "amount_received": 0,
            "created": int(session.now),
            "currency": bill["currency"],
            "customer": subscription["customer"],
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": {},
            "payment_method": subscription["default_payment_method"],
            "receipt_email": None,
            "setup_future_usage": None,
            "status": "requires_confirmation",
            "transfer_group": None,
        }
        customer = session.get("customer", subscription["customer"]) or {}
        charge(session, intent, customer.get("email") or "")
        paid: Json = {"object": "invoice_payment", "id": session.new_id("inpay"), "status": "paid"}
        paid |= {"payment": {"type": "payment_intent", "payment_intent": intent["id"]}}
        bill["payments"]["data"] = [paid]
    bill |= {"status": "paid", "amount_paid": bill["amount_due"], "next_payment_attempt": None}
    session.put(bill)
    if subscription["status"] != "active":
        session.emit("customer.subscription.updated", session.put(subscription | {"status": "active"}))
    session.emit("invoice.paid", bill)


def tick(session: Session, charge: Charge) -> None:
    """Renew what is over, and ask again for what is unpaid; the courier's clockwork."""
    for subscription in session.all("subscription"):
        if subscription["status"] in {"active", "past_due"}:
            _tick(session, subscription, charge)


def _tick(session: Session, subscription: Json, charge: Charge) -> None:
    item = subscription["items"]["data"][0]
    if session.now >= item["current_period_end"] and subscription["status"] == "active":
        if subscription["cancel_at_period_end"]:
            end(session, subscription)
            return
        start = item["current_period_end"]
        item |= {
            "current_period_start": start,
            "current_period_end": _after(start, item["price"]["recurring"]["interval"]),
        }
        session.put(subscription)
        bill = _bill(session, subscription, item["price"]["unit_amount"], "subscription_cycle")
        _try(session, subscription, bill, charge)
        return
    for bill in _bills(session, subscription["id"]):
        due = bill["next_payment_attempt"]
        if bill["status"] == "open" and due and session.now >= due:
            _try(session, subscription, bill, charge)
            return


def pay_open(session: Session, subscription: Json, charge: Charge) -> None:
    """A new card was left: what is open is tried with it at once."""
    for bill in _bills(session, subscription["id"]):
        if bill["status"] == "open":
            _try(session, session.get("subscription", subscription["id"]) or subscription, bill, charge)


def change(session: Session, subscription: Json, price: Json, charge: Charge) -> Json:
    """Another price from now on, prorated and billed at once."""
    item = subscription["items"]["data"][0]
    before, length = item["price"], item["current_period_end"] - item["current_period_start"]
    left = max(0, item["current_period_end"] - int(session.now))
    same = before["recurring"]["interval"] == price["recurring"]["interval"]
    back = before["unit_amount"] * left // length
    if same:
        more = price["unit_amount"] * left // length
    else:  # another length begins a period of its own
        more = price["unit_amount"]
        item |= {
            "current_period_start": int(session.now),
            "current_period_end": _after(int(session.now), price["recurring"]["interval"]),
        }
    item["price"] = price
    session.emit("customer.subscription.updated", session.put(subscription))
    _try(session, subscription, _bill(session, subscription, more - back, "subscription_update"), charge)
    return session.get("subscription", subscription["id"]) or subscription


def end(session: Session, subscription: Json) -> Json:
    for bill in _bills(session, subscription["id"]):
        if bill["status"] == "open":
            session.put(bill | {"status": "void", "next_payment_attempt": None})
    ended = session.put(subscription | {"status": "canceled", "ended_at": int(session.now)})
    session.emit("customer.subscription.deleted", ended)
    return ended


def _bills(session: Session, subscription_id: str) -> list[Json]:
    return [
        bill
        for bill in session.all("invoice")
        if bill["parent"]["subscription_details"]["subscription"] == subscription_id
    ]


bills = _bills
