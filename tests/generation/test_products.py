"""A merchant's picture in a clip: who may show which product, what is kept, and that it is drawn."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts import actions as people
from accounts.models import User
from cameos.models import Cameo
from commerce.models import AffiliatePlan, Agreement, Merchant, Product, ProductTag
from feed.models import Post
from generation import credits, hand, products, queue
from generation.engines.base import Entry
from generation.engines.labels import picture_of
from generation.models import Clip, Generation
from generation.refusals import CannotMake
from generation.states import State
from generation.workers import claims
from tests.generation import swatch
from tests.generation.conftest import Ask, allow

pytestmark = pytest.mark.django_db
MAGENTA = (230, 20, 200)


@pytest.fixture
def store(shop: User, now: datetime) -> Merchant:
    return Merchant.objects.create(owner=shop, name="Stage Shop", slug="stage", created_at=now)


@pytest.fixture
def mug(store: Merchant, small_engine: None, now: datetime) -> Product:
    """A mug with a picture in a colour that no scene has."""
    out = io.BytesIO()
    Image.new("RGB", (200, 240), MAGENTA).save(out, "WEBP", lossless=True)
    path = default_storage.save("products/mug.webp", ContentFile(out.getvalue()))
    return Product.objects.create(
        merchant=store, handle="mug", title="Stage mug", picture_path=path, updated_at=now
    )


def agreed(product: Product, person: User, now: datetime, **terms: Any) -> Agreement:
    """The shop's product hangs on a clip of this person's, who agreed."""
    clip = Clip.objects.create(
        maker=person, engine="swatch", duration_ms=5000, width=720, height=1280, sealed_at=now
    )
    post = Post.objects.create(clip=clip, creator=person, published_at=now)
    given = {"state": Agreement.State.AGREED, "creator_rate_bp": 1000, "owner_rate_bp": 500} | terms
    row = Agreement.objects.create(merchant=product.merchant, creator=person, created_at=now, **given)
    ProductTag.objects.create(
        post=post, product=product, agreement=row, start_ms=0, end_ms=900, x=0.5, y=0.5, created_at=now
    )
    return row


def planned(product: Product, now: datetime, **terms: Any) -> AffiliatePlan:
    plan = AffiliatePlan.objects.create(
        merchant=product.merchant, title="All", creator_rate_bp=500, owner_rate_bp=0, created_at=now, **terms
    )
    plan.products.add(product)
    return plan


def showing(product: Product, way: str = "stand") -> dict[str, Any]:
    return {"product": {"id": str(product.public_id), "way": way}}


# ---- who may show what


def test_the_shops_owner_may_show_it_and_a_stranger_may_not(
    mug: Product, shop: User, bob: User, now: datetime
) -> None:
    assert [one.title for one in products.offered(shop, now)] == ["Stage mug"]
    assert products.offered(bob, now) == []


@pytest.mark.parametrize(
    ("terms", "may"),
    [
        ({}, True),
        ({"state": Agreement.State.PROPOSED}, False),
        ({"state": Agreement.State.DECLINED}, False),
        ({"until": timedelta(days=1)}, True),
        ({"until": timedelta(days=-1)}, False),
    ],
)
def test_a_creator_may_show_what_an_agreement_that_counts_lets_them_tag(
    mug: Product, bob: User, now: datetime, terms: dict[str, Any], may: bool
) -> None:
    agreed(mug, bob, now, **{k: now + v if k == "until" else v for k, v in terms.items()})
    assert bool(products.offered(bob, now)) is may


def test_a_tag_that_was_taken_off_lets_nobody_show_it(mug: Product, bob: User, now: datetime) -> None:
    agreed(mug, bob, now)
    ProductTag.objects.update(removed_at=now)
    assert products.offered(bob, now) == []


def test_an_open_plan_for_creators_lets_everybody_show_it_until_it_closes(
    mug: Product, bob: User, now: datetime
) -> None:
    plan = planned(mug, now)
    assert [one.key for one in products.offered(bob, now)] == [str(mug.public_id)]
    plan.closed_at = now
    plan.save()
    assert products.offered(bob, now) == []


def test_blocked_either_way_is_like_absent(mug: Product, shop: User, bob: User, now: datetime) -> None:
    agreed(mug, bob, now)
    planned(mug, now)
    people.block(blocker=shop, blocked=bob, now=now)
    assert products.offered(bob, now) == []


def test_what_is_not_on_sale_is_not_shown(mug: Product, shop: User, now: datetime) -> None:
    Product.objects.update(is_live=False)
    assert products.offered(shop, now) == []


def test_the_product_of_an_address_stands_first_in_the_form_and_a_strangers_does_not_come(
    mug: Product, store: Merchant, shop: User, bob: User, now: datetime
) -> None:
    for n in range(products.MOST + 5):
        Product.objects.create(merchant=store, handle=f"a{n}", title=f"A {n:03}", updated_at=now)
    found = products.offered(shop, now, str(mug.public_id))
    assert found[0].title == "Stage mug" and len(found) == products.MOST + 1
    assert products.offered(bob, now, str(mug.public_id)) == []
    assert products.offered(shop, now, "no id")[0].title == "A 000"


# ---- what is refused when it is asked for


@pytest.mark.parametrize(
    "asked",
    [
        {"id": "", "way": "stand"}, {"id": "x", "way": "stand"}, {"way": "stand"}, "mug", ["mug"],
        {"id": str(uuid4())}, {"id": {"$ne": 1}}, {"id": "\x00"},
    ],
)  # fmt: skip
def test_no_such_product_is_refused_by_name(ask: Ask, mug: Product, shop: User, asked: Any) -> None:
    with pytest.raises(CannotMake) as refused:
        ask(shop, how={"product": asked})
    assert refused.value.code == "product_unknown" and not Generation.objects.exists()


def test_anothers_product_is_refused_like_one_that_is_not_there(ask: Ask, mug: Product, bob: User) -> None:
    with pytest.raises(CannotMake) as refused:
        ask(bob, how=showing(mug))
    assert refused.value.code == "product_unknown" and not Generation.objects.exists()


@pytest.mark.parametrize("way", ["eaten", ["stand"], {"a": 1}, 7])
def test_a_way_that_there_is_not_is_refused(ask: Ask, mug: Product, shop: User, way: Any) -> None:
    with pytest.raises(CannotMake) as refused:
        ask(shop, how={"product": {"id": str(mug.public_id), "way": way}})
    assert refused.value.code == "product_way_unknown"


def test_an_engine_that_draws_no_products_says_so(ask: Ask, mug: Product, shop: User, settings: Any) -> None:
    plain = Entry("tests.generation.swatch.Swatch", replace(swatch.CAN, products=False), "Plain")
    settings.EXTRA_ENGINES = swatch.ENGINES | {"plain": plain}
    with pytest.raises(CannotMake) as refused:
        ask(shop, how=showing(mug), engine="plain")
    assert refused.value.code == "product_not_drawn"


def test_what_goes_on_from_a_clip_takes_no_product_of_its_own(ask: Ask, mug: Product, shop: User) -> None:
    clip = finished(ask(shop)).clip
    assert clip is not None
    with pytest.raises(CannotMake) as refused:
        ask(shop, verb="extend", parent=clip, how={"more_s": 1} | showing(mug))
    assert refused.value.code == "product_needs_words"


def test_whoever_is_cast_beside_goods_has_to_allow_commercial_use(
    ask: Ask, mug: Product, shop: User, likeness: Cameo, now: datetime
) -> None:
    allow(likeness, shop, now)
    refused = ask(shop, cast=[likeness], how=showing(mug))
    assert (refused.state, refused.refusal_rule) == (State.REFUSED, "commercial")
    assert ask(shop, cast=[likeness]).state == State.QUEUED, "without goods the same grant is enough"
    allow(likeness, shop, now, commercial=True)
    assert ask(shop, cast=[likeness], how=showing(mug)).state == State.QUEUED


# ---- between the queue and the picture


def finished(generation: Generation) -> Generation:
    hand.drain()
    generation.refresh_from_db()
    return generation


def _off_the_shelf(mug: Product, bob: User) -> None:
    Product.objects.update(is_live=False)


def _agreement_ends(mug: Product, bob: User) -> None:
    Agreement.objects.update(until=queue.clock() - timedelta(seconds=1))


def _blocked(mug: Product, bob: User) -> None:
    people.block(blocker=mug.merchant.owner, blocked=bob, now=queue.clock())


def _file_is_lost(mug: Product, bob: User) -> None:
    default_storage.delete(mug.picture_path)


@pytest.mark.parametrize("gone", [_off_the_shelf, _agreement_ends, _blocked, _file_is_lost])
def test_a_product_that_is_gone_when_it_is_drawn_ends_the_job_by_name_with_credits_back(
    ask: Ask, mug: Product, bob: User, now: datetime, gone: Callable[[Product, User], None]
) -> None:
    agreed(mug, bob, now)
    before = credits.balance(bob)
    waiting = ask(bob, how=showing(mug))
    assert credits.balance(bob) < before
    gone(mug, bob)
    failed = finished(waiting)
    assert (failed.state, failed.error) == (State.FAILED, "product_gone")
    assert credits.balance(bob) == before and failed.clip is None


def test_what_is_no_picture_ends_the_job_by_name(ask: Ask, mug: Product, shop: User) -> None:
    waiting = ask(shop, how=showing(mug), engine="native", verb="still", aspect="9:16")
    default_storage.delete(mug.picture_path)
    default_storage.save(mug.picture_path, ContentFile(b"RIFF....WEBPVP8 this was a picture"))
    failed = finished(waiting)
    assert (failed.state, failed.error) == (State.FAILED, "product_gone")


def test_a_remote_worker_gets_no_job_that_shows_a_product(
    ask: Ask, mug: Product, shop: User, now: datetime
) -> None:
    shown, plain = ask(shop, how=showing(mug)), ask(shop)
    travels = Generation.objects.filter(claims._may_travel())
    assert plain in travels and shown not in travels


# ---- what it looks like


def magenta(clip: Clip) -> int:
    """Pixels of the poster that have the mug's colour."""
    with default_storage.open(clip.renditions.get(kind="poster").path) as file:
        r, g, b = np.moveaxis(np.array(Image.open(file).convert("RGB")).astype(int), -1, 0)
    return int(((r > g + 80) & (b > g + 60) & (r > 110)).sum())


