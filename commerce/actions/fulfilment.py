"""After the payment: sent, arrived, called off, returned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts import notifications
from commerce.actions.payment import left_of, refund, tell_agent, write_to_buyer
from commerce.actions.payouts import RETURN_WINDOW
from commerce.gateways.base import Gateway
from commerce.models import Offer, Order, OrderLetter
from commerce.money import Money
from commerce.offers import standing
from commerce.refusals import NotReturnable, NotToSend, TooLateToCancel


@transaction.atomic
def send(*, order: Order, carrier: str, tracking: str, now: datetime) -> Order:
    """The shop gave the parcel away; said again, only carrier and number change. Raises NotToSend."""
    held = _paid(order)
    if held.is_frozen or not standing.may_send(held):
        raise NotToSend
    if held.sent_at is None:
        write_to_buyer(held, OrderLetter.Kind.SENT, now)
    held.carrier, held.tracking = carrier.strip()[:60], tracking.strip()[:80]
    held.sent_at = held.sent_at or now
    held.save(update_fields=["carrier", "tracking", "sent_at"])
    _with_its_deposit(held)
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


def set_address(*, order: Order, address: Mapping[str, str]) -> None:
    """Where the parcel goes; said again until it was sent. Raises NotToSend once it was."""
    waiting = Order.objects.filter(pk=order.pk, sent_at=None)
    waiting = waiting.filter(state__in=[Order.State.PLEDGED, Order.State.OPEN, Order.State.PAID])
    if not waiting.update(address={name: value for name, value in address.items() if value}):
        raise NotToSend


@transaction.atomic
def arrived(*, order: Order, now: datetime) -> Order:
    """The buyer has it: the return window begins."""
    held = _paid(order)
    if held.arrived_at is None:
        held.arrived_at = now
        held.sent_at = held.sent_at or now
        held.save(update_fields=["arrived_at", "sent_at"])
        _with_its_deposit(held)
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
    is_free = order.state == Order.State.PAID and is_goods and order.sent_at is None and not order.is_frozen
    pledge = standing.pledge_of(order) if is_free else None
    return is_free and (pledge is None or pledge.offer.kind == Offer.Kind.MADE_TO_ORDER)


def may_return(order: Order, now: datetime) -> bool:
    if order.state != Order.State.PAID or order.sent_at is None or order.return_asked_at is not None:
        return False
    return order.arrived_at is None or now <= order.arrived_at + RETURN_WINDOW


def _with_its_deposit(order: Order) -> None:
    """A deposit goes the way of the parcel that it was for: its window ends with that one's."""
    pledge = standing.pledge_of(order)
    if pledge is not None and pledge.deposit_id not in {None, order.pk}:
        Order.objects.filter(pk=pledge.deposit_id).update(sent_at=order.sent_at, arrived_at=order.arrived_at)


def _paid(order: Order) -> Order:
    held = Order.objects.select_for_update(of=("self",)).select_related("buyer", "merchant__owner")
    row = held.get(pk=order.pk)
    if row.state != Order.State.PAID:
        raise NotToSend
    return row
