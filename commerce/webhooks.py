"""The provider's news: verify the raw body, read the current object, keep and apply in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction

from commerce import gateways
from commerce.actions.checkout import settle
from commerce.actions.payment import record_refund
from commerce.gateways.base import BadSignature, Event, Gateway, GatewayError
from commerce.models import Order, ProviderEvent
from commerce.refusals import BadWebhook, PaymentUnavailable

log = logging.getLogger(__name__)

Apply = Callable[[datetime], None]


def receive(
    *, payload: bytes, signature: str, now: datetime, gateway: Gateway | None = None
) -> ProviderEvent:
    """Take one webhook. Sent twice, or shuffled with others, it changes nothing twice.

    Raises BadWebhook for a wrong signature and PaymentUnavailable (the provider then sends again) when the
    current object cannot be read.
    """
    provider = gateway or gateways.current()
    try:
        event = provider.event(payload, signature)
    except BadSignature as error:
        raise BadWebhook from error
    known = ProviderEvent.objects.filter(provider=provider.name, event_id=event.event_id).first()
    if known is not None:
        return known
    try:
        apply = HANDLERS.get(event.kind, _nothing)(event, provider)
    except GatewayError as error:
        raise PaymentUnavailable from error
    return _keep_and_apply(provider.name, event, apply, now)


def _keep_and_apply(provider: str, event: Event, apply: Apply, now: datetime) -> ProviderEvent:
    try:
        with transaction.atomic():
            kept = ProviderEvent.objects.create(
                provider=provider,
                event_id=event.event_id,
                kind=event.kind,
                body={"id": event.subject.get("id", "")},
                received_at=now,
            )
            _apply_or_note(kept, apply, now)
            return kept
    except IntegrityError:
        # Its twin was faster; the unique key kept the effect single.
        return ProviderEvent.objects.get(provider=provider, event_id=event.event_id)


def _apply_or_note(kept: ProviderEvent, apply: Apply, now: datetime) -> None:
    """Apply inside a savepoint: an event that cannot be applied is kept with its reason, to run again."""
    try:
        with transaction.atomic():
            apply(now)
        kept.handled_at = now
    except ValueError as error:
        log.error("event %s kept unapplied: %s", kept.kind, error)
        kept.error = str(error)[:200]
    kept.save(update_fields=["handled_at", "error"])


def _nothing(event: Event, provider: Gateway) -> Apply:
    return lambda now: None


def _checkout_moved(event: Event, provider: Gateway) -> Apply:
    checkout = provider.checkout(str(event.subject.get("id", "")))
    reference = checkout.order_reference
    order = Order.objects.filter(public_id=reference).first() if reference else None
    if order is None:
        return _nothing(event, provider)
    # A refund's event may have come first, when nobody knew the payment yet: ask for it here too.
    refunded = provider.refunded(checkout.payment_intent_id) if checkout.is_paid else None

    def apply(now: datetime) -> None:
        settle(order=order, checkout=checkout, now=now)
        if refunded is not None:
            record_refund(order=order, total=refunded, now=now)

    return apply


def _charge_refunded(event: Event, provider: Gateway) -> Apply:
    intent = str(event.subject.get("payment_intent", ""))
    order = Order.objects.filter(payment_intent_id=intent).first() if intent else None
    if order is None:
        return _nothing(event, provider)
    total = provider.refunded(intent)

    def apply(now: datetime) -> None:
        record_refund(order=order, total=total, now=now)

    return apply


HANDLERS: dict[str, Callable[[Event, Gateway], Apply]] = {
    "checkout.session.completed": _checkout_moved,
    "checkout.session.async_payment_succeeded": _checkout_moved,
    "checkout.session.expired": _checkout_moved,
    "charge.refunded": _charge_refunded,
}
