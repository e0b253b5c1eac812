"""Tips, licences and credits: paid as everything is paid, divided without a shop."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import books
from accounts.models import User
from cameos import licences
from cameos.models import Cameo, Licence, LikenessGrant, PriceCard
from cameos.signals import licence_refund_due
from commerce import actions, queries
from commerce.gateways.stripe import StripeGateway
from commerce.models import Order
from commerce.money import Money
from commerce.refusals import BadTip, NothingToPayFor
from feed.models import Post, RemixShare
from generation import credits
from generation.models import Clip
from tests.commerce.conftest import pay, shares
from tests.conftest import NOW

THREE = Money(300, "EUR")


def paid(order: Order, gateway: StripeGateway) -> Order:
    pay(order, gateway)
    return actions.sync(order=order, now=NOW, gateway=gateway)


def test_a_tip_is_the_creators_but_for_the_hosts_part(bob: User, carol: User, gateway: StripeGateway) -> None:
    order = paid(actions.tip(buyer=carol, creator=bob, money=THREE, is_hidden=False, now=NOW), gateway)
    assert shares(order) == {"creator": 285, "platform": 15}
    assert queries.supporters(bob, NOW) == [("Carol", THREE)]
    assert queries.supporters(bob, NOW + timedelta(days=31)) == []
    actions.mature(now=NOW + timedelta(days=15))
    assert books.balance(f"shop:available:creator:{bob.pk}", "EUR") == 285
    order.refresh_from_db()
    for cut in (1, 299):
        actions.refund(order=order, money=Money(cut, "EUR"), now=NOW, gateway=gateway)
        order.refresh_from_db()
    assert set(shares(order).values()) == {0} and set(books.balances(prefix="shop:").values()) == {0}


def test_who_asks_not_to_be_named_is_not(bob: User, carol: User, gateway: StripeGateway) -> None:
    paid(actions.tip(buyer=carol, creator=bob, money=THREE, is_hidden=True, now=NOW), gateway)
    assert queries.supporters(bob, NOW) == []


@pytest.mark.parametrize(
    "money", [Money(99, "EUR"), Money(50_001, "EUR"), Money(300, "JPY"), Money(-300, "EUR")]
)
def test_a_tip_has_a_least_and_a_most(bob: User, carol: User, money: Money) -> None:
    with pytest.raises(BadTip):
        actions.tip(buyer=carol, creator=bob, money=money, is_hidden=False, now=NOW)
    with pytest.raises(BadTip):
        actions.tip(buyer=bob, creator=bob, money=THREE, is_hidden=False, now=NOW)


def test_credits_arrive_once(carol: User, gateway: StripeGateway, settings: Any) -> None:
    settings.CREDIT_PACKS = ["100:500:EUR"]
    before = credits.balance(carol)
    order = paid(actions.buy_credits(buyer=carol, count=100, now=NOW), gateway)
    actions.catch_up(order=order, payment=gateway.payment(order.payment_intent_id), now=NOW)
    assert credits.balance(carol) == before + 100
    assert shares(order) == {"platform": 500}
    with pytest.raises(NothingToPayFor):
        actions.buy_credits(buyer=carol, count=7, now=NOW)


@pytest.fixture
def licence(alice: User, carol: User) -> Licence:
    cameo = Cameo.objects.create(
        owner=alice,
        name="Alice",
        state=Cameo.State.VERIFIED,
        assurance="basic",
        verified_at=NOW,
        created_at=NOW,
    )
    LikenessGrant.objects.create(
        cameo=cameo, version=1, audience="named", purposes=["generate"], created_at=NOW, effective_at=NOW
    )
    card = PriceCard.objects.create(cameo=cameo, fee=500, currency="EUR", created_at=NOW, effective_at=NOW)
    return Licence.objects.create(
        cameo=cameo,
        requester=carol,
        card=card,
        clip_count=2,
        fee=500,
        currency="EUR",
        share_bp=0,
        state=Licence.State.ACCEPTED,
        asked_at=NOW,
        decided_at=NOW,
    )


def test_a_paid_licence_begins_and_its_owner_earns(
    licence: Licence, carol: User, bob: User, gateway: StripeGateway
) -> None:
    with pytest.raises(NothingToPayFor):
        actions.pay_licence(licence=licence, buyer=bob, now=NOW)
    order = actions.pay_licence(licence=licence, buyer=carol, now=NOW)
    assert actions.pay_licence(licence=licence, buyer=carol, now=NOW) == order
    order = paid(order, gateway)
    licence.refresh_from_db()
    assert (licence.state, licence.paid, shares(order)) == ("active", 1000, {"owner": 950, "platform": 50})
    with pytest.raises(NothingToPayFor):
        actions.pay_licence(licence=licence, buyer=carol, now=NOW)


def test_the_requester_is_led_to_the_payment(
    licence: Licence, carol: User, bob: User, client: Client
) -> None:
    address = licences.pay_at(licence, carol)
    client.force_login(bob)
    assert client.get(address).status_code == 404
    client.force_login(carol)
    assert "10.00 EUR" in client.get(address).content.decode()
    assert address in client.get("/likeness/licences").content.decode()


def test_what_is_owed_back_of_a_licence_is_sent_once(
    licence: Licence, carol: User, gateway: StripeGateway
) -> None:
    order = paid(actions.pay_licence(licence=licence, buyer=carol, now=NOW), gateway)
    licence.refresh_from_db()
    licences.give_back(licence.pk)  # nothing was taken: nothing is owed
    licence_refund_due.send(
        sender=Licence, licence=licence, amount=500, reference=licence.payment_reference, reason="x", now=NOW
    )
    assert actions.send_back(now=NOW, gateway=gateway) == 1
    assert actions.send_back(now=NOW, gateway=gateway) == 0
    order.refresh_from_db()
    licence.refresh_from_db()
    assert (order.refunded, licence.back, licence.clip_count) == (500, 500, 1)
    assert shares(order) == {"owner": 475, "platform": 25}


def test_a_licence_that_was_revoked_while_it_was_paid_is_paid_back(
    licence: Licence, carol: User, gateway: StripeGateway
) -> None:
    order = actions.pay_licence(licence=licence, buyer=carol, now=NOW)
    Licence.objects.filter(pk=licence.pk).update(state=Licence.State.ENDED)
    order = paid(order, gateway)
    assert actions.send_back(now=NOW, gateway=gateway) == 1
    order.refresh_from_db()
    assert order.state == Order.State.REFUNDED and set(shares(order).values()) == {0}


def test_the_pages_of_tips_and_credits(bob: User, carol: User, client: Client, settings: Any) -> None:
    settings.CREDIT_PACKS = ["100:500:EUR"]
    client.force_login(carol)
    assert "A tip for Bob" in client.get("/tips/bob").content.decode()
    assert client.post("/tips/bob", {"amount": "much", "currency": "EUR"}).status_code == 422
    assert client.post("/tips/bob", {"amount": "3", "currency": "QQQ"}).status_code == 400
    assert "5.00 EUR" in client.get("/credits").content.decode()
    assert client.post("/credits", {"count": "-1"}).status_code == 409
    assert not Order.objects.exists()


def remix(carol: User, bob: User) -> Post:
    """A clip of Carol's that gives Bob a tenth of what it earns her."""
    clip = Clip.objects.create(
        maker=carol, engine="native", duration_ms=5000, width=720, height=1280, sealed_at=NOW
    )
    post = Post.objects.create(clip=clip, creator=carol, published_at=NOW)
    RemixShare.objects.create(post=post, person=bob, share_bp=1000)
    return post


