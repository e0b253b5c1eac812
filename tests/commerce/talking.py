"""Agents that shop here by chance, and a judge that holds every answer against the published schemas."""

from __future__ import annotations

import json
import random
import uuid
from functools import cache
from pathlib import Path
from typing import Any

from django.test import Client
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from commerce.agents import platforms, ucp

DATA = Path(__file__).resolve().parent.parent / "data"
ACP, UCP = DATA / "acp", DATA / "ucp"
VERSION = "2026-04-17"
CHECKOUT = "schema.agentic_checkout.json"
ADDRESS = {
    "name": "Carol Example", "line_one": "1 Stage Street", "city": "Oakland", "state": "CA", "country": "US",
    "postal_code": "94607",
}  # fmt: skip
UCP_CHECKOUT = "https://ucp.test/schemas/shopping/fulfillment.json#/$defs/dev.ucp.shopping.checkout"
AGENT = "https://agent.example/.well-known/ucp"
NEWS = "https://agent.example/news"
METHODS = [*["pm_card_visa"] * 4, "pm_card_chargeDeclined", "pm_card_authenticationRequired"]
QUANTITIES = [1, 2, 1, 2, 1, 2, 3, 0, 25, "two"]
PLACE = {
    "id": "home", "street_address": "1 Stage Street", "address_locality": "Oakland", "address_region": "CA",
    "address_country": "US", "postal_code": "94607", "first_name": "Carol", "last_name": "Example",
}  # fmt: skip


def profile(**more: Any) -> dict[str, Any]:
    """An agent's profile that speaks all that we do; `more` replaces parts of its `ucp`."""
    spec = {"spec": "https://ucp.dev/specification", "schema": "https://ucp.dev/schemas/shopping.json"}
    capabilities = {name: [entries[0] | spec] for name, entries in ucp.CAPABILITIES.items()}
    capabilities[ucp.ORDER][0]["config"] = {"webhook_url": NEWS}
    said = {
        "version": ucp.VERSION,
        "services": {ucp.SERVICE: [{"version": ucp.VERSION, "transport": "rest", **spec}]},
        "capabilities": capabilities,
        "payment_handlers": {},
    }
    return {"ucp": said | more}


@cache
def _registry() -> Registry[Any]:
    found = []
    for path in (ACP / "json-schema").glob("*.json"):
        body = json.loads(path.read_text())
        found += [(name, body) for name in (body["$id"], f"https://acp.test/{path.name}")]
        if path.name == CHECKOUT:  # the cart's schema names it by file, beside its own placeholder address
            found += [
                (f"https://example.com/schemas/{room}/{path.name}", body)
                for room in ("cart", "feed", "checkout")
            ]
    for path in UCP.rglob("*.json"):
        body = json.loads(path.read_text())
        body = {name: value for name, value in body.items() if name != "$id"}
        found.append((f"https://ucp.test/{path.relative_to(UCP)}", body))
    resources = [(name, Resource(contents=body, specification=DRAFT202012)) for name, body in found]
    return Registry().with_resources(resources)


