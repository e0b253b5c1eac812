"""Agents shop for people: ACP and UCP from one core, every answer as its schema wants it."""

import hmac
import json
import random
import uuid
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import books, tokens
from accounts.models import PersonalAccessToken, User
from commerce import actions, stock
from commerce.actions.checkout import expire
from commerce.agents import acp as writer
from commerce.agents import news
from commerce.agents.ucp import catalogue
from commerce.catalog.exports import acp_product, item_id
from commerce.gateways.standin import StandIn, api
from commerce.gateways.stripe import StripeGateway
from commerce.models import AgentSession, Coupon, Merchant, Offer, Order, OrderWebhook, Product, Variant
from commerce.webhooks import receive
from tests.commerce.conftest import SECRET, browse, webhooks
from tests.commerce.talking import ACP, ADDRESS, AcpTalk, UcpTalk, acp, faults, payment
from tests.conftest import NOW


def token(user: User, scope: str) -> str:
    """A token as settings make one, without spending the day's budget of tokens."""
    secret, now = f"{tokens.PREFIX}{uuid.uuid4()}", timezone.now()
    PersonalAccessToken.objects.create(
        user=user,
        name="agent",
        digest=tokens.digest(secret),
        scopes=[scope],
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    return secret


@pytest.fixture
def secret(carol: User) -> str:
    return token(carol, "agents:buy")


@pytest.fixture(autouse=True)
def opened(settings: Any, gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AGENTS = True
    settings.AGENT_WEBHOOK_URL, settings.AGENT_WEBHOOK_SECRET = "https://agent.example/news", "shared"
    monkeypatch.setattr("commerce.gateways.current", lambda: gateway)


@pytest.fixture
def talk(client: Client, secret: str) -> AcpTalk:
    return AcpTalk(client, secret, random.Random(1))


@pytest.fixture
def grant(standin: StandIn) -> Callable[[str], str]:
    def granted(method: str = "pm_card_visa", most: int = 10**6) -> str:
        limits = {"currency": "eur", "max_amount": most}
        with standin.store.transaction() as session:
            return str(api.grant_token(session, {"payment_method": method, "usage_limits": limits}, "")["id"])

    return granted


@pytest.fixture
def song(merchant: Merchant) -> Variant:
    product = Product.objects.create(
        merchant=merchant, handle="song", title="Song", needs_shipping=False, updated_at=NOW
    )
    return Variant.objects.create(product=product, sku="SONG", price=199, currency="EUR", stock=None)


def create(talk: AcpTalk, variant: Variant, quantity: int = 1, **more: Any) -> dict[str, Any]:
    body = {
        "currency": "eur",
        "capabilities": {},
        "line_items": [{"id": item_id(variant), "quantity": quantity}],
        "buyer": {"email": "carol@example.test"},
        "fulfillment_details": {"address": ADDRESS},
    }
    answer = talk.ask("POST", "/acp/checkout_sessions", body | more)
    assert answer.status_code == 201, answer.content
    return talk.session(answer)


def complete(talk: AcpTalk, session: dict[str, Any], spt: str, **headers: str) -> Any:
    return talk.ask("POST", f"/acp/checkout_sessions/{session['id']}/complete", payment(spt), **headers)


def test_an_agent_buys_a_mug_and_hears_of_its_order(
    mug: Variant, talk: AcpTalk, grant: Callable[..., str], standin: StandIn, gateway: StripeGateway
) -> None:
    session = create(talk, mug, 2)
    assert (session["status"], session["totals"][-1]["amount"]) == ("ready_for_payment", 2500)
    assert stock.available(mug) == 3
    paid = talk.session(complete(talk, session, grant()))
    assert (paid["status"], paid["order"]["checkout_session_id"]) == ("completed", session["id"])
    assert talk.faults == []
    mug.refresh_from_db()
    order = Order.objects.get()
    assert (mug.stock, order.state, order.channel, order.address["city"]) == (1, "paid", "acp", "Oakland")
    assert books.balance("shop:provider", "EUR") == -2500
    for payload, signature in webhooks(standin):
        receive(payload=payload, signature=signature, now=NOW, gateway=gateway)
    assert books.balance("shop:provider", "EUR") == -2500
    actions.send(order=order, carrier="Post", tracking="1", now=NOW)
    sent: list[tuple[bytes, dict[str, str]]] = []
    statuses = iter([500, 200, 200])

    def take(url: str, body: bytes, headers: dict[str, str]) -> int:
        sent.append((body, headers))
        return next(statuses)

    now = timezone.now() + timedelta(minutes=1)
    assert news.send_due(now=now, send=take) == 1
    assert news.send_due(now=now + timedelta(minutes=1), send=take) == 1
    assert not OrderWebhook.objects.filter(due_at__isnull=False).exists()
    for body, headers in sent:
        at, _comma, given = headers["Merchant-Signature"].partition(",v1=")
        expected = hmac.new(b"shared", at.removeprefix("t=").encode() + b"." + body, sha256).hexdigest()
        assert given == expected
        assert faults(acp("Order"), json.loads(body)["data"]) == []
    assert {json.loads(body)["type"] for body, _headers in sent} == {"order_create", "order_update"}


def test_the_buyer_opens_the_order_by_its_own_address(
    mug: Variant, talk: AcpTalk, grant: Callable[..., str], client: Client
) -> None:
    paid = complete(talk, create(talk, mug), grant()).json()
    address = paid["order"]["permalink_url"]
    path = address.partition("/orders")[1] + address.partition("/orders")[2]
    assert Client().get(path.partition("?")[0]).status_code == 404
    browser = Client()
    assert browser.get(path, follow=True).status_code == 200
    assert "Cancel and get everything back" in browser.get(path.partition("?")[0]).content.decode()


@pytest.mark.parametrize(
    ("method", "code", "status"),
    [
        ("pm_card_chargeDeclined", "payment_declined", "ready_for_payment"),
        ("pm_card_authenticationRequired", "requires_3ds", "requires_escalation"),
    ],
)
def test_a_card_that_does_not_pay_gives_the_stock_back_at_once(
    mug: Variant, talk: AcpTalk, grant: Callable[..., str], method: str, code: str, status: str
) -> None:
    session = create(talk, mug, 3)
    seen = talk.session(complete(talk, session, grant(method)))
    assert (seen["status"], seen["messages"][0]["code"]) == (status, code)
    assert stock.available(mug) == 3 and not Order.objects.filter(state="paid").exists()
    assert talk.session(complete(talk, session, grant())).get("status") in {"completed", None}
    assert talk.faults == []


def test_a_token_beyond_its_limit_or_used_twice_pays_nothing(
    mug: Variant, talk: AcpTalk, grant: Callable[..., str]
) -> None:
    once = grant()
    assert complete(talk, create(talk, mug), once).json()["status"] == "completed"
    for other in (once, grant(most=5), "spt_unknown"):
        assert complete(talk, create(talk, mug), other).json()["messages"][0]["code"] == "payment_declined"
    assert Order.objects.filter(state="paid").count() == 1


def test_a_buyer_is_handed_over_to_our_own_page(
    mug: Variant, talk: AcpTalk, grant: Callable[..., str]
) -> None:
    session = create(talk, mug)
    complete(talk, session, grant("pm_card_authenticationRequired"))
    browser = Client()
    path = "/handover" + session["continue_url"].partition("/handover")[2]
    assert "Stage mug" in browser.get(path).content.decode()
    led = browser.post(path)
    assert led.status_code == 302 and "/pay/" in led.headers["Location"]
    assert browser.post(path).headers["Location"] == led.headers["Location"]
    assert browser.get(f"/orders/{Order.objects.get(state='open').public_id}").status_code == 200


def test_the_same_key_gives_the_same_bytes_and_one_effect(
    mug: Variant, talk: AcpTalk, grant: Callable[..., str]
) -> None:
    session, spt, key = create(talk, mug), grant(), {"idempotency-key": "once"}
    first = complete(talk, session, spt, **key)
    again = complete(talk, session, spt, **key)
    assert again.content == first.content and again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.headers["Idempotency-Key"]) == (200, "once")
    assert Order.objects.filter(state="paid").count() == 1
    other = complete(talk, session, grant(), **key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    assert talk.session(other) and talk.faults == []


def test_what_broke_off_between_charge_and_answer_is_gone_on_with(
    mug: Variant, talk: AcpTalk, grant: Callable[..., str], monkeypatch: pytest.MonkeyPatch, standin: StandIn
) -> None:
    session, spt = create(talk, mug), grant()

    def died(**given: Any) -> None:
        raise RuntimeError("the process died")

    monkeypatch.setattr("commerce.agents.sessions.mark_paid", died)
    with pytest.raises(RuntimeError):
        complete(talk, session, spt, **{"idempotency-key": "k"})
    assert AgentSession.objects.get().state == "paying" and stock.available(mug) == 2
    monkeypatch.undo()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("commerce.gateways.current", lambda: StripeGateway(
            secret_key="sk_test_standin", webhook_secret=SECRET, api_base=standin.base_url))  # fmt: skip
        seen = complete(talk, session, spt, **{"idempotency-key": "k"})
    assert seen.json()["status"] == "completed"
    with standin.store.transaction() as store:
        assert len(store.all("charge")) == 1


def test_a_session_that_one_token_pays_takes_no_other_and_no_buyer(
    mug: Variant, talk: AcpTalk, grant: Callable[..., str], monkeypatch: pytest.MonkeyPatch, standin: StandIn
) -> None:
    session, spt = create(talk, mug), grant()

    def died(**given: Any) -> None:
        raise RuntimeError("the process died")

    with monkeypatch.context() as patch:
        patch.setattr("commerce.agents.sessions.mark_paid", died)
        with pytest.raises(RuntimeError):
            complete(talk, session, spt)
    other = complete(talk, session, grant())
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    seen = talk.session(talk.ask("GET", f"/acp/checkout_sessions/{session['id']}"))
    assert (seen["status"], seen["messages"]) == ("complete_in_progress", [])
    path = "/handover" + session["continue_url"].partition("/handover")[2]
    assert Client().post(path).status_code == 409
    assert complete(talk, session, spt).json()["status"] == "completed"
    with standin.store.transaction() as store:
        assert len(store.all("charge")) == 1
    assert talk.faults == []


def test_a_session_whose_process_died_opens_again_when_the_time_of_its_order_ran_out(
    mug: Variant, talk: AcpTalk, grant: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = create(talk, mug)

    def died(self: Any, **given: Any) -> None:
        raise RuntimeError("the process died")

    with monkeypatch.context() as patch:
        patch.setattr("commerce.gateways.stripe.StripeGateway.pay_with_token", died)
        with pytest.raises(RuntimeError):
            complete(talk, session, grant())
    path = "/handover" + session["continue_url"].partition("/handover")[2]
    assert Client().post(path).status_code == 409
    expire(order=Order.objects.get(), now=NOW)
    assert Client().post(path).status_code == 302
    assert Order.objects.filter(state=Order.State.OPEN).count() == 1 and talk.faults == []


def test_a_charge_that_comes_after_the_hold_ended_goes_back_at_once(
    mug: Variant,
    talk: AcpTalk,
    grant: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    standin: StandIn,
    gateway: StripeGateway,
) -> None:
    session, asked = create(talk, mug), gateway.pay_with_token

    def slow(**given: Any) -> Any:
        paid = asked(**given)
        actions.cancel_order(order=Order.objects.get(), now=NOW, gateway=gateway)
        return paid

    monkeypatch.setattr(gateway, "pay_with_token", slow)
    answer = complete(talk, session, grant())
    assert (answer.status_code, talk.session(answer)["code"]) == (409, "conflict")
    with standin.store.transaction() as store:
        assert [charge["amount_refunded"] for charge in store.all("charge")] == [1250]
    for payload, signature in webhooks(standin):
        assert receive(payload=payload, signature=signature, now=NOW, gateway=gateway).error == ""
    monkeypatch.undo()
    seen = talk.session(talk.ask("GET", f"/acp/checkout_sessions/{session['id']}"))
    assert seen["status"] == "ready_for_payment" and books.unbalanced() == []
    assert talk.faults == []


def test_a_completed_session_says_what_was_charged_whatever_changes_later(
    mug: Variant, talk: AcpTalk, grant: Callable[..., str], merchant: Merchant, settings: Any
) -> None:
    settings.TAX_MODE = "added"
    Merchant.objects.update(tax_bp=2000)
    actions.add_rate(
        merchant=merchant, title="Post", currency="EUR", fee=490, free_from=None, days_low=1, days_high=2
    )
    Coupon.objects.create(merchant=merchant, code="ONCE", percent_bp=1000, uses_left=1, created_at=NOW)
    session = create(talk, mug, 3, discounts={"codes": ["ONCE"]})
    paid = talk.session(complete(talk, session, grant()))
    order = Order.objects.get()
    assert (paid["status"], paid["messages"]) == ("completed", [])
    assert paid["totals"] == session["totals"]
    assert paid["totals"][-1]["amount"] == order.total == (3750 - 375 + 490) * 12 // 10
    assert paid["discounts"]["applied"][0]["amount"] == 375
    assert paid["fulfillment_options"] == session["fulfillment_options"]
    Variant.objects.update(price=9900)
    merchant.shipping_rates.all().delete()
    Product.objects.update(is_live=False)
    seen = talk.session(talk.ask("GET", f"/acp/checkout_sessions/{session['id']}"))
    assert (seen["totals"], seen["line_items"], seen["messages"]) == (
        session["totals"], session["line_items"], []
    )  # fmt: skip
    assert talk.faults == []


def test_a_buyer_who_lets_the_time_pass_leaves_the_session_as_it_was(
    mug: Variant, talk: AcpTalk, grant: Callable[..., str], gateway: StripeGateway
) -> None:
    session = create(talk, mug, 3)
    path = f"/acp/checkout_sessions/{session['id']}"
    page = "/handover" + session["continue_url"].partition("/handover")[2]
    assert Client().post(page).status_code == 302
    seen = talk.session(talk.ask("GET", path))
    assert (seen["status"], seen["messages"]) == ("ready_for_payment", [])  # the last three, held for it
    assert talk.ask("POST", path, {"order_notes": "x"}).status_code == 409
    assert talk.ask("POST", f"{path}/cancel", {}).status_code == 409
    assert complete(talk, session, grant()).status_code == 409
    for order in Order.objects.all():
        actions.cancel_order(order=order, now=NOW, gateway=gateway)
    assert "Stage mug" in Client().get(page).content.decode()
    assert talk.session(talk.ask("POST", path, {"order_notes": "x"}))["status"] == "ready_for_payment"
    assert talk.session(complete(talk, session, grant()))["status"] == "completed"
    assert "paid or called off" in Client().get(page).content.decode()
    assert talk.faults == []


def test_an_agent_may_call_off_what_its_buyer_let_lapse(
    mug: Variant, talk: AcpTalk, gateway: StripeGateway
) -> None:
    session = create(talk, mug)
    Client().post("/handover" + session["continue_url"].partition("/handover")[2])
    actions.cancel_order(order=Order.objects.get(), now=NOW, gateway=gateway)
    answer = talk.ask("POST", f"/acp/checkout_sessions/{session['id']}/cancel", {})
    assert talk.session(answer)["status"] == "canceled" and talk.faults == []


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"api-version": ""}, 400, "missing_api_version"),
        ({"api-version": "2025-09-29"}, 400, "unsupported_api_version"),
        ({"idempotency-key": ""}, 400, "idempotency_key_required"),
        ({"idempotency-key": "k" * 300}, 400, "idempotency_key_too_long"),
        ({"authorization": ""}, 401, "unauthorized"),
        ({"authorization": "Bearer us_nothing"}, 401, "unauthorized"),
        ({"content-type": "text/plain"}, 400, "invalid_json"),
    ],
)
def test_a_request_with_wrong_headers_gets_a_typed_error(
    mug: Variant, talk: AcpTalk, headers: dict[str, str], status: int, code: str
) -> None:
    body = {"currency": "eur", "capabilities": {}, "line_items": [{"id": item_id(mug)}]}
    answer = talk.ask("POST", "/acp/checkout_sessions", body, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert talk.session(answer) and talk.faults == []


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"line_items": [{"id": "v999999"}]}, "invalid_item_id", "$.line_items[0].id"),
        ({"line_items": []}, "invalid", "$.line_items"),
        ({"line_items": "mug"}, "invalid", "$.line_items"),
        ({"line_items": [{"id": 5}]}, "missing", "$.line_items[0].id"),
        ({"currency": "usd"}, "currency_mismatch", "$.currency"),
        ({"currency": "QQQ"}, "invalid_currency", "$.currency"),
        ({"buyer": {"email": "nobody"}}, "invalid", "$.buyer.email"),
        (
            {"fulfillment_details": {"address": {"name": "C"}}},
            "missing",
            "$.fulfillment_details.address.line_one",
        ),
        ({"order_notes": "x" * 6000}, "invalid", "$.order_notes"),
        ({"selected_fulfillment_options": []}, "invalid", "$.selected_fulfillment_options"),
    ],
)
def test_what_cannot_be_is_named_by_its_place(
    mug: Variant, talk: AcpTalk, change: dict[str, Any], code: str, param: str
) -> None:
    body = {"currency": "eur", "capabilities": {}, "line_items": [{"id": item_id(mug)}]}
    answer = talk.ask("POST", "/acp/checkout_sessions", body | change)
    told = talk.session(answer)
    assert (answer.status_code, told["code"], told["param"]) == (400, code, param)
    assert talk.faults == [] and not AgentSession.objects.exists()


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"payment_data": {"handler_id": []}}, "unsupported", "$.payment_data.handler_id"),
        ({"authentication_result": {"outcome": []}}, "invalid", "$.authentication_result.outcome"),
        ({"order_notes": "half \ud800"}, "invalid", "$.order_notes"),
        ({"a": [{"b": "nothing \0"}]}, "invalid", "$.a[0].b"),
        ({"\0": 1}, "invalid", "$"),
    ],
)
def test_a_completion_that_cannot_be_is_named_by_its_place(
    mug: Variant, talk: AcpTalk, change: dict[str, Any], code: str, param: str
) -> None:
    path = f"/acp/checkout_sessions/{create(talk, mug)['id']}/complete"
    answer = talk.ask("POST", path, payment("spt_any") | change)
    told = talk.session(answer)
    assert (answer.status_code, told["code"], told["param"]) == (400, code, param)
    assert talk.faults == [] and not Order.objects.exists()


