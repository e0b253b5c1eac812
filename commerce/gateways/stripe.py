"""Stripe through its own SDK. The only file that sees a Stripe object, or knows that one exists."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import stripe
from django.utils.translation import get_language

from commerce.gateways.base import (
    Account,
    BadSignature,
    Checkout,
    CheckoutLine,
    Declined,
    DisputeState,
    Event,
    GatewayError,
    Invoice,
    Payment,
    Refund,
    SavedCard,
    Setup,
    Subscription,
)
from commerce.money import Money

T = TypeVar("T")
TOLERANCE_S = 300
DISPUTES = {"won": "won", "lost": "lost", "warning_closed": "won"}
# A bank asks, and has taken nothing. What comes of it has another status, under the same id.
INQUIRIES = {"warning_needs_response", "warning_under_review"}
RETRYABLE = (stripe.APIConnectionError, stripe.RateLimitError)


class StripeGateway:
    """`api_base` is Stripe's own address unless the operator set another."""

    name = "stripe"

    def __init__(
        self,
        *,
        secret_key: str,
        webhook_secret: str,
        api_base: str = "",
        http_client: stripe.HTTPClient | None = None,
    ) -> None:
        self.webhook_secret = webhook_secret
        self.client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=2,
            http_client=http_client,
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
        save_card: bool = False,
        in_page: bool = False,
    ) -> Checkout:
        params: dict[str, Any] = {
            "mode": "payment",
            # What is paid days later has no place here: a hold lasts minutes. Wallets come with the card.
            "payment_method_types": ["card"],
            "line_items": [_line_item(line) for line in lines],
            "client_reference_id": order_reference,
            "payment_intent_data": {
                "transfer_group": order_reference,
                "metadata": {"order": order_reference},
            },
            "expires_at": int(expires_at.timestamp()),
            **(_in_page(success_url) if in_page else _led(success_url, cancel_url)),
        }
        if save_card:
            params["payment_intent_data"]["setup_future_usage"] = "off_session"
            params["customer_creation"] = "always"
        if email:
            params["customer_email"] = email
        sessions = self.client.v1.checkout.sessions
        return _checkout(_asked(lambda: sessions.create(params, {"idempotency_key": key})))  # type: ignore[arg-type]

    def checkout(self, session_id: str) -> Checkout:
        return _checkout(_asked(lambda: self.client.v1.checkout.sessions.retrieve(session_id)))

    def close_checkout(self, session_id: str) -> Checkout:
        return _checkout(_asked(lambda: self.client.v1.checkout.sessions.expire(session_id)))

    def payment(self, payment_intent_id: str) -> Payment:
        """What became of a payment, in one question; two where somebody disputed it."""
        intents = self.client.v1.payment_intents
        intent = _asked(lambda: intents.retrieve(payment_intent_id, {"expand": ["latest_charge"]}))
        return self._payment(intent)

    def _payment(self, intent: stripe.PaymentIntent) -> Payment:
        charge = intent.latest_charge if not isinstance(intent.latest_charge, str) else None
        disputes = self._disputes(intent.id) if charge is not None and charge.disputed else ()
        return Payment(
            payment_intent_id=intent.id,
            order_reference=intent.metadata.to_dict().get("order", "") if intent.metadata else "",
            is_paid=intent.status == "succeeded",
            asks_for_proof=intent.status == "requires_action",
            total=Money(intent.amount, intent.currency.upper()),
            email=intent.receipt_email or _email(charge),
            charge_id=charge.id if charge is not None else "",
            refunded=charge.amount_refunded if charge is not None else 0,
            disputes=disputes,
            card=_saved(intent.customer, intent.payment_method) if intent.setup_future_usage else None,
        )

    def _disputes(self, payment_intent_id: str) -> tuple[DisputeState, ...]:
        found = _asked(
            lambda: self.client.v1.disputes.list({"payment_intent": payment_intent_id, "limit": 100})
        )
        return tuple(
            DisputeState(
                dispute.id,
                Money(dispute.amount, dispute.currency.upper()),
                DISPUTES.get(dispute.status, "open"),
                dispute.reason,
            )
            for dispute in found.data
            if dispute.status not in INQUIRIES
        )

    def pay_with_token(
        self, *, order_reference: str, money: Money, token: str, email: str, key: str
    ) -> Payment:
        params: dict[str, Any] = {
            "amount": money.amount,
            "currency": money.currency.lower(),
            "confirm": True,
            "payment_method_data": {"shared_payment_granted_token": token},
            "transfer_group": order_reference,
            "metadata": {"order": order_reference},
            "receipt_email": email,
            "expand": ["latest_charge"],
        }
        return self._confirmed(params, key)

    def open_setup(
        self, *, reference: str, currency: str, success_url: str, cancel_url: str, email: str, key: str
    ) -> Setup:
        params: dict[str, Any] = {
            "mode": "setup",
            "currency": currency.lower(),
            "client_reference_id": reference,
            "customer_creation": "always",
            "setup_intent_data": {"metadata": {"pledge": reference}},
            **_led(success_url, cancel_url),
        }
        if email:
            params["customer_email"] = email
        sessions = self.client.v1.checkout.sessions
        return _setup(_asked(lambda: sessions.create(params, {"idempotency_key": key})))  # type: ignore[arg-type]

    def setup(self, session_id: str) -> Setup:
        sessions = self.client.v1.checkout.sessions
        return _setup(_asked(lambda: sessions.retrieve(session_id, {"expand": ["setup_intent"]})))

    def charge_saved(
        self, *, order_reference: str, money: Money, card: SavedCard, email: str, key: str
    ) -> Payment:
        params: dict[str, Any] = {
            "amount": money.amount,
            "currency": money.currency.lower(),
            "customer": card.customer_id,
            "payment_method": card.payment_method_id,
            "off_session": True,
            "confirm": True,
            "transfer_group": order_reference,
            "metadata": {"order": order_reference},
            "expand": ["latest_charge"],
        }
        if email:
            params["receipt_email"] = email
        return self._confirmed(params, key)

    def _confirmed(self, params: dict[str, Any], key: str) -> Payment:
        intents = self.client.v1.payment_intents
        try:
            intent = intents.create(params, {"idempotency_key": key})  # type: ignore[arg-type]
        except stripe.CardError as error:
            raise Declined(error.code or "card_declined") from error
        except stripe.InvalidRequestError as error:
            raise Declined(error.code or "invalid_token") from error
        except stripe.StripeError as error:
            raise _gateway_error(error) from error
        return self._payment(intent)

    def forget_card(self, card: SavedCard) -> None:
        try:
            self.client.v1.payment_methods.detach(card.payment_method_id)
        except stripe.InvalidRequestError:
            return  # it was forgotten before
        except stripe.StripeError as error:
            raise _gateway_error(error) from error

    def open_subscription(
        self,
        *,
        reference: str,
        plan_reference: str,
        title: str,
        money: Money,
        every: str,
        success_url: str,
        cancel_url: str,
        email: str,
        key: str,
    ) -> Checkout:
        params: dict[str, Any] = {
            "mode": "subscription",
            "line_items": [_recurring(title, money, every)],
            "client_reference_id": reference,
            "subscription_data": {"metadata": {"membership": reference, "plan": plan_reference}},
            **_led(success_url, cancel_url),
        }
        if email:
            params["customer_email"] = email
        sessions = self.client.v1.checkout.sessions
        return _checkout(_asked(lambda: sessions.create(params, {"idempotency_key": key})))  # type: ignore[arg-type]

    def subscription(self, subscription_id: str) -> Subscription:
        return _subscription(_asked(lambda: self.client.v1.subscriptions.retrieve(subscription_id)))

    def change_subscription(
        self, subscription_id: str, *, plan_reference: str, title: str, money: Money, every: str, key: str
    ) -> Subscription:
        subscriptions = self.client.v1.subscriptions
        item = _asked(lambda: subscriptions.retrieve(subscription_id))["items"].data[0].id
        product = _asked(
            lambda: self.client.v1.products.create({"name": title}, {"idempotency_key": f"{key}-product"})
        )
        price = {
            "currency": money.currency.lower(),
            "unit_amount": money.amount,
            "recurring": {"interval": every},
            "product": product.id,
        }
        params: dict[str, Any] = {
            "items": [{"id": item, "price_data": price}],
            "metadata": {"plan": plan_reference},
            "proration_behavior": "always_invoice",
        }
        return _subscription(
            _asked(lambda: subscriptions.update(subscription_id, params, {"idempotency_key": key}))  # type: ignore[arg-type]
        )

    def end_subscription(self, subscription_id: str, *, at_once: bool, key: str) -> Subscription:
        subscriptions = self.client.v1.subscriptions
        if at_once:
            try:
                return _subscription(subscriptions.cancel(subscription_id, {}, {"idempotency_key": key}))
            except stripe.InvalidRequestError:
                return self.subscription(subscription_id)  # it ended before
            except stripe.StripeError as error:
                raise _gateway_error(error) from error
        return _subscription(
            _asked(
                lambda: subscriptions.update(
                    subscription_id, {"cancel_at_period_end": True}, {"idempotency_key": key}
                )
            )
        )

    def keep_subscription(self, subscription_id: str, *, key: str) -> Subscription:
        subscriptions = self.client.v1.subscriptions
        return _subscription(
            _asked(
                lambda: subscriptions.update(
                    subscription_id, {"cancel_at_period_end": False}, {"idempotency_key": key}
                )
            )
        )

    def invoices(self, subscription_id: str) -> list[Invoice]:
        found = _asked(
            lambda: self.client.v1.invoices.list(
                {"subscription": subscription_id, "limit": 100, "expand": ["data.payments"]}
            )
        )
        return [_invoice(row) for row in found.data]

    def card_page(self, subscription_id: str, *, return_url: str, key: str) -> str:
        subscription = _asked(lambda: self.client.v1.subscriptions.retrieve(subscription_id))
        params: dict[str, Any] = {
            "customer": str(subscription.customer),
            "return_url": return_url,
            "flow_data": {"type": "payment_method_update"},
            "locale": _locale(),
        }
        sessions = self.client.v1.billing_portal.sessions
        return _asked(lambda: sessions.create(params)).url  # type: ignore[arg-type]

    def cancel_payment(self, payment_intent_id: str) -> Payment:
        payment = self.payment(payment_intent_id)
        if payment.is_paid:
            return payment
        try:
            self.client.v1.payment_intents.cancel(payment_intent_id)
        except stripe.InvalidRequestError:
            return self.payment(payment_intent_id)  # it was paid, or called off, in between
        except stripe.StripeError as error:
            raise _gateway_error(error) from error
        return payment

    def refunded(self, payment_intent_id: str) -> Money:
        """How much of the payment has gone back by now, by the provider's word."""
        payment = self.payment(payment_intent_id)
        return Money(payment.refunded, payment.total.currency)

    def refund(self, *, payment_intent_id: str, money: Money, key: str) -> Refund:
        made = _asked(
            lambda: self.client.v1.refunds.create(
                {"payment_intent": payment_intent_id, "amount": money.amount}, {"idempotency_key": key}
            )
        )
        return Refund(made.id, Money(made.amount, made.currency.upper()))

    def open_account(self, *, email: str, name: str, key: str) -> Account:
        """An account that only receives. Its owner completes it on the provider's own pages."""
        params: dict[str, Any] = {
            "contact_email": email,
            "display_name": name,
            "configuration": {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            },
            "defaults": {
                "responsibilities": {"fees_collector": "application", "losses_collector": "application"}
            },
            "dashboard": "express",
            "include": ["configuration.recipient"],
        }
        accounts = self.client.v2.core.accounts
        return _account(_asked(lambda: accounts.create(params, {"idempotency_key": key})))  # type: ignore[arg-type]

    def account(self, account_id: str) -> Account:
        accounts = self.client.v2.core.accounts
        return _account(
            _asked(lambda: accounts.retrieve(account_id, {"include": ["configuration.recipient"]}))
        )

    def onboarding_url(self, account_id: str, *, return_url: str, refresh_url: str) -> str:
        onboarding = {"configurations": ["recipient"], "return_url": return_url, "refresh_url": refresh_url}
        params: dict[str, Any] = {
            "account": account_id,
            "use_case": {"type": "account_onboarding", "account_onboarding": onboarding},
        }
        links = self.client.v2.core.account_links
        return _asked(lambda: links.create(params)).url  # type: ignore[arg-type]

    def transfer(self, *, money: Money, account_id: str, charge_id: str, group: str, key: str) -> str:
        params: dict[str, Any] = {
            "amount": money.amount,
            "currency": money.currency.lower(),
            "destination": account_id,
            "transfer_group": group,
        }
        if charge_id:
            params["source_transaction"] = charge_id
        transfers = self.client.v1.transfers
        return _asked(lambda: transfers.create(params, {"idempotency_key": key})).id  # type: ignore[arg-type]

    def reverse_transfer(self, transfer_id: str, *, money: Money, key: str) -> None:
        reversals = self.client.v1.transfers.reversals
        _asked(lambda: reversals.create(transfer_id, {"amount": money.amount}, {"idempotency_key": key}))

    def event(self, payload: bytes, signature: str) -> Event:
        """The event of a webhook, if Stripe signed this very body within the last five minutes."""
        try:
            stripe.WebhookSignature.verify_header(
                payload.decode(), signature, self.webhook_secret, TOLERANCE_S
            )
            body = json.loads(payload)
            subject = body["related_object"] if "related_object" in body else body["data"]["object"]
            return Event(body["id"], body["type"], subject)
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as error:
            raise BadSignature(type(error).__name__) from error


