"""What a receipt names, and what of an order is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from commerce.models import (
    Order,
    OrderLine,
    Split,
)
from commerce.money import Money
from commerce.splits import Role


@dataclass(frozen=True)
class Earned:
    role: Role
    name: str
    money: Money


@dataclass(frozen=True)
class ReceiptLine:
    line: OrderLine
    price: Money
    earned: list[Earned]


def receipt(order: Order) -> list[ReceiptLine]:
    """Each line with who earned what of it by now, refunds taken off."""
    return [
        ReceiptLine(
            line,
            Money(line.unit_price * line.quantity - line.discount, order.currency),
            _earned(line.splits.all(), order.merchant.name if order.merchant else ""),
        )
        for line in order.lines.all()
    ]


def _earned(rows: Iterable[Split], shop: str) -> list[Earned]:
    """The shop goes by its own name on a receipt, everybody else by theirs."""
    sums: dict[tuple[str, str], int] = {}
    currency = ""
    for row in rows:
        name = shop if row.role == Role.MERCHANT else row.recipient.name if row.recipient else ""
        sums[(row.role, name)] = sums.get((row.role, name), 0) + row.amount
        currency = row.currency
    return [Earned(Role(role), name, Money(amount, currency)) for (role, name), amount in sums.items()]


def left(order: Order) -> Money:
    """What of the payment has not gone back."""
    return Money(max(0, order.total - order.refunded - order.lost), order.currency)


def needs_parcel(order: Order) -> bool:
    """Whether something of the order is sent, so that an address is wanted."""
    goods = order.lines.filter(variant__product__needs_shipping=True).exclude(kind="deposit")
    return order.kind == Order.Kind.GOODS and goods.exists()


def hold_ends_at(order: Order) -> datetime | None:
    held = [hold.expires_at for hold in order.holds.all() if hold.released_at is None]
    return min(held) if held else None
