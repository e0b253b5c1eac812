"""The part of Stripe's `/v1` that the product uses, one function an endpoint, over one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from commerce.gateways.standin import billing, saving
from commerce.gateways.standin.store import Session

CARDS = {
    "4242424242424242": "succeeds",
    "4000000000000002": "card_declined",
    "4000000000009995": "insufficient_funds",
    "4000002500003155": "authentication_required",
    "4000000000000259": "disputed",
    "4000000000000341": "card_declined",  # can be left for later, and is declined when it is charged
}
# What a shared payment token stands for, by the test payment method that it was granted for.
TOKEN_METHODS = {
    "pm_card_visa": "succeeds",
    "pm_card_chargeDeclined": "card_declined",
    "pm_card_authenticationRequired": "authentication_required",
    "pm_card_createDispute": "disputed",
}
WINNING = "winning_evidence"
SMALLEST_LIFE_S, LONGEST_LIFE_S = 30 * 60, 24 * 3600
Params = dict[str, Any]
Json = dict[str, Any]


class ApiError(Exception):
    """What Stripe would answer in its `error` object."""

    def __init__(self, message: str, *, status: int = 400, code: str = "", kind: str = "", param: str = ""):
        super().__init__(message)
        self.status = status
        self.body = {
            "error": {
                "type": kind or "invalid_request_error",
                "message": message,
                **({"code": code} if code else {}),
                **({"param": param} if param else {}),
            }
        }


def wanted(params: Params, name: str) -> Any:
    if not params.get(name):
        raise ApiError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return params[name]


def whole(value: object, name: str, least: int = 0) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise ApiError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name) from None
    if number < least:
        raise ApiError(f"This value must be at least {least}.", code="parameter_invalid_integer", param=name)
    return number


def found(session: Session, kind: str, object_id: str) -> Json:
    body = session.get(kind, object_id)
    if body is None:
        raise ApiError(f"No such {kind}: '{object_id}'", status=404, code="resource_missing", param="id")
    return body


# Checkout sessions


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
            "metadata": params.get("metadata", {}),
            "mode": mode,
            "payment_intent": None,
            "payment_intent_data": params.get("payment_intent_data", {}),
            "payment_method_types": ["card"],
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
        "price": _price(amount, price),
        "quantity": quantity,
    }


def _price(amount: int, price: Params) -> Json:
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


def charge_intent(session: Session, intent: Json, email: str) -> Json:
    """The intent succeeds by a charge of its own."""
    charge = {
        "id": session.new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_refunded": 0,
        "billing_details": {"email": email},
        "currency": intent["currency"],
        "created": int(session.now),
        "disputed": False,
        "metadata": intent["metadata"],
        "paid": True,
        "payment_intent": intent["id"],
        "refunded": False,
        "status": "succeeded",
        "transfer_group": intent["transfer_group"],
    }
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "last_payment_error": None,
    }
    session.emit("charge.succeeded", session.put(charge))
    session.emit("payment_intent.succeeded", session.put(intent))
    return charge


# Payment intents that are confirmed at once, by a shared payment token


def grant_token(session: Session, params: Params, base_url: str) -> Json:
    """What an agent's platform does at its own Stripe: a token for one payment up to a sum."""
    limits = wanted(params, "usage_limits")
    method = wanted(params, "payment_method")
    if method not in TOKEN_METHODS:
        raise ApiError(f"No such PaymentMethod: '{method}'", code="resource_missing", param="payment_method")
    return session.put(
        {
            "id": session.new_id("spt"),
            "object": "shared_payment.granted_token",
            "created": int(session.now),
            "livemode": False,
            "payment_method": method,
            "usage_limits": {
                "currency": wanted(limits, "currency").lower(),
                "max_amount": whole(wanted(limits, "max_amount"), "usage_limits[max_amount]", least=1),
                "expires_at": whole(
                    limits.get("expires_at", int(session.now) + 3600), "usage_limits[expires_at]"
                ),
            },
            "used_by": None,
        }
    )


