"""How an offer stands, for the rooms that sell, send and pay out. Imports no action of theirs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Sum

from commerce.gateways.base import SavedCard
from commerce.models import Offer, Order, Pledge, Product, Variant
from commerce.offers.states import BY_PLEDGE, ENDED, Kind, State
from commerce.refusals import CapacityFull, LinksOut, PromiseChanged, UnderOffer

COUNTS = (Pledge.State.SAVED, Pledge.State.PAID)


def running(product: Product) -> Offer | None:
    """The product's offer that has not ended, drafts included."""
    return Offer.objects.filter(product=product).exclude(state__in=ENDED).first()


def shown(product: Product) -> Offer | None:
    """What buyers see of it: the running offer once it is open, else the last one that ended."""
    rows = Offer.objects.filter(product=product).exclude(state__in=[State.DRAFT, State.REVIEW])
    return rows.order_by("-pk").first()


def of_variants(variants: Iterable[Variant]) -> dict[int, Offer]:
    """The running offers of these variants' products, by product."""
    products = {variant.product_id for variant in variants}
    rows = Offer.objects.filter(product__in=products).exclude(state__in=ENDED)
    return {offer.product_id: offer for offer in rows}


def counted(offer: Offer) -> int:
    """Pieces that count: of people whose card was left, or who have paid."""
    rows = offer.pledges.filter(state__in=COUNTS)
    return rows.aggregate(sum=Sum("quantity"))["sum"] or 0


def refuse_direct(variants: Sequence[Variant]) -> dict[int, Offer]:
    """The made-to-order offers among these. Raises UnderOffer for what can only be taken part in."""
    if any(variant.product.merchant.links_out for variant in variants):
        raise LinksOut
    found = of_variants(variants)
    for offer in found.values():
        if offer.kind in BY_PLEDGE or offer.state != State.OPEN:
            raise UnderOffer
    return found


def is_direct(variant: Variant) -> bool:
    """Whether it can just be bought here: not only taken part in, and not sold at the shop's own site."""
    try:
        refuse_direct([variant])
    except (UnderOffer, LinksOut):
        return False
    return True


def promise(offer: Offer, ships_by: date | None) -> dict[str, Any]:
    """What is written on each order: the frozen words and their hash."""
    return {
        "kind": offer.kind,
        "spec": offer.spec,
        "sha256": offer.spec_sha256,
        "ships_by": ships_by.isoformat() if ships_by else "",
    }


def seal(product: Product) -> str:
    """What a sheet shows of the product's promise, in sixteen characters; "" where it is just for sale."""
    offer = shown(product)
    if offer is None or offer.state != State.OPEN:
        return ""
    said = {
        **promise(offer, offer.ships_by),
        "offer": str(offer.public_id),
        "days": offer.lead_days,
        "deposit": offer.deposit_bp,
        "threshold": offer.threshold,
        "until": offer.deadline.isoformat() if offer.deadline else "",
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def refuse_changed(product: Product, seen: str | None) -> None:
    """Raises PromiseChanged where the sheet showed another promise; None: nobody says what it showed."""
    if seen is not None and seen != seal(product):
        raise PromiseChanged


def take_capacity(offer: Offer, order: Order, quantity: int, now: datetime) -> Pledge:
    """A place in the earliest week that has room, within a year. Raises CapacityFull. Locks the offer."""
    held = Offer.objects.select_for_update().get(pk=offer.pk)
    week = monday(now.date())
    taken = dict(
        held.pledges.filter(week__gte=week)
        .exclude(state__in=[Pledge.State.LEFT, Pledge.State.LAPSED])
        .values_list("week")
        .annotate(sum=Sum("quantity"))
    )
    for _number in range(52):
        if taken.get(week, 0) + quantity <= held.weekly_capacity:
            ships_by = max(week, now.date()) + timedelta(days=held.lead_days)
            Order.objects.filter(pk=order.pk).update(promise=promise(held, ships_by))
            return Pledge.objects.create(
                offer=held,
                order=order,
                quantity=quantity,
                week=week,
                ships_by=ships_by,
                created_at=now,
                expires_at=order.expires_at,
            )
        week += timedelta(days=7)
    raise CapacityFull


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def pledge_of(order: Order) -> Pledge | None:
    """The pledge that this order, or its deposit, belongs to."""
    for name in ("pledge", "deposit_of"):
        try:
            return getattr(order, name)  # type: ignore[no-any-return]
        except ObjectDoesNotExist:
            continue
    return None


def note_paid(order: Order, card: SavedCard | None, now: datetime) -> None:
    """In the transaction that took the payment: the pledge is paid, or its deposit is."""
    Pledge.objects.filter(order=order).exclude(state=Pledge.State.LEFT).update(state=Pledge.State.PAID)
    note_card(order, card)
    Pledge.objects.filter(deposit=order, state=Pledge.State.WAITING).update(state=Pledge.State.SAVED)


def note_unmade(order: Order) -> None:
    """In the transaction that sent all of it back before it was sent: its place in the week is free again."""
    mine = Pledge.objects.filter(order=order, offer__kind=Kind.MADE_TO_ORDER, state=Pledge.State.PAID)
    mine.update(state=Pledge.State.LEFT, asked_at=None)


def note_card(order: Order, card: SavedCard | None) -> None:
    """The card that paid a deposit is what the rest is charged to."""
    if card is not None:
        waiting = Pledge.objects.filter(deposit=order, payment_method_id="")
        waiting.filter(state__in=[Pledge.State.WAITING, Pledge.State.SAVED]).update(
            customer_id=card.customer_id, payment_method_id=card.payment_method_id
        )


def note_lapsed(order: Order) -> None:
    """In the transaction that ended an unpaid order."""
    mine = Pledge.objects.filter(order=order) | Pledge.objects.filter(deposit=order)
    open_ones = mine.filter(state__in=[Pledge.State.WAITING, Pledge.State.SAVED, Pledge.State.FAILED])
    for pledge in open_ones:
        Pledge.objects.filter(pk=pledge.pk).update(state=Pledge.State.LAPSED)
        Order.objects.filter(pk=pledge.order_id, state=Order.State.PLEDGED).update(state=Order.State.EXPIRED)


def may_send(order: Order) -> bool:
    """Whether a parcel of this order may go: not before its offer has come to producing or shipping, and a
    deposit is not sent by itself."""
    pledge = pledge_of(order)
    if pledge is None:
        return True
    if pledge.deposit_id == order.pk:
        return False
    offer = pledge.offer
    if offer.kind == Kind.MADE_TO_ORDER:
        return offer.state in {State.OPEN, State.DONE}
    return offer.state in {State.PRODUCING, State.SHIPPING}


def may_leave(pledge: Pledge) -> bool:
    """Whether the buyer gets out by a button: always before money moved, and after it as the kind says."""
    offer, order = pledge.offer, pledge.order
    if order.sent_at is not None or pledge.state in {Pledge.State.LEFT, Pledge.State.LAPSED}:
        return False
    if pledge.asked_at is not None:
        return True
    if offer.kind == Kind.CONCEPT:
        return offer.state in {
            State.OPEN,
            State.FUNDED,
            State.CHARGING,
            State.SAMPLING,
            State.SAMPLE_SHOWN,
        }
    return offer.state not in {State.REFUNDING, State.REFUNDED}
