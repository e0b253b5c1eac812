"""Orders without a shop: a tip for somebody, a licence for a likeness, credits. Paid as all is paid."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import social
from accounts.models import User
from cameos.models import Licence
from commerce.actions.checkout import PAYMENT_PAGE_LIFE, new_visitor
from commerce.actions.payment import PAID, left_of, refund
from commerce.gateways.base import Gateway
from commerce.models import Order, OrderLine
from commerce.money import Money
from commerce.refusals import BadTip, NothingToPayFor, PaymentUnavailable, RefundTooLarge
from feed import rights
from feed.models import Post

log = logging.getLogger(__name__)

# Least and most of a tip, in whole units of its currency's first digit before the point: 1.00 to 500.00.
LEAST_TIP, MOST_TIP = 100, 50_000
TIP_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "CNY")  # each with two decimals


def tip(
    *, buyer: User, creator: User, money: Money, is_hidden: bool, now: datetime, post: Post | None = None
) -> Order:
    """An open order of a tip; all but the host's part is the creator's. Given for a `post` of theirs that
    is a remix, what was agreed for its parents goes on to them. Raises BadTip."""
    is_sum = money.currency in TIP_CURRENCIES and LEAST_TIP <= money.amount <= MOST_TIP
    if not is_sum or creator.pk == buyer.pk or social.is_blocked_between(creator, buyer):
        raise BadTip
    if post is not None and post.creator_id != creator.pk:
        raise BadTip
    rest = 10_000 - settings.PLATFORM_RATE_BP
    rates: dict[str, Any] = {"creator_bp": rest, "owner_bp": 0, "creator": creator.pk, "owners": []}
    rates["hidden"] = is_hidden
    if post is not None:
        rates |= {"post": str(post.public_id), "parents": rights.owed(post.pk)}
    title = _("A tip for %(name)s") % {"name": creator.name}
    return place(Order.Kind.TIP, buyer, title, money, str(creator.public_id), rates, now)


def pay_licence(*, licence: Licence, buyer: User, now: datetime) -> Order:
    """The order of a licence that was accepted; asked again, the one that is open. Raises NothingToPayFor."""
    if licence.requester_id != buyer.pk or licence.state != Licence.State.ACCEPTED:
        raise NothingToPayFor
    reference = str(licence.public_id)
    kept = Order.objects.filter(kind=Order.Kind.LICENCE, lines__reference=reference, state=Order.State.OPEN)
    known = kept.filter(expires_at__gt=now).first()
    if known is not None:
        return known
    rest = 10_000 - settings.PLATFORM_RATE_BP
    rates = {"creator_bp": 0, "owner_bp": rest, "owners": [licence.cameo.owner_id]}
    title = _("A licence to cast %(name)s") % {"name": licence.cameo.name}
    money = Money(licence.total, licence.currency)
    return place(Order.Kind.LICENCE, buyer, title, money, reference, rates, now)


def buy_credits(*, buyer: User, count: int, now: datetime) -> Order:
    """One of the host's packs of credits. Raises NothingToPayFor for one that it does not offer."""
    price = dict(packs()).get(count)
    if price is None:
        raise NothingToPayFor
    rates: dict[str, Any] = {"creator_bp": 0, "owner_bp": 0, "owners": []}
    title = _("%(count)d credits") % {"count": count}
    return place(Order.Kind.CREDITS, buyer, title, price, str(count), rates, now)


def packs() -> list[tuple[int, Money]]:
    """What the host offers: credits and their price, from `CREDIT_PACKS`; empty where it sells none."""
    return [
        (int(count), Money(int(amount), currency))
        for count, amount, currency in (text.split(":") for text in settings.CREDIT_PACKS)
    ]


@transaction.atomic
def place(
    kind: Order.Kind,
    buyer: User,
    title: str,
    money: Money,
    reference: str,
    rates: dict[str, Any],
    now: datetime,
) -> Order:
    """An open order of one line without a shop; `rates` freeze who gets what of it."""
    order = Order.objects.create(
        kind=kind,
        buyer=buyer,
        email=buyer.email,
        visitor=new_visitor(),
        merchant=None,
        currency=money.currency,
        total=money.amount,
        created_at=now,
        expires_at=now + PAYMENT_PAGE_LIFE,
    )
    OrderLine.objects.create(
        order=order,
        kind=kind,
        reference=reference,
        title=title[:255],
        quantity=1,
        unit_price=money.amount,
        attribution_rule="nobody",
        rates={"platform_bp": settings.PLATFORM_RATE_BP, **rates},
    )
    return order


def owe_back(sender: Any, licence: Licence, amount: int, reference: str, **more: Any) -> None:
    """Part of a licence's payment is owed back: written in the caller's transaction, sent by the beat."""
    try:
        orders = Order.objects.filter(public_id=UUID(reference), kind=Order.Kind.LICENCE)
    except ValueError:
        return  # a payment that was not taken here
    orders.update(refund_due=F("refund_due") + amount)


def send_back(*, now: datetime, gateway: Gateway | None = None) -> int:
    """Send what is owed back; how many orders. What cannot go now is tried again."""
    count = 0
    for order in Order.objects.filter(refund_due__gt=0, state__in=PAID).order_by("pk")[:100]:
        due = min(order.refund_due, left_of(order))
        try:
            if due:
                refund(order=order, money=Money(due, order.currency), now=now, gateway=gateway)
        except (PaymentUnavailable, RefundTooLarge) as refusal:
            log.warning("not sent back yet: %s", refusal.code)
            continue
        Order.objects.filter(pk=order.pk, refund_due=order.refund_due).update(refund_due=0)
        count += 1
    return count
