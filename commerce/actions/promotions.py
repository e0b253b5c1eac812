"""Codes of creators, red packets of fixed sums, flash prices with a true reference, plans for creators."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Min, OuterRef, Q, Subquery

from accounts import notifications
from accounts.models import User
from commerce.models import (
    AffiliatePlan,
    Coupon,
    FlashPrice,
    Merchant,
    PriceSeen,
    Product,
    RedPacket,
    RedPacketTaken,
    Variant,
)
from commerce.money import Money
from commerce.refusals import BadFlash, BadPacket, BadRates, PacketGone, TooManyTerms

REFERENCE_DAYS = timedelta(days=30)
SHORTEST_FLASH, LONGEST_FLASH = timedelta(hours=1), timedelta(days=7)
MOST_PACKETS, LONGEST_PACKET = 10_000, timedelta(days=30)
MOST_PLANS = 50


@transaction.atomic
def creator_code(*, coupon: Coupon, creator: User, rate_bp: int, now: datetime) -> Coupon:
    """Make a code somebody's own: what is ordered with it, and no clip earned, is partly theirs."""
    if not rate_bp > 0 or rate_bp % 50 or rate_bp + settings.PLATFORM_RATE_BP >= 10_000:
        raise BadRates
    Coupon.objects.filter(pk=coupon.pk).update(creator=creator, creator_rate_bp=rate_bp)
    notifications.notify(
        recipient=creator,
        kind="code_yours",
        data={"merchant": coupon.merchant.name, "code": coupon.code},
        url="/shop/earnings",
        now=now,
    )
    coupon.refresh_from_db()
    return coupon


# Red packets


def give_packets(
    *, merchant: Merchant, title: str, money: Money, count: int, least: int, until: datetime, now: datetime
) -> RedPacket:
    """So many equal sums, first come first served. Raises BadPacket."""
    is_time = now < until <= now + LONGEST_PACKET
    if not money.amount > 0 or not 1 <= count <= MOST_PACKETS or not is_time or least < 0:
        raise BadPacket
    if merchant.red_packets.filter(until__gt=now, left__gt=0).count() >= MOST_PLANS:
        raise TooManyTerms
    return RedPacket.objects.create(
        merchant=merchant,
        title=title.strip(),
        amount=money.amount,
        currency=money.currency,
        least=least,
        left=count,
        total=count,
        until=until,
        created_at=now,
    )


@transaction.atomic
def take_packet(*, packet: RedPacket, person: User, now: datetime) -> Coupon:
    """One of them, as a code of the person's own; asked again, the same. Raises PacketGone."""
    known = RedPacketTaken.objects.filter(packet=packet, person=person).select_related("coupon").first()
    if known is not None and known.coupon is not None:
        return known.coupon
    left = RedPacket.objects.filter(pk=packet.pk, left__gt=0, until__gt=now)
    if known is not None or not left.update(left=F("left") - 1):
        raise PacketGone
    coupon = Coupon.objects.create(
        merchant=packet.merchant,
        code=f"RED-{secrets.token_hex(10).upper()}",
        amount=packet.amount,
        currency=packet.currency,
        least=packet.least,
        uses_left=1,
        until=packet.until,
        person=person,
        created_at=now,
    )
    try:
        with transaction.atomic():
            RedPacketTaken.objects.create(packet=packet, person=person, coupon=coupon, at=now)
    except IntegrityError as error:  # the same person at the same moment: the other one counts
        raise PacketGone from error
    return coupon


# Flash prices


def note_prices(*, now: datetime) -> int:
    """Write down every price that is another than the last one seen; how many."""
    last = PriceSeen.objects.filter(variant=OuterRef("pk")).order_by("-since", "-pk").values("price")[:1]
    rows = Variant.objects.annotate(last=Subquery(last)).filter(Q(last=None) | ~Q(last=F("price")))
    changed = [
        PriceSeen(variant_id=pk, price=price, since=now) for pk, price in rows.values_list("pk", "price")
    ]
    PriceSeen.objects.bulk_create(changed, batch_size=1000)
    return len(changed)


