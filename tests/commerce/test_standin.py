"""The real SDK against the stand-in: it remembers, refuses, signs, and can misbehave on purpose."""

from datetime import UTC, datetime, timedelta

import pytest

from commerce.gateways.base import BadSignature, Checkout, CheckoutLine, GatewayError
from commerce.gateways.standin import StandIn, refuse_in_production
from commerce.gateways.standin.app import StandInRefused
from commerce.gateways.standin.deliver import deliver_due, signature
from commerce.gateways.standin.form import BadForm, parse
from commerce.gateways.stripe import StripeGateway
from commerce.money import Money
from tests.commerce.conftest import SECRET, browse


def open_checkout(gateway: StripeGateway, key: str = "order-1", amount: int = 1200) -> Checkout:
    return gateway.open_checkout(
        lines=[CheckoutLine("Stage mug <b>", Money(amount, "EUR"), 2)],
        order_reference="order-1",
        success_url="http://shop.test/paid?session={CHECKOUT_SESSION_ID}",
        cancel_url="http://shop.test/back",
        email="",
        expires_at=datetime.now(UTC) + timedelta(minutes=31),
        key=key,
    )


def pay(checkout: Checkout, card: str = "4242 4242 4242 4242", **more: str) -> tuple[int, str, str]:
    assert checkout.url
    return browse(checkout.url, card=card, email="carol@example.test", **more)


def test_a_buyer_pays_on_the_hosted_page(gateway: StripeGateway) -> None:
    checkout = open_checkout(gateway)
    assert checkout.url and "Stage mug &lt;b&gt;" in browse(checkout.url)[2]
    status, location, _ = pay(checkout)
    assert (status, location) == (303, f"http://shop.test/paid?session={checkout.session_id}")
    after = gateway.checkout(checkout.session_id)
    assert after.is_paid and not after.is_open
    assert (after.total, after.email) == (Money(2400, "EUR"), "carol@example.test")


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        ("4000 0000 0000 0002", "declined"),
        ("4000 0000 0000 9995", "enough"),
        ("1234", "not one of the numbers"),
    ],
)
def test_a_refused_card_leaves_the_page_open(gateway: StripeGateway, card: str, sentence: str) -> None:
    checkout = open_checkout(gateway)
    status, _, page = pay(checkout, card)
    assert status == 200 and sentence in page
    assert gateway.checkout(checkout.session_id).is_open


def test_a_bank_that_asks_is_answered_or_not(gateway: StripeGateway) -> None:
    checkout = open_checkout(gateway)
    assert "do you approve" in pay(checkout, "4000002500003155")[2]
    assert "not approved" in pay(checkout, "4000002500003155", confirmed="no")[2]
    assert not gateway.checkout(checkout.session_id).is_paid
    assert pay(checkout, "4000002500003155", confirmed="yes")[0] == 303


def test_paying_twice_charges_once(gateway: StripeGateway, standin: StandIn) -> None:
    checkout = open_checkout(gateway)
    pay(checkout)
    assert pay(checkout)[0] == 303
    with standin.store.transaction() as session:
        assert len(session.all("charge")) == 1


def test_the_same_key_gives_the_same_checkout_and_another_body_is_refused(gateway: StripeGateway) -> None:
    # `expires_at` is part of the body: the second call must not fall into another second.
    first = open_checkout(gateway)
    with pytest.raises(GatewayError, match="same parameters") as refusal:
        open_checkout(gateway, amount=1300)
    assert not refusal.value.retryable
    assert gateway.checkout(first.session_id).is_open


def test_an_expired_page_takes_no_money(gateway: StripeGateway) -> None:
    checkout = open_checkout(gateway)
    gateway.close_checkout(checkout.session_id)
    assert pay(checkout)[0] == 404
    assert not gateway.checkout(checkout.session_id).is_paid


