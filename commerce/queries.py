"""Reads over several aggregates: rates that an order line freezes, receipts, earnings, what a sheet shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from accounts import books
from accounts.models import User
from cameos.models import LikenessUse
from commerce import stock
from commerce.models import (
    Agreement,
    FlashPrice,
    Membership,
    Merchant,
    Offer,
    OfferStep,
    Order,
    OrderLine,
    Plan,
    Pledge,
    PostPrice,
    Product,
    ProductTag,
    ShippingRate,
    Split,
    Transfer,
    Variant,
)
from commerce.money import Money
from commerce.offers import standing
from commerce.offers.states import BY_PLEDGE, ENDED
from commerce.pricing import cheapest, tax_of
from commerce.splits import Rates, Role
from feed import rights
from feed.models import Post


def rates_of(tag: ProductTag | None) -> dict[str, Any]:
    """A snapshot of who earns by `tag` from a sale; without a tag, only the platform beside the merchant."""
    if tag is None:
        return {"creator_bp": 0, "owner_bp": 0, "platform_bp": settings.PLATFORM_RATE_BP, "owners": []}
    agreement, owners = tag.agreement, depicted_owner_ids(tag)
    return {
        "creator_bp": agreement.creator_rate_bp,
        "owner_bp": agreement.owner_rate_bp,
        "platform_bp": settings.PLATFORM_RATE_BP,
        "creator": agreement.creator_id,
        "owners": owners,
        "owner_bps": _own_parts(agreement, owners),
        "parents": rights.owed(tag.post_id),
    }


def _own_parts(agreement: Agreement, owners: list[int]) -> list[int]:
    """What is each person's where a price card asked for a share of sales when it was agreed: that, or their
    even part of the agreement if that is more. Empty where no card did."""
    asked = {int(person): int(part) for person, part in agreement.owner_shares}
    if not any(asked.get(owner) for owner in owners):
        return []
    even = agreement.owner_rate_bp // len(owners)
    return [max(even, asked.get(owner, 0)) for owner in owners]


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
        owner_bps=tuple(frozen.get("owner_bps", ())),
        parents=tuple((person, part) for person, part in frozen.get("parents", ())),
    )


def platform_percent() -> Decimal:
    return Decimal(settings.PLATFORM_RATE_BP) / 100


def prices_of(use: str, ids: Sequence[int]) -> dict[int, str]:
    """What posts cost, as people read it, by id: for pages of the feed."""
    rows = PostPrice.objects.filter(use=use, post__in=ids).values_list("post_id", "amount", "currency")
    return {post: str(Money(amount, currency)) if amount else _("free") for post, amount, currency in rows}


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
class Choice:
    """One variant as it can be ordered now; `left` is None where nobody counts."""

    variant: Variant
    price: Money
    left: int | None
    shipping: Money
    total: Money  # one piece with shipping, and tax where it comes on top
    was: Money | None = None  # the lowest price of the 30 days before, where a flash price runs
    flash: FlashPrice | None = None

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
            "shipping": str(self.shipping) if self.shipping.amount else "",
            "total": str(self.total),
            "total_amount": self.total.amount,
            "was": str(self.was) if self.was else "",
        }


def offers(product: Product) -> list[Choice]:
    """Every variant as it can be ordered now; five questions to the database, however many there are."""
    variants = sorted(product.variants.all(), key=lambda variant: variant.pk)
    held = stock.held(product)
    rates = list(product.merchant.shipping_rates.all()) if product.needs_shipping else []
    flashes = {
        flash.variant_id: flash
        for flash in FlashPrice.objects.filter(variant__product=product, is_over=False, before__isnull=False)
    }
    return [
        _offer(product, variant, held.get(variant.pk, 0), rates, flashes.get(variant.pk))
        for variant in variants
    ]


def _offer(
    product: Product, variant: Variant, held: int, rates: list[ShippingRate], flash: FlashPrice | None
) -> Choice:
    price = Money(variant.price, variant.currency)
    shipping = cheapest(rates, price)
    total = price + shipping
    if settings.TAX_MODE == "added":
        total += Money(tax_of(total.amount, product.merchant.tax_bp), total.currency)
    left = None if variant.stock is None else max(0, variant.stock - held)
    runs = flash is not None and flash.price == variant.price
    was = Money(flash.reference, variant.currency) if flash is not None and runs else None
    return Choice(variant, price, left, shipping, total, was, flash if runs else None)


# How an offer stands


@dataclass(frozen=True)
class Standing:
    """What buyers and the shop see of an offer."""

    count: int
    threshold: int
    spec: list[tuple[str, str]]
    steps: list[OfferStep]
    is_open: bool

    @property
    def percent(self) -> int:
        return min(100, 100 * self.count // self.threshold) if self.threshold else 100


def offer_standing(offer: Offer) -> Standing:
    words = {
        "size": _("Size"),
        "material": _("Material"),
        "tolerance": _("May differ by"),
        "maker": _("Made by"),
    }
    return Standing(
        standing.counted(offer),
        offer.threshold,
        [(words[name], text) for name, text in offer.spec.items() if text and name in words],
        list(offer.steps.order_by("pk")),
        offer.state == Offer.State.OPEN,
    )


def offer_shown(product: Product) -> dict[str, Any]:
    """What a product's page says of its offer; nothing where it lies on a shelf."""
    offer = standing.shown(product)
    if offer is None:
        return {"offer": None, "by_pledge": False, "is_closed": False, "promise": ""}
    by_pledge = offer.kind in BY_PLEDGE
    return {
        "offer": offer,
        "standing": offer_standing(offer),
        "promise": standing.seal(product),
        "by_pledge": by_pledge and offer.state not in ENDED,
        "is_closed": by_pledge and offer.state not in {Offer.State.OPEN, *ENDED},
    }