@pytest.mark.parametrize(
    ("method", "place"),
    [
        ({"groups": 1}, "groups"),
        ({"destinations": True}, "destinations"),
        ({"destinations": [{"id": "\ud800"}]}, "destinations[0].id"),
    ],
)
def test_a_way_of_shipping_that_cannot_be_is_named_by_its_place(
    mug: Variant, client: Client, secret: str, method: dict[str, Any], place: str
) -> None:
    talk = UcpTalk(client, secret, random.Random(1))
    body = {"line_items": [{"item": {"id": item_id(mug)}}], "fulfillment": {"methods": [method]}}
    answer = talk.ask("POST", "/ucp/checkout-sessions", body)
    told = talk.checkout(answer)["messages"][0]
    assert (answer.status_code, told["path"]) == (400, f"$.fulfillment.methods[0].{place}")
    assert talk.faults == [] and not AgentSession.objects.exists()


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {"mug", "song"}),
        ({"price": {"min": 200}}, {"mug"}),
        ({"price": {"max": 200}}, {"song"}),
        ({"price": {"min": 199, "max": 1250}}, {"mug", "song"}),
        ({"price": {"min": 300, "max": 1200}}, set()),
        ({"price": {"min": 1400, "max": 8000}}, set()),  # between two variants of the mug
        ({"categories": ["Cups"]}, set()),
        ({"categories": ["Cups"], "price": {"min": 1}}, set()),
        ({"price": {"min": "1"}}, "$.filters.price.min"),
        ({"categories": [1]}, "$.filters.categories"),
        ({"colour": "red"}, "$.filters.colour"),
    ],
)
def test_a_search_is_narrowed_by_every_filter_or_refused_by_its_name(
    mug: Variant, song: Variant, client: Client, secret: str, filters: Any, found: Any
) -> None:
    Variant.objects.create(product=mug.product, sku="GOLD", price=9000, currency="EUR")
    talk = UcpTalk(client, secret, random.Random(1))
    answer = talk.ask("POST", "/ucp/catalog/search", {"filters": filters, "context": {"currency": "EUR"}})
    if isinstance(found, str):
        assert (answer.status_code, talk.checkout(answer)["messages"][0]["path"]) == (400, found)
    else:
        where = "https://ucp.test/schemas/shopping/catalog_search.json#/$defs/search_response"
        assert {row["handle"] for row in talk.judged(where, answer)["products"]} == found
    assert talk.faults == []


