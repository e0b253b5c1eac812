"""Requests made by schemathesis out of the published OpenAPI files, right and wrong ones: each is answered in
the protocol's shape, and none brings the host down. The seed is fixed and the cases are bounded."""

import json
import random
import uuid
from typing import Any

import pytest
import yaml
from django.test import Client
from hypothesis import HealthCheck, given, seed, settings

from accounts.models import User
from commerce.catalog.exports import item_id
from commerce.gateways.stripe import StripeGateway
from commerce.models import AgentFeed, Variant
from tests.commerce.talking import ACP, UCP, UCP_CHECKOUT, VERSION, AcpTalk, UcpTalk, acp, faults
from tests.commerce.test_agents import create, token
from tests.conftest import NOW

schemathesis = pytest.importorskip("schemathesis", reason="makes the requests")
GenerationMode = schemathesis.GenerationMode
pytestmark = pytest.mark.django_db
CASES = 12
ERROR = "https://ucp.test/schemas/shopping/types/error_response.json"
CATALOGUE = "https://ucp.test/schemas/shopping/catalog_"


def operations(raw: dict[str, Any]) -> list[Any]:
    return [found.ok() for found in schemathesis.openapi.from_dict(raw).get_all_operations()]


def acp_operations() -> list[Any]:
    checkout, cart = (
        yaml.safe_load((ACP / "openapi" / f"openapi.{name}.yaml").read_text())
        for name in ("agentic_checkout", "cart")
    )
    return operations(checkout) + operations(_bodies_open(cart))


def ucp_operations() -> list[Any]:
    return operations(_bodies_open(json.loads((UCP / "services/shopping/rest.openapi.json").read_text())))


def feed_operations() -> list[Any]:
    return operations(yaml.safe_load((ACP / "openapi" / "openapi.feed.yaml").read_text()))


def _bodies_open(raw: dict[str, Any]) -> dict[str, Any]:
    """A file that names its schemas by addresses outside of it: its bodies are any objects here."""
    raw["paths"] = {
        path: {name: _plain(part) for name, part in found.items()} for path, found in raw["paths"].items()
    }
    raw.pop("webhooks", None)
    raw["components"].pop("schemas", None)
    return raw


def _plain(part: Any) -> Any:
    if isinstance(part, dict) and "operationId" in part:
        body = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
        kept = {name: part[name] for name in ("operationId", "parameters") if name in part}
        return (
            kept
            | {"responses": {"200": {"description": ""}}}
            | ({"requestBody": body} if "requestBody" in part else {})
        )
    return part


def label(operation: Any) -> str:
    return f"{operation.method} {operation.path}"


