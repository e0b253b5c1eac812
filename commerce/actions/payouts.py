"""From a sale to a person's bank: shares become available, go out in batches, and come back where they must.

    pending --14 days after arrival--> available --batch--> transferred --refund--> reversed
                                           +-- short of money: below nothing, set off against what comes next

A transfer is written before the provider is asked, under the key that it is asked with: asked twice, it goes
once. Nobody is paid without a ready account of their own; their shares wait.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Sum

from accounts import books, notifications
from accounts.models import User
from commerce import gateways
from commerce.actions.payment import PROVIDER
from commerce.gateways.base import Account, Gateway, GatewayError
from commerce.models import Offer, Order, OrderLine, Payee, Split, Transfer
from commerce.money import Money
from commerce.offers.states import BY_PLEDGE
from commerce.refusals import PaymentUnavailable

log = logging.getLogger(__name__)

RETURN_WINDOW = timedelta(days=14)
# A parcel that nobody reported as arrived counts as arrived so long after it was sent.
ARRIVES_WITHIN = timedelta(days=14)
AT_ONCE = 200
PAYABLE = ("merchant", "creator", "owner")


def onboard(
    *, user: User, return_url: str, refresh_url: str, now: datetime, gateway: Gateway | None = None
) -> str:
    """Where the person tells the provider who they are; asked again, the same account goes on."""
    provider = gateway or gateways.current()
    try:
        payee = Payee.objects.filter(user=user).first()
        if payee is None:
            account = provider.open_account(email=user.email, name=user.name, key=f"payee-{user.public_id}")
            payee, _made = Payee.objects.get_or_create(
                user=user,
                defaults={"account_id": account.account_id, "created_at": now, "checked_at": now},
            )
        return provider.onboarding_url(payee.account_id, return_url=return_url, refresh_url=refresh_url)
    except GatewayError as error:
        raise PaymentUnavailable from error


def check_payee(*, payee: Payee, now: datetime, gateway: Gateway | None = None) -> Payee:
    """Ask the provider whether the person can be paid by now; with it away, nothing changes."""
    try:
        note_account(account=(gateway or gateways.current()).account(payee.account_id), now=now)
    except GatewayError:
        log.warning("payee not checked, the provider does not answer")
    payee.refresh_from_db()
    return payee


def note_account(*, account: Account, now: datetime) -> None:
    Payee.objects.filter(account_id=account.account_id).update(is_ready=account.is_ready, checked_at=now)


def mature(*, now: datetime) -> int:
    """Move the shares of orders whose return window is over from pending to available; how many orders."""
    late = now - RETURN_WINDOW
    over = (
        Q(arrived_at__lte=late)
        | Q(arrived_at=None, sent_at__lte=late - ARRIVES_WITHIN)
        | Q(needs_no_parcel=True, paid_at__lte=late)
    )
    rows = Order.objects.filter(state=Order.State.PAID, available_at=None, is_frozen=False)
    rows = rows.annotate(needs_no_parcel=_has_no_parcel()).filter(over).exclude(_waits_for_its_offer())
    return sum(_mature(pk, now) for pk in rows.values_list("pk", flat=True)[:AT_ONCE])


def _waits_for_its_offer() -> Q:
    """Money of an offer stays until its goods are there, also where nothing is sent."""
    waits = Q()
    for name in ("pledge", "deposit_of"):
        there = Q(**{f"{name}__offer__state__in": [Offer.State.SHIPPING, Offer.State.DONE]})
        waits |= Q(**{f"{name}__offer__kind__in": BY_PLEDGE}) & ~there
    return waits


def _has_no_parcel() -> Q:
    """Nothing of the order is sent: a tip, a licence, credits, or digital goods alone."""
    parcels = OrderLine.objects.filter(order=OuterRef("pk"), variant__product__needs_shipping=True)
    return Q(~Exists(parcels))


@transaction.atomic
def _mature(pk: int, now: datetime) -> bool:
    order = Order.objects.select_for_update(of=("self",)).get(pk=pk)
    if order.state != Order.State.PAID or order.available_at is not None or order.is_frozen:
        return False
    postings: dict[tuple[str, str], int] = {}
    for role, who, amount in shares_of(order):
        for stage, sign in (("pending", -1), ("available", 1)):
            account = (f"shop:{stage}:{role}:{who or 'host'}", order.currency)
            postings[account] = postings.get(account, 0) + sign * amount
    order.available_at = now
    order.save(update_fields=["available_at"])
    if any(postings.values()):
        books.post(
            reference=f"mature:{order.public_id}",
            kind="mature",
            at=now,
            postings={account: amount for account, amount in postings.items() if amount},
        )
    return True


def shares_of(order: Order) -> list[tuple[str, int | None, int]]:
    """(role, person, sum) of everybody's share of an order by now, refunds taken off."""
    rows = Split.objects.filter(line__order=order).values_list("role", "recipient")
    return [(role, who, int(amount)) for role, who, amount in rows.annotate(sum=Sum("amount")) if amount]


def pay_out(*, now: datetime, gateway: Gateway | None = None) -> int:
    """Write and send one batch: to every ready payee what is available, order by order; how many transfers.

    Somebody who is below nothing in a currency (a refund after they were paid) gets less until it is even.
    """
    batch = uuid4()
    for payee in Payee.objects.filter(is_ready=True, user__is_active=True).select_related("user"):
        _write_transfers(payee, batch, now)
    return send_transfers(now=now, gateway=gateway)


