"""Episodes and B-roll that cost something: the price, the payment, the division, and the way back."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts import books
from accounts.models import User
from cameos.models import Cameo, LikenessGrant, LikenessUse, PriceCard
from commerce import actions, queries, unlocking
from commerce.gateways.stripe import StripeGateway
from commerce.models import Order, PostPrice
from commerce.money import Money
from commerce.refusals import (
    BadPostPrice,
    NotForCommerce,
    NothingToPayFor,
    NotYourEpisode,
    PriceChanged,
)
from feed import actions as feed_actions
from feed import broll, entitlements, series
from feed.models import Entitlement, Episode, Post, RemixShare, Series
from feed.refusals import BrollShowsPeople
from generation.models import Clip
from tests.commerce.conftest import pay, shares
from tests.conftest import NOW

TWO = Money(200, "EUR")
DAY = timedelta(days=1)


def published(maker: User) -> Post:
    clip = Clip.objects.create(
        maker=maker, engine="native", duration_ms=40_000, width=720, height=1280, sealed_at=NOW
    )
    return Post.objects.create(clip=clip, creator=maker, published_at=NOW)


@pytest.fixture
def episode(bob: User) -> Episode:
    made = Series.objects.create(creator=bob, title="Tightrope", created_at=NOW, locked_at=NOW)
    return Episode.objects.create(series=made, post=published(bob), number=1, title="The rope", added_at=NOW)


@pytest.fixture
def post(episode: Episode) -> Post:
    return episode.post


def cast(post: Post, owner: User, *, share_bp: int = 0, commercial: bool = True) -> Cameo:
    cameo = Cameo.objects.create(
        owner=owner, name=owner.name, state="verified", assurance="basic", verified_at=NOW, created_at=NOW
    )
    grant = LikenessGrant.objects.create(
        cameo=cameo, version=1, audience="everyone", purposes=["generate", "series"], commercial=commercial,
        created_at=NOW - DAY, effective_at=NOW - DAY,
    )  # fmt: skip
    if share_bp:
        PriceCard.objects.create(
            cameo=cameo,
            fee=0,
            currency="EUR",
            share_bp=share_bp,
            friends_free=True,
            created_at=NOW,
            effective_at=NOW,
        )
    Clip.objects.filter(pk=post.clip_id).update(cast_count=1)
    LikenessUse.objects.create(
        clip=post.clip, cameo=cameo, grant=grant, state="live", approval="not_needed", created_at=NOW
    )
    return cameo


def bought(buyer: User, post: Post, gateway: StripeGateway) -> Order:
    order = actions.unlock(buyer=buyer, post=post, seen=TWO, now=NOW)
    pay(order, gateway)
    return actions.sync(order=order, now=NOW, gateway=gateway)


def sees(person: User, post: Post) -> bool:
    return Post.objects.visible_to(person, NOW).filter(pk=post.pk).exists()


# --- Episodes ----------------------------------------------------------------------------------------------


def test_carol_pays_and_sees_and_everybody_gets_their_part(
    bob: User, carol: User, post: Post, gateway: StripeGateway, client: Client
) -> None:
    actions.price_episode(post=post, by=bob, money=TWO, now=NOW)
    assert not sees(carol, post)
    order = bought(carol, post, gateway)
    client.force_login(carol)
    assert f'href="/p/{post.public_id}"' in client.get(f"/orders/{order.public_id}").content.decode()
    assert sees(carol, post) and shares(order) == {"creator": 190, "platform": 10}
    actions.catch_up(order=order, payment=gateway.payment(order.payment_intent_id), now=NOW)
    assert Entitlement.objects.count() == 1
    with pytest.raises(NothingToPayFor):
        actions.unlock(buyer=carol, post=post, seen=TWO, now=NOW)
    assert series.episodes(carol, post.episode.series, NOW)[0].state == "open"


def test_people_and_parents_of_an_episode_get_their_parts(
    alice: User, bob: User, carol: User, shop: User, post: Post, gateway: StripeGateway
) -> None:
    cast(post, alice, share_bp=2000)
    RemixShare.objects.create(post=post, person=shop, share_bp=1000)
    actions.price_episode(post=post, by=bob, money=TWO, now=NOW)
    order = bought(carol, post, gateway)
    assert shares(order) == {"creator": 135, "parent": 15, "owner": 40, "platform": 10}


def test_a_refund_ends_it_and_takes_every_share_back(
    bob: User, carol: User, post: Post, gateway: StripeGateway
) -> None:
    actions.price_episode(post=post, by=bob, money=TWO, now=NOW)
    order = bought(carol, post, gateway)
    actions.refund(order=order, money=Money(50, "EUR"), now=NOW, gateway=gateway)
    assert sees(carol, post)  # part of the price back leaves it open
    order.refresh_from_db()
    actions.refund(order=order, money=Money(150, "EUR"), now=NOW, gateway=gateway)
    assert not sees(carol, post)
    assert set(shares(order).values()) == {0} and set(books.balances(prefix="shop:").values()) == {0}
    again = bought(carol, post, gateway)
    assert again.pk != order.pk and sees(carol, post)


@pytest.mark.parametrize("how", ["revoked", "taken down"])
def test_whoever_paid_for_what_goes_gets_all_of_it_back(
    alice: User, bob: User, carol: User, post: Post, gateway: StripeGateway, how: str
) -> None:
    from cameos import revocation

    cameo = cast(post, alice)
    actions.price_episode(post=post, by=bob, money=TWO, now=NOW)
    order = bought(carol, post, gateway)
    assert unlocking.owe_for_gone(NOW) == 0
    if how == "revoked":
        revocation.revoke(cameo=cameo, owner=alice, now=NOW)
    else:
        feed_actions.take_down(post=post, by=bob, now=NOW)
    assert not sees(carol, post)
    later = NOW + 13 * DAY
    assert unlocking.owe_for_gone(later) == 1 and unlocking.owe_for_gone(later) == 0
    assert actions.send_back(now=later, gateway=gateway) == 1
    order.refresh_from_db()
    assert (order.state, order.refunded) == (Order.State.REFUNDED, 200)
    assert set(books.balances(prefix="shop:").values()) == {0}


def test_after_two_weeks_it_was_seen(bob: User, carol: User, post: Post, gateway: StripeGateway) -> None:
    actions.price_episode(post=post, by=bob, money=TWO, now=NOW)
    bought(carol, post, gateway)
    feed_actions.take_down(post=post, by=bob, now=NOW)
    assert unlocking.owe_for_gone(NOW + 15 * DAY) == 0


def test_what_went_before_the_payment_came_is_paid_back(
    bob: User, carol: User, post: Post, gateway: StripeGateway
) -> None:
    actions.price_episode(post=post, by=bob, money=TWO, now=NOW)
    order = actions.unlock(buyer=carol, post=post, seen=TWO, now=NOW)
    feed_actions.take_down(post=post, by=bob, now=NOW)
    pay(order, gateway)
    order = actions.sync(order=order, now=NOW, gateway=gateway)
    assert order.refund_due == 200 and not Entitlement.objects.exists()


def test_asked_twice_there_is_one_order_and_a_new_price_is_refused(
    bob: User, carol: User, post: Post
) -> None:
    actions.price_episode(post=post, by=bob, money=TWO, now=NOW)
    first = actions.unlock(buyer=carol, post=post, seen=TWO, now=NOW)
    assert actions.unlock(buyer=carol, post=post, seen=TWO, now=NOW) == first
    actions.price_episode(post=post, by=bob, money=Money(300, "EUR"), now=NOW)
    with pytest.raises(PriceChanged):
        actions.unlock(buyer=carol, post=post, seen=TWO, now=NOW)
    actions.price_episode(post=post, by=bob, money=None, now=NOW)
    assert sees(carol, post) and not PostPrice.objects.exists()
    with pytest.raises(NothingToPayFor):
        actions.unlock(buyer=carol, post=post, seen=TWO, now=NOW)


@pytest.mark.parametrize(
    "money", [Money(49, "EUR"), Money(5001, "EUR"), Money(0, "EUR"), Money(200, "JPY"), Money(-200, "EUR")]
)
def test_a_price_has_bounds(bob: User, carol: User, post: Post, money: Money) -> None:
    with pytest.raises(BadPostPrice):
        actions.price_episode(post=post, by=bob, money=money, now=NOW)
    with pytest.raises(NotYourEpisode):
        actions.price_episode(post=post, by=carol, money=TWO, now=NOW)
    with pytest.raises(NotYourEpisode):
        actions.price_episode(post=published(bob), by=bob, money=TWO, now=NOW)
    assert not Post.objects.filter(is_paid=True).exists()


def test_nobody_is_sold_who_does_not_permit_it(alice: User, bob: User, post: Post) -> None:
    cast(post, alice, commercial=False)
    with pytest.raises(NotForCommerce):
        actions.price_episode(post=post, by=bob, money=TWO, now=NOW)
    post.refresh_from_db()
    assert not post.is_paid


def test_the_pages_of_a_paid_episode(bob: User, carol: User, post: Post, client: Client) -> None:
    client.force_login(bob)
    prices = f"/shop/clips/{post.public_id}"
    assert "To see this episode" in client.get(prices).content.decode()
    assert client.post(prices, {"do": "see", "see-amount": "much", "see-currency": "EUR"}).status_code == 422
    assert client.post(prices, {"do": "see", "see-amount": "99", "see-currency": "EUR"}).status_code == 422
    assert client.post(prices, {"do": "see", "see-amount": "2.00", "see-currency": "EUR"}).status_code == 302
    client.force_login(carol)
    page = client.get(f"/series/{post.episode.series.public_id}").content.decode()
    assert "Unlock for 2.00 EUR" in page and f"/unlock/{post.public_id}" in page
    page = client.get(f"/unlock/{post.public_id}").content.decode()
    assert "The rope" in page and "2.00 EUR" in page
    seen = {"seen_amount": "200", "seen_currency": "EUR"}
    assert client.post(f"/unlock/{post.public_id}", seen | {"seen_amount": "1"}).status_code == 409
    entitlements.grant(post=post, person=carol, reference="order:x", now=NOW)
    assert client.get(f"/unlock/{post.public_id}").status_code == 404
    assert client.get(post.get_absolute_url()).status_code == 200


# --- B-roll ------------------------------------------------------------------------------------------------


def test_carol_licenses_a_clip(bob: User, carol: User, gateway: StripeGateway) -> None:
    post = published(bob)
    actions.price_broll(post=post, by=bob, money=TWO, now=NOW)
    assert queries.prices_of("broll", [post.pk]) == {post.pk: "2.00 EUR"}
    order = actions.license_broll(buyer=carol, post=post, seen=TWO, now=NOW)
    assert order is not None
    pay(order, gateway)
    order = actions.sync(order=order, now=NOW, gateway=gateway)
    assert broll.holds(post, carol) and shares(order) == {"creator": 190, "platform": 10}
    with pytest.raises(NothingToPayFor):
        actions.license_broll(buyer=carol, post=post, seen=TWO, now=NOW)
    actions.refund(order=order, money=TWO, now=NOW, gateway=gateway)
    assert not broll.holds(post, carol)


def test_what_is_given_away_is_given_at_once(bob: User, carol: User) -> None:
    post, free = published(bob), Money(0, "EUR")
    actions.price_broll(post=post, by=bob, money=free, now=NOW)
    with pytest.raises(NothingToPayFor):
        actions.license_broll(buyer=bob, post=post, seen=free, now=NOW)
    assert actions.license_broll(buyer=carol, post=post, seen=free, now=NOW) is None
    assert broll.holds(post, carol) and not Order.objects.exists()
    actions.price_broll(post=post, by=bob, money=None, now=NOW)
    assert broll.holds(post, carol) and not Post.objects.filter(is_broll=True).exists()


def test_a_clip_with_somebody_is_not_offered(alice: User, bob: User, post: Post) -> None:
    cast(post, alice)
    post.refresh_from_db()
    with pytest.raises(BrollShowsPeople):
        actions.price_broll(post=Post.objects.get(pk=post.pk), by=bob, money=TWO, now=NOW)
    assert not PostPrice.objects.exists()


def test_the_pages_of_broll(bob: User, carol: User, client: Client) -> None:
    post = published(bob)
    client.force_login(bob)
    sent = {"do": "broll", "broll-amount": "0", "broll-currency": "EUR"}
    assert client.post(f"/shop/clips/{post.public_id}", sent).status_code == 302
    client.force_login(carol)
    assert f"/broll/{post.public_id}" in client.get("/broll").content.decode()
    answer = client.post(f"/broll/{post.public_id}", {"seen_amount": "0", "seen_currency": "EUR"})
    assert answer.url == f"/broll/{post.public_id}"
    assert "You have a licence for it." in client.get(answer.url).content.decode()
    told = client.post(
        f"/api/v1/posts/{post.public_id}/broll", {"amount": 0, "currency": "EUR"}, "application/json"
    )
    assert (told.status_code, told.json()["code"]) == (409, "nothing_to_pay_for")
