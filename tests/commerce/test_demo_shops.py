"""The demo's shops stand, and loading them again changes nothing."""

import pytest

from commerce import demo
from commerce.models import Merchant, Product, Variant
from commerce.pictures import card
from tests.conftest import NOW


@pytest.mark.django_db
def test_three_shops_with_sixty_products_are_there_once() -> None:
    demo.load(NOW)
    variants = list(Variant.objects.order_by("pk").values())
    demo.load(NOW)
    assert (Merchant.objects.count(), Product.objects.count()) == (3, 60)
    assert list(Variant.objects.order_by("pk").values()) == variants
    assert not any(shop.owner.has_usable_password() for shop in Merchant.objects.select_related("owner"))


def test_a_picture_is_drawn_for_what_has_none() -> None:
    assert "&lt;" in card("<script>") and "<script" not in card("<script>")