def _asked(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except stripe.StripeError as error:
        raise _gateway_error(error) from error


def _gateway_error(error: stripe.StripeError) -> GatewayError:
    retryable = isinstance(error, RETRYABLE) or (error.http_status or 0) >= 500
    return GatewayError(error.user_message or type(error).__name__, retryable=retryable)


def _email(charge: stripe.Charge | None) -> str:
    details = getattr(charge, "billing_details", None)
    return (details.email if details else "") or ""


def _account(account: Any) -> Account:
    recipient = getattr(getattr(account, "configuration", None), "recipient", None)
    balance = getattr(getattr(recipient, "capabilities", None), "stripe_balance", None)
    transfers = getattr(balance, "stripe_transfers", None)
    return Account(account.id, getattr(transfers, "status", "") == "active")


def _in_page(return_url: str) -> dict[str, Any]:
    return {"ui_mode": "elements", "return_url": return_url}


def _led(success_url: str, cancel_url: str) -> dict[str, Any]:
    """The provider's own page, and where it leads back to."""
    return {"success_url": success_url, "cancel_url": cancel_url, "locale": _locale()}


def _locale() -> str:
    """The reader's own language, which the provider's page would else take from the browser."""
    language = get_language() or ""
    return next((known for known in ("zh", "en") if language.startswith(known)), "auto")


def _id(found: Any) -> str:
    """The id of what is an object where it was expanded, and its id otherwise."""
    return found if isinstance(found, str) else (found.id if found is not None else "")


def _saved(customer: Any, method: Any) -> SavedCard | None:
    return SavedCard(_id(customer), _id(method)) if customer and method else None


def _setup(session: stripe.checkout.Session) -> Setup:
    intent = session.setup_intent
    done = intent is not None and not isinstance(intent, str) and intent.status == "succeeded"
    card = _saved(session.customer, intent.payment_method) if done else None  # type: ignore[union-attr]
    return Setup(session.id, session.url, session.status == "open", card)


def _recurring(title: str, money: Money, every: str) -> dict[str, Any]:
    return {
        "quantity": 1,
        "price_data": {
            "currency": money.currency.lower(),
            "unit_amount": money.amount,
            "recurring": {"interval": every},
            "product_data": {"name": title},
        },
    }


def _subscription(found: stripe.Subscription) -> Subscription:
    item = found["items"].data[0]
    told = found.metadata.to_dict() if found.metadata else {}
    return Subscription(
        subscription_id=found.id,
        reference=told.get("membership", ""),
        status=found.status,
        period_start=datetime.fromtimestamp(item.current_period_start, UTC),
        period_end=datetime.fromtimestamp(item.current_period_end, UTC),
        ends_with_period=bool(found.cancel_at_period_end),
        plan_reference=told.get("plan", ""),
    )


def _invoice(found: stripe.Invoice) -> Invoice:
    details = found.parent.subscription_details if found.parent else None
    payments = found.payments.data if found.payments else []
    amount = found.amount_paid if found.status == "paid" else found.amount_due
    intents = [_id(row.payment.payment_intent) for row in payments if row.payment.payment_intent]
    return Invoice(
        invoice_id=found.id or "",
        subscription_id=_id(details.subscription) if details else "",
        money=Money(amount, found.currency.upper()),
        is_paid=found.status == "paid",
        attempts=found.attempt_count,
        payment_intent_id=intents[0] if intents else "",
        reason=found.billing_reason or "",
    )


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
        client_secret=session.client_secret or "",
        subscription_id=_id(session.subscription),
        is_complete=session.status == "complete",
    )