def create_intent(session: Session, params: Params, base_url: str) -> Json:
    amount = whole(wanted(params, "amount"), "amount", least=1)
    currency = wanted(params, "currency").lower()
    token = (params.get("payment_method_data") or {}).get("shared_payment_granted_token")
    if params.get("confirm") != "true" or not (token or params.get("payment_method")):
        raise ApiError("The stand-in confirms payments by a token or a card that was left.")
    intent = _new_intent(session, params, amount, currency)
    outcome = _by_token(session, token, intent) if token else _while_away(session, params)
    if outcome == "authentication_required" and not token:
        raise ApiError("The bank wants its customer.", status=402, code=outcome, kind="card_error")
    if outcome not in {"succeeds", "disputed", "authentication_required"}:
        raise ApiError("Your card was declined.", status=402, code=outcome, kind="card_error")
    session.put(intent)
    if outcome != "authentication_required":
        charge = charge_intent(session, intent, params.get("receipt_email") or "")
        if outcome == "disputed":
            open_dispute(session, charge)
    return _expanded(session, intent, params)


def _new_intent(session: Session, params: Params, amount: int, currency: str) -> Json:
    return {
        "id": session.new_id("pi"),
        "object": "payment_intent",
        "amount": amount,
        "amount_received": 0,
        "currency": currency,
        "created": int(session.now),
        "customer": params.get("customer"),
        "latest_charge": None,
        "last_payment_error": None,
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "payment_method": params.get("payment_method"),
        "receipt_email": params.get("receipt_email"),
        "setup_future_usage": None,
        "transfer_group": params.get("transfer_group"),
        "status": "requires_action",
    }


def _by_token(session: Session, token: str, intent: Json) -> str:
    granted = found(session, "shared_payment.granted_token", token)
    limits = granted["usage_limits"]
    if granted["used_by"] or session.now >= limits["expires_at"]:
        raise ApiError("This shared payment token was used or has expired.", code="token_expired")
    if intent["currency"] != limits["currency"] or intent["amount"] > limits["max_amount"]:
        raise ApiError("The amount is beyond the token's limits.", code="token_limit")
    outcome = TOKEN_METHODS[granted["payment_method"]]
    if outcome in {"succeeds", "disputed"}:
        session.put(granted | {"used_by": intent["id"]})
    return outcome


def _while_away(session: Session, params: Params) -> str:
    if params.get("off_session") != "true":
        raise ApiError("A card that was left is charged with off_session only.", param="off_session")
    return saving.outcome(session, params["payment_method"], wanted(params, "customer"))


def get_intent(session: Session, params: Params, base_url: str, intent_id: str) -> Json:
    return _expanded(session, found(session, "payment_intent", intent_id), params)


def _expanded(session: Session, intent: Json, params: Params) -> Json:
    if "latest_charge" in params.get("expand", []) and intent["latest_charge"]:
        return intent | {"latest_charge": session.get("charge", intent["latest_charge"])}
    return intent


def cancel_intent(session: Session, params: Params, base_url: str, intent_id: str) -> Json:
    intent = found(session, "payment_intent", intent_id)
    if intent["status"] in {"succeeded", "canceled"}:
        raise ApiError(f"This PaymentIntent is {intent['status']}.", code="payment_intent_unexpected_state")
    session.emit("payment_intent.canceled", session.put(intent | {"status": "canceled"}))
    return intent | {"status": "canceled"}


# Cards that were left, and subscriptions


def detach_method(session: Session, params: Params, base_url: str, method_id: str) -> Json:
    method = found(session, "payment_method", method_id)
    if method["customer"] is None:
        raise ApiError("The payment method is not attached to a customer.")
    return session.put(method | {"customer": None})


def create_product(session: Session, params: Params, base_url: str) -> Json:
    return session.put({"id": session.new_id("prod"), "object": "product", "name": wanted(params, "name")})


