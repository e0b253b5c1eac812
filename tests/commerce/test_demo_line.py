"""While payment is a stand-in, every page of the shop says so; with real keys none does."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from commerce.models import ProductTag, Variant
from commerce.webhooks import HANDLERS

LINE = "no money moves"
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("is_demo", [True, False])
def test_every_page_that_sells_says_that_no_money_moves(
    mug: Variant, tag: ProductTag, shop: User, bob: User, client: Client, settings: Any, is_demo: bool
) -> None:
    settings.STRIPE_STANDIN, settings.CREDIT_PACKS = is_demo, ["100:500:EUR"]
    client.force_login(shop)
    pages = [
        *("/shop", "/shop/orders", "/shop/terms", "/shop/offers", "/shop/earnings", "/orders", "/credits"),
        *("/memberships", "/memberships/of/bob", "/tips/bob", f"/products/{mug.product.public_id}"),
        f"/tags/{tag.public_id}/sheet",
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert answer.content.decode().count(LINE) == (1 if is_demo else 0), page
    words = client.get(f"/api/v1/posts/{tag.post.public_id}/tags").json()["words"]
    assert (LINE in words["demo"]) == is_demo
    for elsewhere in ("/", "/verify", "/settings"):
        assert LINE not in client.get(elsewhere).content.decode()


def test_the_page_on_going_live_names_every_event_that_is_listened_to() -> None:
    said = (ROOT / "docs" / "going-live.md").read_text()
    named = set(re.findall(r"`([a-z0-9_.]+)`", said))
    assert set(HANDLERS) - {"account.updated"} <= named