@pytest.mark.parametrize("way", ["stand", "held", "worn"])
def test_the_picture_is_in_the_rendered_clip_and_in_what_goes_on_from_it(
    ask: Ask, mug: Product, shop: User, bob: User, way: str
) -> None:
    words = "a woman in a green coat stands in a meadow"
    wishes: dict[str, Any] = {"engine": "native", "verb": "still", "aspect": "9:16"}
    plain = finished(ask(shop, words, **wishes)).clip
    row = finished(ask(shop, words, how=showing(mug, way), **wishes))
    assert row.state == State.READY, row.error
    assert plain is not None and row.clip is not None
    assert magenta(plain) < 100 and magenta(row.clip) > 600
    assert row.how["product"] == {"id": str(mug.public_id), "way": way}


def test_a_remix_shows_it_as_long_as_its_maker_may(
    ask: Ask, mug: Product, shop: User, bob: User, now: datetime
) -> None:
    clip = finished(ask(shop, how=showing(mug))).clip
    assert clip is not None
    Post.objects.create(clip=clip, creator=shop, published_at=now)
    assert ask(shop, verb="edit", parent=clip).how["product"] == showing(mug)["product"]
    assert "product" not in ask(bob, verb="edit", parent=clip).how
    agreed(mug, bob, now)
    assert "product" in ask(bob, verb="edit", parent=clip).how


