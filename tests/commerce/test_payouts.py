"""What was earned becomes payable, goes out, and comes back: shares, disputes, transfers, reconciliation."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from accounts import books
from accounts.models import Notification, User
from commerce import actions
from commerce.gateways.base import GatewayError
from commerce.gateways.standin import StandIn, api
from commerce.gateways.stripe import StripeGateway
from commerce.models import (
    Dispute,
    Order,
    Payee,
    ProductTag,
    ProviderEvent,
    Reconciliation,
    Transfer,
    Variant,
)
from commerce.money import Money
from commerce.refusals import RefundTooLarge
from commerce.webhooks import receive, run_again
from tests.commerce.conftest import browse, order, pay, shares, webhooks
from tests.conftest import NOW

DISPUTES_CARD = "4000000000000259"
LATER = NOW + timedelta(days=15)


def deliver(standin: StandIn, gateway: StripeGateway, now: datetime = NOW) -> None:
    for payload, signature in webhooks(standin):
        receive(payload=payload, signature=signature, now=now, gateway=gateway)


@pytest.fixture
def sold(mug: Variant, tag: ProductTag, gateway: StripeGateway, standin: StandIn) -> Order:
    """A mug of 12.50: the shop 10.63, Bob 1.25, the host 0.62."""
    placed = order(mug, tag=tag)
    pay(placed, gateway)
    deliver(standin, gateway)
    Order.objects.filter(pk=placed.pk).update(sent_at=NOW, arrived_at=NOW)
    placed.refresh_from_db()
    return placed


def payee(user: User, gateway: StripeGateway) -> Payee:
    url = actions.onboard(
        user=user, return_url="http://s.test/", refresh_url="http://s.test/", now=NOW, gateway=gateway
    )
    row = Payee.objects.get(user=user)
    assert not row.is_ready
    assert browse(url, done="1")[0] == 303
    return actions.check_payee(payee=row, now=NOW, gateway=gateway)


def held(standin: StandIn) -> int:
    """What the provider holds for the host, out of its own objects."""
    with standin.store.transaction() as session:
        charges = sum(row["amount"] - row["amount_refunded"] for row in session.all("charge"))
        moved = sum(row["amount"] - row["amount_reversed"] for row in session.all("transfer"))
        taken = sum(row["amount"] for row in session.all("dispute") if row["status"] != "won")
    return charges - moved - taken


def even(standin: StandIn) -> None:
    """Every transaction sums to nothing, and the books hold what the provider holds."""
    assert books.unbalanced() == []
    assert books.balance("shop:provider", "EUR") == -held(standin)


def test_shares_wait_until_the_return_window_is_over(sold: Order, gateway: StripeGateway, bob: User) -> None:
    assert actions.mature(now=NOW + timedelta(days=13)) == 0
    assert actions.mature(now=LATER) == 1
    assert actions.mature(now=LATER) == 0
    assert books.balance(f"shop:available:creator:{bob.pk}", "EUR") == 125
    assert books.balance(f"shop:pending:creator:{bob.pk}", "EUR") == 0


def test_nobody_is_paid_without_an_account_of_their_own(
    sold: Order, gateway: StripeGateway, standin: StandIn, bob: User
) -> None:
    actions.mature(now=LATER)
    assert actions.pay_out(now=LATER, gateway=gateway) == 0
    row = payee(bob, gateway)
    assert row.is_ready
    assert actions.pay_out(now=LATER, gateway=gateway) == 1
    assert actions.pay_out(now=LATER, gateway=gateway) == 0
    sent = Transfer.objects.get()
    assert (sent.amount, sent.state, sent.payee.user) == (125, "sent", bob)
    assert books.balance(f"shop:available:creator:{bob.pk}", "EUR") == 0
    assert Notification.objects.filter(recipient=bob, kind="payout").count() == 1
    even(standin)


def test_a_transfer_is_asked_for_again_under_its_own_key(
    sold: Order, gateway: StripeGateway, standin: StandIn, bob: User
) -> None:
    payee(bob, gateway)
    actions.mature(now=LATER)
    real = gateway.transfer

    def lost(**given):  # type: ignore[no-untyped-def]
        real(**given)
        raise GatewayError("the answer was lost", retryable=True)

    gateway.transfer = lost  # type: ignore[method-assign]
    assert actions.pay_out(now=LATER, gateway=gateway) == 0
    assert Transfer.objects.get().state == "waiting"
    gateway.transfer = real  # type: ignore[method-assign]
    assert actions.send_transfers(now=LATER, gateway=gateway) == 1
    with standin.store.transaction() as session:
        assert len(session.all("transfer")) == 1
    even(standin)


def test_a_transfer_refused_for_good_is_available_again(
    sold: Order, gateway: StripeGateway, standin: StandIn, bob: User
) -> None:
    payee(bob, gateway)
    actions.mature(now=LATER)

    def refused(**given):  # type: ignore[no-untyped-def]
        raise GatewayError("No such destination", retryable=False)

    real, gateway.transfer = gateway.transfer, refused  # type: ignore[method-assign]
    actions.pay_out(now=LATER, gateway=gateway)
    assert Transfer.objects.get().state == "failed"
    assert books.balance(f"shop:available:creator:{bob.pk}", "EUR") == 125
    gateway.transfer = real  # type: ignore[method-assign]
    assert actions.pay_out(now=LATER, gateway=gateway) == 1
    even(standin)


def test_a_refund_after_the_payout_reverses_the_transfer(
    sold: Order, gateway: StripeGateway, standin: StandIn, bob: User
) -> None:
    payee(bob, gateway)
    actions.mature(now=LATER)
    actions.pay_out(now=LATER, gateway=gateway)
    sold.refresh_from_db()
    actions.refund(order=sold, money=Money(1250, "EUR"), now=LATER, gateway=gateway)
    assert books.balance(f"shop:available:creator:{bob.pk}", "EUR") == -125
    assert actions.recover(now=LATER, gateway=gateway) == 1
    assert actions.recover(now=LATER, gateway=gateway) == 0
    assert Transfer.objects.get().reversed == 125
    assert set(books.balances(prefix="shop:").values()) == {0}
    even(standin)


def test_who_cannot_give_back_is_set_off_against_what_comes_next(
    sold: Order, mug: Variant, tag: ProductTag, gateway: StripeGateway, standin: StandIn, bob: User
) -> None:
    payee(bob, gateway)
    actions.mature(now=LATER)
    actions.pay_out(now=LATER, gateway=gateway)
    sold.refresh_from_db()
    actions.refund(order=sold, money=Money(1250, "EUR"), now=LATER, gateway=gateway)

    def short(*given, **more):  # type: ignore[no-untyped-def]
        raise GatewayError("Insufficient funds", retryable=False)

    gateway.reverse_transfer = short  # type: ignore[method-assign]
    assert actions.recover(now=LATER, gateway=gateway) == 0
    again = order(mug, quantity=2, tag=tag)
    pay(again, gateway)
    deliver(standin, gateway)
    Order.objects.filter(pk=again.pk).update(arrived_at=NOW)
    actions.mature(now=LATER)
    assert actions.pay_out(now=LATER, gateway=gateway) == 1
    assert Transfer.objects.order_by("pk").last().amount == 125  # of 250: the other half was owed
    assert books.balance(f"shop:available:creator:{bob.pk}", "EUR") == 0
    even(standin)


def disputed(
    mug: Variant, tag: ProductTag, gateway: StripeGateway, standin: StandIn
) -> tuple[Order, Dispute]:
    placed = order(mug, tag=tag)
    pay(placed, gateway, card=DISPUTES_CARD)
    deliver(standin, gateway)
    placed.refresh_from_db()
    return placed, Dispute.objects.get()


def decide(standin: StandIn, dispute: Dispute, *, is_won: bool) -> None:
    with standin.store.transaction() as session:
        row = session.get("dispute", dispute.dispute_id)
        assert row is not None
        api.decide_dispute(session, row, is_won=is_won)


def test_a_bank_that_only_asks_freezes_nothing(
    mug: Variant, gateway: StripeGateway, standin: StandIn, shop: User
) -> None:
    placed = order(mug)
    pay(placed, gateway)
    for status in ("warning_needs_response", "warning_under_review", "warning_closed"):
        with standin.store.transaction() as session:
            charge = session.all("charge")[0]
            row = next(iter(session.all("dispute")), None) or api.open_dispute(session, charge)
            session.put(row | {"status": status})
            session.emit("charge.dispute.closed", row)
        deliver(standin, gateway)
        placed.refresh_from_db()
        assert (placed.state, placed.is_frozen) == (Order.State.PAID, False)
    assert not Dispute.objects.exclude(state="won").exists() and books.unbalanced() == []
    assert books.balance("shop:disputed", "EUR") == 0 and books.balance("shop:provider", "EUR") == -1250
    assert not Notification.objects.filter(recipient=shop, kind="dispute").exists()


def test_a_bank_that_first_only_asked_freezes_the_order_once_it_disputes(
    mug: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    placed = order(mug)
    pay(placed, gateway)
    with standin.store.transaction() as session:
        row = api.open_dispute(session, session.all("charge")[0])
        session.put(row | {"status": "warning_needs_response"})
    deliver(standin, gateway)
    placed.refresh_from_db()
    assert not placed.is_frozen
    with standin.store.transaction() as session:
        session.put(row | {"status": "needs_response"})
        session.emit("charge.dispute.updated", row)
    deliver(standin, gateway)
    placed.refresh_from_db()
    assert placed.is_frozen


@pytest.mark.parametrize("is_won", [True, False])
def test_a_dispute_freezes_the_order_until_the_bank_decided(
    mug: Variant, tag: ProductTag, gateway: StripeGateway, standin: StandIn, is_won: bool, shop: User
) -> None:
    placed, dispute = disputed(mug, tag, gateway, standin)
    assert (placed.state, placed.is_frozen) == (Order.State.PAID, True)
    assert Notification.objects.filter(recipient=shop, kind="dispute").exists()
    Order.objects.filter(pk=placed.pk).update(arrived_at=NOW)
    assert actions.mature(now=LATER) == 0
    with pytest.raises(RefundTooLarge):
        actions.refund(order=placed, money=Money(100, "EUR"), now=NOW, gateway=gateway)
    even(standin)
    decide(standin, dispute, is_won=is_won)
    deliver(standin, gateway)
    placed.refresh_from_db()
    assert not placed.is_frozen
    assert placed.state == (Order.State.PAID if is_won else Order.State.REFUNDED)
    assert sum(shares(placed).values()) == (1250 if is_won else 0)
    even(standin)


def test_a_dispute_of_the_whole_after_a_partial_refund_costs_the_host_not_the_shares(
    sold: Order, gateway: StripeGateway, standin: StandIn
) -> None:
    actions.refund(order=sold, money=Money(500, "EUR"), now=NOW, gateway=gateway)
    with standin.store.transaction() as session:
        charge = session.get("charge", sold.charge_id)
        assert charge is not None
        row = api.open_dispute(session, charge)
        api.decide_dispute(session, row, is_won=False)
    deliver(standin, gateway)
    sold.refresh_from_db()
    assert (sold.state, sum(shares(sold).values())) == (Order.State.REFUNDED, 0)
    assert books.balance("shop:loss", "EUR") == -500
    even(standin)


@pytest.mark.parametrize("seed", range(6))
def test_news_lost_doubled_and_shuffled_end_even_after_the_night(
    mug: Variant, tag: ProductTag, gateway: StripeGateway, standin: StandIn, seed: int
) -> None:
    """Paid, refunded in part, disputed, decided; of the webhooks some are lost, some come twice."""
    chance = random.Random(seed)
    placed = order(mug, quantity=2, tag=tag)
    pay(placed, gateway)
    intent = gateway.checkout(placed.checkout_session_id).payment_intent_id
    gateway.refund(payment_intent_id=intent, money=Money(chance.randrange(1, 2500), "EUR"), key="r")
    if seed % 2:
        charge_id = gateway.payment(intent).charge_id
        with standin.store.transaction() as session:
            charge = session.get("charge", charge_id)
            assert charge is not None
            row = api.open_dispute(session, charge, charge["amount"] - charge["amount_refunded"])
            api.decide_dispute(session, row, is_won=chance.random() < 0.5)
    sent = [one for one in webhooks(standin) for _copy in range(chance.choice([0, 1, 1, 2]))]
    chance.shuffle(sent)
    for payload, signature in sent:
        receive(payload=payload, signature=signature, now=NOW, gateway=gateway)
    run = actions.reconcile(now=NOW, gateway=gateway)
    assert run.differences == []
    assert actions.reconcile(now=NOW, gateway=gateway).healed == 0
    even(standin)


def test_what_cannot_be_applied_is_listed_and_can_be_run_again(
    mug: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    placed = order(mug)
    pay(placed, gateway)
    Order.objects.filter(pk=placed.pk).update(total=9999)
    deliver(standin, gateway)
    poison = ProviderEvent.objects.exclude(error="").order_by("pk")
    assert poison.count() == 2
    assert actions.reconcile(now=NOW, gateway=gateway).differences[0]["what"] == "not applied"
    Order.objects.filter(pk=placed.pk).update(total=1250)
    kept = run_again(kept=poison[0], now=NOW, gateway=gateway)
    assert kept.handled_at == NOW and kept.error == ""
    placed.refresh_from_db()
    assert placed.state == Order.State.PAID
    run_again(kept=kept, now=LATER, gateway=gateway)
    even(standin)


def test_a_second_payment_of_an_order_is_kept_for_a_person_until_it_went_back(
    mug: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    placed = order(mug)
    pay(placed, gateway)
    deliver(standin, gateway)
    placed.refresh_from_db()
    first = gateway.payment(placed.payment_intent_id)
    second = replace(first, payment_intent_id="pi_another", charge_id="ch_another")
    actions.catch_up(order=placed, payment=first, now=NOW)
    with pytest.raises(ValueError, match="second payment"):
        actions.catch_up(order=placed, payment=second, now=NOW)
    actions.catch_up(order=placed, payment=replace(second, refunded=second.total.amount), now=NOW)
    placed.refresh_from_db()
    assert (placed.state, placed.refunded) == (Order.State.PAID, 0)


def test_a_payment_for_an_order_that_lapsed_is_kept_for_a_person(
    mug: Variant, gateway: StripeGateway, standin: StandIn
) -> None:
    placed = order(mug)
    pay(placed, gateway)
    Order.objects.filter(pk=placed.pk).update(state=Order.State.EXPIRED)
    deliver(standin, gateway)
    assert ProviderEvent.objects.filter(error__contains="lapsed").exists()
    assert Reconciliation.objects.count() == 0
    assert actions.reconcile(now=NOW, gateway=gateway).differences[0]["what"] == "not applied"