def update_subscription(session: Session, params: Params, base_url: str, subscription_id: str) -> Json:
    subscription = found(session, "subscription", subscription_id)
    if subscription["status"] == "canceled":
        raise ApiError("A canceled subscription can only update its cancellation_details.")
    subscription["metadata"] |= params.get("metadata", {})
    if "cancel_at_period_end" in params:
        ends = params["cancel_at_period_end"] == "true"
        session.emit(
            "customer.subscription.updated", session.put(subscription | {"cancel_at_period_end": ends})
        )
        return subscription | {"cancel_at_period_end": ends}
    if params.get("items"):
        given = params["items"][0].get("price_data") or {}
        amount = whole(given.get("unit_amount", ""), "items[0][price_data][unit_amount]")
        wanted(given.get("recurring") or {}, "interval")
        return billing.change(session, subscription, _price(amount, given), charge_intent)
    return session.put(subscription)


def cancel_subscription(session: Session, params: Params, base_url: str, subscription_id: str) -> Json:
    subscription = found(session, "subscription", subscription_id)
    if subscription["status"] == "canceled":
        raise ApiError(f"No such subscription: {subscription_id}", status=404, code="resource_missing")
    return billing.end(session, subscription)


def list_invoices(session: Session, params: Params, base_url: str) -> Json:
    rows = billing.bills(session, wanted(params, "subscription"))
    return {"object": "list", "data": rows, "has_more": False, "url": "/v1/invoices"}


def create_portal(session: Session, params: Params, base_url: str) -> Json:
    """Where a customer leaves another card."""
    portal = {
        "id": session.new_id("bps"),
        "object": "billing_portal.session",
        "customer": found(session, "customer", wanted(params, "customer"))["id"],
        "return_url": wanted(params, "return_url"),
    }
    portal["url"] = f"{base_url}/cards/{portal['id']}"
    return session.put(portal)


def change_card(session: Session, portal_id: str, card: str) -> str:
    """The page's button: where it leads, or a reason why the card cannot be left."""
    portal = found(session, "billing_portal.session", portal_id)
    if not saving.can_be_left(card):
        return "incorrect_number"
    method = saving.attach(session, portal["customer"], card)
    for subscription in session.all("subscription"):
        if subscription["customer"] == portal["customer"] and subscription["status"] != "canceled":
            changed = session.put(subscription | {"default_payment_method": method})
            billing.pay_open(session, changed, charge_intent)
    return str(portal["return_url"])


# Disputes


def open_dispute(session: Session, charge: Json, amount: int | None = None) -> Json:
    """The buyer's bank takes the payment back until it has decided."""
    dispute = {
        "id": session.new_id("dp"),
        "object": "dispute",
        "amount": charge["amount"] if amount is None else amount,
        "charge": charge["id"],
        "created": int(session.now),
        "currency": charge["currency"],
        "evidence": {},
        "payment_intent": charge["payment_intent"],
        "reason": "fraudulent",
        "status": "needs_response",
    }
    session.put(charge | {"disputed": True})
    session.emit("charge.dispute.created", session.put(dispute))
    return dispute


def update_dispute(session: Session, params: Params, base_url: str, dispute_id: str) -> Json:
    """Evidence decides at once, as in Stripe's own test mode: one word wins, anything else loses."""
    dispute = found(session, "dispute", dispute_id)
    if dispute["status"] != "needs_response":
        raise ApiError("This dispute is already closed.")
    evidence = params.get("evidence") or {}
    text = evidence.get("uncategorized_text")
    if text and params.get("submit", "true") == "true":
        return decide_dispute(session, dispute | {"evidence": evidence}, is_won=text == WINNING)
    return session.put(dispute | {"evidence": evidence})


def close_dispute(session: Session, params: Params, base_url: str, dispute_id: str) -> Json:
    dispute = found(session, "dispute", dispute_id)
    if dispute["status"] != "needs_response":
        raise ApiError("This dispute is already closed.")
    return decide_dispute(session, dispute, is_won=False)