@pytest.mark.parametrize("title", ["Puppet theatre", "Überraschung", "", "汉字"])
def test_a_product_without_a_picture_is_shown_as_its_paper_card(
    store: Merchant, shop: User, now: datetime, small_engine: None, title: str
) -> None:
    row = Product.objects.create(merchant=store, handle="x", title=title, updated_at=now)
    generation = Generation(maker=shop, how=showing(row))
    shown = products.for_engine(generation, now)
    assert shown is not None
    pixels = picture_of(shown)
    assert pixels.shape == (480, 480, 4) and pixels[..., 3].min() == 255
    dark = pixels[..., :3].sum(-1) < 400
    assert 0.03 < dark.mean() < 0.6, "a motif in ink is on it"


# ---- forms


def test_the_composer_offers_what_may_be_shown_and_keeps_what_was_chosen(
    mug: Product, shop: User, bob: User, vectors: str
) -> None:
    client = Client()
    client.force_login(bob)
    assert b"id_product" not in client.get(reverse("generation:create")).content
    client.force_login(shop)
    page = client.get(f"{reverse('generation:create')}?product={mug.public_id}").content.decode()
    assert f'value="{mug.public_id}" selected' in page and "Stage Shop" in page
    sent = {
        "prompt": "a woman waves", "seconds": 5, "aspect": "9:16", "engine": "native",
        "product": str(mug.public_id), "way": "held",
    }  # fmt: skip
    answer = client.post(reverse("generation:create"), sent)
    assert answer.status_code == 302, answer.content.decode()
    assert Generation.objects.get().how["product"] == showing(mug, "held")["product"]
    again = client.get(f"{reverse('generation:create')}?from={Generation.objects.get().public_id}")
    assert f'value="{mug.public_id}" selected' in again.content.decode()


