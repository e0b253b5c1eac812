"""ACP's feed API: a merchant's programs push products, in the published shapes, and nobody else's."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from commerce.agents import feeds
from commerce.models import AgentFeed, Merchant, Product, Variant
from tests.commerce.talking import ACP, acp, faults
from tests.commerce.test_agents import token

EXAMPLES = json.loads((ACP / "examples" / "examples.feed.json").read_text())
FEED = "schema.feed.json"


@pytest.fixture(autouse=True)
def opened(settings: Any) -> None:
    settings.AGENTS = True


class Program:
    """A merchant's program; each answer is held against the feed API's schema."""

    def __init__(self, client: Client, secret: str) -> None:
        self.client, self.secret = client, secret

    def ask(self, method: str, path: str, body: Any = None, status: int = 200, shape: str = "Error") -> Any:
        headers = {"authorization": f"Bearer {self.secret}"}
        kwargs = {} if method == "get" else {"data": json.dumps(body), "content_type": "application/json"}
        answer = getattr(self.client, method)(path, headers=headers, **kwargs)
        raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
        told = json.loads(raw)
        assert answer.status_code == status, told
        assert shape == "" or faults(acp(shape, FEED), told) == []
        return told

    def feed(self) -> str:
        made = self.ask("post", "/acp/feeds", {"target_country": "US"}, 201, "FeedMetadata")
        return f"/acp/feeds/{made['id']}"

    def push(self, path: str, *products: Any, status: int = 200) -> Any:
        """The answer of a good one stands in the OpenAPI file alone: `id` and `accepted`."""
        shape = "" if status == 200 else "Error"
        told = self.ask("patch", f"{path}/products", {"products": list(products)}, status, shape)
        assert status != 200 or told == {"id": path.rpartition("/")[2], "accepted": True}
        return told


@pytest.fixture
def program(client: Client, merchant: Merchant) -> Program:
    secret = token(merchant.owner, "shop:write")
    return Program(client, secret)


@pytest.fixture
def reader(client: Client, merchant: Merchant) -> Program:
    return Program(client, token(merchant.owner, "shop:read"))


def test_a_feed_is_made_read_filled_and_given_back(program: Program, reader: Program, mug: Variant) -> None:
    path = program.feed()
    assert reader.ask("get", path, shape="FeedMetadata")["target_country"] == "US"
    body = EXAMPLES["upsert_products_request_single_product"]
    assert faults(acp("UpsertProductsRequest", FEED), body) == []
    program.push(path, *body["products"])
    made = Product.objects.get(handle="prod_classic_tee")
    variant = made.variants.get()
    assert (made.title, variant.sku, variant.price, variant.currency) == (
        "Classic Tee",
        "sku124-red-m",
        1999,
        "USD",
    )
    shown = reader.ask("get", f"{path}/products", shape="ProductsResponse")
    assert {one["id"] for one in shown["products"]} == {"mug", "prod_classic_tee"}


def test_what_was_read_goes_back_and_changes_nothing(program: Program, reader: Program, mug: Variant) -> None:
    path = program.feed()
    before = list(Product.objects.values()), list(Variant.objects.values())
    shown = reader.ask("get", f"{path}/products", shape="ProductsResponse")
    program.push(path, *shown["products"])
    assert (list(Product.objects.values()), list(Variant.objects.values())) == before


def test_an_upsert_changes_what_it_names_and_nothing_else(program: Program, mug: Variant) -> None:
    Product.objects.filter(pk=mug.product_id).update(description="<p>Warm</p>")
    path = program.feed()
    change = {"id": mug.sku, "title": "Stage mug", "availability": {"available": False}}
    program.push(path, {"id": "mug", "variants": [change]})
    mug.refresh_from_db()
    assert (mug.price, mug.currency, mug.stock) == (1250, "EUR", 0)
    assert mug.product.title == "Stage mug" and mug.product.description == "<p>Warm</p>"
    program.push(path, {"id": "mug", "title": "Larger mug", "variants": []})
    assert Product.objects.get(pk=mug.product_id).title == "Larger mug"


@pytest.mark.parametrize(
    ("products", "param"),
    [
        ([], "products"),
        ("mug", "products"),
        ([5], "products[0]"),
        ([{"id": "new", "title": "New", "variants": []}], "products[0].variants"),
        (
            [{"id": "new", "title": "New", "variants": [{"id": "a", "title": "A"}]}],
            "products[0].variants.price",
        ),
        ([{"title": "New", "variants": []}], "products[0].id"),
        (
            [
                {
                    "id": "new",
                    "title": "New",
                    "variants": [{"id": "a", "title": "A", "price": {"amount": -1, "currency": "USD"}}],
                },
            ],
            "products[0].variants.price",
        ),
        (
            [
                {
                    "id": "new",
                    "title": "New",
                    "variants": [{"id": "a", "title": "A", "price": {"amount": 1, "currency": "ABC"}}],
                },
            ],
            "products[0].variants.price",
        ),
    ],
)
def test_a_product_that_cannot_be_is_named_and_none_is_written(
    program: Program, mug: Variant, products: Any, param: str
) -> None:
    path = program.feed()
    good = {
        "id": "good",
        "title": "Good",
        "variants": [{"id": "g", "title": "G", "price": {"amount": 1, "currency": "EUR"}}],
    }
    told = program.ask("patch", f"{path}/products", {"products": products}, 400)
    assert (told["code"], told["param"]) == ("invalid_product_payload", param)
    if isinstance(products, list) and products:
        program.push(path, good, *products, status=400)
    assert set(Product.objects.values_list("handle", flat=True)) == {"mug"}


@pytest.mark.parametrize("country", ["us", "USA", 5, "U1"])
def test_a_country_that_is_none_is_refused(program: Program, country: Any) -> None:
    told = program.ask("post", "/acp/feeds", {"target_country": country}, 400)
    assert (told["code"], told["param"]) == ("invalid_target_country", "target_country")


def test_a_feed_is_its_merchants_alone(program: Program, client: Client, bob: User, carol: User) -> None:
    path = program.feed()
    Merchant.objects.create(owner=bob, name="B", slug="b", created_at=program_now())
    for secret, status in (
        (token(bob, "shop:write"), 404),
        (token(carol, "agents:buy"), 403),
        (token(carol, "shop:read"), 403),
    ):
        other = Program(client, secret)
        assert other.push(path, {"id": "x"}, status=status)["code"] in {"feed_not_found", "unauthorized"}
    assert program.ask("get", f"{path}x", status=403)["code"] == "unauthorized"  # reading is another scope
    reader = Program(client, token(bob, "shop:read"))
    for where in (path, "/acp/feeds/none", f"{path}/products"):
        assert reader.ask("get", where, status=404)["param"] == "id"
    assert (
        Program(client, token(carol, "shop:write")).ask("post", "/acp/feeds", {}, 404)["code"] == "not_found"
    )


def program_now() -> Any:
    from tests.conftest import NOW

    return NOW


def test_a_shop_has_so_many_feeds_and_a_request_so_many_products(
    program: Program, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program.feed()
    monkeypatch.setattr(feeds, "MOST_FEEDS", 1)
    assert program.ask("post", "/acp/feeds", {}, 409)["code"] == "too_many_feeds"
    assert AgentFeed.objects.count() == 1
    many = [{"id": f"p{n}", "variants": []} for n in range(501)]
    assert program.ask("patch", f"{path}/products", {"products": many}, 400)["param"] == "products"
    told = program.ask("patch", f"{path}/products", {"products": [{"id": "x" * (1 << 20)}]}, 413)
    assert told["code"] == "payload_too_large"
