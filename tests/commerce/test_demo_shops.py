"""The demo's shops stand, and loading them again changes nothing."""

import pytest

from accounts.models import User
from commerce import demo
from commerce.models import Merchant, Product, ProductTag, Variant
from commerce.pictures import card
from feed.actions import publish
from tests.cameos.making import sealed
from tests.conftest import NOW, person


@pytest.mark.django_db
def test_three_shops_with_sixty_products_are_there_once() -> None:
    demo.load(NOW)
    variants = list(Variant.objects.order_by("pk").values())
    demo.load(NOW)
    assert (Merchant.objects.count(), Product.objects.count()) == (3, 60)
    assert list(Variant.objects.order_by("pk").values()) == variants
    assert not any(shop.owner.has_usable_password() for shop in Merchant.objects.select_related("owner"))


@pytest.mark.django_db
def test_the_demo_agrees_for_its_own_people_and_for_nobody_else(bob: User) -> None:
    ravi = person("ravi", email="ravi@demo.example")
    for maker in (bob, ravi):
        publish(clip=sealed(maker, [], NOW), creator=maker, caption="", now=NOW)
    demo.load(NOW)
    assert {tag.agreement.creator for tag in ProductTag.objects.all()} == {ravi}


@pytest.mark.django_db
def test_a_shop_of_the_demo_is_not_given_to_whoever_has_its_handle() -> None:
    first = person("wardrobe")
    demo.load(NOW)
    assert not Merchant.objects.filter(owner=first).exists()
    assert Merchant.objects.filter(owner__username="wardrobe_demo").exists()


def test_a_picture_is_drawn_for_what_has_none() -> None:
    assert "&lt;" in card("<script>") and "<script" not in card("<script>")
