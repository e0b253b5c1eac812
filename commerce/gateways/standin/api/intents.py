"""Payment intents that are confirmed at once, by a shared payment token, and their charges."""

from __future__ import annotations

from commerce.gateways.standin import saving
from commerce.gateways.standin.api.asking import TOKEN_METHODS, ApiError, Json, Params, found, wanted, whole
from commerce.gateways.standin.api.disputes import open_dispute
from commerce.gateways.standin.store import Session


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
