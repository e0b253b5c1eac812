"""From the sheet to the payment page, and back when nobody pays."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from commerce import gateways, stock
from commerce.actions.payment import mark_paid
from commerce.attribution import ATTRIBUTION_WINDOW, Attribution, Touch, attribute
from commerce.gateways.base import Checkout, CheckoutLine, Gateway, GatewayError
from commerce.models import Order, OrderLine, ProductTag, TagTouch, Variant
from commerce.money import Money
from commerce.queries import rates_of
from commerce.refusals import BadQuantity, NotForSale, OrderClosed, PaymentUnavailable, PriceChanged
from feed.models import Post

log = logging.getLogger(__name__)

MOST_AT_ONCE = 20
# The provider keeps a page open for half an hour at least; the hold is shorter, and closes the page.
PAYMENT_PAGE_LIFE = timedelta(minutes=31)
Addresses = Callable[[Order], str]


@dataclass(frozen=True)
class Buyer:
    """Who orders: an account or a guest, known to this browser by a random `visitor` value."""

    visitor: str
    account: User | None = None
    email: str = ""


def new_visitor() -> str:
    return secrets.token_urlsafe(32)


@transaction.atomic
def start_checkout(
    *, buyer: Buyer, variant: Variant, quantity: int, seen: Money, tag: ProductTag | None, now: datetime
) -> Order:
    """An open order with its stock held and the touch that earns it written down.

    `seen` is the price the buyer was shown: another one now is refused, not charged.
    """
    if not 1 <= quantity <= MOST_AT_ONCE:
        raise BadQuantity
    if not variant.product.is_live:
        raise NotForSale
    price = Money(variant.price, variant.currency)
    if price != seen:
        raise PriceChanged
    attribution = _attribution(buyer, variant, tag, now)
    tags = ProductTag.objects.select_related("agreement", "post")
    earned_by = tags.get(pk=attribution.tag_id) if attribution.tag_id else None
    order = Order.objects.create(
        buyer=buyer.account,
        email=buyer.email,
        visitor=buyer.visitor,
        merchant=variant.product.merchant,
        currency=price.currency,
        total=price.times(quantity).amount,
        created_at=now,
        expires_at=now + PAYMENT_PAGE_LIFE,
    )
    OrderLine.objects.create(
        order=order,
        variant=variant,
        title=_line_title(variant),
        quantity=quantity,
        unit_price=price.amount,
        tag=earned_by,
        attribution_rule=attribution.rule,
        rates=rates_of(earned_by),
    )
    stock.hold(variant_id=variant.pk, order=order, quantity=quantity, now=now)
    return order


def _line_title(variant: Variant) -> str:
    return f"{variant.product.title} – {variant.title}"[:255] if variant.title else variant.product.title


def _attribution(buyer: Buyer, variant: Variant, tag: ProductTag | None, now: datetime) -> Attribution:
    touches = TagTouch.objects.filter(
        visitor=buyer.visitor,
        tag__product_id=variant.product_id,
        tag__removed_at=None,
        tag__post__state=Post.State.LIVE,  # A withdrawn clip earns nothing more, whoever tapped it before.
        at__gte=now - ATTRIBUTION_WINDOW,
    )
    return attribute(
        product_id=variant.product_id,
        sheet_tag=Touch(tag.pk, tag.product_id, now) if tag else None,
        touches=[Touch(touch.tag_id, variant.product_id, touch.at) for touch in touches],
        now=now,
    )


def open_payment(*, order: Order, success_url: str, cancel_url: str, gateway: Gateway | None = None) -> str:
    """The address of the provider's page for an open order. Asking again gives the same page.

    Outside any transaction: the provider may be slow. Raises PaymentUnavailable or OrderClosed.
    """
    if order.state != Order.State.OPEN:
        raise OrderClosed
    provider = gateway or gateways.current()
    try:
        checkout = provider.open_checkout(
            lines=[
                CheckoutLine(line.title, Money(line.unit_price, order.currency), line.quantity)
                for line in order.lines.all()
            ],
            order_reference=str(order.public_id),
            success_url=success_url,
            cancel_url=cancel_url,
            email=order.email,
            expires_at=order.expires_at,
            key=f"checkout-{order.public_id}",
        )
    except GatewayError as error:
        log.warning("payment page not opened: %s", error)
        raise PaymentUnavailable from error
    Order.objects.filter(pk=order.pk).update(checkout_session_id=checkout.session_id)
    if checkout.url is None:
        raise OrderClosed
    return checkout.url


def sync(*, order: Order, now: datetime, gateway: Gateway | None = None) -> Order:
    """Bring an open order to what the provider says, when its webhook is late or lost."""
    if order.state == Order.State.OPEN and order.checkout_session_id:
        provider = gateway or gateways.current()
        try:
            settle(order=order, checkout=provider.checkout(order.checkout_session_id), now=now)
        except GatewayError:
            log.warning("provider away; the order waits for its webhook")
        order.refresh_from_db()
    return order


def settle(*, order: Order, checkout: Checkout, now: datetime) -> None:
    """Move the order along the allowed edge that the provider's current state calls for, if any."""
    if checkout.is_paid:
        mark_paid(order=order, checkout=checkout, now=now)
    elif not checkout.is_open:
        expire(order=order, now=now)


@transaction.atomic
def expire(*, order: Order, now: datetime) -> None:
    if Order.objects.filter(pk=order.pk, state=Order.State.OPEN).update(state=Order.State.EXPIRED):
        stock.put_back(order, now)


def cancel_order(*, order: Order, now: datetime, gateway: Gateway | None = None) -> Order:
    """The buyer does not want it any more: close the page, put the stock back. A paid order stays paid."""
    if order.state == Order.State.OPEN and not _release(order, gateway, now):
        raise PaymentUnavailable
    order.refresh_from_db()
    return order


def release_holds(*, now: datetime, gateway: Gateway | None = None) -> int:
    """End orders whose hold is over; how many. The page is closed first, so that nobody pays for nothing.

    With the provider away the hold stays: stock is never sold twice, only later.
    """
    late = Order.objects.filter(
        state=Order.State.OPEN, holds__released_at=None, holds__expires_at__lte=now
    ) | Order.objects.filter(state=Order.State.OPEN, expires_at__lte=now)
    orders = list(late.distinct())
    return sum(_release(order, gateway, now) for order in orders)


def _release(order: Order, gateway: Gateway | None, now: datetime) -> bool:
    if order.checkout_session_id:
        provider = gateway or gateways.current()
        try:
            checkout = provider.checkout(order.checkout_session_id)
            if checkout.is_open:
                checkout = provider.close_checkout(order.checkout_session_id)
        except GatewayError as error:
            log.warning("hold kept, the provider does not answer: %s", error)
            return False
        settle(order=order, checkout=checkout, now=now)
    else:
        expire(order=order, now=now)
    return True
