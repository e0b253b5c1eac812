"""A payment arrives, or goes back: the order, its division, the books and the shelf move together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts import books, notifications
from accounts.models import User
from commerce import gateways, stock
from commerce.gateways.base import Checkout, Gateway, GatewayError
from commerce.models import Order, OrderLine, Split
from commerce.money import Money
from commerce.queries import line_rates
from commerce.refusals import PaymentUnavailable, RefundTooLarge
from commerce.splits import Role, Share, split, take_back

PROVIDER = "shop:provider"  # negative by what the provider holds for all of us


@transaction.atomic
def mark_paid(*, order: Order, checkout: Checkout, now: datetime) -> bool:
    """OPEN -> PAID with everything that follows, once; False where it happened before.

    Raises ValueError where the provider was paid another sum than the order asks: a person must look.
    """
    if checkout.total != Money(order.total, order.currency):
        raise ValueError("the provider was paid another sum than the order asks")
    moved = Order.objects.filter(pk=order.pk, state=Order.State.OPEN).update(
        state=Order.State.PAID,
        paid_at=now,
        email=checkout.email,
        payment_intent_id=checkout.payment_intent_id,
    )
    if not moved:
        return False
    order.refresh_from_db()
    stock.take(order, now)
    for line in order.lines.select_related("variant__product__merchant"):
        _write(line, split(paid_for(line), line_rates(line)), f"sale:{order.public_id}:{line.pk}", now)
    _tell(order, now)
    return True


def refund(*, order: Order, money: Money, now: datetime, gateway: Gateway | None = None) -> Order:
    """Send `money` back to the buyer and reverse every share; the caller has checked who asks."""
    left = order.total - order.refunded if order.state == Order.State.PAID else 0
    if money.currency != order.currency or not 0 < money.amount <= left:
        raise RefundTooLarge
    provider = gateway or gateways.current()
    try:
        # The key names the state it starts from: a double click is one refund, a second one is another.
        key = f"refund-{order.public_id}-{order.refunded}-{money.amount}"
        provider.refund(payment_intent_id=order.payment_intent_id, money=money, key=key)
        total = provider.refunded(order.payment_intent_id)
    except GatewayError as error:
        if not error.retryable:
            raise RefundTooLarge from error
        raise PaymentUnavailable from error
    return record_refund(order=order, total=total, now=now)


@transaction.atomic
def record_refund(*, order: Order, total: Money, now: datetime) -> Order:
    """Bring the order's refund up to the provider's `total`; a smaller or equal one changes nothing."""
    locked = Order.objects.select_for_update().get(pk=order.pk)
    if locked.state not in {Order.State.PAID, Order.State.REFUNDED} or total.amount <= locked.refunded:
        return locked
    before = locked.refunded
    locked.refunded = total.amount
    locked.state = Order.State.REFUNDED if total.amount == locked.total else Order.State.PAID
    locked.save(update_fields=["refunded", "state"])
    for line, refunded in _by_line(locked, total):
        back = take_back(paid_for(line), refunded, _taken(line), line_rates(line))
        _write(
            line, [_negative(share) for share in back], f"refund:{locked.public_id}:{line.pk}:{before}", now
        )
    return locked


def paid_for(line: OrderLine) -> Money:
    return Money(line.unit_price * line.quantity, line.order.currency)


def _by_line(order: Order, total: Money) -> Iterable[tuple[OrderLine, Money]]:
    """Spread the refund over the lines in their order, each up to what was paid for it."""
    left = total.amount
    for line in order.lines.select_related("variant__product__merchant").order_by("pk"):
        part = min(left, paid_for(line).amount)
        left -= part
        yield line, Money(part, order.currency)


def _taken(line: OrderLine) -> list[Share]:
    return [
        Share(Role(row.role), _counted_as(row), Money(-row.amount, row.currency))
        for row in _summed(line.splits.filter(is_refund=True))
    ]


def _summed(rows: Iterable[Split]) -> list[Split]:
    sums: dict[tuple[str, int | None], Split] = {}
    for row in rows:
        key = (row.role, row.recipient_id)
        if key in sums:
            sums[key].amount += row.amount
        else:
            sums[key] = row
    return list(sums.values())


def _counted_as(row: Split) -> int | None:
    """The recipient as `splits` names it: the merchant and the platform need no id there."""
    return None if row.role in {Role.MERCHANT, Role.PLATFORM} else row.recipient_id


def _negative(share: Share) -> Share:
    return Share(share.role, share.recipient_id, Money(-share.money.amount, share.money.currency))


def _write(line: OrderLine, shares: list[Share], reference: str, now: datetime) -> None:
    shares = [share for share in shares if share.money.amount]
    if not shares:
        return
    kind = reference.partition(":")[0]
    merchant_id = line.variant.product.merchant.owner_id
    currency = line.order.currency
    postings: dict[tuple[str, str], int] = {}
    rows = []
    for share in shares:
        who = merchant_id if share.role is Role.MERCHANT else share.recipient_id
        rows.append(
            Split(
                line=line,
                role=share.role,
                recipient_id=who,
                amount=share.money.amount,
                currency=currency,
                is_refund=kind == "refund",
                at=now,
            )
        )
        account = (f"shop:pending:{share.role}:{who or 'host'}", currency)
        postings[account] = postings.get(account, 0) + share.money.amount
    Split.objects.bulk_create(rows)
    # A cent may move from one share to another while their sum stays: then the provider's side is zero.
    postings[(PROVIDER, currency)] = -sum(postings.values())
    books.post(
        reference=reference,
        kind=kind,
        at=now,
        postings={account: amount for account, amount in postings.items() if amount},
    )


def _tell(order: Order, now: datetime) -> None:
    """Everybody who earned hears it once, with their own sum and nobody's name."""
    sums: dict[int, int] = {}
    for row in Split.objects.filter(line__order=order, recipient__isnull=False, is_refund=False):
        sums[int(row.recipient_id or 0)] = sums.get(int(row.recipient_id or 0), 0) + row.amount
    for recipient in User.objects.filter(pk__in=sums):
        notifications.notify(
            recipient=recipient,
            kind="sale",
            data={"amount": sums[recipient.pk], "currency": order.currency},
            url="/shop/earnings",
            now=now,
        )