@cache
def judge(where: str) -> Draft202012Validator:
    """A validator of `https://acp.test/file#/$defs/Name` or `https://ucp.test/schemas/…`; formats count."""
    return Draft202012Validator(
        {"$ref": where}, registry=_registry(), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def faults(where: str, body: Any) -> list[str]:
    return [f"{fault.json_path}: {fault.message[:200]}" for fault in judge(where).iter_errors(body)]


def acp(name: str, file: str = CHECKOUT) -> str:
    return f"https://acp.test/{file}#/$defs/{name}"


def payment(spt: str) -> dict[str, Any]:
    instrument = {"type": "card", "credential": {"type": "spt", "token": spt}}
    return {"payment_data": {"handler_id": "card_tokenized", "instrument": instrument}}


class Talk:
    """One agent's way of asking; every answer is judged, and the verdicts kept."""

    def __init__(self, client: Client, secret: str, chance: random.Random) -> None:
        self.client, self.secret, self.chance = client, secret, chance
        self.answers = 0
        self.faults: list[str] = []

    def judged(self, where: str, answer: Any) -> dict[str, Any]:
        body = answer.json()
        wrong = faults(where, body)
        self.answers += 1
        self.faults += [f"{answer.status_code} {where} {one}" for one in wrong]
        return body

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        given = {"authorization": f"Bearer {self.secret}", "request-id": str(uuid.uuid4()), **self.greeting()}
        if method != "GET":
            given["idempotency-key"] = str(uuid.uuid4())
        kwargs = {"data": json.dumps({} if body is None else body), "content_type": "application/json"}
        send = getattr(self.client, method.lower())
        return send(path, headers=given | headers, **({} if method == "GET" else kwargs))

    def greeting(self) -> dict[str, str]:
        raise NotImplementedError


class AcpTalk(Talk):
    def greeting(self) -> dict[str, str]:
        return {"api-version": VERSION}

    def session(self, answer: Any) -> dict[str, Any]:
        if answer.status_code >= 400:
            return self.judged(acp("Error"), answer)
        body = answer.json()
        return self.judged(acp("CheckoutSessionWithOrder" if "order" in body else "CheckoutSession"), answer)

    def conversation(self, items: list[str], grant: Any) -> str:
        """Create, change, look, and then pay, cancel or stop, with a mistake here and there; how it ended.

        `grant(method)` gives a shared payment token for a test payment method.
        """
        chance = self.chance
        wanted = [self.item(items) for _ in range(chance.randint(1, 3))]
        body: dict[str, Any] = {"currency": "eur", "capabilities": {}, "line_items": wanted}
        if chance.random() < 0.1:
            body["currency"] = chance.choice(["usd", "xyz", ""])
        if chance.random() < 0.5:
            body["buyer"] = {"email": "carol@example.test", "first_name": "Carol"}
        if chance.random() < 0.4:
            body["fulfillment_details"] = {"name": "Carol", "email": "carol@example.test", "address": ADDRESS}
        seen = self.session(self.ask("POST", "/acp/checkout_sessions", body))
        if "id" not in seen:
            return seen["code"]
        path = f"/acp/checkout_sessions/{seen['id']}"
        for _ in range(chance.randint(0, 2)):
            self.session(self.ask("POST", path, self.change(seen, items)))
        seen = self.session(self.ask("GET", path))
        if chance.random() < 0.2:
            return str(self.session(self.ask("POST", f"{path}/cancel", {})).get("status"))
        complete = {"buyer": {"email": "carol@example.test"}, "fulfillment_details": {"address": ADDRESS}}
        if seen["status"] == "not_ready_for_payment" and chance.random() < 0.8:
            seen = self.session(self.ask("POST", path, complete))
        spt = grant(chance.choice(METHODS))
        seen = self.session(self.ask("POST", f"{path}/complete", payment(spt)))
        if chance.random() < 0.3:
            self.session(self.ask("POST", f"{path}/cancel", {}))
            self.session(self.ask("GET", path))
        return str(seen.get("status", seen.get("code")))

    def item(self, items: list[str]) -> dict[str, Any]:
        item: dict[str, Any] = {"id": self.chance.choice([*items, *items, *items, "v999999", "nonsense"])}
        if self.chance.random() < 0.4:
            item["quantity"] = self.chance.choice(QUANTITIES)
        return item

    def change(self, seen: dict[str, Any], items: list[str]) -> dict[str, Any]:
        options = [option["id"] for option in seen.get("fulfillment_options", [])] + ["teleport"]
        return self.chance.choice(
            [
                {"buyer": {"email": "carol@example.test"}},
                {"buyer": {"email": "no address"}},
                {"line_items": [self.item(items)]},
                {"fulfillment_details": {"address": ADDRESS}},
                {"fulfillment_details": {"address": {"name": "Carol"}}},
                {
                    "selected_fulfillment_options": [
                        {"type": "shipping", "option_id": self.chance.choice(options), "item_ids": []}
                    ]
                },  # fmt: skip  # noqa: E501
                {"discounts": {"codes": [self.chance.choice(["TEN", "NEVER"])]}},
                {"order_notes": "Ring twice"},
            ]
        )


class UcpTalk(Talk):
    """Its profile is there already, as if it had been fetched a moment ago."""

    def __init__(self, client: Client, secret: str, chance: random.Random) -> None:
        super().__init__(client, secret, chance)
        platforms.remember(AGENT, profile())

    def greeting(self) -> dict[str, str]:
        return {"ucp-agent": f'profile="{AGENT}"'}

    def checkout(self, answer: Any) -> dict[str, Any]:
        if answer.status_code >= 400:
            return self.judged("https://ucp.test/schemas/shopping/types/error_response.json", answer)
        return self.judged(UCP_CHECKOUT, answer)

    def conversation(self, items: list[str]) -> str:
        chance = self.chance
        search = self.ask("POST", "/ucp/catalog/search", {"query": "mug", "pagination": {"limit": 2}})
        self.judged("https://ucp.test/schemas/shopping/catalog_search.json#/$defs/search_response", search)
        lookup = self.ask("POST", "/ucp/catalog/lookup", {"ids": [chance.choice(items), "nonsense"]})
        self.judged("https://ucp.test/schemas/shopping/catalog_lookup.json#/$defs/lookup_response", lookup)
        body: dict[str, Any] = {"line_items": [self.line(items) for _ in range(chance.randint(1, 3))]}
        if chance.random() < 0.5:
            body["buyer"] = {"email": chance.choice(["carol@example.test", "nothing"])}
        seen = self.checkout(self.ask("POST", "/ucp/checkout-sessions", body))
        if "id" not in seen:
            return str(seen["messages"][0]["code"])
        path = f"/ucp/checkout-sessions/{seen['id']}"
        method = {
            "type": "shipping",
            "line_item_ids": [],
            "destinations": [PLACE],
            "selected_destination_id": "home",
        }
        body |= {"buyer": {"email": "carol@example.test"}, "fulfillment": {"methods": [method]}}
        if chance.random() < 0.3:
            body["discounts"] = {"codes": [chance.choice(["TEN", "NEVER"])]}
        if chance.random() < 0.8:
            self.checkout(self.ask("PUT", path, body))
        self.checkout(self.ask("GET", path))
        seen = self.checkout(self.ask("POST", f"{path}/complete", {"payment": {"instruments": []}}))
        if chance.random() < 0.3:
            cart = self.ask("POST", "/ucp/carts", {"line_items": [self.line(items)]})
            where = "https://ucp.test/schemas/shopping/"
            is_cart = cart.status_code < 400
            self.judged(where + ("cart.json" if is_cart else "types/error_response.json"), cart)
        if chance.random() < 0.5:
            seen = self.checkout(self.ask("POST", f"{path}/cancel"))
        return str(seen.get("status", ""))

    def line(self, items: list[str]) -> dict[str, Any]:
        chosen = self.chance.choice([*items, *items, *items, "v999999"])
        return {"item": {"id": chosen}, "quantity": self.chance.choice(QUANTITIES[:9])}
