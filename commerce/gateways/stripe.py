"""Stripe through its own SDK. The only file that sees a Stripe object, or knows that one exists."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import stripe

from commerce.gateways.base import (
    BadSignature,
    Checkout,
    CheckoutLine,
    Event,
    GatewayError,
    Refund,
)
from commerce.money import Money

T = TypeVar("T")
TOLERANCE_S = 300
RETRYABLE = (stripe.APIConnectionError, stripe.RateLimitError)


class StripeGateway:
    """`api_base` is Stripe's own address unless the operator set another."""

    name = "stripe"

    def __init__(self, *, secret_key: str, webhook_secret: str, api_base: str = "") -> None:
        self.webhook_secret = webhook_secret
        self.client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=2,
        )

    def open_checkout(
        self,
        *,
        lines: Sequence[CheckoutLine],
        order_reference: str,
        success_url: str,
        cancel_url: str,
        email: str,
        expires_at: datetime,
        key: str,
    ) -> Checkout:
        params: dict[str, Any] = {
            "mode": "payment",
            "line_items": [_line_item(line) for line in lines],
            "client_reference_id": order_reference,
            "payment_intent_data": {
                "transfer_group": order_reference,
                "metadata": {"order": order_reference},
            },
            "success_url": success_url,
            "cancel_url": cancel_url,
            "expires_at": int(expires_at.timestamp()),
        }
        if email:
            params["customer_email"] = email
        sessions = self.client.v1.checkout.sessions
        return _checkout(_asked(lambda: sessions.create(params, {"idempotency_key": key})))  # type: ignore[arg-type]

    def checkout(self, session_id: str) -> Checkout:
        return _checkout(_asked(lambda: self.client.v1.checkout.sessions.retrieve(session_id)))

    def close_checkout(self, session_id: str) -> Checkout:
        return _checkout(_asked(lambda: self.client.v1.checkout.sessions.expire(session_id)))

    def refunded(self, payment_intent_id: str) -> Money:
        """How much of the payment has gone back by now, by the provider's word."""
        intent = _asked(lambda: self.client.v1.payment_intents.retrieve(payment_intent_id))
        charge_id = intent.latest_charge
        if not isinstance(charge_id, str):
            return Money(0, intent.currency.upper())
        charge = _asked(lambda: self.client.v1.charges.retrieve(charge_id))
        return Money(charge.amount_refunded, charge.currency.upper())

    def refund(self, *, payment_intent_id: str, money: Money, key: str) -> Refund:
        made = _asked(
            lambda: self.client.v1.refunds.create(
                {"payment_intent": payment_intent_id, "amount": money.amount}, {"idempotency_key": key}
            )
        )
        return Refund(made.id, Money(made.amount, made.currency.upper()))

    def event(self, payload: bytes, signature: str) -> Event:
        """The event of a webhook, if Stripe signed this very body within the last five minutes."""
        try:
            stripe.WebhookSignature.verify_header(
                payload.decode(), signature, self.webhook_secret, TOLERANCE_S
            )
            body = json.loads(payload)
            return Event(body["id"], body["type"], body["data"]["object"])
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as error:
            raise BadSignature(type(error).__name__) from error


def _asked(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except stripe.StripeError as error:
        retryable = isinstance(error, RETRYABLE) or (error.http_status or 0) >= 500
        raise GatewayError(error.user_message or type(error).__name__, retryable=retryable) from error


def _line_item(line: CheckoutLine) -> dict[str, Any]:
    return {
        "quantity": line.quantity,
        "price_data": {
            "currency": line.unit_price.currency.lower(),
            "unit_amount": line.unit_price.amount,
            "product_data": {"name": line.title},
        },
    }


def _checkout(session: stripe.checkout.Session) -> Checkout:
    intent = session.payment_intent
    details = session.customer_details
    return Checkout(
        session_id=session.id,
        url=session.url,
        is_open=session.status == "open",
        is_paid=session.payment_status == "paid",
        total=Money(session.amount_total or 0, (session.currency or "usd").upper()),
        email=(details.email if details else "") or session.customer_email or "",
        payment_intent_id=intent if isinstance(intent, str) else "",
        order_reference=session.client_reference_id or "",
    )