def test_a_price_in_another_currency_finds_nothing(mug: Variant, client: Client, secret: str) -> None:
    talk = UcpTalk(client, secret, random.Random(1))
    body = {"filters": {"price": {"min": 1}}, "context": {"currency": "USD"}}
    assert talk.ask("POST", "/ucp/catalog/search", body).json()["products"] == []
    body = {"context": {"currency": "USD"}}
    assert len(talk.ask("POST", "/ucp/catalog/search", body).json()["products"]) == 1


def test_a_body_of_a_megabyte_is_refused(mug: Variant, talk: AcpTalk) -> None:
    answer = talk.ask("POST", "/acp/checkout_sessions", {"order_notes": "x" * (1 << 20)})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    assert talk.session(answer) and talk.faults == []


def test_what_sold_out_meanwhile_is_said_beside_the_session(mug: Variant, talk: AcpTalk) -> None:
    session = create(talk, mug, 2)
    actions.set_stock(variant=mug, stock=1)
    seen = talk.session(talk.ask("GET", f"/acp/checkout_sessions/{session['id']}"))
    assert (seen["status"], seen["messages"][0]["code"]) == ("not_ready_for_payment", "out_of_stock")
    answer = complete(talk, session, "spt_any")
    assert (answer.status_code, answer.json()["code"]) == (400, "out_of_stock")
    assert talk.session(answer) and talk.faults == []


