"""What everybody sees of a shop and of a product."""

import json
import re
from typing import Any

from django.test import Client

from accounts.models import Block, User
from commerce import queries
from commerce.models import Merchant, Product, Variant
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