@transaction.atomic
def _write_transfers(payee: Payee, batch: UUID, now: datetime) -> None:
    Payee.objects.select_for_update().get(pk=payee.pk)
    for role in PAYABLE:
        account = f"shop:available:{role}:{payee.user_id}"
        for (code, currency), free in books.balances(prefix=account).items():
            if code == account and free > 0:
                _write_for(payee, role, currency, free, batch, now)


def _write_for(payee: Payee, role: str, currency: str, free: int, batch: UUID, now: datetime) -> None:
    splits = Split.objects.filter(
        recipient=payee.user_id,
        role=role,
        currency=currency,
        line__order__available_at__isnull=False,
        line__order__is_frozen=False,
    )
    owed = dict(splits.values_list("line__order").annotate(sum=Sum("amount")))
    sent = dict(
        Transfer.objects.filter(payee=payee, role=role, currency=currency)
        .exclude(state=Transfer.State.FAILED)
        .values_list("order")
        .annotate(sum=Sum(F("amount") - F("reversed")))
    )
    for order_id in sorted(owed):
        amount = min(owed[order_id] - sent.get(order_id, 0), free)
        if amount <= 0:
            continue
        free -= amount
        made = Transfer.objects.create(
            batch=batch, payee=payee, order_id=order_id, role=role, amount=amount, currency=currency, at=now
        )
        _book(f"transfer:{made.public_id}", made, -amount, now)


def _book(reference: str, row: Transfer, change: int, now: datetime) -> None:
    """`change` of what is available to the payee; the provider holds as much more or less for us."""
    account = (f"shop:available:{row.role}:{row.payee.user_id}", row.currency)
    books.post(
        reference=reference,
        kind=reference.partition(":")[0],
        at=now,
        postings={account: change, (PROVIDER, row.currency): -change},
    )


def send_transfers(*, now: datetime, gateway: Gateway | None = None) -> int:
    """Ask the provider for every transfer that waits; how many went."""
    provider = gateway or gateways.current()
    waiting = Transfer.objects.filter(state=Transfer.State.WAITING).select_related("payee__user", "order")
    told: dict[tuple[int, str], int] = {}
    count = 0
    for row in waiting.order_by("pk")[:AT_ONCE]:
        try:
            charge = row.order.charge_id or provider.payment(row.order.payment_intent_id).charge_id
            transfer_id = provider.transfer(
                money=Money(row.amount, row.currency),
                account_id=row.payee.account_id,
                charge_id=charge,
                group=str(row.order.public_id),
                key=f"transfer-{row.public_id}",
            )
        except GatewayError as error:
            if not error.retryable:
                _fail(row, str(error), now)
            continue
        Transfer.objects.filter(pk=row.pk).update(state=Transfer.State.SENT, transfer_id=transfer_id)
        told[(row.payee.user_id, row.currency)] = told.get((row.payee.user_id, row.currency), 0) + row.amount
        count += 1
    _tell(told, now)
    return count


@transaction.atomic
def _fail(row: Transfer, why: str, now: datetime) -> None:
    moved = Transfer.objects.filter(pk=row.pk, state=Transfer.State.WAITING)
    if moved.update(state=Transfer.State.FAILED, error=why[:200]):
        _book(f"transfer-failed:{row.public_id}", row, row.amount, now)


def recover(*, now: datetime, gateway: Gateway | None = None) -> int:
    """Ask back what was transferred of shares that have gone back since; how many reversals.

    Where the payee's balance is short, the provider says no: they stay below nothing, and the next payouts
    make it even.
    """
    provider = gateway or gateways.current()
    rows = Transfer.objects.filter(
        Q(order__refunded__gt=0) | Q(order__lost__gt=0), state=Transfer.State.SENT, reversed__lt=F("amount")
    )
    return sum(_recover(row, provider, now) for row in rows.select_related("payee", "order").order_by("pk"))


def _recover(row: Transfer, provider: Gateway, now: datetime) -> bool:
    share = _sum(Split.objects.filter(line__order=row.order, role=row.role, recipient=row.payee.user_id))
    others = Transfer.objects.filter(payee=row.payee, order=row.order, role=row.role)
    gone = sum(one.amount - one.reversed for one in others.exclude(state=Transfer.State.FAILED))
    back = min(gone - share, row.amount - row.reversed)
    balance = books.balance(f"shop:available:{row.role}:{row.payee.user_id}", row.currency)
    back = min(back, -balance)  # what later earnings made even needs no reversal
    if back <= 0:
        return False
    key = f"reversal-{row.public_id}-{row.reversed}-{back}"
    try:
        provider.reverse_transfer(row.transfer_id, money=Money(back, row.currency), key=key)
    except GatewayError as error:
        log.warning("transfer not reversed, set off against what comes next: %s", error)
        return False
    with transaction.atomic():
        same = Transfer.objects.filter(pk=row.pk, reversed=row.reversed)
        if same.update(reversed=F("reversed") + back):
            _book(f"reversal:{row.public_id}:{row.reversed}:{back}", row, back, now)
    return True


def _sum(rows: Iterable[Split]) -> int:
    return sum(row.amount for row in rows)


def _tell(told: dict[tuple[int, str], int], now: datetime) -> None:
    for (who, currency), amount in told.items():
        notifications.notify(
            recipient=User.objects.get(pk=who),
            kind="payout",
            data={"amount": amount, "currency": currency},
            url="/shop/earnings",
            now=now,
        )
