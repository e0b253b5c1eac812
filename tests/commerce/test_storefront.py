"""What everybody sees of a shop and of a product."""

import json
import re
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Block, User
from commerce import access, actions, queries
from commerce.gateways.stripe import StripeGateway
from commerce.models import Merchant, Order, Product, ProductTag, Variant
from commerce.refusals import NotForSale
from tests.accounts.people import signed_in
from tests.commerce.conftest import order
from tests.conftest import NOW


def test_a_shop_shows_what_is_for_sale_and_is_searched(merchant: Merchant, mug: Variant) -> None:
    merchant.products.create(handle="old", title="Old cap", is_live=False, updated_at=NOW)
    for number in range(26):
        merchant.products.create(handle=f"p{number}", title=f"Poster {number:02d}", updated_at=NOW)
    page = Client().get("/shops/stage").content.decode()
    assert "Poster 00" in page and "Old cap" not in page and "?after=" in page
    more = re.findall(r'href="(\?after=[^"]+)"', page)[0]
    assert "Stage mug" in Client().get(f"/shops/stage{more}").content.decode()
    found = Client().get("/shops/stage", {"q": "mug"}).content.decode()
    assert "Stage mug" in found and "Poster 00" not in found
    assert "No product has these words" in Client().get("/shops/stage", {"q": "\0zzz"}).content.decode()
    assert Client().get("/shops/nobody").status_code == 404


def test_a_blocked_person_does_not_find_the_shop(merchant: Merchant, shop: User, carol: User) -> None:
    client = Client()
    client.force_login(carol)
    assert client.get("/shops/stage").status_code == 200
    Block.objects.create(blocker=shop, blocked=carol, created_at=NOW)
    assert client.get("/shops/stage").status_code == 404


def test_search_engines_are_told_what_stands_on_the_page(mug: Variant) -> None:
    Product.objects.filter(pk=mug.product_id).update(title="Mug </script><b>", description="<p>Warm</p>")
    page = Client().get(f"/products/{mug.product.public_id}").content.decode()
    told = json.loads(re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page)[0])
    assert (told["name"], told["description"]) == ("Mug </script><b>", "Warm")
    offer = told["offers"][0]
    assert (offer["price"], offer["priceCurrency"], offer["availability"].rpartition("/")[2]) == (
        "12.50",
        "EUR",
        "InStock",
    )


def test_tax_on_top_is_named_where_nothing_is_sent(mug: Variant, settings: Any) -> None:
    settings.TAX_MODE = "added"
    Merchant.objects.update(tax_bp=2000)
    Product.objects.update(needs_shipping=False)
    product = Product.objects.select_related("merchant").get()
    choice = queries.offers(product)[0].as_json()
    assert (choice["tax"], choice["shipping"], choice["total"]) == ("2.50 EUR", "", "15.00 EUR")
    assert "plus 2.50 EUR tax = 15.00 EUR" in Client().get(f"/products/{product.public_id}").content.decode()


def closed(shop: User) -> None:
    """As the operator suspends somebody in /admin."""
    User.objects.filter(pk=shop.pk).update(is_active=False)


def test_the_shop_of_a_closed_account_is_as_absent_as_none(
    shop: User, carol: User, mug: Variant, tag: ProductTag, now: datetime
) -> None:
    product = mug.product.public_id
    addresses = ["/shops/stage", "/shops/stage/acp.jsonl", f"/products/{product}"]
    client = signed_in(carol)
    assert {client.get(address).status_code for address in addresses} == {200}
    assert tag in access.shown_tags(carol, now)
    closed(shop)
    for viewer in (client, Client()):
        absent = [
            address.replace("stage", "none").replace(str(product), str(uuid4())) for address in addresses
        ]
        assert {viewer.get(address).status_code for address in [*absent, *addresses]} == {404}
    assert not access.shown_tags(carol, now).exists()


def test_a_closed_account_takes_no_order_and_no_payment(
    shop: User, mug: Variant, gateway: StripeGateway
) -> None:
    open_order = order(mug)
    closed(shop)
    fresh, waiting = Variant.objects.get(pk=mug.pk), Order.objects.get(pk=open_order.pk)
    with pytest.raises(NotForSale):
        order(fresh)
    with pytest.raises(NotForSale):
        actions.open_payment(order=waiting, success_url="https://a", cancel_url="https://a", gateway=gateway)
    sent = {"variant": mug.pk, "quantity": 1, "seen_amount": 1250, "seen_currency": "EUR", "in_page": False}
    absent, hidden = (
        Client().post("/api/v1/checkout", sent | {"variant": pk}, content_type="application/json")
        for pk in (mug.pk + 99, mug.pk)
    )
    assert (absent.status_code, absent.json()["code"]) == (hidden.status_code, hidden.json()["code"])
    assert hidden.status_code == 404 and Order.objects.count() == 1
