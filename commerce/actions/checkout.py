"""From the sheet to the payment page, and back when nobody pays."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from commerce import gateways, stock
from commerce.actions.payment import catch_up, mark_paid
from commerce.attribution import ATTRIBUTION_WINDOW, Attribution, Rule, Touch, attribute
from commerce.gateways.base import Checkout, CheckoutLine, Gateway, GatewayError
from commerce.models import Coupon, Order, OrderLine, ProductTag, TagTouch, Variant
from commerce.money import Money
from commerce.offers import standing
from commerce.pricing import QuoteLine, Wanted, quote
from commerce.queries import rates_of
from commerce.refusals import (
    BadCoupon,
    MixedCart,
    NotForSale,
    OrderClosed,
    OutOfStock,
    PaymentUnavailable,
    PriceChanged,
)
from feed.models import Post

log = logging.getLogger(__name__)

# The provider keeps a page open for half an hour at least; the hold is shorter, and closes the page.
PAYMENT_PAGE_LIFE = timedelta(minutes=31)
LONGEST_PAGE = timedelta(hours=23)
Addresses = Callable[[Order], str]


@dataclass(frozen=True)
class Buyer:
    """Who orders: an account or a guest, known to this browser by a random `visitor` value."""

    visitor: str
    account: User | None = None
    email: str = ""


def new_visitor() -> str:
    return secrets.token_urlsafe(32)


def start_checkout(
    *,
    buyer: Buyer,
    variant: Variant,
    quantity: int,
    seen: Money,
    tag: ProductTag | None,
    now: datetime,
    code: str = "",
    seen_total: int | None = None,
    seen_promise: str | None = None,
) -> Order:
    """An open order of one variant; see `place_order`. `seen` is the price the buyer was shown,
    `seen_total` that of one piece with shipping and tax, and `seen_promise` the seal of what was promised:
    another one now is refused, not charged."""
    # A glance before anything is written: a crowd before an empty shelf does not wait in line to hear it.
    is_offered = variant.product.is_sold and seen == Money(variant.price, variant.currency)
    if is_offered and stock.available(variant) == 0 and standing.is_direct(variant):
        raise OutOfStock
    wanted = [Wanted(variant, quantity, seen, tag)]
    if seen_total is not None and quote(wanted=[Wanted(variant, 1, seen)], now=now).total != seen_total:
        raise PriceChanged
    standing.refuse_changed(variant.product, seen_promise)
    return place_order(buyer=buyer, wanted=wanted, code=code, now=now)


@transaction.atomic
def place_order(
    *,
    buyer: Buyer,
    wanted: Sequence[Wanted],
    now: datetime,
    option: str = "",
    code: str = "",
    address: Mapping[str, str] | None = None,
    channel: str = "web",
    public_id: UUID | None = None,
    promise: Mapping[str, Any] | None = None,
) -> Order:
    """An open order with its stock held and, line by line, the touch that earns it written down.

    The one checkout core: the sheet, the API and the agents all end here. With a `promise` the order is one
    under an offer: PLEDGED, and nothing is held. Raises what `pricing.quote` raises, OutOfStock,
    CapacityFull, and UnderOffer for what can only be taken part in.
    """
    made = {} if promise else standing.refuse_direct([one.variant for one in wanted])
    person = buyer.account.pk if buyer.account else None
    offer = quote(wanted=wanted, option=option, code=code, now=now, person=person)
    if len(made) > 1:
        raise MixedCart  # each is made in a week of its own
    order = Order.objects.create(
        public_id=public_id or uuid4(),
        buyer=buyer.account,
        email=buyer.email,
        visitor=buyer.visitor,
        merchant=offer.merchant,
        channel=channel,
        state=Order.State.PLEDGED if promise else Order.State.OPEN,
        promise=dict(promise or {}),
        currency=offer.currency,
        total=offer.total,
        tax_included=0 if offer.is_tax_added else offer.tax,
        coupon=_used(offer.coupon),
        address=dict(address or {}),
        language=(get_language() or "")[:10],
        created_at=now,
        expires_at=now + PAYMENT_PAGE_LIFE,
    )
    for line in offer.lines:
        _write_line(order, line, buyer, offer.coupon, now)
    if offer.shipping:
        _write_extra(order, "shipping", offer.chosen.title, offer.shipping)
    if offer.is_tax_added and offer.tax:
        _write_extra(order, "tax", _("Tax"), offer.tax)
    if promise:
        return order
    for product_id, made_offer in made.items():
        pieces = sum(one.quantity for one in wanted if one.variant.product_id == product_id)
        standing.take_capacity(made_offer, order, pieces, now)
    # In the order of the variants' keys, so that two orders of the same things never wait for each other.
    for one in sorted(wanted, key=lambda one: one.variant.pk):
        stock.hold(variant_id=one.variant.pk, order=order, quantity=one.quantity, now=now)
    return order


def adopt(*, order: Order, visitor: str) -> Order:
    """A guest's order that an agent prepared belongs to the browser in which its buyer pays."""
    if visitor and order.buyer_id is None:
        Order.objects.filter(pk=order.pk, state=Order.State.OPEN).update(visitor=visitor)
        order.refresh_from_db()
    return order