def reference_price(variant: Variant, before: datetime) -> int:
    """The lowest price of the 30 days before a moment: of every price seen in them, and the one that was in
    force when they began."""
    seen = variant.prices_seen.filter(since__lte=before)
    since = before - REFERENCE_DAYS
    at_start = seen.filter(since__lte=since).order_by("-since", "-pk").values_list("price", flat=True).first()
    lowest = seen.filter(since__gt=since).aggregate(lowest=Min("price"))["lowest"]
    return min(price for price in (variant.price, at_start, lowest) if price is not None)


@transaction.atomic
def set_flash(
    *, variant: Variant, price: int, begins_at: datetime, ends_at: datetime, now: datetime
) -> FlashPrice:
    """A lower price for a while; what it is lower than is worked out here, not said by the shop.

    Raises BadFlash.
    """
    held = Variant.objects.select_for_update().get(pk=variant.pk)
    reference = reference_price(held, now)
    length = ends_at - begins_at
    is_time = begins_at >= now - timedelta(minutes=5) and SHORTEST_FLASH <= length <= LONGEST_FLASH
    overlaps = held.flash_prices.filter(is_over=False, begins_at__lt=ends_at, ends_at__gt=begins_at).exists()
    if not 0 < price < reference or not is_time or overlaps:
        raise BadFlash
    flash = FlashPrice.objects.create(
        variant=held,
        price=price,
        reference=reference,
        begins_at=begins_at,
        ends_at=ends_at,
        created_at=now,
    )
    if begins_at <= now:
        _begin(flash, now)
    return flash


def run_flash(*, now: datetime) -> int:
    """Prices begin and end by the clock; how many moved."""
    begins = list(FlashPrice.objects.filter(before=None, is_over=False, begins_at__lte=now, ends_at__gt=now))
    ends = list(FlashPrice.objects.filter(is_over=False, ends_at__lte=now))
    for flash in begins:
        _begin(flash, now)
    for flash in ends:
        end_flash(flash=flash, now=now)
    return len(begins) + len(ends)


@transaction.atomic
def _begin(flash: FlashPrice, now: datetime) -> None:
    variant = Variant.objects.select_for_update().get(pk=flash.variant_id)
    if FlashPrice.objects.filter(pk=flash.pk, before=None, is_over=False).update(before=variant.price):
        note = [PriceSeen(variant=variant, price=variant.price, since=now - timedelta(seconds=1))]
        note.append(PriceSeen(variant=variant, price=flash.price, since=now))
        Variant.objects.filter(pk=variant.pk).update(price=flash.price)
        PriceSeen.objects.bulk_create(note)


@transaction.atomic
def end_flash(*, flash: FlashPrice, now: datetime) -> None:
    """The former price comes back, unless the shop named another one meanwhile."""
    variant = Variant.objects.select_for_update().get(pk=flash.variant_id)
    held = FlashPrice.objects.get(pk=flash.pk)
    ended = FlashPrice.objects.filter(pk=flash.pk, is_over=False).update(is_over=True, ends_at=now)
    if ended and held.before is not None and variant.price == held.price:
        Variant.objects.filter(pk=variant.pk).update(price=held.before)
        PriceSeen.objects.create(variant=variant, price=held.before, since=now)


# Plans for all creators


def add_plan(
    *,
    merchant: Merchant,
    title: str,
    creator_rate_bp: int,
    owner_rate_bp: int,
    days: int,
    products: Sequence[Product],
    now: datetime,
) -> AffiliatePlan:
    """What a shop offers every creator. Raises BadRates or TooManyTerms."""
    rates = (creator_rate_bp, owner_rate_bp)
    if any(rate < 0 or rate % 50 for rate in rates) or sum(rates) + settings.PLATFORM_RATE_BP >= 10_000:
        raise BadRates
    if merchant.affiliate_plans.filter(closed_at=None).count() >= MOST_PLANS:
        raise TooManyTerms
    with transaction.atomic():
        plan = AffiliatePlan.objects.create(
            merchant=merchant,
            title=title.strip(),
            creator_rate_bp=creator_rate_bp,
            owner_rate_bp=owner_rate_bp,
            days=days,
            created_at=now,
        )
        plan.products.set([product for product in products if product.merchant_id == merchant.pk])
    return plan


def close_plan(*, plan: AffiliatePlan, now: datetime) -> None:
    """Nobody new; agreements that were made under it keep their rates."""
    AffiliatePlan.objects.filter(pk=plan.pk, closed_at=None).update(closed_at=now)