def test_a_tip_for_a_remix_goes_on_to_its_parents(
    alice: User, bob: User, carol: User, gateway: StripeGateway
) -> None:
    post = remix(carol, bob)
    order = actions.tip(buyer=alice, creator=carol, money=THREE, is_hidden=False, post=post, now=NOW)
    order = paid(order, gateway)
    assert shares(order) == {"creator": 257, "parent": 28, "platform": 15}
    actions.mature(now=NOW + timedelta(days=15))
    assert books.balance(f"shop:available:parent:{bob.pk}", "EUR") == 28
    order.refresh_from_db()
    for cut in (1, 150, 149):
        actions.refund(order=order, money=Money(cut, "EUR"), now=NOW, gateway=gateway)
        order.refresh_from_db()
    assert set(shares(order).values()) == {0} and set(books.balances(prefix="shop:").values()) == {0}


def test_a_tip_is_not_for_somebody_elses_clip(alice: User, bob: User, carol: User) -> None:
    post = remix(carol, bob)
    with pytest.raises(BadTip):
        actions.tip(buyer=alice, creator=bob, money=THREE, is_hidden=False, post=post, now=NOW)


def test_the_tip_page_says_who_else_gets_of_it(alice: User, bob: User, carol: User, client: Client) -> None:
    post = remix(carol, bob)
    client.force_login(alice)
    assert "Bob 10 %" in client.get(f"/tips/carol?for={post.public_id}").content.decode()
    assert client.get(f"/tips/bob?for={post.public_id}").status_code == 404
    assert client.get("/tips/carol?for=nonsense").status_code == 404
