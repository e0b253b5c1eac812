"""A payment arrives, or goes back: the order, its division, the books and the shelf move together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts import books, notifications
from accounts.models import User
from commerce import gateways, purposes, stock
from commerce.gateways.base import DisputeState, Gateway, GatewayError, Payment
from commerce.models import Dispute, Order, OrderLetter, OrderLine, OrderWebhook, Split
from commerce.money import Money
from commerce.offers import standing
from commerce.queries import line_rates
from commerce.refusals import PaymentUnavailable, RefundTooLarge
from commerce.splits import Role, Share, split

PROVIDER = "shop:provider"  # negative by what the provider holds for all of us
DISPUTED = "shop:disputed"  # negative by what banks hold until they decide
LOSS = "shop:loss"  # negative by what went back to buyers beyond their payments: the host bears it
PAID = (Order.State.PAID, Order.State.REFUNDED)


@transaction.atomic
def mark_paid(*, order: Order, payment: Payment, now: datetime) -> bool:
    """OPEN -> PAID with everything that follows, once; False where it happened before.

    Raises ValueError where the provider was paid another sum than the order asks, for an order that lapsed,
    and for a second payment of one that is paid: a person must look.
    """
    if payment.total != Money(order.total, order.currency):
        raise ValueError("the provider was paid another sum than the order asks")
    moved = Order.objects.filter(pk=order.pk, state=Order.State.OPEN).update(
        state=Order.State.PAID,
        paid_at=now,
        email=payment.email or order.email,
        payment_intent_id=payment.payment_intent_id,
        charge_id=payment.charge_id,
    )
    if not moved:
        order.refresh_from_db()
        if order.state == Order.State.EXPIRED:
            raise ValueError("a payment came for an order that had lapsed")
        if _is_another(payment, order):
            raise ValueError("a second payment came for an order that is paid")
        if payment.charge_id and not order.charge_id:
            Order.objects.filter(pk=order.pk).update(charge_id=payment.charge_id)
        return False
    order.refresh_from_db()
    stock.take(order, now)
    for line in order.lines.order_by("pk"):
        line.order = order
        _write(line, _shares(line, paid_for(line)), f"sale:{order.public_id}:{line.pk}", now)
    purposes.paid(order, now)
    standing.note_paid(order, payment.card, now)
    tell_agent(order, "order_create", now)
    write_to_buyer(order, OrderLetter.Kind.PAID, now)
    _tell(order, now)
    return True


def refund(*, order: Order, money: Money, now: datetime, gateway: Gateway | None = None) -> Order:
    """Send `money` back to the buyer and reverse every share; the caller has checked who asks."""
    left = left_of(order) if order.state == Order.State.PAID and not order.is_frozen else 0
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
    locked = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if locked.state not in PAID or total.amount <= locked.refunded:
        return locked
    before, locked.refunded = locked.refunded, total.amount
    was = locked.state
    _give_back(locked, PROVIDER, f"refund:{locked.public_id}:{before}", total.amount - before, now)
    purposes.refunded(locked, now)
    if was != locked.state == Order.State.REFUNDED and locked.sent_at is None:
        stock.bring_back(locked)
        standing.note_unmade(locked)
    tell_agent(locked, "order_update", now)
    write_to_buyer(locked, OrderLetter.Kind.BACK, now)
    return locked


@transaction.atomic
def record_dispute(*, order: Order, found: DisputeState, now: datetime) -> Dispute | None:
    """Bring a dispute to what the provider says: opened it freezes the order, lost it goes the way of a
    refund, won it changes nothing more. OPEN -> WON or LOST, each once, in whatever order the news come."""
    locked = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if locked.state not in PAID:
        return None
    dispute, is_new = Dispute.objects.get_or_create(
        dispute_id=found.dispute_id,
        defaults={"order": locked, "amount": found.money.amount, "reason": found.reason, "opened_at": now},
    )
    currency, amount = locked.currency, dispute.amount
    if is_new:
        _post(f"dispute:{dispute.dispute_id}", {PROVIDER: amount, DISPUTED: -amount}, currency, now)
    if found.state != "open" and dispute.state == Dispute.State.OPEN:
        dispute.state, dispute.closed_at = found.state, now
        dispute.save(update_fields=["state", "closed_at"])
        if found.state == "won":
            _post(f"dispute-won:{dispute.dispute_id}", {PROVIDER: -amount, DISPUTED: amount}, currency, now)
        else:
            locked.lost += amount
            _give_back(locked, DISPUTED, f"dispute-lost:{dispute.dispute_id}", amount, now)
            purposes.refunded(locked, now)
    locked.is_frozen = locked.disputes.filter(state=Dispute.State.OPEN).exists()
    locked.save(update_fields=["is_frozen"])
    if is_new and found.state != "won":
        _warn(locked, dispute, now)
    return dispute


def catch_up(*, order: Order, payment: Payment, now: datetime) -> None:
    """Everything that the provider knows of a payment, applied to its order. Again, it changes nothing.

    A payment that the order could not take and that went back whole leaves nothing to do."""
    if payment.is_paid and not _has_gone_back(payment, order):
        mark_paid(order=order, payment=payment, now=now)
        standing.note_card(order, payment.card)
        record_refund(order=order, total=Money(payment.refunded, payment.total.currency), now=now)
        for dispute in payment.disputes:
            record_dispute(order=order, found=dispute, now=now)


def _has_gone_back(payment: Payment, order: Order) -> bool:
    now_is = Order.objects.get(pk=order.pk)
    is_stray = now_is.state == Order.State.EXPIRED or _is_another(payment, now_is)
    return is_stray and payment.refunded >= payment.total.amount


def _is_another(payment: Payment, order: Order) -> bool:
    """Whether this is not the payment that the order was paid by."""
    known, given = order.payment_intent_id, payment.payment_intent_id
    return order.state in PAID and bool(known and given) and known != given


def left_of(order: Order) -> int:
    """What of the payment has not gone back, by refunds or by banks."""
    return max(0, order.total - order.refunded - order.lost)


def paid_for(line: OrderLine) -> Money:
    return Money(line.unit_price * line.quantity - line.discount, line.order.currency)


def tell_agent(order: Order, kind: str, now: datetime) -> None:
    """Leave news for the agent that placed the order, in the transaction that made them."""
    if order.channel in {"acp", "ucp"}:
        OrderWebhook.objects.create(order=order, kind=kind, due_at=now, created_at=now)


def write_to_buyer(order: Order, kind: OrderLetter.Kind, now: datetime) -> None:
    """Leave a letter for whoever ordered, in the transaction that made the news (`letters` sends it)."""
    if order.email:
        OrderLetter.objects.create(order=order, kind=kind, due_at=now, created_at=now)


def _give_back(order: Order, source: str, reference: str, amount: int, now: datetime) -> None:
    """Every share gives back its part of `amount` more that went back by `source`; what goes beyond the
    payment (a refund, and the bank took it back as well) is the host's loss."""
    back = min(order.total, order.refunded + order.lost)
    order.state = Order.State.REFUNDED if back == order.total else Order.State.PAID
    order.save(update_fields=["refunded", "lost", "state"])
    lines = list(order.lines.order_by("pk"))
    left, taken = back, 0
    for line in lines:
        line.order = order
        part = min(left, paid_for(line).amount)
        left -= part
        shares = _taken_more(line, Money(part, order.currency))
        taken += sum(share.money.amount for share in shares)
        negative = [_negative(share) for share in shares]
        _write(line, negative, f"{reference}:{line.pk}", now, source)
    if amount > taken:
        _post(f"{reference}:loss", {source: amount - taken, LOSS: taken - amount}, order.currency, now)