def test_agents_find_and_buy_nothing_of_a_closed_account(
    shop: User, mug: Variant, talk: AcpTalk, grant: Callable[..., str]
) -> None:
    session = create(talk, mug)
    assert catalogue._for_sale().exists()
    User.objects.filter(pk=shop.pk).update(is_active=False)
    seen = talk.session(talk.ask("GET", f"/acp/checkout_sessions/{session['id']}"))
    assert (seen["status"], seen["messages"][0]["code"]) == ("not_ready_for_payment", "not_found")
    assert complete(talk, session, grant()).json()["code"] == "not_found"
    answers = [
        talk.ask(
            "POST",
            "/acp/checkout_sessions",
            {"currency": "eur", "capabilities": {}, "line_items": [{"id": key, "quantity": 1}]},
        )
        for key in (item_id(mug), "v999999")
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(400, "invalid_item_id")}
    assert talk.faults == [] and not Order.objects.exists()
    assert not catalogue._for_sale().exists()


def test_a_session_that_is_over_takes_nothing_more(
    mug: Variant, talk: AcpTalk, grant: Callable[..., str]
) -> None:
    session = create(talk, mug)
    path = f"/acp/checkout_sessions/{session['id']}"
    assert talk.session(talk.ask("POST", f"{path}/cancel", {}))["status"] == "canceled"
    assert talk.ask("POST", f"{path}/cancel", {}).status_code == 405
    assert talk.ask("POST", path, {"order_notes": "x"}).status_code == 409
    assert complete(talk, session, grant()).status_code == 409
    old = create(talk, mug)
    AgentSession.objects.filter(public_id=old["id"]).update(expires_at=NOW - timedelta(days=1))
    assert talk.session(talk.ask("GET", f"/acp/checkout_sessions/{old['id']}"))["status"] == "expired"
    assert complete(talk, old, grant()).status_code == 409
    assert talk.faults == [] and not Order.objects.exists()


