"""Creators' codes, red packets, flash prices, plans for all creators, and the way out to a shop's site."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from accounts.models import Notification, User
from cameos.models import Cameo, LikenessGrant, LikenessUse, PriceCard
from commerce import actions, linking
from commerce.actions import promotions
from commerce.actions.checkout import Buyer
from commerce.attribution import Rule
from commerce.gateways.stripe import StripeGateway
from commerce.models import Agreement, Merchant, Order, PriceSeen, ProductTag, TagTouch, Variant
from commerce.money import Money
from commerce.refusals import (
    BadCoupon,
    BadFlash,
    BadPacket,
    BadRates,
    LinksOut,
    NotForCommerce,
    NotYourAgreement,
    PacketGone,
    PlanClosed,
)
from feed.models import Post
from generation.models import Clip
from tests.commerce.conftest import PRICE, pay, shares
from tests.conftest import NOW

DAY = timedelta(days=1)


def buys(mug: Variant, code: str = "", account: User | None = None, tag: ProductTag | None = None) -> Order:
    buyer = Buyer(visitor="v" * 43, account=account, email="carol@example.test")
    mug.refresh_from_db()
    seen = Money(mug.price, mug.currency)
    return actions.start_checkout(
        buyer=buyer, variant=mug, quantity=1, seen=seen, tag=tag, now=NOW, code=code
    )


def paid(order: Order, gateway: StripeGateway) -> Order:
    pay(order, gateway)
    return actions.sync(order=order, now=NOW, gateway=gateway)


def code_of(mug: Variant, creator: User, rate_bp: int = 1000) -> None:
    coupon = actions.add_coupon(
        merchant=mug.product.merchant, code="BOB", percent=10, uses_left=None, until=None, now=NOW
    )
    promotions.creator_code(coupon=coupon, creator=creator, rate_bp=rate_bp, now=NOW)


def test_a_creators_code_earns_where_no_clip_did(mug: Variant, bob: User, gateway: StripeGateway) -> None:
    code_of(mug, bob)
    order = paid(buys(mug, "bob"), gateway)
    assert order.total == 1125
    assert order.lines.get().attribution_rule == Rule.CODE
    assert shares(order) == {"creator": 112, "platform": 56, "merchant": 957}
    assert Notification.objects.filter(recipient=bob, kind="code_yours").exists()


def test_a_clip_goes_before_a_code(
    mug: Variant, bob: User, carol: User, tag: ProductTag, gateway: StripeGateway
) -> None:
    code_of(mug, carol, 2000)
    line = buys(mug, "BOB", tag=tag).lines.get()
    assert line.attribution_rule == Rule.SHEET and line.rates["creator"] == bob.pk


def test_a_code_leaves_something_over(mug: Variant, bob: User) -> None:
    for rate in (0, 9600, 1001):
        with pytest.raises(BadRates):
            code_of(mug, bob, rate)


def packet(merchant: Merchant, count: int = 2, **more: Any) -> Any:
    given = {"title": "Two", "money": Money(200, "EUR"), "least": 0, "until": NOW + DAY, "now": NOW} | more
    return promotions.give_packets(merchant=merchant, count=count, **given)


def test_red_packets_are_fixed_sums_first_come_first_served(
    merchant: Merchant, mug: Variant, alice: User, bob: User, carol: User
) -> None:
    given = packet(merchant)
    code = promotions.take_packet(packet=given, person=alice, now=NOW)
    assert promotions.take_packet(packet=given, person=alice, now=NOW) == code
    promotions.take_packet(packet=given, person=bob, now=NOW)
    with pytest.raises(PacketGone):
        promotions.take_packet(packet=given, person=carol, now=NOW)
    assert buys(mug, code.code, alice).total == 1050
    with pytest.raises(BadCoupon):  # used
        buys(mug, code.code, alice)


def test_a_red_packet_is_ones_own(merchant: Merchant, mug: Variant, alice: User, carol: User) -> None:
    code = promotions.take_packet(packet=packet(merchant), person=alice, now=NOW)
    for account in (carol, None):
        with pytest.raises(BadCoupon):
            buys(mug, code.code, account)
    with pytest.raises(PacketGone):
        promotions.take_packet(packet=packet(merchant), person=carol, now=NOW + 2 * DAY)


@pytest.mark.parametrize(
    "wrong",
    [{"count": 0}, {"count": 10_001}, {"money": Money(0, "EUR")}, {"until": NOW}, {"until": NOW + 31 * DAY}],
)
def test_a_bad_red_packet_is_refused(merchant: Merchant, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadPacket):
        packet(merchant, **wrong)


def flash(mug: Variant, price: int, begins: Any = NOW, ends: Any = NOW + DAY) -> Any:
    return promotions.set_flash(variant=mug, price=price, begins_at=begins, ends_at=ends, now=NOW)


def test_a_flash_price_names_the_lowest_of_thirty_days(mug: Variant) -> None:
    for price, days in ((900, 40), (1100, 20), (1250, 5)):
        PriceSeen.objects.create(variant=mug, price=price, since=NOW - days * DAY)
    # 900 was in force until 20 days ago: it lies within the thirty.
    with pytest.raises(BadFlash):
        flash(mug, 950)
    made = flash(mug, 800)
    assert made.reference == 900
    mug.refresh_from_db()
    assert mug.price == 800
    promotions.run_flash(now=NOW + DAY)
    mug.refresh_from_db()
    assert mug.price == 1250


def test_a_flash_price_begins_and_ends_by_the_clock(mug: Variant) -> None:
    made = flash(mug, 1000, NOW + DAY, NOW + 2 * DAY)
    mug.refresh_from_db()
    assert mug.price == 1250
    promotions.run_flash(now=NOW + DAY)
    promotions.run_flash(now=NOW + DAY)
    mug.refresh_from_db()
    assert mug.price == 1000
    Variant.objects.filter(pk=mug.pk).update(price=1400)  # the shop's file names another price meanwhile
    promotions.run_flash(now=NOW + 2 * DAY)
    mug.refresh_from_db()
    made.refresh_from_db()
    assert mug.price == 1400 and made.is_over


def test_flash_prices_do_not_overlap_or_last_forever(mug: Variant) -> None:
    flash(mug, 1000)
    with pytest.raises(BadFlash):
        flash(mug, 900)
    for ends in (NOW + timedelta(minutes=30), NOW + 8 * DAY):
        with pytest.raises(BadFlash):
            flash(mug, 900, NOW + 3 * DAY, NOW + 3 * DAY + (ends - NOW))


def test_prices_are_noted_once(mug: Variant) -> None:
    assert promotions.note_prices(now=NOW) == 1
    assert promotions.note_prices(now=NOW) == 0
    Variant.objects.filter(pk=mug.pk).update(price=1)
    assert promotions.note_prices(now=NOW) == 1


# Plans for all creators


@pytest.fixture
def offered(mug: Variant) -> Any:
    return promotions.add_plan(
        merchant=mug.product.merchant,
        title="All",
        creator_rate_bp=1500,
        owner_rate_bp=500,
        days=30,
        products=[mug.product],
        now=NOW,
    )


def pins(offered: Any, mug: Variant, post: Post, creator: User) -> ProductTag:
    place = actions.Place(0, 5000, 0.5, 0.5)
    return actions.pin_by_plan(
        plan=offered, product=mug.product, post=post, place=place, creator=creator, now=NOW
    )


def test_a_creator_pins_without_asking_and_the_rates_stay(
    offered: Any, mug: Variant, tag: ProductTag, bob: User, gateway: StripeGateway
) -> None:
    made = pins(offered, mug, tag.post, bob)
    assert made.agreement.state == Agreement.State.AGREED and made.agreement.until == NOW + 30 * DAY
    assert len(made.agreement.terms_sha256) == 64
    promotions.close_plan(plan=offered, now=NOW)
    order = paid(buys(mug, tag=made), gateway)
    assert shares(order)["creator"] == 187
    with pytest.raises(PlanClosed):
        pins(offered, mug, tag.post, bob)


def test_a_plan_is_for_own_clips_of_others(
    offered: Any, mug: Variant, tag: ProductTag, carol: User, shop: User
) -> None:
    for who in (carol, shop):
        with pytest.raises(NotYourAgreement):
            pins(offered, mug, tag.post, who)


def depicted(post: Post, alice: User, share_bp: int, purposes: list[str]) -> Cameo:
    cameo = Cameo.objects.create(owner=alice, state=Cameo.State.VERIFIED, verified_at=NOW, created_at=NOW)
    LikenessGrant.objects.create(
        cameo=cameo,
        version=1,
        audience="everyone",
        purposes=purposes,
        commercial=True,
        created_at=NOW,
        effective_at=NOW - DAY,
    )
    Clip.objects.filter(pk=post.clip_id).update(cast_count=1)
    LikenessUse.objects.create(
        clip=post.clip, cameo=cameo, state="live", approval="not_needed", created_at=NOW
    )
    if share_bp:
        PriceCard.objects.create(
            cameo=cameo,
            fee=0,
            currency="EUR",
            share_bp=share_bp,
            friends_free=False,
            created_at=NOW - DAY,
            effective_at=NOW - DAY,
        )
    return cameo


def test_who_is_in_the_clip_gets_the_share_of_their_price_card(
    offered: Any, mug: Variant, tag: ProductTag, alice: User, bob: User, gateway: StripeGateway
) -> None:
    cameo = depicted(tag.post, alice, 2000, ["generate", "advertise"])
    made = pins(offered, mug, tag.post, bob)
    assert made.agreement.owner_shares == [[alice.pk, 2000]]
    PriceCard.objects.create(  # dearer later: what was agreed stays
        cameo=cameo,
        fee=0,
        currency="EUR",
        share_bp=5000,
        friends_free=False,
        created_at=NOW,
        effective_at=NOW,
    )
    order = paid(buys(mug, tag=made), gateway)
    assert shares(order) == {"owner": 250, "creator": 187, "platform": 62, "merchant": 751}
    actions.refund(order=order, money=PRICE, now=NOW, gateway=gateway)
    assert set(shares(order).values()) == {0}


def test_without_a_price_card_the_agreed_share_counts(
    offered: Any, mug: Variant, tag: ProductTag, alice: User, bob: User
) -> None:
    depicted(tag.post, alice, 0, ["generate", "advertise"])
    line = buys(mug, tag=pins(offered, mug, tag.post, bob)).lines.get()
    assert line.rates["owners"] == [alice.pk] and line.rates["owner_bps"] == []


def test_a_share_that_leaves_nothing_is_refused(
    offered: Any, mug: Variant, tag: ProductTag, alice: User, bob: User
) -> None:
    depicted(tag.post, alice, 8000, ["generate", "advertise"])
    with pytest.raises(BadRates):
        pins(offered, mug, tag.post, bob)


def test_who_does_not_permit_advertising_is_not_pinned(
    offered: Any, mug: Variant, tag: ProductTag, alice: User, bob: User
) -> None:
    depicted(tag.post, alice, 0, ["generate"])
    with pytest.raises(NotForCommerce):
        pins(offered, mug, tag.post, bob)


# The way out


def test_the_way_out_keeps_the_tap(mug: Variant, tag: ProductTag) -> None:
    client = Client()
    assert client.get(f"/tags/{tag.public_id}/out").status_code == 404
    actions.set_link(
        merchant=mug.product.merchant, links_out=True, site="https://shop.example/p/{handle}?a=1&us_touch=x"
    )
    answer = client.get(f"/tags/{tag.public_id}/out")
    touch = TagTouch.objects.get()
    asked = parse_qs(urlsplit(answer["Location"]).query)
    assert answer.status_code == 302 and answer["Location"].startswith("https://shop.example/p/mug?")
    assert asked["us_touch"] == [str(touch.public_id)] and asked["a"] == ["1"] and touch.led_out
    with pytest.raises(LinksOut):
        buys(mug)


def test_only_web_addresses_lead_out(mug: Variant) -> None:
    merchant = mug.product.merchant
    merchant.links_out = True
    assert linking.address_of(mug.product) is None
    mug.product.page_url = "https://shop.example/mug"
    assert linking.address_of(mug.product) == "https://shop.example/mug"


# Digital goods


def test_digital_goods_are_downloaded_by_who_paid_and_need_no_shelf(
    mug: Variant, client: Client, gateway: StripeGateway
) -> None:
    body = ContentFile(b"the song")
    actions.set_file(product=mug.product, stream=body, size=8, name='C:\\x\\so"ng.mp3')
    mug.refresh_from_db()
    mug.product.refresh_from_db()
    assert mug.stock is None and not mug.product.needs_shipping and mug.product.digital_name == "song.mp3"
    order = buys(mug)
    address = f"/orders/{order.public_id}/file/{order.lines.get().pk}"
    client.cookies["visitor"] = "v" * 43
    assert client.get(address).status_code == 404  # not paid
    paid(order, gateway)
    answer = client.get(address)
    assert answer.getvalue() == b"the song" and 'filename="song.mp3"' in answer["Content-Disposition"]
    assert Client().get(address).status_code == 404
    order.refresh_from_db()
    actions.refund(order=order, money=PRICE, now=NOW, gateway=gateway)
    assert client.get(address).status_code == 404
