"""The provider's news: verify the raw body, read the current object, keep and apply in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from commerce import gateways
from commerce.actions import memberships
from commerce.actions.checkout import settle
from commerce.actions.payment import catch_up
from commerce.actions.payouts import note_account
from commerce.gateways.base import BadSignature, Event, Gateway, GatewayError
from commerce.models import Membership, Order, Payee, Pledge, ProviderEvent
from commerce.offers import pledging
from commerce.refusals import BadWebhook, PaymentUnavailable

log = logging.getLogger(__name__)

# What is kept of an event's subject: enough to read it anew.
KEPT = ("id", "object", "payment_intent", "parent")
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
                body={name: event.subject.get(name, "") for name in KEPT},
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
    session_id = str(event.subject.get("id", ""))
    pledge = Pledge.objects.filter(setup_session_id=session_id).exclude(setup_session_id="").first()
    if pledge is not None:
        setup = provider.setup(session_id)
        return lambda now: pledging.note_card(pledge=pledge, setup=setup, now=now)
    member = Membership.objects.filter(checkout_session_id=session_id).first()
    if member is not None:
        return _followed(member, provider)
    checkout = provider.checkout(str(event.subject.get("id", "")))
    order = order_of(checkout.order_reference)
    if order is None:
        return _nothing(event, provider)
    # What happened to the payment may have been told before anybody here knew of it: ask for all of it.
    payment = provider.payment(checkout.payment_intent_id) if checkout.is_paid else None

    def apply(now: datetime) -> None:
        settle(order=order, checkout=checkout, now=now)
        if payment is not None:
            catch_up(order=order, payment=payment, now=now)

    return apply


def _followed(member: Membership, provider: Gateway) -> Apply:
    """The membership's subscription and bills, read now."""
    if not member.subscription_id:
        found = provider.checkout(member.checkout_session_id)
        if not found.subscription_id:
            return lambda now: None
        Membership.objects.filter(pk=member.pk).update(subscription_id=found.subscription_id)
        member.refresh_from_db()
    seen = memberships.read(member, provider)
    return lambda now: memberships.follow(membership=member, seen=seen, now=now)


def _subscription_moved(event: Event, provider: Gateway) -> Apply:
    """News of a subscription or of one of its bills."""
    subject = event.subject
    if subject.get("object") == "invoice":
        details = (subject.get("parent") or {}).get("subscription_details") or {}
        found = str(details.get("subscription") or subject.get("subscription") or "")
    else:
        found = str(subject.get("id", ""))
    member = Membership.objects.filter(subscription_id=found).exclude(subscription_id="").first()
    return _followed(member, provider) if member is not None else _nothing(event, provider)


def _payment_moved(event: Event, provider: Gateway) -> Apply:
    """News of a payment intent, a charge or a dispute: the payment is read, and the order follows it."""
    subject = event.subject
    intent = subject.get("id") if subject.get("object") == "payment_intent" else subject.get("payment_intent")
    if not intent:
        return _nothing(event, provider)
    payment = provider.payment(str(intent))
    order = Order.objects.filter(payment_intent_id=intent).first() or order_of(payment.order_reference)
    if order is None:
        return _nothing(event, provider)
    return lambda now: catch_up(order=order, payment=payment, now=now)


def _account_moved(event: Event, provider: Gateway) -> Apply:
    """An onboarding went on: the account is read anew."""
    account_id = str(event.subject.get("id", ""))
    if not Payee.objects.filter(account_id=account_id).exists():
        return _nothing(event, provider)
    account = provider.account(account_id)
    return lambda now: note_account(account=account, now=now)


def order_of(reference: str) -> Order | None:
    """The order that a payment was opened for; whatever is no reference of ours names none."""
    try:
        return Order.objects.filter(public_id=UUID(reference)).first()
    except ValueError:
        return None


HANDLERS: dict[str, Callable[[Event, Gateway], Apply]] = {
    "checkout.session.completed": _checkout_moved,
    "checkout.session.async_payment_succeeded": _checkout_moved,
    "checkout.session.expired": _checkout_moved,
    "payment_intent.succeeded": _payment_moved,
    "charge.refunded": _payment_moved,
    "charge.dispute.created": _payment_moved,
    "charge.dispute.updated": _payment_moved,  # an inquiry that became one
    "charge.dispute.funds_withdrawn": _payment_moved,
    "charge.dispute.closed": _payment_moved,
    "customer.subscription.updated": _subscription_moved,
    "customer.subscription.deleted": _subscription_moved,
    "invoice.paid": _subscription_moved,
    "invoice.payment_failed": _subscription_moved,
    "account.updated": _account_moved,
    "v2.core.account.updated": _account_moved,
}


def run_again(*, kept: ProviderEvent, now: datetime, gateway: Gateway | None = None) -> ProviderEvent:
    """Try an event that could not be applied once more; what it is about is read anew."""
    if kept.handled_at is not None:
        return kept
    event = Event(kept.event_id, kept.kind, kept.body)
    provider = gateway or gateways.current()
    try:
        apply = HANDLERS.get(event.kind, _nothing)(event, provider)
    except GatewayError as error:
        raise PaymentUnavailable from error
    with transaction.atomic():
        kept.error = ""
        _apply_or_note(kept, apply, now)
    return kept
