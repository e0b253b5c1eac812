"""Cards that were left, and subscriptions."""

from __future__ import annotations

from commerce.gateways.standin import billing, saving
from commerce.gateways.standin.api.asking import ApiError, Json, Params, found, wanted, whole
from commerce.gateways.standin.api.checkouts import price_of
from commerce.gateways.standin.api.intents import charge_intent
from commerce.gateways.standin.store import Session


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
        return billing.change(session, subscription, price_of(amount, given), charge_intent)
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
        "locale": params.get("locale"),
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
