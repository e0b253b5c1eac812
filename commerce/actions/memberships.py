"""Plans by the month or year: they begin on the provider's page, and follow what the provider says.

    WAITING --first bill paid--> ACTIVE --bill unpaid--> OWING --paid--> ACTIVE
                                    +---------- cancelled, or unpaid thrice ----------> ENDED

Renewal, the three further tries of an unpaid bill, and what another plan costs for the rest of a period are
the provider's (`gateways`); `follow` reads its bills and books each paid one once, as an order of its own.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import notifications, social
from accounts.models import BookTransaction, User
from commerce import gateways
from commerce.actions.checkout import new_visitor
from commerce.actions.extras import TIP_CURRENCIES
from commerce.actions.payment import catch_up, mark_paid
from commerce.gateways.base import Gateway, GatewayError, Invoice, Payment, Subscription
from commerce.models import Membership, Order, OrderLine, Plan
from commerce.money import Money
from commerce.refusals import (
    AlreadyMember,
    BadPlan,
    NotAMember,
    OrderClosed,
    PaymentUnavailable,
    PlanGone,
)
from generation import credits

log = logging.getLogger(__name__)
State = Membership.State
MOST_CREDITS, MOST_PRICE = 100_000, 100_000
LIVE = (State.ACTIVE, State.OWING)


def add_plan(
    *,
    creator: User | None,
    title: str,
    words: str,
    money: Money,
    every: str,
    credits_each: int,
    now: datetime,
) -> Plan:
    """A creator's plan, or the host's (no creator), which alone gives credits. Raises BadPlan."""
    is_price = money.currency in TIP_CURRENCIES and 100 <= money.amount <= MOST_PRICE
    if not is_price or not 0 <= credits_each <= MOST_CREDITS or (creator is not None and credits_each):
        raise BadPlan
    return Plan.objects.create(
        creator=creator,
        title=title.strip(),
        words=words.strip(),
        price=money.amount,
        currency=money.currency,
        every=every,
        credits=credits_each,
        created_at=now,
    )


def close_plan(*, plan: Plan, now: datetime) -> None:
    """Nobody new; who has it keeps it."""
    Plan.objects.filter(pk=plan.pk, closed_at=None).update(closed_at=now)


def join(*, plan: Plan, member: User, is_hidden: bool, now: datetime) -> Membership:
    """Begin: the next page is the provider's. Asked again before it is paid, the same one goes on.

    Raises AlreadyMember or BadPlan.
    """
    blocked = plan.creator is not None and social.is_blocked_between(plan.creator, member)
    if plan.closed_at is not None or plan.creator_id == member.pk or blocked:
        raise BadPlan
    mine = Membership.objects.filter(plan=plan, member=member)
    if mine.filter(state__in=LIVE).exists():
        raise AlreadyMember
    waiting = mine.filter(state=State.WAITING).first()
    return waiting or Membership.objects.create(plan=plan, member=member, is_hidden=is_hidden, created_at=now)


def page(*, membership: Membership, success_url: str, cancel_url: str, gateway: Gateway | None = None) -> str:
    """Where the first bill is paid. Raises OrderClosed, PlanGone or PaymentUnavailable."""
    if membership.state != State.WAITING:
        raise OrderClosed
    _refuse_closed_account(membership.plan)
    plan, provider = membership.plan, gateway or gateways.current()
    try:
        if membership.checkout_session_id:
            known = provider.checkout(membership.checkout_session_id)
            if known.is_complete:
                raise OrderClosed
            if known.url is not None:
                return known.url
        opened = provider.open_subscription(
            reference=str(membership.public_id),
            plan_reference=str(plan.public_id),
            title=plan.title,
            money=Money(plan.price, plan.currency),
            every=plan.every,
            success_url=success_url,
            cancel_url=cancel_url,
            email=membership.member.email,
            key=f"membership-{membership.public_id}-{membership.checkout_session_id}",
        )
    except GatewayError as error:
        log.warning("page of a membership not opened: %s", error)
        raise PaymentUnavailable from error
    membership.checkout_session_id = opened.session_id
    membership.save(update_fields=["checkout_session_id"])
    if opened.url is None:
        raise OrderClosed
    return opened.url


def sync(*, membership: Membership, now: datetime, gateway: Gateway | None = None) -> Membership:
    """Bring it to what the provider says, when its webhook is late or lost. With it away, nothing changes."""
    provider = gateway or gateways.current()
    try:
        if not membership.subscription_id and membership.checkout_session_id:
            found = provider.checkout(membership.checkout_session_id)
            if not found.subscription_id:
                return membership
            Membership.objects.filter(pk=membership.pk).update(subscription_id=found.subscription_id)
            membership.refresh_from_db()
        if membership.subscription_id:
            follow(membership=membership, seen=read(membership, provider), now=now)
    except GatewayError:
        log.warning("provider away; the membership waits for its webhook")
    membership.refresh_from_db()
    return membership


Seen = tuple[Subscription, list[tuple[Invoice, Payment | None]]]


def read(membership: Membership, provider: Gateway) -> Seen:
    """The subscription, its bills, and the payments of those that we have not booked."""
    subscription = provider.subscription(membership.subscription_id)
    bills = []
    booked = set(
        OrderLine.objects.filter(kind="member", reference__startswith=f"{membership.public_id}:").values_list(
            "reference", flat=True
        )
    )
    for bill in provider.invoices(membership.subscription_id):
        is_new = bill.is_paid and _reference(membership, bill) not in booked
        payment = provider.payment(bill.payment_intent_id) if is_new and bill.payment_intent_id else None
        bills.append((bill, payment))
    return subscription, bills


def _reference(membership: Membership, bill: Invoice) -> str:
    return f"{membership.public_id}:{bill.invoice_id}"[:80]


@transaction.atomic
def follow(*, membership: Membership, seen: Seen, now: datetime) -> None:
    """Book what was paid, each bill once, and move along the edge that the provider's state calls for."""
    held = Membership.objects.select_for_update(of=("self",)).select_related("plan__creator", "member")
    row = held.get(pk=membership.pk)
    subscription, bills = seen
    newest = next((bill for bill, _payment in bills if bill.reason == "subscription_update"), None)
    for bill, payment in reversed(bills):
        if bill.is_paid:
            _book(row, bill, payment, now)
            _credit(row, bill, bill is newest, now)
    before = row.state
    row.state = _state(row, subscription, bills)
    row.period_end, row.ends_with_period = subscription.period_end, subscription.ends_with_period
    row.ended_at = (row.ended_at or now) if row.state == State.ENDED else None
    row.save()
    if row.state != before:
        _tell(row, now)