def offers_of(merchant: Merchant) -> list[tuple[Offer, int]]:
    rows = Offer.objects.filter(product__merchant=merchant).select_related("product").order_by("-pk")[:200]
    counts = dict(
        Pledge.objects.filter(offer__in=[row.pk for row in rows], state__in=standing.COUNTS)
        .values_list("offer")
        .annotate(sum=Sum("quantity"))
    )
    found = [(row, counts.get(row.pk, 0)) for row in rows]
    return sorted(found, key=lambda one: one[0].state in ENDED)


def pledges_of(offer: Offer) -> list[Pledge]:
    rows = offer.pledges.select_related("order__buyer").order_by("-pk")
    return list(rows.exclude(state__in=[Pledge.State.WAITING, Pledge.State.LAPSED])[:200])


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


def memberships_of(person: User) -> list[tuple[Membership, list[Plan]]]:
    """What somebody has, each with the plans that it could be changed to."""
    rows = Membership.objects.filter(member=person).select_related("plan__creator").order_by("-pk")
    found = []
    for row in rows[:50]:
        same = Plan.objects.filter(creator=row.plan.creator, currency=row.plan.currency, closed_at=None)
        others = list(same.exclude(pk=row.plan_id).order_by("price")) if row.state == "active" else []
        found.append((row, others))
    return found


def plans_counted(plans: QuerySet[Plan]) -> list[Plan]:
    """Plans with how many have each (`has`)."""
    live = Q(memberships__state__in=["active", "owing"])
    return list(plans.annotate(has=Count("memberships", filter=live)).order_by("closed_at", "-pk")[:100])


def hold_ends_at(order: Order) -> datetime | None:
    held = [hold.expires_at for hold in order.holds.all() if hold.released_at is None]
    return min(held) if held else None


# Who supports somebody


SUPPORT_DAYS = 30


def supporters(creator: User, now: datetime, most: int = 10) -> list[tuple[str, Money]]:
    """Names and sums of a month's tips and memberships, largest first; who asked not to be named in one of
    them is left out altogether."""
    lines = OrderLine.objects.filter(
        Q(kind="tip", reference=str(creator.public_id)) | Q(kind="member", rates__creator=creator.pk),
        order__state=Order.State.PAID,
        order__paid_at__gte=now - timedelta(days=SUPPORT_DAYS),
    )
    shy = lines.filter(rates__hidden=True).values("order__buyer")
    lines = lines.exclude(order__buyer__in=shy)
    rows = lines.values("order__buyer", "order__currency").annotate(sum=Sum("unit_price"))
    rows = rows.order_by("-sum", "order__buyer")[:most]
    people = User.objects.in_bulk([row["order__buyer"] for row in rows])
    return [
        (people[row["order__buyer"]].name, Money(row["sum"], row["order__currency"]))
        for row in rows
        if row["order__buyer"] in people
    ]


# What somebody earned


@dataclass(frozen=True)
class Account:
    """What is a person's in one currency, by how far it has come. `ready` may be below nothing."""

    currency: str
    waiting: Money  # within the return window
    ready: Money  # goes out with the next payouts
    paid: Money


