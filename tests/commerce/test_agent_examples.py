"""Every published example of ACP 2026-04-17 that is ours to speak: as good as its schema says, or on the list
of those that are not; and each request among them, good or bad, gets an answer in the published shape."""

import json
import random
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from commerce.catalog.exports import item_id
from commerce.gateways.stripe import StripeGateway
from commerce.models import Coupon, Variant
from tests.commerce.talking import ACP, AcpTalk, acp, faults
from tests.commerce.test_agents import token
from tests.conftest import NOW

CHECKOUT, FEED = "schema.agentic_checkout.json", "schema.feed.json"
EDITOR = "'$schema', '_description' were unexpected"
QUANTITY = "'quantity' was unexpected"
OLD_CAPABILITIES = "'payment_methods' was unexpected"

# The example, and what its own schema says against it.
KNOWN_BAD = {
    "agentic_checkout/webhook_order_create_event": "'refunds' was unexpected",
    "agentic_checkout/webhook_order_update_event": "'refunds' was unexpected",
    "agentic_checkout/authentication_result_denied_example": "'three_ds_cryptogram' is a required property",
    "multi_item_checkout/create_multi_item_checkout_request": "'capabilities' is a required property",
    "multi_item_checkout/create_multi_item_checkout_response": "'capabilities' was unexpected",
    **{
        f"orders/{name}": EDITOR
        for name in ("digital-fulfillment", "partial-fulfillment", "refunded-order", "shipped-order")
    },
    "orders/simple-order": EDITOR,
    **{
        f"discount-extension/{name}/{part}": why
        for name in (
            "automatic-discount",
            "order-level-discount",
            "percentage-discount-with-allocations",
            "rejected-discount-code",
            "stacked-discounts",
        )
        for part, why in (("request", QUANTITY), ("response", OLD_CAPABILITIES))
    },
}
FEED_KINDS = {
    "create_feed_request_minimal": "CreateFeedRequest",
    "upsert_products_request_single_product": "UpsertProductsRequest",
    "get_products_response": "ProductsResponse",
    "create_feed_response": "FeedMetadata",
    "get_feed_response": "FeedMetadata",
}
KINDS = (
    ("authentication_result_", "AuthenticationResult"),
    ("error_", "Error"),
    ("discovery_", "DiscoveryResponse"),
    ("webhook_", "Order"),
    ("complete_checkout_session_response", "CheckoutSessionWithOrder"),
    ("complete_", "CheckoutSessionCompleteRequest"),
    ("update_checkout_session_request", "CheckoutSessionUpdateRequest"),
    ("cancel_checkout_session_request", "CancelSessionRequest"),
    ("create_multi_item_checkout_request", "CheckoutSessionCreateRequest"),
    ("create_checkout_session_request", "CheckoutSessionCreateRequest"),
)


def kind_of(name: str) -> str:
    return next((kind for start, kind in KINDS if name.startswith(start)), "CheckoutSession")


def examples() -> dict[str, tuple[str, Any]]:
    """Name -> (where its schema is, the example)."""
    found: dict[str, tuple[str, Any]] = {}
    room = ACP / "examples"
    for file in ("agentic_checkout", "multi_item_checkout"):
        for name, body in json.loads((room / f"examples.{file}.json").read_text()).items():
            said = body["data"] if name.startswith("webhook_") else body
            found[f"{file}/{name}"] = (acp(kind_of(name)), said)
    for name, body in json.loads((room / "examples.feed.json").read_text()).items():
        found[f"feed/{name}"] = (acp(FEED_KINDS.get(name, "Error"), FEED), body)
    for path in sorted((room / "orders").glob("*.json")):
        found[f"orders/{path.stem}"] = (acp("Order"), json.loads(path.read_text()))
    for path in sorted((room / "discount-extension").glob("*.json")):
        body = json.loads(path.read_text())
        found[f"discount-extension/{path.stem}/request"] = (
            acp("CheckoutSessionCreateRequest"),
            body["request"],
        )
        found[f"discount-extension/{path.stem}/response"] = (acp("CheckoutSession"), body["response"])
    return found


EXAMPLES = examples()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_as_good_as_we_say(name: str) -> None:
    where, body = EXAMPLES[name]
    wrong = faults(where, body)
    if name in KNOWN_BAD:
        assert any(KNOWN_BAD[name] in fault for fault in wrong), f"take {name} off the list: {wrong}"
    else:
        assert wrong == []


def test_the_list_names_only_examples_that_are_there() -> None:
    assert set(KNOWN_BAD) <= set(EXAMPLES) and len(KNOWN_BAD) == 20


def test_the_orders_are_good_but_for_what_an_editor_left_in_them() -> None:
    for name, (where, body) in EXAMPLES.items():
        if name.startswith("orders/"):
            plain = {key: value for key, value in body.items() if key not in {"$schema", "_description"}}
            assert faults(where, plain) == [], name


@pytest.fixture
def talk(
    client: Client, carol: User, settings: Any, gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch
) -> AcpTalk:
    settings.AGENTS = True
    monkeypatch.setattr("commerce.gateways.current", lambda: gateway)
    return AcpTalk(client, token(carol, "agents:buy"), random.Random(1))


OPENING = [name for name in EXAMPLES if "/create_" in name or name.endswith("/request")]


@pytest.mark.parametrize("name", [n for n in OPENING if "feed/" not in n and not n.endswith("_response")])
def test_a_request_that_opens_a_session_is_read_good_or_bad(name: str, mug: Variant, talk: AcpTalk) -> None:
    """With this shop's items and currency in the places of the example's. A bad one lacks `capabilities`, or
    carries the quantity that the schema forgot: both are read."""
    Coupon.objects.create(merchant=mug.product.merchant, code="SAVE10", percent_bp=1000, created_at=NOW)
    body = json.loads(json.dumps(EXAMPLES[name][1]))
    asked = sum(int(item.get("quantity", 1)) for item in body["line_items"])
    body["line_items"] = [item | {"id": item_id(mug)} for item in body["line_items"]]
    body["currency"] = "eur"
    answer = talk.ask("POST", "/acp/checkout_sessions", body)
    assert answer.status_code == 201, answer.content
    told = talk.session(answer)
    assert sum(line["quantity"] for line in told["line_items"]) == asked
    codes = body.get("discounts", {}).get("codes", [])
    if codes:
        said = told["discounts"]
        assert [one["code"] for one in said["applied"] + said["rejected"]] == codes[:1]
        assert bool(said["applied"]) == (codes[0] == "SAVE10")
    assert talk.faults == []
