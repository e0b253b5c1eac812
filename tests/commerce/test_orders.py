"""What an order costs, and what becomes of it: shipping, tax, codes, several things, sent, returned."""

from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as some

from accounts import books
from accounts.models import Notification, User
from commerce import actions, pricing, stock
from commerce.actions.checkout import Buyer
from commerce.gateways.standin import StandIn
from commerce.gateways.stripe import StripeGateway
from commerce.models import Coupon, Merchant, Order, Product, ProductTag, Variant
from commerce.money import Money
from commerce.pricing import Wanted, _spread, quote
from commerce.refusals import (
    BadCoupon,
    BadQuantity,
    BadShipping,
    MixedCart,
    NotReturnable,
    OutOfStock,
    PriceChanged,
    TooLateToCancel,
    TooManyTerms,
)
from commerce.webhooks import receive
from tests.commerce.conftest import pay, shares, webhooks
from tests.conftest import NOW

CAROL = Buyer(visitor="carols-browser", email="carol@example.test")


@pytest.fixture
def song(merchant: Merchant) -> Variant:
    product = Product.objects.create(
        merchant=merchant, handle="song", title="Song", needs_shipping=False, updated_at=NOW
    )
    return Variant.objects.create(product=product, sku="SONG", price=199, currency="EUR", stock=None)


def rate(merchant: Merchant, fee: int = 490, free_from: int | None = 5000, title: str = "Post") -> None:
    actions.add_rate(
        merchant=merchant, title=title, currency="EUR", fee=fee, free_from=free_from, days_low=2, days_high=4
    )


def coupon(merchant: Merchant, **terms: object) -> Coupon:
    return Coupon.objects.create(
        merchant=merchant, code="TEN", created_at=NOW, **{"percent_bp": 1000, **terms}
    )


def test_shipping_is_the_cheapest_way_and_free_from_a_sum(mug: Variant, merchant: Merchant) -> None:
    assert quote(wanted=[Wanted(mug, 1)], now=NOW).total == 1250
    rate(merchant, 990, None, "Express")
    rate(merchant)
    one = quote(wanted=[Wanted(mug, 1)], now=NOW)
    assert (one.shipping, one.total, [way.title for way in one.options]) == (490, 1740, ["Post", "Express"])
    assert quote(wanted=[Wanted(mug, 4)], now=NOW).shipping == 0
    express = quote(wanted=[Wanted(mug, 1)], option=one.options[1].option_id, now=NOW)
    assert express.total == 2240
    with pytest.raises(BadShipping):
        quote(wanted=[Wanted(mug, 1)], option="teleport", now=NOW)


def test_what_is_not_sent_needs_no_shipping(song: Variant, merchant: Merchant) -> None:
    rate(merchant)
    offer = quote(wanted=[Wanted(song, 1)], now=NOW)
    assert (offer.total, offer.chosen.option_id) == (199, "digital")


@pytest.mark.parametrize(
    ("mode", "tax", "total"), [("included", 200, 1250), ("added", 238, 1488), ("none", 0, 1250)]
)
def test_tax_is_in_the_price_or_on_top_by_the_hosts_mode(
    mug: Variant, merchant: Merchant, settings: pytest.FixtureRequest, mode: str, tax: int, total: int
) -> None:
    settings.TAX_MODE = mode  # type: ignore[attr-defined]
    actions.set_tax(merchant=merchant, tax_bp=1900)
    mug.refresh_from_db()
    offer = quote(wanted=[Wanted(Variant.objects.get(pk=mug.pk), 1)], now=NOW)
    assert (offer.tax, offer.total) == (tax, total)


def test_added_tax_and_shipping_are_shared_with_nobody(
    mug: Variant, merchant: Merchant, tag: ProductTag, gateway: StripeGateway, settings: pytest.FixtureRequest
) -> None:
    settings.TAX_MODE = "added"  # type: ignore[attr-defined]
    actions.set_tax(merchant=merchant, tax_bp=1000)
    rate(merchant)
    placed = actions.place_order(
        buyer=CAROL, wanted=[Wanted(Variant.objects.get(pk=mug.pk), 1, None, tag)], now=NOW
    )
    pay(placed, gateway)
    actions.sync(order=placed, now=NOW, gateway=gateway)
    assert placed.total == 1250 + 490 + 174
    assert shares(placed) == {"merchant": 1063 + 490, "creator": 125, "platform": 62, "tax": 174}
    for cut in (1000, 914):
        actions.refund(
            order=Order.objects.get(pk=placed.pk), money=Money(cut, "EUR"), now=NOW, gateway=gateway
        )
    assert set(shares(placed).values()) == {0}
    assert set(books.balances(prefix="shop:").values()) == {0}