def _state(row: Membership, subscription: Subscription, bills: list[tuple[Invoice, Payment | None]]) -> str:
    if row.state == State.ENDED or subscription.status in {"canceled", "unpaid", "incomplete_expired"}:
        return State.ENDED
    if subscription.status == "past_due":
        return State.OWING
    is_paid = any(bill.is_paid for bill, _payment in bills)
    return State.ACTIVE if subscription.status in {"active", "trialing"} and is_paid else row.state


def _book(row: Membership, bill: Invoice, payment: Payment | None, now: datetime) -> None:
    """A paid bill as an order of its own, divided as a tip is."""
    plan, reference = row.plan, _reference(row, bill)
    if payment is not None and not OrderLine.objects.filter(kind="member", reference=reference).exists():
        order = _order(row, plan, bill, reference, now)
        mark_paid(order=order, payment=payment, now=now)
        catch_up(order=order, payment=payment, now=now)


def _credit(row: Membership, bill: Invoice, is_newest_change: bool, now: datetime) -> None:
    """The credits of a paid bill, once: a period's, or what a larger plan gives for the rest of one."""
    reference = f"credits:plan:{bill.invoice_id}"
    if BookTransaction.objects.filter(reference=reference).exists():
        return
    amount = 0
    if bill.reason in {"subscription_create", "subscription_cycle"}:
        amount = row.plan.credits
    elif is_newest_change:
        amount, row.extra_credits = row.extra_credits, 0
    if amount:
        credits.grant(row.member, amount, reference=reference, now=now)


def _order(row: Membership, plan: Plan, bill: Invoice, reference: str, now: datetime) -> Order:
    rest = 10_000 - settings.PLATFORM_RATE_BP
    creator: dict[str, Any] = {"creator_bp": 0}
    if plan.creator_id:
        creator = {"creator_bp": rest, "creator": plan.creator_id, "hidden": row.is_hidden}
    order = Order.objects.create(
        kind=Order.Kind.MEMBER,
        buyer=row.member,
        email=row.member.email,
        visitor=new_visitor(),
        currency=bill.money.currency,
        total=bill.money.amount,
        payment_intent_id=bill.payment_intent_id,
        created_at=now,
        expires_at=now,
    )
    OrderLine.objects.create(
        order=order,
        kind="member",
        reference=reference,
        title=plan.title,
        quantity=1,
        unit_price=bill.money.amount,
        attribution_rule="nobody",
        rates={"platform_bp": settings.PLATFORM_RATE_BP, "owner_bp": 0, "owners": [], **creator},
    )
    return order


def change(
    *, membership: Membership, plan: Plan, now: datetime, gateway: Gateway | None = None
) -> Membership:
    """Another plan of the same side and currency from now on; the provider bills or keeps the difference.

    Raises NotAMember, BadPlan or PaymentUnavailable.
    """
    before = membership.plan
    if membership.state != State.ACTIVE:
        raise NotAMember
    if (plan.creator_id, plan.currency) != (before.creator_id, before.currency) or plan.closed_at is not None:
        raise BadPlan
    if plan.pk == before.pk:
        return membership
    provider = gateway or gateways.current()
    try:
        old = provider.subscription(membership.subscription_id)
        provider.change_subscription(
            membership.subscription_id,
            plan_reference=str(plan.public_id),
            title=plan.title,
            money=Money(plan.price, plan.currency),
            every=plan.every,
            key=f"change-{membership.public_id}-{plan.public_id}-{int(old.period_end.timestamp())}",
        )
    except GatewayError as error:
        raise PaymentUnavailable from error
    more = max(0, plan.credits - before.credits)
    left = (old.period_end - now) / (old.period_end - old.period_start)
    extra = plan.credits if plan.every != before.every else int(more * max(0.0, min(1.0, left)))
    Membership.objects.filter(pk=membership.pk).update(plan=plan, extra_credits=extra)
    membership.refresh_from_db()
    return sync(membership=membership, now=now, gateway=provider)


