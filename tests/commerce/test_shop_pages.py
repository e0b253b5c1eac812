"""The shop through its pages and API: import, tag, agree, sheet, order, receipt, refund."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import stepup
from accounts.models import User
from cameos.models import Cameo, LikenessGrant, LikenessUse
from commerce import gateways
from commerce.gateways.standin import StandIn
from commerce.gateways.standin.deliver import deliver_due
from commerce.gateways.stripe import StripeGateway
from commerce.models import Agreement, Merchant, Order, ProductTag, Variant
from feed.models import Post
from generation.models import Clip, Rendition
from tests.commerce.conftest import SECRET, browse
from tests.commerce.test_shopify_import import OLD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def provider(gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[StripeGateway]:
    """The real SDK against the stand-in is the host's provider."""
    gateways.current.cache_clear()
    monkeypatch.setattr(gateways, "current", lambda: gateway)
    yield gateway


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    session = client.session
    stepup.mark(session, timezone.now())
    session.save()
    return client


@pytest.fixture
def post(bob: User) -> Post:
    clip = Clip.objects.create(
        maker=bob, engine="native", duration_ms=5000, width=720, height=1280, sealed_at=timezone.now()
    )
    for kind in Rendition.Kind.values:
        Rendition.objects.create(
            clip=clip, kind=kind, path=f"{uuid4()}", sha256="0" * 64, bytes=1, width=720, height=1280
        )
    return Post.objects.create(clip=clip, creator=bob, published_at=timezone.now() - timedelta(minutes=1))


def proposal(variant: Variant, **changes: Any) -> dict[str, Any]:
    return {
        "product": variant.product.public_id,
        "start": "0.5",
        "end": "4",
        "x": "50",
        "y": "70",
        "creator_rate": "10",
        "owner_rate": "5",
        **changes,
    }


def pinned(post: Post, mug: Variant, shop: User, bob: User) -> ProductTag:
    answer = signed_in(shop).post(reverse("commerce:propose", args=[post.public_id]), proposal(mug))
    assert answer.status_code == 302, answer.content.decode()
    tag = ProductTag.objects.get()
    assert signed_in(bob).post(reverse("commerce:agree", args=[tag.agreement.public_id])).status_code == 302
    return tag


def test_opening_a_shop_asks_who_you_are_first(shop: User) -> None:
    client = Client()
    client.force_login(shop)
    answer = client.post(reverse("commerce:open"), {"name": "Stage Shop"})
    assert answer["Location"].startswith("/step-up") and not Merchant.objects.exists()
    assert signed_in(shop).post(reverse("commerce:open"), {"name": "Stage Shop"}).status_code == 302
    assert Merchant.objects.get().owner == shop


def test_a_file_is_shown_first_and_written_after(merchant: Merchant, shop: User) -> None:
    client = signed_in(shop)
    upload = SimpleUploadedFile("products.csv", OLD.replace("12.50", "free").encode())
    answer = client.post(reverse("commerce:import"), {"file": upload, "currency": "EUR"})
    page = client.get(answer["Location"]).content.decode()
    assert "Stage mug" in page and "price cannot be read" in page
    assert not merchant.products.exists()
    client.post(answer["Location"] + "/apply")
    assert merchant.products.count() == 2
    assert "Stage mug" in client.get(reverse("commerce:shop")).content.decode()


@pytest.mark.parametrize(("data", "code"), [(b"", 422), (b"a,b\n1,2\n", 422), (b"PK\0\0", 422)])
def test_a_file_that_is_none_is_refused_with_a_sentence(
    merchant: Merchant, shop: User, data: bytes, code: int
) -> None:
    upload = SimpleUploadedFile("products.csv", data)
    answer = signed_in(shop).post(reverse("commerce:import"), {"file": upload, "currency": "EUR"})
    assert answer.status_code == code
    assert not merchant.imports.exists()


def test_another_shop_cannot_see_or_apply_the_file(merchant: Merchant, shop: User, carol: User) -> None:
    upload = SimpleUploadedFile("products.csv", OLD.encode())
    where = signed_in(shop).post(reverse("commerce:import"), {"file": upload, "currency": "EUR"})["Location"]
    Merchant.objects.create(owner=carol, name="Other", slug="other", created_at=timezone.now())
    assert signed_in(carol).get(where).status_code == 404
    assert signed_in(carol).post(where + "/apply").status_code == 404
    assert not merchant.products.exists()