def decide_dispute(session: Session, dispute: Json, *, is_won: bool) -> Json:
    decided = session.put(dispute | {"status": "won" if is_won else "lost"})
    session.emit("charge.dispute.closed", decided)
    return decided


def list_disputes(session: Session, params: Params, base_url: str) -> Json:
    intent = params.get("payment_intent")
    rows = [row for row in session.all("dispute") if not intent or row["payment_intent"] == intent]
    return {"object": "list", "data": rows, "has_more": False, "url": "/v1/disputes"}


# Accounts of those who are paid (v2), and where they say who they are


def create_account(session: Session, params: Params, base_url: str) -> Json:
    return session.put(
        {
            "id": session.new_id("acct"),
            "object": "v2.core.account",
            "applied_configurations": ["recipient"],
            "configuration": {"recipient": _recipient("restricted")},
            "contact_email": params.get("contact_email"),
            "created": _moment(session),
            "dashboard": params.get("dashboard"),
            "display_name": params.get("display_name"),
            "livemode": False,
            "metadata": params.get("metadata", {}),
        }
    )


def _recipient(status: str) -> Json:
    return {
        "capabilities": {"stripe_balance": {"stripe_transfers": {"status": status, "status_details": []}}}
    }


def create_account_link(session: Session, params: Params, base_url: str) -> Json:
    account = found(session, "v2.core.account", wanted(params, "account"))
    onboarding = (wanted(params, "use_case").get("account_onboarding")) or {}
    link = {
        "id": session.new_id("link"),
        "object": "v2.core.account_link",
        "account": account["id"],
        "created": _moment(session),
        "return_url": wanted(onboarding, "return_url"),
    }
    session.put(link)
    link["url"] = f"{base_url}/onboard/{link['id']}"
    return session.put(link)


def finish_onboarding(session: Session, link_id: str) -> str | None:
    """The person said who they are: the account can be paid. Where they go back to; None for no such link."""
    link = session.get("v2.core.account_link", link_id)
    if link is None:
        return None
    account = found(session, "v2.core.account", link["account"])
    account["configuration"]["recipient"] = _recipient("active")
    session.emit("v2.core.account.updated", session.put(account))
    return str(link["return_url"])


def _moment(session: Session) -> str:
    return datetime.fromtimestamp(session.now, UTC).isoformat().replace("+00:00", "Z")


# Money that goes back, and on