def accounts_of(person: User) -> list[Account]:
    """What the person has by now, out of the books; empty for somebody who never earned."""
    sums: dict[tuple[str, str], int] = {}
    for (code, currency), amount in books.balances(prefix="shop:").items():
        _shop, stage, *rest = code.split(":")
        if stage in {"pending", "available"} and rest[-1] == str(person.pk):
            sums[(stage, currency)] = sums.get((stage, currency), 0) + amount
    went = Transfer.objects.filter(payee__user=person).exclude(state=Transfer.State.FAILED)
    paid = dict(went.values_list("currency").annotate(sum=Sum(F("amount") - F("reversed"))))
    currencies = sorted({currency for _stage, currency in sums} | set(paid))
    return [
        Account(
            currency,
            Money(sums.get(("pending", currency), 0), currency),
            Money(sums.get(("available", currency), 0), currency),
            Money(paid.get(currency, 0), currency),
        )
        for currency in currencies
    ]


def payable_on(row: Split) -> datetime | None:
    """When a share can go out: known once the parcel was sent, or where there is none."""
    order = row.line.order
    if order.available_at is not None:
        return order.available_at
    if order.arrived_at is not None:
        return order.arrived_at + RETURN_WINDOW
    return order.sent_at + 2 * RETURN_WINDOW if order.sent_at is not None else None


RETURN_WINDOW = timedelta(days=14)


def statement(person: User) -> Iterator[list[str]]:
    """Every share and every payout of a person, oldest first, as rows for a spreadsheet."""
    yield ["at", "what", "order", "title", "role", "rule", "clip", "amount", "currency"]
    rows = (
        Split.objects.filter(recipient=person)
        .select_related("line__order", "line__tag__post")
        .order_by("at", "pk")
    )
    for row in rows.iterator():
        yield [
            row.at.isoformat(),
            "return" if row.is_refund else "sale",
            str(row.line.order.public_id),
            row.line.title,
            row.role,
            row.line.attribution_rule,
            str(row.line.tag.post.public_id) if row.line.tag else "",
            _plain(row.amount, row.currency),
            row.currency,
        ]
    sent = Transfer.objects.filter(payee__user=person, state=Transfer.State.SENT).select_related("order")
    for gone in sent.order_by("at", "pk").iterator():
        sum_ = _plain(gone.reversed - gone.amount, gone.currency)
        order = str(gone.order.public_id)
        yield [gone.at.isoformat(), "payout", order, "", gone.role, "", "", sum_, gone.currency]


def _plain(amount: int, currency: str) -> str:
    return f"{Money(amount, currency).decimal():f}"


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
class Coming:
    """What can be paid out from a day on; no day: it waits for a parcel to be sent."""

    day: date | None
    money: Money
    shares: int


def coming(person: User, most: int = 8) -> list[Coming]:
    """What of a person's shares is still within its return window, by the day on which that ends."""
    rows = Split.objects.filter(recipient=person, line__order__available_at=None)
    rows = rows.exclude(line__order__state=Order.State.REFUNDED).select_related("line__order")
    sums: dict[tuple[date | None, str], list[int]] = {}
    for row in rows.order_by("-at")[:2000]:
        when = payable_on(row)
        sums.setdefault((when.date() if when else None, row.currency), []).append(row.amount)
    found = [
        Coming(day, Money(sum(amounts), currency), len(amounts)) for (day, currency), amounts in sums.items()
    ]
    found = [one for one in found if one.money.amount]
    return sorted(found, key=lambda one: (one.day is None, one.day or date.max))[:most]


def earned_by_day(person: User, now: datetime) -> list[Bar]:
    """What a person earned by day, net of refunds, in the currency that brought most; empty without any."""
    since = now - timedelta(days=PLOT_DAYS - 1)
    rows = Split.objects.filter(recipient=person, at__date__gte=since.date())
    return _bars(rows, since.date())


def earned_by_clip(person: User, most: int = 10) -> list[ClipSales]:
    """The clips that brought a person most, net of refunds."""
    rows = (
        Split.objects.filter(recipient=person, line__tag__isnull=False)
        .exclude(role=Role.MERCHANT)
        .values("line__tag__post", "currency")
        .annotate(sum=Sum("amount"), pieces=Sum("line__quantity", filter=Q(is_refund=False)))
        .order_by("-sum")[:most]
    )
    posts = Post.objects.in_bulk([row["line__tag__post"] for row in rows])
    return [
        ClipSales(posts[row["line__tag__post"]], row["pieces"] or 0, Money(row["sum"], row["currency"]))
        for row in rows
        if row["sum"] > 0
    ]


def _bar(number: int, day: date, money: Money, best: int) -> Bar:
    height = max(0, round(100 * money.amount / best))
    return Bar(day, money, x=number * 10, y=100 - height, height=height)
