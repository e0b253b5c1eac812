"""What sold, through which clip, and what is to be done."""

from typing import Any

from django.test import Client

from accounts.models import User
from commerce import actions, queries
from commerce.gateways.stripe import StripeGateway
from commerce.models import Merchant, Order, ProductTag, Variant
from commerce.money import Money
from tests.commerce.conftest import order, pay
from tests.conftest import NOW


def sold(mug: Variant, gateway: StripeGateway, quantity: int, tag: ProductTag | None = None) -> Order:
    made = order(mug, quantity, tag)
    pay(made, gateway)
    return actions.sync(order=made, now=NOW, gateway=gateway)


def test_pieces_and_sums_are_net_of_what_came_back(
    mug: Variant, tag: ProductTag, merchant: Merchant, bob: User, gateway: StripeGateway
) -> None:
    sold(mug, gateway, 2, tag)
    back = sold(mug, gateway, 1, tag)
    actions.refund(order=back, money=Money(1250, "EUR"), now=NOW, gateway=gateway)
    products = queries.sales_by_product(merchant)
    # No likeness is in the clip: 5 % of the people's stays with the shop, 5 % is the host's.
    assert [(row.product.title, row.pieces, str(row.kept)) for row in products] == [
        ("Stage mug", 2, "21.25 EUR")
    ]
    assert [(row.pieces, str(row.kept)) for row in queries.sales_by_clip(merchant)] == [(2, "21.25 EUR")]
    assert [(row.pieces, str(row.kept)) for row in queries.earned_by_clip(bob)] == [(2, "2.50 EUR")]


def test_the_shop_sees_what_it_has_to_do(
    mug: Variant, shop: User, gateway: StripeGateway, django_assert_max_num_queries: Any
) -> None:
    made = sold(mug, gateway, 1)
    client = Client()
    client.force_login(shop)

    def page() -> str:
        return client.get("/shop/orders").content.decode()

    assert "to be sent" in page() and "What sold" in page()
    actions.send(order=made, carrier="", tracking="", now=NOW)
    assert "to be sent" not in page()
    actions.ask_return(order=made, words="Cracked", now=NOW)
    assert "wants to return it" in page()
    actions.refund(order=made, money=Money(1250, "EUR"), now=NOW, gateway=gateway)
    assert "wants to return it" not in page()
    with django_assert_max_num_queries(20):
        page()