def cancel(*, membership: Membership, now: datetime, gateway: Gateway | None = None) -> Membership:
    """No next bill: what is paid lasts until its period ends. One that never began just ends."""
    if membership.state == State.WAITING:
        Membership.objects.filter(pk=membership.pk).update(state=State.ENDED, ended_at=now)
        membership.refresh_from_db()
        return membership
    if membership.state not in LIVE:
        raise NotAMember
    provider, owes = gateway or gateways.current(), membership.state == State.OWING
    try:
        provider.end_subscription(
            # The moment is part of the key: who stayed after all may cancel again on the same day.
            membership.subscription_id,
            at_once=owes,
            key=f"cancel-{membership.public_id}-{int(owes)}-{int(now.timestamp())}",
        )
    except GatewayError as error:
        raise PaymentUnavailable from error
    return sync(membership=membership, now=now, gateway=provider)


def stay(*, membership: Membership, now: datetime, gateway: Gateway | None = None) -> Membership:
    """Cancelled, and not over yet: it renews after all. Raises NotAMember, PlanGone or
    PaymentUnavailable."""
    if membership.state != State.ACTIVE:
        raise NotAMember
    _refuse_closed_account(membership.plan)
    provider = gateway or gateways.current()
    try:
        key = f"stay-{membership.public_id}-{int(now.timestamp())}"
        provider.keep_subscription(membership.subscription_id, key=key)
    except GatewayError as error:
        raise PaymentUnavailable from error
    return sync(membership=membership, now=now, gateway=provider)


def _refuse_closed_account(plan: Plan) -> None:
    """Whose account was closed or suspended gets no further bills paid."""
    if plan.creator is not None and not plan.creator.is_active:
        raise PlanGone


def card_page(*, membership: Membership, return_url: str, gateway: Gateway | None = None) -> str:
    """Where the member leaves another card. Raises NotAMember or PaymentUnavailable."""
    if membership.state not in LIVE:
        raise NotAMember
    try:
        return (gateway or gateways.current()).card_page(
            membership.subscription_id, return_url=return_url, key=f"card-{membership.public_id}"
        )
    except GatewayError as error:
        raise PaymentUnavailable from error


def end_all(*, member: User, now: datetime) -> None:
    """Somebody's account goes: the provider is asked to bill nothing more."""
    for membership in Membership.objects.filter(member=member).exclude(state=State.ENDED):
        try:
            if membership.subscription_id:
                gateways.current().end_subscription(
                    membership.subscription_id, at_once=True, key=f"erase-{membership.public_id}"
                )
        except GatewayError as error:
            log.error("a subscription of an erased account is still open: %s", error)
            continue
        Membership.objects.filter(pk=membership.pk).update(state=State.ENDED, ended_at=now)


def follow_all(*, now: datetime, gateway: Gateway | None = None) -> int:
    """Lost news of memberships, each night; how many were asked about. Of whose creator's account is closed
    or suspended no next bill is sent."""
    rows = Membership.objects.exclude(state=State.ENDED).exclude(checkout_session_id="")
    found = list(rows.select_related("plan__creator", "member").order_by("pk"))
    for membership in found:
        sync(membership=membership, now=now, gateway=gateway)
        if _is_orphaned(membership):
            with suppress(PaymentUnavailable):  # asked again the next night
                cancel(membership=membership, now=now, gateway=gateway)
    return len(found)


def _is_orphaned(membership: Membership) -> bool:
    creator, goes_on = membership.plan.creator, not membership.ends_with_period
    return goes_on and membership.state in LIVE and creator is not None and not creator.is_active


SENTENCES: dict[str, Any] = {
    State.ACTIVE: lambda: _("“%(title)s” has begun, or goes on."),
    State.OWING: lambda: _("The bill of “%(title)s” could not be paid. Leave another card, or it ends."),
    State.ENDED: lambda: _("“%(title)s” has ended."),
}


def _tell(row: Membership, now: datetime) -> None:
    sentence = SENTENCES.get(row.state)
    if sentence is None:
        return
    member = row.member
    notifications.notify(
        recipient=member,
        kind="membership",
        data={"state": row.state, "title": row.plan.title},
        url="/memberships",
        now=now,
    )
    with override(getattr(member, "language", "") or settings.LANGUAGE_CODE):
        text = sentence() % {"title": row.plan.title} + f"\n\n{settings.SITE_URL}/memberships\n"
        subject = _("About “%(title)s”") % {"title": row.plan.title}
    if member.email:
        transaction.on_commit(lambda: send_mail(subject, text, None, [member.email]), robust=True)