def _taken_more(line: OrderLine, back: Money) -> list[Share]:
    """What each share gives back of the line now that `back` in all went back."""
    taken = {(share.role, share.recipient_id): share.money.amount for share in _taken(line)}
    return [
        Share(
            share.role,
            share.recipient_id,
            Money(share.money.amount - taken.get((share.role, share.recipient_id), 0), back.currency),
        )
        for share in _shares(line, back)
    ]


def _shares(line: OrderLine, paid: Money) -> list[Share]:
    """Who gets what of `paid`. Added tax is set apart; without a shop, the remainder is the host's."""
    if line.kind == "tax":
        return [Share(Role.TAX, None, paid)]
    shares = split(paid, line_rates(line))
    if line.order.merchant is not None:
        return shares
    rest = [share for share in shares if share.role not in {Role.MERCHANT, Role.PLATFORM}]
    left = paid.amount - sum(share.money.amount for share in rest)
    return [Share(Role.PLATFORM, None, Money(left, paid.currency)), *rest]


def _post(reference: str, postings: dict[str, int], currency: str, now: datetime) -> None:
    if any(postings.values()):
        books.post(
            reference=reference,
            kind=reference.partition(":")[0],
            at=now,
            postings={(account, currency): amount for account, amount in postings.items()},
        )


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
    return None if row.role in {Role.MERCHANT, Role.PLATFORM, Role.TAX} else row.recipient_id


def _negative(share: Share) -> Share:
    return Share(share.role, share.recipient_id, Money(-share.money.amount, share.money.currency))


def account_of(order: Order, role: str, who: int | None) -> str:
    """Where a share of this order stands in the books: `pending` until it can be paid out."""
    stage = "available" if order.available_at else "pending"
    return f"shop:{stage}:{role}:{who or 'host'}"


def _write(
    line: OrderLine, shares: list[Share], reference: str, now: datetime, source: str = PROVIDER
) -> None:
    shares = [share for share in shares if share.money.amount]
    if not shares:
        return
    kind = reference.partition(":")[0]
    merchant_id = line.order.merchant.owner_id if line.order.merchant else None
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
                is_refund=kind != "sale",
                at=now,
            )
        )
        account = (account_of(line.order, share.role, who), currency)
        postings[account] = postings.get(account, 0) + share.money.amount
    Split.objects.bulk_create(rows)
    # A cent may move from one share to another while their sum stays: then the provider's side is zero.
    postings[(source, currency)] = -sum(postings.values())
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


def _warn(order: Order, dispute: Dispute, now: datetime) -> None:
    """The shop hears of a dispute at once: it has days to answer."""
    if order.merchant is not None:
        notifications.notify(
            recipient=order.merchant.owner,
            kind="dispute",
            data={"amount": dispute.amount, "currency": order.currency},
            url=f"/orders/{order.public_id}",
            now=now,
        )