def create_refund(session: Session, params: Params, base_url: str) -> Json:
    intent = found(session, "payment_intent", wanted(params, "payment_intent"))
    if not intent["latest_charge"]:
        raise ApiError("This PaymentIntent does not have a successful charge to refund.")
    charge = found(session, "charge", intent["latest_charge"])
    left = charge["amount"] - charge["amount_refunded"]
    if any(row["charge"] == charge["id"] and row["status"] != "won" for row in session.all("dispute")):
        raise ApiError("This charge has been charged back.", code="charge_disputed")
    amount = whole(params.get("amount", left), "amount", least=1 if left else 0)
    if not left:
        raise ApiError("Charge has already been refunded.", code="charge_already_refunded")
    if amount > left:
        raise ApiError(
            f"Refund amount ({amount}) is greater than unrefunded amount ({left}).", param="amount"
        )
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    refund = {
        "id": session.new_id("re"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": int(session.now),
        "currency": charge["currency"],
        "metadata": params.get("metadata", {}),
        "payment_intent": intent["id"],
        "reason": params.get("reason"),
        "status": "succeeded",
    }
    session.put(refund)
    session.emit("charge.refunded", session.put(charge))
    return refund


def create_transfer(session: Session, params: Params, base_url: str) -> Json:
    amount = whole(wanted(params, "amount"), "amount", least=1)
    transfer = {
        "id": session.new_id("tr"),
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "created": int(session.now),
        "currency": wanted(params, "currency").lower(),
        "destination": wanted(params, "destination"),
        "metadata": params.get("metadata", {}),
        "reversed": False,
        "source_transaction": params.get("source_transaction"),
        "transfer_group": params.get("transfer_group"),
    }
    source = params.get("source_transaction")
    if source:
        charge = found(session, "charge", source)
        moved = sum(t["amount"] for t in session.all("transfer") if t["source_transaction"] == source)
        if moved + amount > charge["amount"]:
            raise ApiError("The transfers of a charge cannot exceed it.", code="transfers_not_allowed")
    session.emit("transfer.created", session.put(transfer))
    return transfer


def reverse_transfer(session: Session, params: Params, base_url: str, transfer_id: str) -> Json:
    transfer = found(session, "transfer", transfer_id)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = whole(params.get("amount", left), "amount", least=1)
    if amount > left:
        raise ApiError("The reversal is larger than what is left of the transfer.", param="amount")
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    session.emit("transfer.reversed", session.put(transfer))
    return session.put(
        {
            "id": session.new_id("trr"),
            "object": "transfer_reversal",
            "amount": amount,
            "created": int(session.now),
            "currency": transfer["currency"],
            "metadata": params.get("metadata", {}),
            "transfer": transfer["id"],
        }
    )


def _reader(kind: str) -> Callable[[Session, Params, str, str], Json]:
    return lambda session, params, base_url, object_id: found(session, kind, object_id)


def _lister(kind: str) -> Callable[[Session, Params, str], Json]:
    def listed(session: Session, params: Params, base_url: str) -> Json:
        return {"object": "list", "data": session.all(kind), "has_more": False, "url": f"/v1/{kind}s"}

    return listed


ROUTES: list[tuple[str, re.Pattern[str], Callable[..., Json]]] = [
    (method, re.compile(f"^/v1/{path}$"), function)
    for method, path, function in (
        ("POST", "checkout/sessions", create_session),
        ("GET", r"checkout/sessions/(\w+)", get_session),
        ("POST", r"checkout/sessions/(\w+)/expire", expire_session),
        ("POST", r"payment_methods/(\w+)/detach", detach_method),
        ("POST", "products", create_product),
        ("GET", r"subscriptions/(\w+)", _reader("subscription")),
        ("POST", r"subscriptions/(\w+)", update_subscription),
        ("DELETE", r"subscriptions/(\w+)", cancel_subscription),
        ("GET", "invoices", list_invoices),
        ("POST", "billing_portal/sessions", create_portal),
        ("POST", "payment_intents", create_intent),
        ("GET", r"payment_intents/(\w+)", get_intent),
        ("POST", r"payment_intents/(\w+)/cancel", cancel_intent),
        ("POST", "test_helpers/shared_payment/granted_tokens", grant_token),
        ("GET", "disputes", list_disputes),
        ("GET", r"disputes/(\w+)", _reader("dispute")),
        ("POST", r"disputes/(\w+)", update_dispute),
        ("POST", r"disputes/(\w+)/close", close_dispute),
        ("GET", r"charges/(\w+)", _reader("charge")),
        ("POST", "refunds", create_refund),
        ("GET", r"refunds/(\w+)", _reader("refund")),
        ("POST", "transfers", create_transfer),
        ("GET", r"transfers/(\w+)", _reader("transfer")),
        ("POST", r"transfers/(\w+)/reversals", reverse_transfer),
        ("GET", "events", _lister("event")),
        ("GET", r"events/(\w+)", _reader("event")),
    )
] + [
    (method, re.compile(f"^/v2/core/{path}$"), function)
    for method, path, function in (
        ("POST", "accounts", create_account),
        ("GET", r"accounts/(\w+)", _reader("v2.core.account")),
        ("POST", "account_links", create_account_link),
    )
]


def route(method: str, path: str) -> tuple[Callable[..., Json], tuple[str, ...]]:
    for wanted_method, pattern, function in ROUTES:
        match = pattern.match(path)
        if match and wanted_method == method:
            return function, match.groups()
    raise ApiError(f"Unrecognized request URL ({method}: {path}).", status=404)