def test_nobody_sees_a_tag_before_the_creator_agrees(post: Post, mug: Variant, shop: User, bob: User) -> None:
    signed_in(shop).post(reverse("commerce:propose", args=[post.public_id]), proposal(mug))
    tags = reverse("commerce:api-post-tags", args=[post.public_id])
    assert Client().get(tags).json()["tags"] == []
    agreement = Agreement.objects.get()
    assert signed_in(shop).post(reverse("commerce:agree", args=[agreement.public_id])).status_code == 403
    signed_in(bob).post(reverse("commerce:agree", args=[agreement.public_id]))
    shown = Client().get(tags).json()["tags"]
    assert [(tag["title"], tag["start_ms"], tag["offers"][0]["price"]) for tag in shown] == [
        ("Stage mug", 500, "12.50 EUR")
    ]
    agreement.refresh_from_db()
    assert len(agreement.terms_sha256) == 64


def test_a_declined_product_never_appears_and_cannot_be_agreed_later(
    post: Post, mug: Variant, shop: User, bob: User
) -> None:
    signed_in(shop).post(reverse("commerce:propose", args=[post.public_id]), proposal(mug))
    agreement = Agreement.objects.get()
    signed_in(bob).post(reverse("commerce:decline", args=[agreement.public_id]))
    assert signed_in(bob).post(reverse("commerce:agree", args=[agreement.public_id])).status_code == 409
    assert Client().get(reverse("commerce:api-post-tags", args=[post.public_id])).json()["tags"] == []


@pytest.mark.parametrize(
    "changes",
    [{"start": "4", "end": "1"}, {"end": "6"}, {"creator_rate": "90", "owner_rate": "9"}, {"x": "101"}],
)
def test_an_impossible_moment_or_share_is_refused(
    post: Post, mug: Variant, shop: User, changes: dict[str, str]
) -> None:
    answer = signed_in(shop).post(
        reverse("commerce:propose", args=[post.public_id]), proposal(mug, **changes)
    )
    assert answer.status_code in {400, 422} and not ProductTag.objects.exists()


def test_a_person_who_is_not_for_selling_is_named_with_the_rule(
    post: Post, mug: Variant, shop: User, alice: User, bob: User
) -> None:
    now = timezone.now()
    cameo = Cameo.objects.create(
        owner=alice, name="Alice", state="verified", assurance="basic", verified_at=now, created_at=now
    )
    grant = LikenessGrant.objects.create(
        cameo=cameo,
        version=1,
        audience="everyone",
        purposes=["generate", "advertise"],
        commercial=False,
        created_at=now,
        effective_at=now,
    )
    Clip.objects.filter(pk=post.clip_id).update(cast_count=1)
    LikenessUse.objects.create(
        clip=post.clip, cameo=cameo, grant=grant, state="live", approval="approved", created_at=now
    )
    address = reverse("commerce:propose", args=[post.public_id])
    answer = signed_in(shop).post(address, proposal(mug))
    assert answer.status_code == 403 and "Alice does not allow commercial use" in answer.content.decode()
    LikenessGrant.objects.filter(pk=grant.pk).update(commercial=True)
    assert signed_in(shop).post(address, proposal(mug)).status_code == 302


def test_a_guest_buys_from_the_sheet_and_the_receipt_names_who_earned(
    post: Post, mug: Variant, shop: User, bob: User, standin: StandIn, provider: StripeGateway
) -> None:
    tag = pinned(post, mug, shop, bob)
    guest = Client()
    sheet = guest.get(reverse("commerce:sheet", args=[tag.public_id])).content.decode()
    assert "Advertisement" in sheet and "12.50 EUR" in sheet
    answer = guest.post(
        reverse("commerce:checkout"),
        {"variant": mug.pk, "quantity": 2, "seen_amount": 1250, "seen_currency": "EUR", "tag": tag.public_id},
    )
    assert answer["Location"].startswith(f"{standin.base_url}/pay/cs_test_")
    status, back, _ = browse(answer["Location"], card="4242424242424242", email="guest@example.test")
    placed = Order.objects.get()
    assert status == 303 and back.endswith(f"/orders/{placed.public_id}")

    def arrive(url: str, payload: bytes, headers: dict[str, str]) -> int:
        return (
            Client()
            .post(
                "/webhooks/stripe",
                payload,
                content_type="application/json",
                headers={"Stripe-Signature": headers["Stripe-Signature"]},
            )
            .status_code
        )

    assert deliver_due(standin.store, url="", secret=SECRET, send=arrive) == 3
    receipt = guest.get(f"/orders/{placed.public_id}").content.decode()
    for words in ("Thank you", "Bob", "2.50 EUR", "Stage Shop", "1.25 EUR", "ordered from"):
        assert words in receipt
    assert Client().get(f"/orders/{placed.public_id}").status_code == 404
    assert "2.50 EUR" in signed_in(bob).get(reverse("commerce:earnings")).content.decode()