def test_agents_see_their_own_sessions_only(mug: Variant, talk: AcpTalk, bob: User, client: Client) -> None:
    session = create(talk, mug)
    other, weak = token(bob, "agents:buy"), token(bob, "shop:write")
    path = f"/acp/checkout_sessions/{session['id']}"
    assert AcpTalk(client, other, random.Random()).ask("GET", path).status_code == 404
    assert AcpTalk(client, weak, random.Random()).ask("GET", path).status_code == 403
    assert talk.ask("GET", f"/acp/checkout_sessions/{uuid.uuid4()}").status_code == 404


def test_a_cart_is_kept_changed_and_given_up(mug: Variant, song: Variant, talk: AcpTalk) -> None:
    made = talk.judged(acp("Cart", "schema.cart.json"), talk.ask("POST", "/acp/carts", {"line_items": [{"id": item_id(mug)}]}))  # fmt: skip  # noqa: E501
    path = f"/acp/carts/{made['id']}"
    changed = talk.ask("PUT", path, {"line_items": [{"id": item_id(song), "quantity": 3}]})
    assert talk.judged(acp("Cart", "schema.cart.json"), changed)["totals"][-1]["amount"] == 597
    assert talk.judged(acp("Cart", "schema.cart.json"), talk.ask("GET", path))["currency"] == "eur"
    assert talk.ask("POST", f"{path}/cancel").status_code == 200
    assert talk.ask("PUT", path, {"line_items": [{"id": item_id(song)}]}).status_code == 409
    assert talk.faults == []


