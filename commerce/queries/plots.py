"""What sold and what was earned, by day and by clip, net of refunds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncDate

from accounts.models import User
from commerce.models import Merchant, Order, OrderLine, Product, Split
from commerce.money import Money
from commerce.splits import Role
from feed.models import Post


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
    return _bars(rows, since.date())


def _bars(rows: QuerySet[Split], since: date) -> list[Bar]:
    by_day = rows.annotate(day=TruncDate("at")).values("day", "currency").annotate(sum=Sum("amount"))
    totals: dict[str, int] = {}
    for row in by_day:
        totals[row["currency"]] = totals.get(row["currency"], 0) + row["sum"]
    if not totals:
        return []
    currency = max(totals, key=lambda code: totals[code])
    sums = {row["day"]: row["sum"] for row in by_day if row["currency"] == currency}
    best = max(1, *sums.values())
    days = [since + timedelta(days=number) for number in range(PLOT_DAYS)]
    return [_bar(number, day, Money(sums.get(day, 0), currency), best) for number, day in enumerate(days)]


@dataclass(frozen=True)
class ClipSales:
    """What one clip sold of a shop: lines, pieces, and what the shop kept of it."""

    post: Any
    pieces: int
    kept: Money


def sales_by_clip(merchant: Merchant, most: int = 10) -> list[ClipSales]:
    """The clips that sold best, net of refunds, in the currency of each."""
    rows = (
        Split.objects.filter(role=Role.MERCHANT, line__order__merchant=merchant, line__tag__isnull=False)
        .values("line__tag__post", "currency")
        .annotate(sum=Sum("amount"))
        .order_by("-sum")[:most]
    )
    posts = Post.objects.in_bulk([row["line__tag__post"] for row in rows])
    pieces = dict(
        OrderLine.objects.filter(order__merchant=merchant, order__state=Order.State.PAID, tag__isnull=False)
        .values_list("tag__post")
        .annotate(sum=Sum("quantity"))
    )
    return [
        ClipSales(
            posts[row["line__tag__post"]],
            pieces.get(row["line__tag__post"], 0),
            Money(row["sum"], row["currency"]),
        )
        for row in rows
        if row["sum"] > 0
    ]


@dataclass(frozen=True)
class ProductSales:
    """What of one product was sold: pieces that were paid and kept, and what the shop kept of them."""

    product: Product
    pieces: int
    kept: Money


def sales_by_product(merchant: Merchant, most: int = 10) -> list[ProductSales]:
    """The products that sold best, net of refunds, in the currency of each."""
    rows = list(
        Split.objects.filter(role=Role.MERCHANT, line__order__merchant=merchant, line__variant__isnull=False)
        .values("line__variant__product", "currency")
        .annotate(sum=Sum("amount"))
        .filter(sum__gt=0)
        .order_by("-sum")[:most]
    )
    ids = [row["line__variant__product"] for row in rows]
    products = Product.objects.in_bulk(ids)
    lines = OrderLine.objects.filter(
        order__merchant=merchant, order__state=Order.State.PAID, kind="goods", variant__product__in=ids
    )
    pieces = dict(lines.values_list("variant__product").annotate(sum=Sum("quantity")))
    return [
        ProductSales(products[pk], pieces.get(pk, 0), Money(row["sum"], row["currency"]))
        for pk, row in zip(ids, rows, strict=True)
    ]


def earned_by_day(person: User, now: datetime) -> list[Bar]:
    """What a person earned by day, net of refunds, in the currency that brought most; empty without any."""
    since = now - timedelta(days=PLOT_DAYS - 1)
    rows = Split.objects.filter(recipient=person, at__date__gte=since.date())
    return _bars(rows, since.date())


def earned_by_clip(person: User, most: int = 10) -> list[ClipSales]:
    """The clips that brought a person most, net of refunds."""
    mine = Split.objects.filter(recipient=person, line__tag__isnull=False).exclude(role=Role.MERCHANT)
    rows = list(
        mine.values("line__tag__post", "currency")
        .annotate(sum=Sum("amount"))
        .filter(sum__gt=0)
        .order_by("-sum")[:most]
    )
    ids = [row["line__tag__post"] for row in rows]
    posts = Post.objects.in_bulk(ids)
    # Lines, not splits: who made a clip and is in it has two parts of one line.
    lines = OrderLine.objects.filter(
        pk__in=mine.values("line"), order__state=Order.State.PAID, tag__post__in=ids
    )
    pieces = dict(lines.values_list("tag__post").annotate(sum=Sum("quantity")))
    return [
        ClipSales(posts[pk], pieces.get(pk, 0), Money(row["sum"], row["currency"]))
        for pk, row in zip(ids, rows, strict=True)
    ]


def _bar(number: int, day: date, money: Money, best: int) -> Bar:
    height = max(0, round(100 * money.amount / best))
    return Bar(day, money, x=number * 10, y=100 - height, height=height)
