"""What an order asks, in the shape of a quote: once a session is ordered, its answers follow the charge."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from commerce.models import Order, OrderLine
from commerce.money import Money
from commerce.pricing import (
    DIGITAL,
    STANDARD,
    Quote,
    QuoteLine,
    Shipping,
    Wanted,
    shipping_options,
)


def quote_of(order: Order, option: str = "") -> Quote:
    """The order's own sums, whatever the shop asks by now; `option` is the way of shipping chosen."""
    rows = order.lines.select_related("variant__product__merchant__owner").order_by("pk")
    extras = {row.kind: row for row in rows if row.kind != "goods"}
    lines = tuple(_line(row) for row in rows if row.kind == "goods" and row.variant is not None)
    merchant = lines[0].wanted.variant.product.merchant
    chosen = _way(order, lines, extras.get("shipping"), option)
    tax = extras.get("tax")
    return Quote(
        merchant=merchant,
        currency=order.currency,
        lines=lines,
        options=(chosen,),
        chosen=chosen,
        coupon=order.coupon,
        tax=tax.unit_price if tax is not None else order.tax_included,
        is_tax_added=tax is not None,
    )


def _line(row: OrderLine) -> QuoteLine:
    assert row.variant is not None
    return QuoteLine(Wanted(row.variant, row.quantity), row.unit_price * row.quantity, row.discount)


def _way(order: Order, lines: tuple[QuoteLine, ...], row: OrderLine | None, option: str) -> Shipping:
    """The way that was paid for, with its days where the shop still has it."""
    merchant = lines[0].wanted.variant.product.merchant
    fee = Money(row.unit_price if row is not None else 0, order.currency)
    known = shipping_options(merchant, order.currency, lines)
    title = row.title if row is not None else ""
    same = next((way for way in known if option and way.option_id == option), None)
    same = same or next((way for way in known if way.title == title or way.money == fee), None)
    if same is not None:
        return replace(same, title=title or same.title, money=fee)
    if any(line.wanted.variant.product.needs_shipping for line in lines):
        return Shipping(option or STANDARD, title or _("Standard"), fee)
    return Shipping(DIGITAL, _("Nothing to ship"), fee)