def test_discovery_and_feed_are_as_published(mug: Variant, client: Client) -> None:
    assert faults(acp("DiscoveryResponse"), client.get("/.well-known/acp.json").json()) == []
    line = client.get("/shops/stage/acp.jsonl").getvalue().decode().splitlines()[0]
    assert faults(acp("Product", "schema.feed.json"), json.loads(line)) == []
    assert json.loads(line) == acp_product(mug.product)
    profile = client.get("/.well-known/ucp").json()
    assert faults("https://ucp.test/discovery/profile_schema.json#/$defs/business_profile", profile) == []


def test_with_the_flag_off_nothing_is_there(
    mug: Variant, client: Client, talk: AcpTalk, settings: Any
) -> None:
    settings.AGENTS = False
    for path in ("/.well-known/acp.json", "/.well-known/ucp", f"/handover/{uuid.uuid4()}"):
        assert client.get(path).status_code == 404
    assert talk.ask("POST", "/acp/checkout_sessions", {}).status_code == 404


EXAMPLES = json.loads((ACP / "examples" / "examples.agentic_checkout.json").read_text())


@pytest.mark.parametrize("name", [n for n in EXAMPLES if n.startswith(("create_", "update_", "complete_", "cancel_")) and "request" in n])  # fmt: skip  # noqa: E501
def test_every_valid_example_of_a_request_goes_round(
    name: str, mug: Variant, talk: AcpTalk, grant: Callable[..., str]
) -> None:
    """The examples name things that this shop does not sell: its own ids take their places."""
    body = json.loads(json.dumps(EXAMPLES[name]))
    if "line_items" in body:
        body["line_items"] = [{"id": item_id(mug)} for _item in body["line_items"]]
        body["currency"] = "eur"
        answer = talk.ask("POST", "/acp/checkout_sessions", body)
        assert answer.status_code == 201, answer.content
    else:
        session = create(talk, mug)
        path = f"/acp/checkout_sessions/{session['id']}"
        for option in body.get("selected_fulfillment_options", []):
            option["option_id"] = session["fulfillment_options"][0]["id"]
        data = body.get("payment_data")
        if data:
            data["instrument"]["credential"]["token"] = grant()
            answer = talk.ask("POST", f"{path}/complete", body)
            is_other = data["handler_id"] != "card_tokenized"
            is_denied = body.get("authentication_result", {}).get("outcome") == "denied"
            assert answer.status_code == (400 if is_other else 402 if is_denied else 200), answer.content
        elif "intent_trace" in body:
            answer = talk.ask("POST", f"{path}/cancel", body)
            assert answer.json()["status"] == "canceled"
        else:
            answer = talk.ask("POST", path, body)
            assert answer.status_code == 200, answer.content
    talk.session(answer)
    assert talk.faults == []


