"""Memberships, and who supports somebody."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from accounts.models import User
from commerce.models import (
    Membership,
    Order,
    OrderLine,
    Plan,
)
from commerce.money import Money


def memberships_of(person: User) -> list[tuple[Membership, list[Plan]]]:
    """What somebody has, each with the plans that it could be changed to."""
    rows = Membership.objects.filter(member=person).select_related("plan__creator").order_by("-pk")
    found = []
    for row in rows[:50]:
        same = Plan.objects.filter(creator=row.plan.creator, currency=row.plan.currency, closed_at=None)
        others = list(same.exclude(pk=row.plan_id).order_by("price")) if row.state == "active" else []
        found.append((row, others))
    return found


def plans_had_by(person: User, creator: User | None) -> set[int]:
    """Which plans of a creator, or of the host, somebody has by now."""
    rows = Membership.objects.filter(member=person, plan__creator=creator, state__in=["active", "owing"])
    return set(rows.values_list("plan_id", flat=True))


def plans_counted(plans: QuerySet[Plan]) -> list[Plan]:
    """Plans with how many have each (`has`)."""
    live = Q(memberships__state__in=["active", "owing"])
    return list(plans.annotate(has=Count("memberships", filter=live)).order_by("closed_at", "-pk")[:100])


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
