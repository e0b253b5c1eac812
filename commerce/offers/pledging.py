"""The buyer's side of an offer: take part, leave a card or a deposit, leave again, wait longer."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from commerce import gateways
from commerce.actions.checkout import PAYMENT_PAGE_LIFE, Buyer, expire, open_payment, place_order, release
from commerce.actions.payment import left_of, mark_paid, refund
from commerce.gateways.base import Declined, Gateway, GatewayError, SavedCard, Setup
from commerce.models import Offer, Order, OrderLine, Pledge, Variant
from commerce.models import ProductTag as Tag
from commerce.money import Money
from commerce.offers import letters, standing
from commerce.offers.states import BY_CARD, BY_PLEDGE, CARD_WITHIN, CHARGING_TAKES, Kind, State
from commerce.pricing import Wanted, quote
from commerce.refusals import (
    NothingToAnswer,
    OfferNotOpen,
    OrderClosed,
    PaymentUnavailable,
    PriceChanged,
    TooLateToCancel,
)

log = logging.getLogger(__name__)


def pledge(
    *,
    buyer: Buyer,
    variant: Variant,
    quantity: int,
    seen: Money,
    seen_total: int | None = None,
    seen_promise: str | None = None,
    tag: Tag | None,
    now: datetime,
) -> Pledge:
    """Take part in the product's open offer. Price, shipping, tax, promise and who earns are fixed now; what
    is paid when says the kind. Raises OfferNotOpen, PromiseChanged where the sheet showed another, and what
    `place_order` raises."""
    wanted = Wanted(variant, quantity, seen, tag)
    if seen_total is not None and quote(wanted=[Wanted(variant, 1, seen)], now=now).total != seen_total:
        raise PriceChanged
    with transaction.atomic():
        offer = Offer.objects.select_for_update().filter(product=variant.product_id, state=State.OPEN).first()
        is_late = offer is not None and offer.deadline is not None and offer.deadline <= now
        if offer is None or is_late or offer.kind not in BY_PLEDGE:
            raise OfferNotOpen
        standing.refuse_changed(variant.product, seen_promise)
        order = place_order(
            buyer=buyer, wanted=[wanted], now=now, promise=standing.promise(offer, offer.ships_by)
        )
        made = Pledge.objects.create(
            offer=offer,
            order=order,
            quantity=quantity,
            ships_by=offer.ships_by,
            created_at=now,
            expires_at=now + CARD_WITHIN,
        )
        if offer.kind == Kind.PREORDER:
            made.deposit = _deposit(offer, order, now)
            made.save(update_fields=["deposit"])
    return made


def _deposit(offer: Offer, order: Order, now: datetime) -> Order:
    """An order of its own for what is paid at once; the other order costs as much less."""
    line = order.lines.get(kind="goods")
    worth = line.unit_price * line.quantity - line.discount
    amount = max(1, worth * offer.deposit_bp // 10_000)
    line.discount += amount
    line.rates = {**line.rates, "deposit": amount}
    line.save(update_fields=["discount", "rates"])
    Order.objects.filter(pk=order.pk).update(total=order.total - amount)
    order.refresh_from_db()
    deposit = Order.objects.create(
        buyer=order.buyer,
        email=order.email,
        visitor=order.visitor,
        merchant=order.merchant,
        currency=order.currency,
        total=amount,
        promise=order.promise,
        created_at=now,
        expires_at=now + PAYMENT_PAGE_LIFE,
    )
    OrderLine.objects.create(
        order=deposit,
        kind="deposit",
        variant=line.variant,
        title=(_("Deposit") + ": " + line.title)[:255],
        quantity=1,
        unit_price=amount,
        tag=line.tag,
        attribution_rule=line.attribution_rule,
        rates={name: value for name, value in line.rates.items() if name != "deposit"},
    )
    return deposit


def page(
    *, pledge: Pledge, success_url: str, cancel_url: str, now: datetime, gateway: Gateway | None = None
) -> str:
    """Where the buyer leaves a card, or pays the deposit or what is due. Asked again, the same page.

    Raises OrderClosed or PaymentUnavailable.
    """
    if pledge.deposit is not None and pledge.state == Pledge.State.WAITING:
        return open_payment(
            order=pledge.deposit,
            success_url=success_url,
            cancel_url=cancel_url,
            save_card=True,
            now=now,
            gateway=gateway,
        )
    if pledge.order.state == Order.State.OPEN:
        return open_payment(
            order=pledge.order, success_url=success_url, cancel_url=cancel_url, now=now, gateway=gateway
        )
    if pledge.offer.kind not in BY_CARD or pledge.state != Pledge.State.WAITING:
        raise OrderClosed
    provider = gateway or gateways.current()
    try:
        setup = provider.open_setup(
            reference=str(pledge.order.public_id),
            currency=pledge.order.currency,
            success_url=success_url,
            cancel_url=cancel_url,
            email=pledge.order.email,
            key=f"setup-{pledge.public_id}",
        )
    except GatewayError as error:
        log.warning("page for a card not opened: %s", error)
        raise PaymentUnavailable from error
    pledge.setup_session_id = setup.session_id
    pledge.save(update_fields=["setup_session_id"])
    if setup.url is None:
        raise OrderClosed
    return setup.url


def sync(*, pledge: Pledge, now: datetime, gateway: Gateway | None = None) -> Pledge:
    """Whether the card was left by now, when the webhook is late or lost."""
    if pledge.state == Pledge.State.WAITING and pledge.setup_session_id:
        provider = gateway or gateways.current()
        try:
            note_card(pledge=pledge, setup=provider.setup(pledge.setup_session_id), now=now)
        except GatewayError:
            log.warning("provider away; the pledge waits for its webhook")
        pledge.refresh_from_db()
    return pledge


@transaction.atomic
def note_card(*, pledge: Pledge, setup: Setup, now: datetime) -> None:
    """The card was left: the pledge counts from now on, if the offer is still open. Again, nothing moves."""
    if setup.card is None:
        return
    offer = Offer.objects.select_for_update().get(pk=pledge.offer_id)
    waits = Pledge.objects.filter(pk=pledge.pk, state=Pledge.State.WAITING)
    if offer.state != State.OPEN:
        return  # too late: the beat ends it and forgets the card
    counts = waits.update(
        state=Pledge.State.SAVED,
        customer_id=setup.card.customer_id,
        payment_method_id=setup.card.payment_method_id,
    )
    if counts:
        pledge.refresh_from_db()
        letters.joined(pledge, now)


def leave(*, pledge: Pledge, now: datetime, gateway: Gateway | None = None) -> Pledge:
    """The buyer does not take part any more: what was paid goes back whole, what was left is forgotten.

    Raises TooLateToCancel, or what `refund` raises.
    """
    if not standing.may_leave(pledge):
        raise TooLateToCancel
    give_up(pledge=pledge, to=Pledge.State.LEFT, now=now, gateway=gateway)
    letters.left(pledge, now)
    return pledge


def give_up(*, pledge: Pledge, to: str, now: datetime, gateway: Gateway | None = None) -> None:
    """End a pledge: refund what was paid, close what is open, forget the card. Again, the rest of it."""
    provider = gateway or gateways.current()
    for order in filter(None, (pledge.order, pledge.deposit)):
        order.refresh_from_db()
        if order.state == Order.State.OPEN and not release(order, provider, now):
            raise PaymentUnavailable
        order.refresh_from_db()
        if order.state == Order.State.PAID and left_of(order):
            refund(order=order, money=Money(left_of(order), order.currency), now=now, gateway=provider)
        elif order.state == Order.State.PLEDGED:
            expire(order=order, now=now)
    forget(pledge, provider)
    Pledge.objects.filter(pk=pledge.pk).update(state=to, asked_at=None, next_try_at=None)
    pledge.refresh_from_db()


def forget(pledge: Pledge, provider: Gateway) -> None:
    if not pledge.payment_method_id:
        return
    try:
        provider.forget_card(SavedCard(pledge.customer_id, pledge.payment_method_id))
    except GatewayError as error:
        log.warning("card not forgotten yet: %s", error)
        return
    Pledge.objects.filter(pk=pledge.pk).update(payment_method_id="")


@transaction.atomic
def wait(*, pledge: Pledge, now: datetime) -> Pledge:
    """The buyer agrees to the later date. Raises NothingToAnswer."""
    held = Pledge.objects.select_for_update().get(pk=pledge.pk)
    if held.asked_at is None or held.asked_date is None:
        raise NothingToAnswer
    held.ships_by, held.asked_at, held.asked_date = held.asked_date, None, None
    held.save(update_fields=["ships_by", "asked_at", "asked_date"])
    order = held.order
    order.promise = {**order.promise, "ships_by": held.ships_by.isoformat() if held.ships_by else ""}
    order.save(update_fields=["promise"])
    return held


def charge(*, pledge: Pledge, now: datetime, gateway: Gateway | None = None) -> bool:
    """Charge the card that was left; True where it is paid. Declined, it waits for its owner; with the
    provider away it is asked again under the same key. A closed shop charges nobody."""
    order = pledge.order
    if order.merchant is not None and not order.merchant.is_open:
        return False  # nobody would make it; the pledge lapses when the time for charging is over
    ends = pledge.offer.due_at or now + CHARGING_TAKES
    Order.objects.filter(pk=order.pk, state=Order.State.PLEDGED).update(
        state=Order.State.OPEN, expires_at=ends
    )
    order.refresh_from_db()
    if order.state != Order.State.OPEN:
        return order.state == Order.State.PAID
    provider = gateway or gateways.current()
    try:
        payment = provider.charge_saved(
            order_reference=str(order.public_id),
            money=Money(order.total, order.currency),
            card=SavedCard(pledge.customer_id, pledge.payment_method_id),
            email=order.email,
            key=f"charge-{order.public_id}-{pledge.tries}",
        )
    except Declined as declined:
        log.info("a saved card was declined: %s", declined)
        Pledge.objects.filter(pk=pledge.pk, state=Pledge.State.SAVED).update(
            state=Pledge.State.FAILED, tries=pledge.tries + 1
        )
        pledge.refresh_from_db()
        letters.declined(pledge, now)
        return False
    except GatewayError as error:
        log.warning("charge not asked: %s", error)
        return False
    if payment.is_paid:
        mark_paid(order=order, payment=payment, now=now)
        forget(pledge, provider)
    return payment.is_paid
