"""A product lends its name and picture to a promo clip of somebody who may show it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from accounts.models import User
from commerce.models import Product, Variant
from generation import footage
from generation.models import Footage
from tests.hostile.pictures import picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def test_the_shops_picture_is_taken_along_and_opened_like_any_photo(
    mug: Variant, carol: User, client: Client, now: datetime
) -> None:
    product, owner = mug.product, mug.product.merchant.owner
    product.picture_path = default_storage.save(
        "pictures/mug.webp", ContentFile(picture("WEBP", size=(400, 300)))
    )
    product.save()
    here = f"/create/promo?product={product.public_id}"
    client.force_login(owner)
    assert here in client.get(f"/products/{product.public_id}").content.decode()
    form = client.get(here).content.decode()
    assert "Stage mug" in form and "Take the shop" in form
    answer = client.post("/create/promo", {"take": "1", "product": str(product.public_id)})
    assert answer.status_code == 200
    row = Footage.objects.get(maker=owner)
    footage.open_one(row.pk, now)
    row.refresh_from_db()
    assert (row.kind, row.state, row.title) == ("photo", "READY", "Stage mug")
    Product.objects.update(is_live=False)
    assert b"no such product" in client.get(here).content
    client.force_login(carol)
    client.post("/create/promo", {"take": "1", "product": str(product.public_id)})
    assert not Footage.objects.filter(maker=carol).exists()


def test_who_may_not_show_a_product_is_offered_no_clip_of_it(
    mug: Variant, carol: User, client: Client
) -> None:
    client.force_login(carol)
    page = client.get(f"/products/{mug.product.public_id}")
    assert page.status_code == 200 and b"/create/promo" not in page.content
    assert b"no such product" in client.get(f"/create/promo?product={mug.product.public_id}").content
