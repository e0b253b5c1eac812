"""Reads over several aggregates: rates that an order line freezes, receipts, earnings, what a sheet shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.models import User
from cameos.models import LikenessUse
from commerce import stock
from commerce.models import Merchant, Order, OrderLine, Product, ProductTag, Split, Variant
from commerce.money import Money
from commerce.splits import Rates, Role


def rates_of(tag: ProductTag | None) -> dict[str, Any]:
    """A snapshot of who earns by `tag` from a sale; without a tag, only the platform beside the merchant."""
    if tag is None:
        return {"creator_bp": 0, "owner_bp": 0, "platform_bp": settings.PLATFORM_RATE_BP, "owners": []}
    agreement = tag.agreement
    return {
        "creator_bp": agreement.creator_rate_bp,
        "owner_bp": agreement.owner_rate_bp,
        "platform_bp": settings.PLATFORM_RATE_BP,
        "creator": agreement.creator_id,
        "owners": depicted_owner_ids(tag),
    }


def depicted_owner_ids(tag: ProductTag) -> list[int]:
    """The people whose live likeness is in the tagged clip, once each."""
    owners = LikenessUse.objects.filter(clip=tag.post.clip_id, state=LikenessUse.State.LIVE)
    return sorted(set(owners.values_list("cameo__owner_id", flat=True)))


def line_rates(line: OrderLine) -> Rates:
    frozen = line.rates
    return Rates(
        creator_bp=frozen["creator_bp"],
        owner_bp=frozen["owner_bp"],
        platform_bp=frozen["platform_bp"],
        creator_id=frozen.get("creator"),
        owner_ids=tuple(frozen["owners"]),
    )


def platform_percent() -> Decimal:
    return Decimal(settings.PLATFORM_RATE_BP) / 100


# What a merchant's shelf shows


@dataclass(frozen=True)
class Shelf:
    products: list[Product]
    after: str  # how the next page begins; empty on the last
    is_first: bool


def shelf(merchant: Merchant, after: str, most: int) -> Shelf:
    """`most` products by title, behind the one named by `after` (a product's public id)."""
    rows = merchant.products.order_by("title", "pk")
    last = merchant.products.filter(public_id=after).first() if _is_id(after) else None
    if last is not None:
        rows = rows.filter(
            Q(title__gt=last.title) | Q(title=last.title, pk__gt=last.pk), title__gte=last.title
        )
    found = list(rows.prefetch_related("variants")[: most + 1])
    more = str(found[most - 1].public_id) if len(found) > most else ""
    return Shelf(found[:most], more, last is None)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


# What a sheet shows


@dataclass(frozen=True)
class Offer:
    """One variant as it can be ordered now; `left` is None where nobody counts."""

    variant: Variant
    price: Money
    left: int | None

    @property
    def is_sold_out(self) -> bool:
        return self.left == 0

    @property
    def reserved(self) -> int:
        return (self.variant.stock or 0) - self.left if self.left is not None else 0

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.variant.pk,
            "title": self.variant.title,
            "price": str(self.price),
            "amount": self.price.amount,
            "currency": self.price.currency,
            "left": self.left,
        }


def offers(product: Product) -> list[Offer]:
    return [
        Offer(variant, Money(variant.price, variant.currency), stock.available(variant))
        for variant in sorted(product.variants.all(), key=lambda variant: variant.pk)
    ]


# What a receipt names


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
            Money(line.unit_price * line.quantity, order.currency),
            _earned(line.splits.all(), order.merchant.name),
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
    return Money(order.total - order.refunded, order.currency)


def hold_ends_at(order: Order) -> datetime | None:
    held = [hold.expires_at for hold in order.holds.all() if hold.released_at is None]
    return min(held) if held else None


# What somebody earned

RETURN_WINDOW = timedelta(days=14)


def earnings(person: User) -> QuerySet[Split]:
    """The person's own shares, newest first, with the line, its rule and its clip."""
    rows = Split.objects.filter(recipient=person).select_related("line__order", "line__tag__post")
    return rows.order_by("-at", "-pk")


def earned(person: User) -> list[Money]:
    rows = Split.objects.filter(recipient=person).values("currency").annotate(sum=Sum("amount"))
    return [Money(row["sum"], row["currency"]) for row in rows.order_by("currency")]


@dataclass(frozen=True)
class Bar:
    """One day of a plot; `height` of 100 is the best day."""

    day: date
    money: Money
    x: int
    y: int
    height: int


PLOT_DAYS = 30


def sales_by_day(merchant: Merchant, now: datetime) -> list[Bar]:
    """What the merchant kept, by day, in the currency that sells most; empty without a sale."""
    since = now - timedelta(days=PLOT_DAYS - 1)
    rows = Split.objects.filter(
        role=Role.MERCHANT, line__order__merchant=merchant, at__date__gte=since.date()
    )
    by_day = rows.annotate(day=TruncDate("at")).values("day", "currency").annotate(sum=Sum("amount"))
    totals: dict[str, int] = {}
    for row in by_day:
        totals[row["currency"]] = totals.get(row["currency"], 0) + row["sum"]
    if not totals:
        return []
    currency = max(totals, key=lambda code: totals[code])
    sums = {row["day"]: row["sum"] for row in by_day if row["currency"] == currency}
    best = max(1, *sums.values())
    days = [since.date() + timedelta(days=number) for number in range(PLOT_DAYS)]
    return [_bar(number, day, Money(sums.get(day, 0), currency), best) for number, day in enumerate(days)]


def _bar(number: int, day: date, money: Money, best: int) -> Bar:
    height = max(0, round(100 * money.amount / best))
    return Bar(day, money, x=number * 10, y=100 - height, height=height)
