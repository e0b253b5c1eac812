"""How long a product stays on a clip, and who can take it off."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import notifications
from accounts.models import Notification, User
from commerce import access, actions
from commerce.actions import Place
from commerce.models import Agreement, Merchant, ProductTag, Variant
from commerce.refusals import AgreementDecided, AgreementOver, NotYourAgreement
from feed.models import Post
from tests.commerce.conftest import order
from tests.conftest import NOW


def proposed(tag: ProductTag, merchant: Merchant, **more: Any) -> Agreement:
    made = actions.propose_tag(
        merchant=merchant,
        product=tag.product,
        post=tag.post,
        place=Place(0, 1000, 0.5, 0.5),
        creator_rate_bp=1000,
        owner_rate_bp=500,
        now=NOW,
        **more,
    )
    return made.agreement


@pytest.mark.parametrize("who", ["shop", "bob"])
def test_either_side_takes_the_product_off_and_the_other_is_told(
    who: str, request: Any, tag: ProductTag, mug: Variant, bob: User, shop: User
) -> None:
    sold = order(mug, tag=tag)
    by, other = (shop, bob) if who == "shop" else (bob, shop)
    client = Client()
    client.force_login(by)
    page = client.get("/shop/agreements").content.decode()
    assert "Take it off the clip" in page
    assert client.post(f"/shop/agreements/{tag.agreement.public_id}/end").status_code == 302
    assert not access.shown_tags(bob, NOW).exists()
    assert sold.lines.get().tag == tag  # what it earned stays
    news = notifications.read(Notification.objects.get(recipient=other, kind="tag_removed"))
    assert news.text == f"{'Stage Shop' if who == 'shop' else 'Bob'} took “Stage mug” off the clip."
    actions.end_agreement(agreement=tag.agreement, by=by, now=NOW)
    assert Notification.objects.filter(kind="tag_removed").count() == 1
    assert "taken off the clip" in client.get("/shop/agreements").content.decode()


def test_a_stranger_takes_nothing_off(tag: ProductTag, carol: User) -> None:
    with pytest.raises(NotYourAgreement):
        actions.end_agreement(agreement=tag.agreement, by=carol, now=NOW)
    client = Client()
    client.force_login(carol)
    assert client.post(f"/shop/agreements/{tag.agreement.public_id}/end").status_code == 404
    assert access.shown_tags(carol, NOW).count() == 1


def test_a_proposal_that_was_taken_back_cannot_be_agreed(
    tag: ProductTag, merchant: Merchant, bob: User, shop: User
) -> None:
    agreement = proposed(tag, merchant)
    assert actions.end_agreement(agreement=agreement, by=shop, now=NOW).state == "withdrawn"
    with pytest.raises(AgreementDecided):
        actions.agree(agreement=agreement, creator=bob, now=NOW)
    again = proposed(tag, merchant)
    assert actions.end_agreement(agreement=again, by=bob, now=NOW).state == "declined"


def test_an_agreement_ends_on_its_last_day(tag: ProductTag, merchant: Merchant, bob: User) -> None:
    tag.delete()
    last = NOW + timedelta(days=3)
    agreement = actions.agree(agreement=proposed(tag, merchant, until=last), creator=bob, now=NOW)
    assert access.shown_tags(bob, last - timedelta(seconds=1)).exists()
    assert not access.shown_tags(bob, last).exists()
    assert len(agreement.terms_sha256) == 64 and agreement.until == last


def test_a_last_day_that_is_over_is_refused(tag: ProductTag, merchant: Merchant, bob: User) -> None:
    with pytest.raises(AgreementOver):
        proposed(tag, merchant, until=NOW)
    late = proposed(tag, merchant, until=NOW + timedelta(days=1))
    with pytest.raises(AgreementOver):
        actions.agree(agreement=late, creator=bob, now=NOW + timedelta(days=2))


def test_the_form_says_the_last_day_and_a_long_shelf_is_searched(
    tag: ProductTag, merchant: Merchant, mug: Variant, shop: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commerce.forms.TagForm.OFFERED", 2)
    for number in range(4):
        merchant.products.create(handle=f"a{number}", title=f"Apron {number}", updated_at=NOW)
    Post.objects.filter(pk=tag.post_id).update(published_at=timezone.now())
    client = Client()
    client.force_login(shop)
    address = f"/shop/tags/{tag.post.public_id}"
    page = client.get(address).content.decode()
    assert "Apron 1" in page and "Apron 2" not in page and "Stage mug" not in page
    assert "Stage mug" in client.get(address, {"q": "MUG"}).content.decode()
    last = timezone.now().date() + timedelta(days=5)
    given = {"product": mug.product.public_id, "start": "0", "end": "2", "x": "50", "y": "50"}
    given |= {"creator_rate": "10", "owner_rate": "5", "until": last.isoformat()}
    assert client.post(address, given).status_code == 302
    made = Agreement.objects.latest("pk")
    assert made.until is not None and made.until.date() == last
    page = client.post(address, given | {"end": "nothing"}).content.decode()
    assert "Stage mug" in page  # the choice stays, though it is not among the first
    assert client.post(address, given | {"product": "no-id"}).status_code == 400


def test_somebody_without_a_shop_is_not_led_to_one(bob: User, shop: User, merchant: Merchant) -> None:
    client = Client()
    client.force_login(bob)
    page = client.get("/shop/earnings").content.decode()
    assert "/shop/agreements" in page and "/shop/packets" not in page and "Open an account" in page
    client.force_login(shop)
    assert "/shop/packets" in client.get("/shop/earnings").content.decode()
