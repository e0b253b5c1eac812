"""What somebody earned, when it can be paid out, and the statement of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, QuerySet, Sum

from accounts import books
from accounts.models import User
from commerce.models import (
    Order,
    OrderLine,
    Split,
    Transfer,
)
from commerce.money import Money


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
    """When a share of `earnings` can go out: known once the parcel was sent, or paid where there is none."""
    order = row.line.order
    if order.available_at is not None:
        return order.available_at
    if not row.has_parcel:  # type: ignore[attr-defined]
        return order.paid_at + RETURN_WINDOW if order.paid_at is not None else None
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
    parcels = OrderLine.objects.filter(order=OuterRef("line__order"), variant__product__needs_shipping=True)
    rows = Split.objects.filter(recipient=person).annotate(has_parcel=Exists(parcels))
    return rows.select_related("line__order", "line__tag__post").order_by("-at", "-pk")


@dataclass(frozen=True)
class Coming:
    """What can be paid out from a day on; no day: it waits for a parcel to be sent."""

    day: date | None
    money: Money
    shares: int


def coming(person: User, most: int = 8) -> list[Coming]:
    """What of a person's shares is still within its return window, by the day on which that ends."""
    rows = earnings(person).filter(line__order__available_at=None)
    rows = rows.exclude(line__order__state=Order.State.REFUNDED)
    sums: dict[tuple[date | None, str], list[int]] = {}
    for row in rows[:2000]:
        when = payable_on(row)
        sums.setdefault((when.date() if when else None, row.currency), []).append(row.amount)
    found = [
        Coming(day, Money(sum(amounts), currency), len(amounts)) for (day, currency), amounts in sums.items()
    ]
    found = [one for one in found if one.money.amount]
    return sorted(found, key=lambda one: (one.day is None, one.day or date.max))[:most]
