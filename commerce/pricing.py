"""What an order would cost: goods, coupon, shipping, tax. One answer for the sheet, the API and the agents.

Whole minor units throughout. A coupon's sum is spread over the lines in proportion, floored, the remainder to
the last; so lines always sum to what the buyer pays for goods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from commerce.models import Coupon, Merchant, ProductTag, ShippingRate, Variant
from commerce.money import Money
from commerce.refusals import BadCoupon, BadQuantity, BadShipping, MixedCart, NotForSale, PriceChanged

MOST_AT_ONCE = 20
MOST_LINES = 50
STANDARD, DIGITAL = "standard", "digital"


@dataclass(frozen=True)
class Wanted:
    """So many of a variant; `seen` is the price that the buyer was shown, if it was shown one."""

    variant: Variant
    quantity: int
    seen: Money | None = None
    tag: ProductTag | None = None


@dataclass(frozen=True)
class Shipping:
    """One way for the parcel, with days until it arrives."""

    option_id: str
    title: str
    money: Money
    days_low: int = 0
    days_high: int = 0

    def window(self, now: datetime) -> tuple[datetime, datetime]:
        return now + timedelta(days=self.days_low), now + timedelta(days=self.days_high)


@dataclass(frozen=True)
class QuoteLine:
    wanted: Wanted
    base: int
    discount: int

    @property
    def unit_price(self) -> int:
        return self.base // self.wanted.quantity

    @property
    def net(self) -> int:
        return self.base - self.discount


@dataclass(frozen=True)
class Quote:
    merchant: Merchant
    currency: str
    lines: tuple[QuoteLine, ...]
    options: tuple[Shipping, ...]
    chosen: Shipping
    coupon: Coupon | None
    tax: int
    is_tax_added: bool

    @property
    def base(self) -> int:
        return sum(line.base for line in self.lines)

    @property
    def discount(self) -> int:
        return sum(line.discount for line in self.lines)

    @property
    def shipping(self) -> int:
        return self.chosen.money.amount

    @property
    def total(self) -> int:
        return self.base - self.discount + self.shipping + (self.tax if self.is_tax_added else 0)

    @property
    def needs_shipping(self) -> bool:
        return any(line.wanted.variant.product.needs_shipping for line in self.lines)


def quote(
    *,
    wanted: Sequence[Wanted],
    now: datetime,
    option: str = "",
    code: str = "",
    lenient: bool = False,
    person: int | None = None,
) -> Quote:
    """What `wanted` costs now. Without `option`, the cheapest way of shipping counts. A lenient quote counts
    what is no longer for sale too, for somebody who is told so beside it.

    Raises BadQuantity, NotForSale, PriceChanged, MixedCart, BadShipping or BadCoupon.
    """
    if not 1 <= len(wanted) <= MOST_LINES:
        raise BadQuantity
    first = wanted[0].variant
    merchant, currency = first.product.merchant, first.currency
    for one in wanted:
        _check(one, merchant, currency, lenient)
    base = [one.variant.price * one.quantity for one in wanted]
    coupon = find_coupon(merchant, code, sum(base), currency, now, person) if code else None
    cuts = _spread(base, _worth(coupon, sum(base)))
    lines = tuple(QuoteLine(one, *sums) for one, *sums in zip(wanted, base, cuts, strict=True))
    options = shipping_options(merchant, currency, lines)
    chosen = _chosen(options, option)
    taxable = sum(line.net for line in lines) + chosen.money.amount
    return Quote(
        merchant,
        currency,
        lines,
        options,
        chosen,
        coupon,
        tax_of(taxable, merchant.tax_bp),
        settings.TAX_MODE == "added",
    )


def _check(one: Wanted, merchant: Merchant, currency: str, lenient: bool) -> None:
    if not 1 <= one.quantity <= MOST_AT_ONCE:
        raise BadQuantity
    if not one.variant.product.is_sold and not lenient:
        raise NotForSale
    if one.variant.product.merchant_id != merchant.pk or one.variant.currency != currency:
        raise MixedCart
    if one.seen is not None and one.seen != Money(one.variant.price, one.variant.currency):
        raise PriceChanged


def shipping_options(merchant: Merchant, currency: str, lines: Sequence[QuoteLine]) -> tuple[Shipping, ...]:
    """The ways that a shop offers for these goods, cheapest first; free where it says nothing."""
    if not any(line.wanted.variant.product.needs_shipping for line in lines):
        return (Shipping(DIGITAL, _("Nothing to ship"), Money(0, currency)),)
    worth = sum(line.net for line in lines)
    found = [
        Shipping(
            f"rate-{rate.pk}",
            rate.title,
            Money(0 if rate.free_from is not None and worth >= rate.free_from else rate.fee, currency),
            rate.days_low,
            rate.days_high,
        )
        for rate in merchant.shipping_rates.filter(currency=currency).order_by("pk")
    ]
    free = Shipping(STANDARD, _("Standard"), Money(0, currency), 2, 5)
    return tuple(sorted(found, key=lambda way: way.money.amount)) or (free,)


def cheapest(rates: Sequence[ShippingRate], worth: Money) -> Money:
    """The least that shipping goods of this worth costs; nothing where the shop names no way."""
    fees = [
        0 if rate.free_from is not None and worth.amount >= rate.free_from else rate.fee
        for rate in rates
        if rate.currency == worth.currency
    ]
    return Money(min(fees, default=0), worth.currency)


def _chosen(options: tuple[Shipping, ...], option: str) -> Shipping:
    if not option:
        return options[0]
    for way in options:
        if way.option_id == option:
            return way
    raise BadShipping


def tax_of(taxable: int, rate_bp: int) -> int:
    """The tax in, or on, a sum; rounded half up."""
    if settings.TAX_MODE == "added":
        return (taxable * rate_bp + 5_000) // 10_000
    if settings.TAX_MODE == "included":
        return (taxable * rate_bp + (10_000 + rate_bp) // 2) // (10_000 + rate_bp)
    return 0


def find_coupon(
    merchant: Merchant, code: str, worth: int, currency: str, now: datetime, person: int | None = None
) -> Coupon:
    """The coupon of a code, if it counts for goods of this worth, and for `person` where it is somebody's
    own. Raises BadCoupon."""
    coupon = merchant.coupons.filter(code=code.strip().upper()).first()
    if coupon is None or (coupon.person_id is not None and coupon.person_id != person):
        raise BadCoupon("coupon_unknown")
    if coupon.until is not None and coupon.until <= now:
        raise BadCoupon("coupon_over")
    if coupon.uses_left == 0:
        raise BadCoupon("coupon_used_up")
    if coupon.currency and coupon.currency != currency:
        raise BadCoupon("coupon_unknown")
    if worth < coupon.least:
        raise BadCoupon("coupon_least")
    return coupon


def _worth(coupon: Coupon | None, worth: int) -> int:
    if coupon is None:
        return 0
    return min(worth, coupon.amount + worth * coupon.percent_bp // 10_000)


def _spread(base: Sequence[int], cut: int) -> list[int]:
    """`cut` over the lines in proportion to what each costs; the last line with a price takes the rest."""
    whole = sum(base)
    if not cut or not whole:
        return [0] * len(base)
    parts = [cut * amount // whole for amount in base]
    rest = cut - sum(parts)
    for number in reversed(range(len(base))):
        more = min(rest, base[number] - parts[number])
        parts[number] += more
        rest -= more
    return parts