def test_chance_conversations_are_answered_as_published(
    mug: Variant, song: Variant, client: Client, secret: str, grant: Callable[..., str], merchant: Merchant
) -> None:
    actions.set_stock(variant=mug, stock=6)
    Coupon.objects.create(merchant=merchant, code="TEN", percent_bp=1000, created_at=NOW)
    actions.add_rate(
        merchant=merchant, title="Post", currency="EUR", fee=490, free_from=None, days_low=1, days_high=2
    )
    items = [item_id(mug), item_id(song)]
    chance = random.Random(7)
    first, second = AcpTalk(client, secret, chance), UcpTalk(client, secret, chance)
    ends = {first.conversation(items, grant) for _ in range(25)}
    ends |= {second.conversation(items) for _ in range(12)}
    assert (first.faults, second.faults) == ([], [])
    assert {"completed", "canceled", "requires_escalation", "invalid_item_id"} <= ends
    assert books.unbalanced() == []


def test_ucp_hands_the_buyer_over_and_shows_the_order(
    mug: Variant, client: Client, secret: str, gateway: StripeGateway, carol: User
) -> None:
    talk = UcpTalk(client, secret, random.Random(1))
    body = {
        "line_items": [{"item": {"id": item_id(mug)}, "quantity": 1}],
        "buyer": {"email": "c@example.test"},
    }
    made = talk.checkout(talk.ask("POST", "/ucp/checkout-sessions", body))
    assert made["status"] == "incomplete"
    path = f"/ucp/checkout-sessions/{made['id']}"
    Product.objects.update(needs_shipping=False)
    done = talk.checkout(talk.ask("POST", f"{path}/complete", {"payment": {}}))
    assert done["status"] == "requires_escalation"
    browser = Client()
    led = browser.post("/handover" + done["continue_url"].partition("/handover")[2])
    browse(led.headers["Location"], card="4242424242424242", email="c@example.test")
    order = Order.objects.get()
    actions.sync(order=order, now=NOW, gateway=gateway)
    seen = talk.checkout(talk.ask("GET", path))
    assert seen["status"] == "completed"
    answer = talk.ask("GET", f"/ucp/orders/{seen['order']['id']}")
    talk.judged("https://ucp.test/schemas/shopping/order.json", answer)
    assert talk.faults == []
    assert talk.ask("GET", f"/ucp/orders/{uuid.uuid4()}").status_code == 404