def _used(coupon: Coupon | None) -> Coupon | None:
    """One use less; whoever comes second to the last one is refused."""
    if coupon is None or coupon.uses_left is None:
        return coupon
    if not Coupon.objects.filter(pk=coupon.pk, uses_left__gt=0).update(uses_left=F("uses_left") - 1):
        raise BadCoupon("coupon_used_up")
    return coupon


def _write_line(order: Order, line: QuoteLine, buyer: Buyer, coupon: Coupon | None, now: datetime) -> None:
    variant = line.wanted.variant
    attribution = _attribution(buyer, variant, line.wanted.tag, now)
    tags = ProductTag.objects.select_related("agreement", "post")
    earned_by = tags.get(pk=attribution.tag_id) if attribution.tag_id else None
    OrderLine.objects.create(
        order=order,
        variant=variant,
        title=_line_title(variant),
        quantity=line.wanted.quantity,
        unit_price=variant.price,
        discount=line.discount,
        tag=earned_by,
        **_earned_by(attribution, earned_by, coupon),
    )


def _earned_by(attribution: Attribution, tag: ProductTag | None, coupon: Coupon | None) -> dict[str, Any]:
    """The rule and the rates of a line: by a clip, else by the creator whose own code was used."""
    rates = rates_of(tag)
    if tag is not None or coupon is None or coupon.creator_id is None:
        return {"attribution_rule": attribution.rule, "rates": rates}
    own = {"creator": coupon.creator_id, "creator_bp": coupon.creator_rate_bp}
    return {"attribution_rule": Rule.CODE, "rates": {**rates, **own}}


def _write_extra(order: Order, kind: str, title: str, amount: int) -> None:
    """Shipping is the shop's, added tax is set apart: neither is shared."""
    OrderLine.objects.create(
        order=order,
        kind=kind,
        title=title,
        quantity=1,
        unit_price=amount,
        attribution_rule="nobody",
        rates={"creator_bp": 0, "owner_bp": 0, "platform_bp": 0, "owners": []},
    )


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


def open_payment(
    *,
    order: Order,
    success_url: str,
    cancel_url: str,
    save_card: bool = False,
    now: datetime | None = None,
    gateway: Gateway | None = None,
) -> str:
    """The address of the provider's page for an open order. Asking again gives the same page.

    Outside any transaction: the provider may be slow. Raises PaymentUnavailable or OrderClosed.
    """
    found = _opened(order, success_url, cancel_url, save_card, False, now, gateway)
    if found.url is None:
        raise OrderClosed
    return found.url


def open_element(
    *, order: Order, return_url: str, now: datetime | None = None, gateway: Gateway | None = None
) -> str:
    """The secret by which the provider's script takes the payment inside our own page. As `open_payment`."""
    found = _opened(order, return_url, return_url, False, True, now, gateway)
    if not found.is_open or not found.client_secret:
        raise OrderClosed
    return found.client_secret


def _opened(
    order: Order,
    success_url: str,
    cancel_url: str,
    save_card: bool,
    in_page: bool,
    now: datetime | None,
    gateway: Gateway | None,
) -> Checkout:
    """The page that is open for the order, of the kind that is wanted; one of the other kind is closed first,
    so that nobody pays on both."""
    if order.state != Order.State.OPEN:
        raise OrderClosed
    refuse_closed_shop(order)
    provider = gateway or gateways.current()
    try:
        known = provider.checkout(order.checkout_session_id) if order.checkout_session_id else None
        if known is not None and known.is_paid:
            raise OrderClosed
        if known is not None and known.is_open:
            if order.pays_in_page == in_page:
                return known
            provider.close_checkout(known.session_id)
        checkout = provider.open_checkout(
            lines=[_payable(line, order.currency) for line in order.lines.order_by("pk")],
            order_reference=str(order.public_id),
            success_url=success_url,
            cancel_url=cancel_url,
            email=order.email,
            expires_at=_page_end(order, now),
            key=f"checkout-{order.public_id}" + (f"-{known.session_id}" if known else ""),
            save_card=save_card,
            in_page=in_page,
        )
    except GatewayError as error:
        log.warning("payment page not opened: %s", error)
        raise PaymentUnavailable from error
    order.checkout_session_id, order.pays_in_page = checkout.session_id, in_page
    Order.objects.filter(pk=order.pk).update(checkout_session_id=checkout.session_id, pays_in_page=in_page)
    return checkout


