"""After the payment: sent, arrived, called off, returned."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import notifications
from commerce.actions.payment import left_of, refund, tell_agent
from commerce.actions.payouts import RETURN_WINDOW
from commerce.gateways.base import Gateway
from commerce.models import Order
from commerce.money import Money
from commerce.refusals import NotReturnable, NotToSend, TooLateToCancel


@transaction.atomic
def send(*, order: Order, carrier: str, tracking: str, now: datetime) -> Order:
    """The shop gave the parcel away; said again, only carrier and number change. Raises NotToSend."""
    held = _paid(order)
    if held.is_frozen:
        raise NotToSend
    held.carrier, held.tracking = carrier.strip()[:60], tracking.strip()[:80]
    held.sent_at = held.sent_at or now
    held.save(update_fields=["carrier", "tracking", "sent_at"])
    tell_agent(held, "order_update", now)
    if held.buyer is not None:
        notifications.notify(
            recipient=held.buyer,
            kind="order_sent",
            data={"merchant": held.merchant.name if held.merchant else ""},
            url=f"/orders/{held.public_id}",
            now=now,
        )
    return held


@transaction.atomic
def arrived(*, order: Order, now: datetime) -> Order:
    """The buyer has it: the return window begins."""
    held = _paid(order)
    if held.arrived_at is None:
        held.arrived_at = now
        held.sent_at = held.sent_at or now
        held.save(update_fields=["arrived_at", "sent_at"])
        tell_agent(held, "order_update", now)
    return held


def call_off(*, order: Order, now: datetime, gateway: Gateway | None = None) -> Order:
    """The buyer changed their mind before anything was sent: everything goes back at once.

    Raises TooLateToCancel, or what `refund` raises.
    """
    if not may_call_off(order):
        raise TooLateToCancel
    return refund(order=order, money=Money(left_of(order), order.currency), now=now, gateway=gateway)


@transaction.atomic
def ask_return(*, order: Order, words: str, now: datetime) -> Order:
    """The buyer wants to send it back, within the window; the shop hears of it and decides by refunding."""
    held = _paid(order)
    if not may_return(held, now):
        raise NotReturnable
    held.return_asked_at, held.return_words = now, words.strip()[:500]
    held.save(update_fields=["return_asked_at", "return_words"])
    if held.merchant is not None:
        notifications.notify(
            recipient=held.merchant.owner,
            kind="return_asked",
            data={},
            url=f"/orders/{held.public_id}",
            now=now,
        )
    return held


def may_call_off(order: Order) -> bool:
    is_goods = order.kind == Order.Kind.GOODS
    return order.state == Order.State.PAID and is_goods and order.sent_at is None and not order.is_frozen


def may_return(order: Order, now: datetime) -> bool:
    if order.state != Order.State.PAID or order.sent_at is None or order.return_asked_at is not None:
        return False
    return order.arrived_at is None or now <= order.arrived_at + RETURN_WINDOW


def _paid(order: Order) -> Order:
    held = Order.objects.select_for_update(of=("self",)).select_related("buyer", "merchant__owner")
    row = held.get(pk=order.pk)
    if row.state != Order.State.PAID:
        raise NotToSend
    return row