@pytest.mark.parametrize("body", [{}, {"ids": []}, {"ids": "v1"}, {"ids": [1]}, {"ids": ["x"] * 51}])
def test_a_lookup_without_ids_gets_a_typed_error(
    client: Client, secret: str, mug: Variant, body: Any
) -> None:
    talk = UcpTalk(client, secret, random.Random(1))
    answer = talk.ask("POST", "/ucp/catalog/lookup", body)
    assert answer.status_code == 400
    assert talk.checkout(answer) and talk.faults == []
    assert writer.VERSION == "2026-04-17"


@pytest.mark.parametrize("path", ["/acp/checkout_sessions/none-of-ours", "/acp/carts/1", "/acp/elsewhere"])
def test_what_is_not_there_is_an_error_in_acps_shape(talk: AcpTalk, path: str) -> None:
    answer = talk.ask("GET", path)
    assert answer.status_code == 404 and faults(acp("Error"), answer.json()) == []


@pytest.mark.parametrize(
    "path", ["/ucp/checkout-sessions/none-of-ours", "/ucp/orders/1", "/ucp/carts/x", "/ucp/elsewhere"]
)
def test_what_is_not_there_is_an_error_in_ucps_shape(client: Client, secret: str, path: str) -> None:
    answer = UcpTalk(client, secret, random.Random(1)).ask("GET", path)
    where = "https://ucp.test/schemas/shopping/types/error_response.json"
    assert answer.status_code == 404 and faults(where, answer.json()) == []


def test_a_ucp_cart_becomes_a_checkout_with_its_own_contents(
    client: Client, secret: str, mug: Variant, song: Variant
) -> None:
    talk = UcpTalk(client, secret, random.Random(1))
    line = {"item": {"id": item_id(mug)}, "quantity": 2}
    made = talk.ask("POST", "/ucp/carts", {"line_items": [line], "buyer": {"email": "carol@example.test"}})
    where = "https://ucp.test/schemas/shopping/cart.json"
    cart = talk.judged(where, made)
    assert made.status_code == 201 and cart["totals"][-1]["amount"] == 2500
    line["quantity"] = 3
    cart = talk.judged(where, talk.ask("PUT", f"/ucp/carts/{cart['id']}", {"line_items": [line]}))
    other = {"item": {"id": item_id(song)}, "quantity": 1}
    checkout = talk.checkout(
        talk.ask("POST", "/ucp/checkout-sessions", {"cart_id": cart["id"], "line_items": [other]})
    )
    assert [one["item"]["id"] for one in checkout["line_items"]] == [item_id(mug)]
    assert checkout["line_items"][0]["quantity"] == 3
    talk.judged(where, talk.ask("POST", f"/ucp/carts/{cart['id']}/cancel"))
    assert talk.faults == []


def test_the_ways_of_saying_it_in_the_openapi_files_own_examples_are_read(
    mug: Variant, talk: AcpTalk, grant: Callable[..., str]
) -> None:
    answer = talk.ask(
        "POST",
        "/acp/checkout_sessions",
        {
            "items": [{"id": item_id(mug), "quantity": 1}],
            "fulfillment_details": {"name": "Carol", "email": "carol@example.test", "address": ADDRESS},
        },
    )
    session = talk.session(answer)
    assert answer.status_code == 201 and session["status"] == "ready_for_payment"
    option = session["fulfillment_options"][0]["id"]
    chosen = [{"type": "shipping", "shipping": {"option_id": option, "item_ids": [item_id(mug)]}}]
    path = f"/acp/checkout_sessions/{session['id']}"
    talk.session(talk.ask("POST", path, {"selected_fulfillment_options": chosen}))
    said = {"payment_data": {"token": grant(), "provider": "stripe"}}
    assert talk.session(talk.ask("POST", f"{path}/complete", said))["status"] == "completed"
    assert talk.faults == []


def test_what_is_only_taken_part_in_is_not_sold_to_agents(
    mug: Variant, talk: AcpTalk, client: Client
) -> None:
    offer = Offer.objects.create(
        product=mug.product, kind="concept", state="open", created_at=NOW, changed_at=NOW
    )
    body = {"currency": "eur", "capabilities": {}, "line_items": [{"id": item_id(mug)}]}
    answer = talk.ask("POST", "/acp/checkout_sessions", body)
    assert answer.status_code == 400 and answer.json()["code"] == "invalid_item_id"
    assert client.get("/shops/stage/acp.jsonl").getvalue() == b""
    Offer.objects.filter(pk=offer.pk).update(state="failed")
    assert talk.ask("POST", "/acp/checkout_sessions", body).status_code == 201