def refuse_closed_shop(order: Order) -> None:
    """Nobody pays for what nobody will send: the account was closed or suspended since it was ordered. Raises
    NotForSale."""
    if order.merchant is not None and not order.merchant.is_open:
        raise NotForSale


def _page_end(order: Order, now: datetime | None) -> datetime:
    """A page lives as long as its order; the provider wants half an hour at least, and a day at most."""
    if now is None:
        return order.expires_at
    return min(max(order.expires_at, now + PAYMENT_PAGE_LIFE), now + LONGEST_PAGE)


def _payable(line: OrderLine, currency: str) -> CheckoutLine:
    """A line as the provider's page shows it; a cheaper one as one piece, for its parts may not divide."""
    if not line.discount:
        return CheckoutLine(line.title, Money(line.unit_price, currency), line.quantity)
    sum_ = line.unit_price * line.quantity - line.discount
    title = f"{line.quantity} × {line.title}" if line.quantity > 1 else line.title
    return CheckoutLine(title, Money(sum_, currency), 1)


def sync(*, order: Order, now: datetime, gateway: Gateway | None = None) -> Order:
    """Bring an open order to what the provider says, when its webhook is late or lost."""
    if order.state == Order.State.OPEN and order.checkout_session_id:
        provider = gateway or gateways.current()
        try:
            checkout = provider.checkout(order.checkout_session_id)
            settle(order=order, checkout=checkout, now=now)
            if checkout.is_paid:
                # What the page does not tell: the charge, and the card that was left with a deposit.
                payment = provider.payment(checkout.payment_intent_id)
                catch_up(order=order, payment=payment, now=now)
        except ValueError as error:
            log.error("order kept open for a person: %s", error)
        except GatewayError:
            log.warning("provider away; the order waits for its webhook")
        order.refresh_from_db()
    return order


def settle(*, order: Order, checkout: Checkout, now: datetime) -> None:
    """Move the order along the allowed edge that the provider's current state calls for, if any."""
    if checkout.is_paid:
        mark_paid(order=order, payment=checkout.as_payment(), now=now)
    elif not checkout.is_open and _ends_with(order, checkout, now):
        expire(order=order, now=now)


def _ends_with(order: Order, checkout: Checkout, now: datetime) -> bool:
    """Whether the end of this page is the end of the order: not of one that was replaced, nor of one that can
    be opened anew because the order has days (a declined card under an offer)."""
    current = Order.objects.filter(pk=order.pk, checkout_session_id=checkout.session_id)
    return current.filter(expires_at__lte=now + PAYMENT_PAGE_LIFE).exists()


@transaction.atomic
def expire(*, order: Order, now: datetime) -> None:
    unpaid = Order.objects.filter(pk=order.pk, state__in=[Order.State.OPEN, Order.State.PLEDGED])
    if unpaid.update(state=Order.State.EXPIRED):
        stock.put_back(order, now)
        standing.note_lapsed(order)
        if order.coupon_id is not None:
            Coupon.objects.filter(pk=order.coupon_id, uses_left__isnull=False).update(
                uses_left=F("uses_left") + 1
            )


def cancel_order(*, order: Order, now: datetime, gateway: Gateway | None = None) -> Order:
    """The buyer does not want it any more: close the page, put the stock back. A paid order stays paid."""
    if order.state == Order.State.OPEN and not release(order, gateway, now):
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
    return sum(release(order, gateway, now) for order in orders)


def release(order: Order, gateway: Gateway | None, now: datetime) -> bool:
    if order.checkout_session_id:
        provider = gateway or gateways.current()
        try:
            checkout = provider.checkout(order.checkout_session_id)
            if checkout.is_open:
                checkout = provider.close_checkout(order.checkout_session_id)
        except GatewayError as error:
            log.warning("hold kept, the provider does not answer: %s", error)
            return False
        if checkout.is_paid:
            mark_paid(order=order, payment=checkout.as_payment(), now=now)
        else:
            expire(order=order, now=now)
    elif order.payment_intent_id:
        return _release_intent(order, gateway or gateways.current(), now)
    else:
        expire(order=order, now=now)
    return True


def _release_intent(order: Order, provider: Gateway, now: datetime) -> bool:
    """An agent's payment that did not go through at once: it is called off, or was paid after all."""
    try:
        payment = provider.cancel_payment(order.payment_intent_id)
    except GatewayError as error:
        log.warning("hold kept, the provider does not answer: %s", error)
        return False
    if payment.is_paid:
        mark_paid(order=order, payment=payment, now=now)
    else:
        expire(order=order, now=now)
    return True
