"""Each night our books are held against the provider's: lost news are applied, what remains is listed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from commerce import gateways
from commerce.actions.checkout import settle
from commerce.actions.payment import catch_up
from commerce.gateways.base import Gateway, GatewayError, Payment
from commerce.models import Dispute, Order, Reconciliation

log = logging.getLogger(__name__)

# Refunds may come for half a year; what is older is looked at when its webhook comes.
LOOKS_BACK = timedelta(days=180)
Difference = dict[str, Any]


def reconcile(*, now: datetime, gateway: Gateway | None = None) -> Reconciliation:
    """Ask the provider about every order that could have moved. With it away for one, that one is listed."""
    provider = gateway or gateways.current()
    known = ~Q(checkout_session_id="") | ~Q(payment_intent_id="")
    orders = Order.objects.filter(known, created_at__gte=now - LOOKS_BACK).order_by("pk")
    count, healed, differences = 0, 0, list[Difference]()
    for order in orders.iterator():
        count += 1
        before = _standing(order)
        try:
            payment = _payment(order, provider, now)
            if payment is not None:
                catch_up(order=order, payment=payment, now=now)
        except GatewayError as error:
            differences.append(_difference(order, "not asked", 0, 0) | {"why": str(error)})
            continue
        except ValueError as error:
            differences.append(_difference(order, "not applied", 0, 0) | {"why": str(error)})
            continue
        order.refresh_from_db()
        healed += before != _standing(order)
        if payment is not None:
            differences += _differences(order, payment)
    return Reconciliation.objects.create(at=now, orders=count, healed=healed, differences=differences)


def _payment(order: Order, provider: Gateway, now: datetime) -> Payment | None:
    if not order.payment_intent_id:
        checkout = provider.checkout(order.checkout_session_id)
        settle(order=order, checkout=checkout, now=now)
        order.refresh_from_db()
    return provider.payment(order.payment_intent_id) if order.payment_intent_id else None


def _standing(order: Order) -> tuple[Any, ...]:
    disputes = order.disputes.order_by("pk").values_list("dispute_id", "state")
    return order.state, order.refunded, order.lost, tuple(disputes)


def _differences(order: Order, payment: Payment) -> Iterator[Difference]:
    is_paid = order.state in {Order.State.PAID, Order.State.REFUNDED}
    if payment.is_paid != is_paid:
        yield _difference(order, "paid", order.total if is_paid else 0, payment.total.amount)
    if is_paid and payment.refunded != order.refunded:
        yield _difference(order, "refunded", order.refunded, payment.refunded)
    ours = sum(row.amount for row in order.disputes.filter(state=Dispute.State.LOST))
    theirs = sum(one.money.amount for one in payment.disputes if one.state == "lost")
    if ours != theirs:
        yield _difference(order, "disputed", ours, theirs)


def _difference(order: Order, what: str, ours: int, theirs: int) -> Difference:
    return {
        "order": str(order.public_id),
        "what": what,
        "ours": ours,
        "theirs": theirs,
        "currency": order.currency,
    }