def test_the_composer_refuses_anothers_product_in_a_sentence(mug: Product, bob: User, vectors: str) -> None:
    client = Client()
    client.force_login(bob)
    sent = {"prompt": "a woman waves", "seconds": 5, "aspect": "9:16", "product": str(mug.public_id)}
    answer = client.post(reverse("generation:create"), sent)
    assert answer.status_code == 422 and "no such product" in answer.content.decode()
    assert not Generation.objects.exists()


@pytest.mark.parametrize("name", ["storyboard", "still"])
def test_a_storyboard_and_a_single_picture_take_a_product_from_their_forms(
    mug: Product, shop: User, client: Client, vectors: str, name: str
) -> None:
    client.force_login(shop)
    board = name == "storyboard"
    page = reverse("generation:storyboard") if board else reverse("generation:from-words", args=[name])
    assert (
        f'value="{mug.public_id}" selected' in client.get(f"{page}?product={mug.public_id}").content.decode()
    )
    words = (
        {"shot-0-prompt": "a woman waves", "shot-1-prompt": "she dances"} if board else {"prompt": "a woman"}
    )
    sent = words | {"aspect": "9:16", "product": str(mug.public_id), "way": "held"}
    if board:
        draft = client.post(page, sent | {"keep": "1"}).url
        assert f'value="{mug.public_id}" selected' in client.get(draft).content.decode()
    answer = client.post(page, sent)
    assert answer.status_code == 302, answer.content.decode()
    assert Generation.objects.get().how["product"] == showing(mug, "held")["product"]
    Product.objects.update(is_live=False)
    gone = client.post(page, sent)
    told = gone.content.decode()
    assert gone.status_code == 422 and "not on sale any more" in told and "a woman" in told
    assert Generation.objects.count() == 1


def test_the_api_takes_a_product(mug: Product, shop: User, vectors: str) -> None:
    client = Client()
    client.force_login(shop)
    sent = {"prompt": "a woman waves", "how": showing(mug, "worn")}
    answer = client.post(reverse("generation:api-generations"), sent, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert answer.json()["how"]["product"]["way"] == "worn"
    bad = client.post(
        reverse("generation:api-generations"), {"prompt": "x", "how": {"product": {"id": "no"}}},
        content_type="application/json",
    )  # fmt: skip
    assert bad.status_code == 400