def test_several_things_are_one_order_and_held_together(mug: Variant, song: Variant) -> None:
    placed = actions.place_order(buyer=CAROL, wanted=[Wanted(song, 2), Wanted(mug, 3)], now=NOW)
    assert (placed.total, stock.available(mug)) == (398 + 3750, 0)
    with pytest.raises(OutOfStock):
        actions.place_order(buyer=CAROL, wanted=[Wanted(song, 1), Wanted(mug, 1)], now=NOW)
    assert Order.objects.count() == 1


def test_one_order_is_from_one_shop_in_one_currency(mug: Variant, merchant: Merchant, carol: User) -> None:
    other = Merchant.objects.create(owner=carol, name="Other", slug="other", created_at=NOW)
    product = Product.objects.create(merchant=other, handle="x", title="X", updated_at=NOW)
    foreign = Variant.objects.create(product=product, sku="X", price=1, currency="EUR")
    dollars = Variant.objects.create(product=mug.product, sku="USD", price=1, currency="USD")
    for wrong in (foreign, dollars):
        with pytest.raises(MixedCart):
            quote(wanted=[Wanted(mug, 1), Wanted(wrong, 1)], now=NOW)
    with pytest.raises(BadQuantity):
        quote(wanted=[], now=NOW)


def test_a_total_that_changed_since_the_sheet_is_refused(mug: Variant, merchant: Merchant) -> None:
    given = {
        "buyer": CAROL,
        "variant": mug,
        "quantity": 1,
        "seen": Money(1250, "EUR"),
        "tag": None,
        "now": NOW,
    }
    assert actions.start_checkout(**given, seen_total=1250).total == 1250
    rate(merchant)
    with pytest.raises(PriceChanged):
        actions.start_checkout(**given, seen_total=1250)


def test_a_code_makes_it_cheaper_and_shares_are_of_what_was_paid(
    mug: Variant, merchant: Merchant, tag: ProductTag, gateway: StripeGateway
) -> None:
    coupon(merchant, uses_left=1)
    placed = actions.place_order(buyer=CAROL, wanted=[Wanted(mug, 2, None, tag)], code="ten", now=NOW)
    assert placed.total == 2250
    with pytest.raises(BadCoupon) as refusal:
        actions.place_order(buyer=CAROL, wanted=[Wanted(mug, 1)], code="TEN", now=NOW)
    assert refusal.value.code == "coupon_used_up"
    pay(placed, gateway)
    actions.sync(order=placed, now=NOW, gateway=gateway)
    assert sum(shares(placed).values()) == 2250 and shares(placed)["creator"] == 225


def test_a_code_of_an_order_that_was_not_paid_comes_back(mug: Variant, merchant: Merchant) -> None:
    made = coupon(merchant, uses_left=1)
    placed = actions.place_order(buyer=CAROL, wanted=[Wanted(mug, 1)], code="TEN", now=NOW)
    actions.cancel_order(order=placed, now=NOW)
    made.refresh_from_db()
    assert made.uses_left == 1


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"until": NOW}, "coupon_over"),
        ({"uses_left": 0}, "coupon_used_up"),
        ({"least": 5000}, "coupon_least"),
        ({"currency": "USD", "amount": 100}, "coupon_unknown"),
    ],
)
def test_a_code_that_does_not_count_is_refused_by_name(
    mug: Variant, merchant: Merchant, terms: dict[str, object], code: str
) -> None:
    coupon(merchant, **terms)
    with pytest.raises(BadCoupon) as refusal:
        quote(wanted=[Wanted(mug, 1)], code="TEN", now=NOW)
    assert refusal.value.code == code
    with pytest.raises(BadCoupon):
        quote(wanted=[Wanted(mug, 1)], code="NEVER", now=NOW)


@given(some.lists(some.integers(0, 10**9), min_size=1, max_size=8), some.integers(0, 10**9))
def test_a_cut_spread_over_lines_is_exact_and_makes_none_negative(base: list[int], cut: int) -> None:
    cut = min(cut, sum(base))
    parts = _spread(base, cut)
    assert sum(parts) == cut and all(0 <= part <= amount for part, amount in zip(parts, base, strict=True))