def test_an_order_page_is_right_even_when_the_webhook_is_late(mug: Variant) -> None:
    guest = Client()
    answer = guest.post(
        reverse("commerce:checkout"),
        {"variant": mug.pk, "quantity": 1, "seen_amount": 1250, "seen_currency": "EUR"},
    )
    browse(answer["Location"], card="4242424242424242", email="guest@example.test")
    placed = Order.objects.get()
    assert "Thank you" in guest.get(f"/orders/{placed.public_id}").content.decode()


def test_the_buyer_cancels_and_the_stock_comes_back(mug: Variant, carol: User) -> None:
    client = signed_in(carol)
    client.post(
        reverse("commerce:checkout"),
        {"variant": mug.pk, "quantity": 3, "seen_amount": 1250, "seen_currency": "EUR"},
    )
    placed = Order.objects.get()
    assert (placed.buyer, placed.email) == (carol, "carol@example.test")
    assert Client().post(f"/orders/{placed.public_id}/cancel").status_code == 404
    client.post(f"/orders/{placed.public_id}/cancel")
    placed.refresh_from_db()
    assert placed.state == Order.State.EXPIRED
    assert client.post(f"/orders/{placed.public_id}/pay").status_code == 409


def test_only_the_merchant_gives_money_back(mug: Variant, shop: User, carol: User) -> None:
    client = signed_in(carol)
    where = client.post(
        reverse("commerce:checkout"),
        {"variant": mug.pk, "quantity": 1, "seen_amount": 1250, "seen_currency": "EUR"},
    )["Location"]
    browse(where, card="4242424242424242", email="carol@example.test")
    placed = Order.objects.get()
    client.get(f"/orders/{placed.public_id}")
    refund = reverse("commerce:refund", args=[placed.public_id])
    assert client.post(refund, {"amount": "12.50"}).status_code == 404
    assert signed_in(shop).post(refund, {"amount": "13"}).status_code == 422
    assert signed_in(shop).post(refund, {"amount": "12.50"}).status_code == 302
    placed.refresh_from_db()
    assert placed.state == Order.State.REFUNDED


def test_the_same_checkout_sent_twice_is_one_order(mug: Variant, carol: User) -> None:
    client = signed_in(carol)
    body = {"variant": mug.pk, "quantity": 1, "seen_amount": 1250, "seen_currency": "EUR"}
    answers = [
        client.post(
            reverse("commerce:api-checkout"),
            body,
            content_type="application/json",
            headers={"Idempotency-Key": "once"},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content and Order.objects.count() == 1
    url = client.post(f"/api/v1/orders/{answers[0].json()['id']}/payment").json()["url"]
    assert "/pay/cs_test_" in url


def test_a_forged_webhook_is_refused_by_name() -> None:
    answer = Client().post(
        "/webhooks/stripe",
        b"{}",
        content_type="application/json",
        headers={"Stripe-Signature": "t=1,v1=0", "Accept": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")


def test_a_shop_page_of_24_products_reads_in_a_fixed_number_of_queries(
    merchant: Merchant, shop: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        product = merchant.products.create(
            handle=f"p{number}", title=f"Thing {number}", updated_at=datetime.now(UTC)
        )
        product.variants.create(sku=f"S{number}", price=100, currency="EUR")
    client = signed_in(shop)
    with django_assert_max_num_queries(9):
        client.get(reverse("commerce:shop"))