@pytest.fixture(autouse=True)
def opened(settings: Any, gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AGENTS = True
    monkeypatch.setattr("commerce.gateways.current", lambda: gateway)
    monkeypatch.setattr("accounts.throttle.api", lambda user, now: None)


@pytest.fixture
def secret(carol: User) -> str:
    return token(carol, "agents:buy")


def ask(client: Client, operation: Any, case: Any, base: str, named: str, headers: dict[str, str]) -> Any:
    """Send a generated case; half of the addresses name something that is there."""
    path = operation.path
    for name, value in (case.path_parameters or {}).items():
        text = named if len(str(value)) % 2 else str(value)
        path = path.replace(f"{{{name}}}", "".join(c for c in text if c.isalnum() or c in "-_") or "x")
    body = case.body if isinstance(case.body, dict | list | str | int | float | bool) else {}
    kwargs: dict[str, Any] = {}
    if operation.method != "get":
        kwargs = {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(client, operation.method)(base + path, headers=headers, **kwargs)


def judged(where: str, answer: Any) -> None:
    assert answer.status_code < 500, answer.content
    wrong = faults(where, answer.json())
    assert not wrong, (answer.status_code, answer.content[:400], wrong)


BOUNDED = settings(max_examples=CASES, database=None, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize("operation", acp_operations(), ids=label)
def test_acp_answers_every_request_in_its_shape(
    client: Client, secret: str, mug: Variant, operation: Any, mode: Any
) -> None:
    talk = AcpTalk(client, secret, random.Random(1))
    is_cart = operation.path.startswith("/carts")
    named = create(talk, mug)["id"]
    if is_cart:
        made = talk.ask("POST", "/acp/carts", {"line_items": [{"id": item_id(mug)}]})
        named = made.json()["id"]

    @seed(20260417)
    @BOUNDED
    @given(operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        headers = {"authorization": f"Bearer {secret}", "api-version": VERSION}
        headers["idempotency-key"] = str(uuid.uuid4())
        answer = ask(client, operation, case, "/acp", named, headers)
        if answer.status_code >= 400:
            judged(acp("Error"), answer)
        elif is_cart:
            judged(acp("Cart", "schema.cart.json"), answer)
        else:
            with_order = "CheckoutSessionWithOrder" if "order" in answer.json() else "CheckoutSession"
            judged(acp(with_order), answer)

    check()


@pytest.mark.parametrize(
    ("operation", "mode"),
    [
        pytest.param(operation, mode, id=f"{label(operation)}-{mode.name.lower()}")
        for operation in feed_operations()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        # A read has nothing but its address, which cannot be wrong and still be routed here.
        if not (operation.method == "get" and mode is GenerationMode.NEGATIVE)
    ],
)
def test_the_feed_api_answers_every_request_in_its_shape(
    client: Client, mug: Variant, operation: Any, mode: Any
) -> None:
    owner = mug.product.merchant.owner
    scopes = {"get": "shop:read"}
    secret = token(owner, scopes.get(operation.method, "shop:write"))
    feed = AgentFeed.objects.create(merchant=mug.product.merchant, created_at=NOW, updated_at=NOW)
    good = {"POST": "FeedMetadata", "GET": "FeedMetadata"}.get(operation.method.upper(), "")
    if operation.path.endswith("/products") and operation.method == "get":
        good = "ProductsResponse"

    @seed(20260417)
    @BOUNDED
    @given(operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        headers = {"authorization": f"Bearer {secret}"}
        answer = ask(client, operation, case, "/acp", str(feed.public_id), headers)
        raw = answer.getvalue()
        assert answer.status_code < 500, raw
        shape = "Error" if answer.status_code >= 400 else good
        wrong = faults(acp(shape, "schema.feed.json"), json.loads(raw)) if shape else []
        assert not wrong, (answer.status_code, raw[:400], wrong)

    check()


@pytest.mark.parametrize("operation", ucp_operations(), ids=label)
def test_ucp_answers_every_request_in_its_shape(
    client: Client, secret: str, mug: Variant, operation: Any
) -> None:
    talk = UcpTalk(client, secret, random.Random(1))
    room = "/ucp/carts" if operation.path.startswith("/carts") else "/ucp/checkout-sessions"
    body = {"line_items": [{"item": {"id": item_id(mug)}, "quantity": 1}]}
    named = talk.ask("POST", room, body).json()["id"]
    good = "https://ucp.test/schemas/shopping/cart.json" if room.endswith("carts") else UCP_CHECKOUT
    good = {
        "/catalog/search": f"{CATALOGUE}search.json#/$defs/search_response",
        "/catalog/lookup": f"{CATALOGUE}lookup.json#/$defs/lookup_response",
        "/catalog/product": f"{CATALOGUE}lookup.json#/$defs/get_product_response",
        "/orders/{id}": "https://ucp.test/schemas/shopping/order.json",
    }.get(operation.path, good)

    @seed(20260408)
    @BOUNDED
    @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def check(case: Any) -> None:
        headers = {"authorization": f"Bearer {secret}", "idempotency-key": str(uuid.uuid4())}
        headers["ucp-agent"] = 'profile="https://agent.example/.well-known/ucp"'
        answer = ask(client, operation, case, "/ucp", named, headers)
        judged(ERROR if answer.status_code >= 400 else good, answer)

    check()