def test_refunds_add_up_to_what_was_paid_and_no_further(gateway: StripeGateway) -> None:
    checkout = open_checkout(gateway)
    pay(checkout)
    intent = gateway.checkout(checkout.session_id).payment_intent_id
    gateway.refund(payment_intent_id=intent, money=Money(1000, "EUR"), key="r1")
    gateway.refund(payment_intent_id=intent, money=Money(1000, "EUR"), key="r1")
    assert gateway.refunded(intent) == Money(1000, "EUR")
    with pytest.raises(GatewayError, match="greater than"):
        gateway.refund(payment_intent_id=intent, money=Money(1401, "EUR"), key="r2")
    gateway.refund(payment_intent_id=intent, money=Money(1400, "EUR"), key="r3")
    with pytest.raises(GatewayError, match="already"):
        gateway.refund(payment_intent_id=intent, money=Money(1, "EUR"), key="r4")


def test_webhooks_are_signed_over_the_very_body(gateway: StripeGateway, standin: StandIn) -> None:
    pay(open_checkout(gateway))
    sent: list[tuple[bytes, str]] = []

    def take(url: str, payload: bytes, headers: dict[str, str]) -> int:
        sent.append((payload, headers["Stripe-Signature"]))
        return 200

    assert deliver_due(standin.store, url="", secret=SECRET, send=take) == 3
    assert deliver_due(standin.store, url="", secret=SECRET, send=take) == 0
    kinds = [gateway.event(payload, header).kind for payload, header in sent]
    assert kinds == ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]
    payload, header = sent[0]
    for forged in (payload + b" ", payload.replace(b"2400", b"9400")):
        with pytest.raises(BadSignature):
            gateway.event(forged, header)
    with pytest.raises(BadSignature):
        gateway.event(payload, signature(payload, SECRET, 1_000_000_000))
    with pytest.raises(BadSignature):
        gateway.event(payload, "")


def test_mischief_duplicates_drops_and_reorders_on_demand(gateway: StripeGateway, standin: StandIn) -> None:
    seen: list[str] = []

    def take(url: str, payload: bytes, headers: dict[str, str]) -> int:
        seen.append(gateway.event(payload, headers["Stripe-Signature"]).kind)
        return 200

    with standin.store.transaction() as session:
        session.set_mischief(duplicate=1, reorder=1)
    pay(open_checkout(gateway))
    deliver_due(standin.store, url="", secret=SECRET, send=take)
    assert len(seen) == 6 and seen[0] == "checkout.session.completed"
    with standin.store.transaction() as session:
        session.set_mischief(drop=1)
    pay(open_checkout(gateway, key="order-2"))
    assert deliver_due(standin.store, url="", secret=SECRET, send=take) == 0


def test_a_webhook_that_is_not_taken_is_sent_again_later(gateway: StripeGateway, standin: StandIn) -> None:
    pay(open_checkout(gateway))
    assert deliver_due(standin.store, url="", secret=SECRET, send=lambda *_: 503) == 0
    clock = standin.store.clock
    standin.store.clock = lambda: clock() + 5
    assert deliver_due(standin.store, url="", secret=SECRET, send=lambda *_: 200) == 3


def test_it_serves_nobody_who_did_not_ask_for_it() -> None:
    with pytest.raises(StandInRefused, match="named"):
        refuse_in_production(secret_key="", named=False)
    with pytest.raises(StandInRefused, match="real"):
        refuse_in_production(secret_key="sk_live_x", named=True)
    refuse_in_production(secret_key="sk_test_standin_1", named=True)


def test_a_wrong_key_is_refused(standin: StandIn) -> None:
    stranger = StripeGateway(secret_key="sk_test_other", webhook_secret=SECRET, api_base=standin.base_url)
    with pytest.raises(GatewayError, match="API Key"):
        stranger.checkout("cs_test_1")


def test_bracketed_forms_become_lists_and_groups() -> None:
    assert parse("a[0][b]=1&a[1][b]=2&c[d]=3") == {"a": [{"b": "1"}, {"b": "2"}], "c": {"d": "3"}}
    for bad in ("a[0=1", "a=1&a[b]=2"):
        with pytest.raises(BadForm):
            parse(bad)
