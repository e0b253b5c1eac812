"""What a paid order does elsewhere, by its kind: a licence begins, credits arrive, an episode opens. Goods
and tips do nothing.

Called in the transaction that took the payment, or sent it back; each may be called again.
"""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from cameos import licences
from cameos.models import Licence
from commerce import unlocking
from commerce.models import Order
from generation import credits


def paid(order: Order, now: datetime) -> None:
    if order.kind == Order.Kind.LICENCE:
        for licence in _licences(order):
            licences.paid(
                licence=licence,
                amount=order.total,
                currency=order.currency,
                reference=str(order.public_id),
                now=now,
            )
    elif order.kind == Order.Kind.CREDITS and order.buyer_id is not None:
        for line in order.lines.filter(kind="credits"):
            credits.grant(
                _buyer(order), int(line.reference), reference=f"credits:bought:{order.public_id}", now=now
            )
    elif order.kind in unlocking.KINDS.values() and order.buyer_id is not None:
        unlocking.paid(order, now)


def refunded(order: Order, now: datetime) -> None:
    if order.kind in unlocking.KINDS.values():
        unlocking.refunded(order, now)
    for licence in _licences(order) if order.kind == Order.Kind.LICENCE else ():
        licences.refunded(licence=licence, total=min(order.total, order.refunded + order.lost), now=now)


def _licences(order: Order) -> list[Licence]:
    references = order.lines.filter(kind="licence").values_list("reference", flat=True)
    return list(Licence.objects.filter(public_id__in=list(references)))


def _buyer(order: Order) -> User:
    assert order.buyer is not None
    return order.buyer
