"""Alice takes her likeness back while there are orders that came by a clip with her."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Notification, User
from cameos import personal, revocation
from cameos.models import Cameo
from commerce import access, actions
from commerce.actions.checkout import Buyer
from commerce.gateways.base import Checkout
from commerce.models import Agreement, Order, OrderLine, ProductTag, Split, TagTouch, Variant
from commerce.money import Money
from feed.actions import publish
from tests.cameos.making import grant, likeness_of, sealed

pytestmark = pytest.mark.django_db
PRICE = Money(1250, "EUR")


@pytest.fixture(autouse=True)
def own_journal(settings: Any, tmp_path: Path) -> None:
    settings.JOURNAL_PATH = tmp_path / "journal.jsonl"


@pytest.fixture
def likeness(alice: User, now: datetime) -> Cameo:
    cameo = likeness_of(alice, now)
    grant(cameo, now, commercial=True)
    return cameo


@pytest.fixture
def tag(likeness: Cameo, bob: User, mug: Variant, now: datetime) -> ProductTag:
    """Bob's clip with Alice, and a mug on it: Bob earns a tenth, Alice a twentieth."""
    post = publish(clip=sealed(bob, [likeness], now), creator=bob, caption="", now=now)
    agreed = Agreement.objects.create(
        merchant=mug.product.merchant,
        creator=bob,
        creator_rate_bp=1000,
        owner_rate_bp=500,
        state=Agreement.State.AGREED,
        created_at=now,
        decided_at=now,
    )
    place = {"start_ms": 0, "end_ms": 2000, "x": 0.5, "y": 0.5, "created_at": now}
    return ProductTag.objects.create(post=post, product=mug.product, agreement=agreed, **place)


def order(mug: Variant, tag: ProductTag | None, now: datetime) -> Order:
    buyer = Buyer(visitor="carols-browser", email="carol@example.test")
    return actions.start_checkout(buyer=buyer, variant=mug, quantity=1, seen=PRICE, tag=tag, now=now)


def paid(placed: Order, now: datetime) -> dict[str, int]:
    checkout = Checkout(
        session_id="cs_1",
        url=None,
        is_open=False,
        is_paid=True,
        order_reference=str(placed.public_id),
        total=PRICE,
        email="carol@example.test",
        payment_intent_id="pi_1",
    )
    assert actions.mark_paid(order=placed, payment=checkout.as_payment(), now=now)
    return {row.role: row.amount for row in Split.objects.filter(line__order=placed)}


def test_revoking_while_carol_pays_leaves_her_the_mug_and_everybody_what_the_order_said(
    likeness: Cameo, alice: User, tag: ProductTag, mug: Variant, now: datetime
) -> None:
    placed = order(mug, tag, now)
    revocation.revoke(cameo=likeness, owner=alice, now=now)
    assert paid(placed, now) == {"platform": 62, "creator": 125, "owner": 62, "merchant": 1001}


def test_after_revoking_the_clip_sells_nothing_more_and_an_old_tap_earns_nobody(
    likeness: Cameo, alice: User, tag: ProductTag, mug: Variant, now: datetime
) -> None:
    TagTouch.objects.create(tag=tag, visitor="carols-browser", at=now)
    order(mug, None, now)
    assert OrderLine.objects.get().attribution_rule == "tapped"
    revocation.revoke(cameo=likeness, owner=alice, now=now)
    assert not access.shown_tags(AnonymousUser(), now).exists()
    order(mug, None, now)
    assert OrderLine.objects.order_by("-pk")[0].attribution_rule == "nobody"


def test_erasing_alices_account_with_live_orders_keeps_the_books_and_tells_nobody_who_she_was(
    likeness: Cameo, alice: User, tag: ProductTag, mug: Variant, now: datetime
) -> None:
    placed = order(mug, tag, now)
    personal.erase(alice, now)
    User.objects.filter(pk=alice.pk).update(erased_at=now)
    assert sum(paid(placed, now).values()) == 1250
    likeness.refresh_from_db()
    assert likeness.name == "" and not Notification.objects.filter(recipient=alice, kind="sale").exists()
    actions.record_refund(order=placed, total=PRICE, now=now)
    assert sum(row.amount for row in Split.objects.filter(line__order=placed)) == 0