def test_a_shop_has_a_bounded_number_of_terms(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commerce.actions.merchants.MOST_TERMS", 1)
    rate(merchant)
    with pytest.raises(TooManyTerms):
        rate(merchant)
    actions.remove_term(merchant=merchant, what="rate-remove", pk="nonsense")
    actions.remove_term(merchant=merchant, what="rate-remove", pk=str(merchant.shipping_rates.get().pk))
    assert not merchant.shipping_rates.exists() and pricing.quote is quote


@pytest.fixture
def paid(mug: Variant, gateway: StripeGateway, standin: StandIn, carol: User) -> Order:
    buyer = Buyer(visitor="x", account=carol, email=carol.email)
    placed = actions.place_order(buyer=buyer, wanted=[Wanted(mug, 1)], now=NOW)
    pay(placed, gateway)
    for payload, signature in webhooks(standin):
        receive(payload=payload, signature=signature, now=NOW, gateway=gateway)
    placed.refresh_from_db()
    return placed


def test_an_order_that_was_not_sent_is_called_off_with_everything_back(
    paid: Order, gateway: StripeGateway
) -> None:
    assert actions.call_off(order=paid, now=NOW, gateway=gateway).state == Order.State.REFUNDED
    with pytest.raises(TooLateToCancel):
        actions.call_off(order=Order.objects.get(), now=NOW, gateway=gateway)


def test_what_was_called_off_before_it_was_sent_stands_on_the_shelf_again_once(
    paid: Order, mug: Variant, gateway: StripeGateway
) -> None:
    mug.refresh_from_db()
    assert mug.stock == 2
    part = Money(200, paid.currency)
    paid = actions.refund(order=paid, money=part, now=NOW, gateway=gateway)
    mug.refresh_from_db()
    assert mug.stock == 2
    actions.call_off(order=paid, now=NOW, gateway=gateway)
    actions.record_refund(order=paid, total=Money(paid.total, paid.currency), now=NOW)
    mug.refresh_from_db()
    assert mug.stock == stock.available(mug) == 3


@pytest.mark.parametrize(("counted", "left"), [(True, 2), (False, None)])
def test_what_was_sent_or_is_not_counted_comes_to_no_shelf(
    paid: Order, mug: Variant, gateway: StripeGateway, counted: bool, left: int | None
) -> None:
    if counted:
        actions.send(order=paid, carrier="Post", tracking="1", now=NOW)
        paid.refresh_from_db()
    else:
        actions.set_stock(variant=mug, stock=None)
    actions.refund(order=paid, money=Money(paid.total, paid.currency), now=NOW, gateway=gateway)
    mug.refresh_from_db()
    assert mug.stock == left


def test_a_sent_order_is_returned_not_called_off(paid: Order, carol: User, shop: User) -> None:
    with pytest.raises(NotReturnable):
        actions.ask_return(order=paid, words="", now=NOW)
    actions.send(order=paid, carrier="Post", tracking="1", now=NOW)
    assert Notification.objects.filter(recipient=carol, kind="order_sent").count() == 1
    with pytest.raises(TooLateToCancel):
        actions.call_off(order=Order.objects.get(), now=NOW)
    actions.arrived(order=paid, now=NOW)
    with pytest.raises(NotReturnable):
        actions.ask_return(order=paid, words="", now=NOW + timedelta(days=15))
    actions.ask_return(order=paid, words="Too small", now=NOW + timedelta(days=13))
    assert Notification.objects.filter(recipient=shop, kind="return_asked").count() == 1
    with pytest.raises(NotReturnable):
        actions.ask_return(order=paid, words="again", now=NOW + timedelta(days=13))


def test_the_pages_of_an_order_for_both_sides(paid: Order, carol: User, shop: User, client: Client) -> None:
    page = f"/orders/{paid.public_id}"
    client.force_login(shop)
    assert "It was sent" in client.get(page).content.decode()
    client.post(f"/shop/orders/{paid.public_id}/sent", {"carrier": "Post", "tracking": "XY-1"})
    assert "XY-1" in client.get(page).content.decode()
    assert client.get("/shop/terms").status_code == 200
    client.post("/shop/terms", {"what": "rate", "title": "Post", "currency": "EUR", "fee": "4.90", "days_low": 1, "days_high": 3})  # fmt: skip  # noqa: E501
    client.post("/shop/terms", {"what": "coupon", "code": "spring", "percent": 15})
    listed = client.get("/shop/terms").content.decode()
    assert "4.90 EUR" in listed and "SPRING" in listed
    bad = {"what": "rate", "title": "Post", "currency": "EUR", "fee": "-1", "days_low": 9, "days_high": 3}
    assert client.post("/shop/terms", bad).status_code == 400
    rows = client.get("/shop/earnings/statement.csv").getvalue().decode().splitlines()
    assert len(rows) == 2 and "merchant" in rows[1]
    assert "Open an account" in client.get("/shop/earnings").content.decode()
    assert client.get("/shop/orders").status_code == 200
    client.force_login(carol)
    text = client.get(page).content.decode()
    assert "It has arrived" in text and "Give money back" not in text
    client.post(f"{page}/arrived")
    client.post(f"{page}/return", {"words": "Too small"})
    assert "Too small" in client.get(page).content.decode()
    assert client.get("/shop/books").status_code == 404


def test_somebody_without_account_sees_no_order_that_has_no_shop(client: Client, carol: User) -> None:
    row = Order.objects.create(
        kind="tip", buyer=carol, currency="EUR", total=5, visitor="v", created_at=NOW, expires_at=NOW
    )
    assert client.get(f"/orders/{row.public_id}").status_code == 404


def test_the_operator_sees_the_nights(
    client: Client, operator: User, paid: Order, gateway: StripeGateway
) -> None:
    actions.reconcile(now=NOW, gateway=gateway)
    client.force_login(operator)
    assert "1 orders looked at" in client.get("/shop/books").content.decode()
