"""Who an agent is: its profile, its key and its signature, what both speak, and news that it can believe."""

import json
import random
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from commerce import actions
from commerce.agents import news, platforms, signing, ucp
from commerce.catalog.exports import item_id
from commerce.gateways.stripe import StripeGateway
from commerce.models import AgentProfile, AgentSession, Coupon, Order, OrderWebhook, Product, Variant
from tests.commerce.conftest import browse
from tests.commerce.talking import AGENT, NEWS, UcpTalk, faults, profile
from tests.commerce.test_agents import token
from tests.conftest import NOW

ERROR = "https://ucp.test/schemas/shopping/types/error_response.json"
ORDER = "https://ucp.test/schemas/shopping/order.json"
SEARCH = "/ucp/catalog/search"


@pytest.fixture(autouse=True)
def opened(
    settings: Any, gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    settings.AGENTS, settings.KEYS_DIR = True, tmp_path
    monkeypatch.setattr("commerce.gateways.current", lambda: gateway)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def talk(client: Client, carol: User) -> UcpTalk:
    return UcpTalk(client, token(carol, "agents:buy"), random.Random(1))


def code(answer: Any) -> str:
    assert faults(ERROR, answer.json()) == []
    return str(answer.json()["messages"][0]["code"])


# The profile


def test_the_example_of_the_published_profile_schema_and_ours_are_the_same_shape() -> None:
    where = "https://ucp.test/discovery/profile_schema.json#/$defs/"
    assert faults(f"{where}platform_profile", profile()) == []


def test_the_hosts_profile_names_its_keys_and_can_be_kept(client: Client) -> None:
    answer = client.get("/.well-known/ucp")
    body = answer.json()
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert body["keys"] == body["signing_keys"] and len(body["keys"]) == 1
    key = body["keys"][0]
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
    assert key["kid"] == signing.thumbprint(key)
    assert "d" not in key
    assert faults("https://ucp.test/discovery/profile_schema.json#/$defs/business_profile", body) == []


def test_the_hosts_key_is_made_once_and_for_its_owner_alone(settings: Any) -> None:
    first = signing.public_keys()
    signing._key_at.cache_clear()
    assert signing.public_keys() == first
    assert (Path(settings.KEYS_DIR) / "ucp.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "header",
    [
        "",
        "agent",
        'profile="http://agent.example/p"',
        'profile=""',
        'profile="https://"',
        'profile="nothing"',
    ],
)
def test_an_agent_without_an_https_profile_is_told_so(talk: UcpTalk, mug: Variant, header: str) -> None:
    answer = talk.ask("POST", SEARCH, {"query": "mug"}, **{"ucp-agent": header})
    assert (answer.status_code, code(answer)) == (400, "invalid_profile_url")


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/p", "https://10.0.0.1/p", "https://[::1]/p", "https://169.254.169.254/latest"],
)
def test_a_profile_at_a_private_address_is_not_fetched(talk: UcpTalk, mug: Variant, url: str) -> None:
    answer = talk.ask("POST", SEARCH, {}, **{"ucp-agent": f'profile="{url}"'})
    assert (answer.status_code, code(answer)) == (424, "profile_unreachable")
    assert answer.json()["continue_url"].startswith("http")


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"ucp": "x"},
        {"ucp": {"version": "2026-04-08"}},
        {"ucp": {"version": "newest", "services": {}, "payment_handlers": {}}},
        {"ucp": {"version": "2026-04-08", "services": [], "payment_handlers": {}}},
    ],
)
def test_what_is_no_profile_is_refused_by_that_name(talk: UcpTalk, body: Any) -> None:
    with pytest.raises(platforms.Bad) as refused:
        platforms.remember(AGENT, body)
    assert (refused.value.code, refused.value.status) == ("profile_malformed", 422)
    answer = talk.ask("POST", SEARCH, {})
    assert (answer.status_code, code(answer)) == (422, "profile_malformed")


@pytest.mark.parametrize("odd", ["\ud800", "\0"])
def test_a_profile_with_text_that_no_database_keeps_is_none(
    monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    said = {"version": "2026-04-08", "services": {odd: []}, "payment_handlers": {}}
    body = json.dumps({"ucp": said}).encode()
    monkeypatch.setattr(platforms.outbound, "get", lambda *_, **__: SimpleNamespace(body=body))
    assert platforms._fetched(AGENT) == {"error": "malformed"}


# What both speak


@pytest.mark.parametrize("version", ["2025-01-01", "2026-01-23", "2026-08-25"])
def test_another_version_of_the_protocol_is_named_and_refused(talk: UcpTalk, version: str) -> None:
    platforms.remember(AGENT, profile(version=version))
    answer = talk.ask("POST", SEARCH, {})
    assert (answer.status_code, code(answer)) == (422, "version_unsupported")
    assert "2026-04-08" in answer.json()["messages"][0]["content"]


def test_an_agent_that_does_not_speak_of_carts_makes_none(talk: UcpTalk, mug: Variant) -> None:
    platforms.remember(AGENT, profile(capabilities={ucp.CHECKOUT: [{"version": ucp.VERSION}]}))
    line = {"item": {"id": item_id(mug)}, "quantity": 1}
    answer = talk.ask("POST", "/ucp/carts", {"line_items": [line]})
    assert (answer.status_code, code(answer)) == (200, "capabilities_incompatible")
    assert not AgentSession.objects.exists()


def test_answers_name_only_what_both_speak_and_they_use(talk: UcpTalk, mug: Variant) -> None:
    body = {"line_items": [{"item": {"id": item_id(mug)}, "quantity": 1}]}
    whole = talk.checkout(talk.ask("POST", "/ucp/checkout-sessions", body))
    assert set(whole["ucp"]["capabilities"]) == {ucp.CHECKOUT, ucp.FULFILLMENT, ucp.DISCOUNT}
    few = {
        ucp.CHECKOUT: [{"version": "2026-01-11"}, {"version": ucp.VERSION}],
        ucp.DISCOUNT: [{"version": ucp.VERSION}],
        ucp.FULFILLMENT: [{"version": "2026-01-11"}],  # no version that we speak
        "com.example.else": [{"version": ucp.VERSION}],
    }
    platforms.remember(AGENT, profile(capabilities=few))
    seen = talk.checkout(talk.ask("POST", "/ucp/checkout-sessions", body))
    assert set(seen["ucp"]["capabilities"]) == {ucp.CHECKOUT, ucp.DISCOUNT}
    assert talk.faults == []


def test_an_extension_without_its_parent_is_not_spoken(talk: UcpTalk) -> None:
    alone = {ucp.FULFILLMENT: [{"version": ucp.VERSION}], ucp.ORDER: [{"version": ucp.VERSION}]}
    found = platforms.negotiated(
        platforms.remember(AGENT, profile(capabilities=alone)), ucp.VERSION, ucp.CAPABILITIES
    )
    assert set(found) == {ucp.ORDER}


def test_who_cannot_say_where_a_parcel_goes_hands_the_buyer_over(talk: UcpTalk, mug: Variant) -> None:
    platforms.remember(AGENT, profile(capabilities={ucp.CHECKOUT: [{"version": ucp.VERSION}]}))
    body = {
        "line_items": [{"item": {"id": item_id(mug)}, "quantity": 1}],
        "buyer": {"email": "c@example.test"},
    }
    seen = talk.checkout(talk.ask("POST", "/ucp/checkout-sessions", body))
    assert seen["status"] == "requires_escalation" and "fulfillment" not in seen
    assert {note["severity"] for note in seen["messages"]} == {"requires_buyer_input"}
    assert talk.faults == []


# Who it is


def test_the_token_may_come_as_an_api_key(talk: UcpTalk, mug: Variant) -> None:
    key = {"authorization": "", "x-api-key": talk.secret}
    assert talk.ask("POST", SEARCH, {"query": "mug"}, **key).status_code == 200
    for wrong in ("", "us_nothing"):
        answer = talk.ask("POST", SEARCH, {}, **{"authorization": "", "x-api-key": wrong})
        assert (answer.status_code, code(answer)) == (401, "unauthorized")


def test_a_token_speaks_for_the_profile_that_it_was_first_used_with(
    talk: UcpTalk, mug: Variant, client: Client, bob: User
) -> None:
    assert talk.ask("POST", SEARCH, {}).status_code == 200
    other = "https://other.example/ucp"
    platforms.remember(other, profile())
    answer = talk.ask("POST", SEARCH, {}, **{"ucp-agent": f'profile="{other}"'})
    assert (answer.status_code, code(answer)) == (403, "profile_not_trusted")
    assert AgentProfile.objects.get().url == AGENT
    bobs = UcpTalk(client, token(bob, "agents:buy"), random.Random(1))
    assert bobs.ask("POST", SEARCH, {}, **{"ucp-agent": f'profile="{other}"'}).status_code == 200


@pytest.fixture
def key() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(20260408, ec.SECP256R1())


def signed(
    talk: UcpTalk, key: ec.EllipticCurvePrivateKey, body: dict[str, Any], path: str = SEARCH, **swap: str
) -> Any:
    """A signed POST; `swap` replaces headers after they were signed."""
    raw = json.dumps(body).encode()
    headers = {"content-type": "application/json", "idempotency-key": str(uuid.uuid4()), **talk.greeting()}
    made = signing.sign_request(f"http://testserver{path}", headers, raw, key=key)
    given = headers | {name.lower(): value for name, value in made.items()} | swap
    given["authorization"] = f"Bearer {talk.secret}"
    kind = given.pop("content-type")
    return talk.client.post(path, data=raw, content_type=kind, headers=given)


def test_a_request_signed_by_a_key_of_the_profile_is_taken(
    talk: UcpTalk, mug: Variant, key: ec.EllipticCurvePrivateKey
) -> None:
    platforms.remember(AGENT, profile() | {"signing_keys": [signing.jwk(key.public_key())]})
    line = {"item": {"id": item_id(mug)}, "quantity": 1}
    made = signed(talk, key, {"line_items": [line]}, "/ucp/checkout-sessions")
    assert made.status_code == 201 and talk.checkout(made)["status"] == "incomplete"
    assert signed(talk, key, {"query": "mug"}, f"{SEARCH}?x=1").status_code == 200


@pytest.mark.parametrize(
    ("swap", "status", "why"),
    [
        ({"signature": ""}, 401, "signature_missing"),
        ({"signature-input": ""}, 401, "signature_missing"),
        ({"signature-input": "sig1=nothing"}, 401, "signature_missing"),
        ({"signature": "sig1=:AAAA:"}, 401, "signature_invalid"),
        ({"signature": "sig1=:!!:"}, 401, "signature_missing"),
        ({"signature": f"sig1=:{'A' * 86}==:"}, 401, "signature_invalid"),
        ({"idempotency-key": "another"}, 401, "signature_invalid"),
        ({"content-digest": "sha-256=:AAAA:"}, 400, "digest_mismatch"),
        ({"signature-input": 'sig1=("@method");keyid="nobody"'}, 401, "key_not_found"),
    ],
)
def test_a_signature_that_does_not_hold_is_refused(
    talk: UcpTalk, mug: Variant, key: ec.EllipticCurvePrivateKey, swap: dict[str, str], status: int, why: str
) -> None:
    platforms.remember(AGENT, profile() | {"signing_keys": [signing.jwk(key.public_key())]})
    answer = signed(talk, key, {"query": "mug"}, **swap)
    assert (answer.status_code, code(answer)) == (status, why)


def test_a_signature_that_leaves_the_body_open_proves_nothing(
    talk: UcpTalk, mug: Variant, key: ec.EllipticCurvePrivateKey
) -> None:
    known = signing.jwk(key.public_key())
    platforms.remember(AGENT, profile() | {"signing_keys": [known]})
    lines = [("@method", "POST"), ("@authority", "testserver"), ("@path", SEARCH)]
    thin = {name.lower(): value for name, value in signing._signed(lines, "", key).items()}
    answer = talk.ask("POST", SEARCH, {"query": "mug"}, **thin)
    assert (answer.status_code, code(answer)) == (401, "signature_invalid")


def test_a_key_of_another_kind_is_skipped_and_not_the_whole_profile(
    talk: UcpTalk, mug: Variant, key: ec.EllipticCurvePrivateKey
) -> None:
    known = signing.jwk(key.public_key())
    strange = {"kid": "strange", "kty": "OKP", "crv": "Ed25519", "x": "AAAA"}
    platforms.remember(AGENT, profile() | {"signing_keys": [strange, known]})
    assert signed(talk, key, {"query": "mug"}).status_code == 200
    platforms.remember(AGENT, profile() | {"signing_keys": [strange | {"kid": known["kid"]}]})
    answer = signed(talk, key, {"query": "mug"})
    assert (answer.status_code, code(answer)) == (400, "algorithm_unsupported")


def test_the_signature_base_is_that_of_the_rfcs_own_example() -> None:
    """RFC 9421, 2.5: the covered components and parameters of its worked example, line for line."""
    parameters = (
        '("@method" "@authority" "@path" "content-digest" "content-length" "content-type")'
        ';created=1618884473;keyid="test-key-rsa-pss"'
    )
    digest = (
        "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"
    )
    lines = [
        ("@method", "POST"),
        ("@authority", "example.com"),
        ("@path", "/foo"),
        ("content-digest", digest),
        ("content-length", "18"),
        ("content-type", "application/json"),
    ]
    assert signing._base(lines, parameters).decode().splitlines() == [
        '"@method": POST',
        '"@authority": example.com',
        '"@path": /foo',
        f'"content-digest": {digest}',
        '"content-length": 18',
        '"content-type": application/json',
        f'"@signature-params": {parameters}',
    ]


def test_a_thumbprint_is_that_of_the_published_algorithm() -> None:
    """SHA-256 over the members in order, without white space (RFC 7638, 3)."""
    import base64
    import hashlib

    body = {"kty": "EC", "crv": "P-256", "x": "AQ", "y": "Ag", "kid": "x"}
    text = b'{"crv":"P-256","kty":"EC","x":"AQ","y":"Ag"}'
    expected = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).decode().rstrip("=")
    assert signing.thumbprint(body) == expected


# News


def bought(talk: UcpTalk, mug: Variant, gateway: StripeGateway) -> Order:
    body = {
        "line_items": [{"item": {"id": item_id(mug)}, "quantity": 1}],
        "buyer": {"email": "c@example.test"},
    }
    Product.objects.update(needs_shipping=False)
    path = "/ucp/checkout-sessions"
    made = talk.checkout(talk.ask("POST", path, body))
    answer = talk.ask("POST", f"{path}/{made['id']}/complete", {"payment": {}})
    Product.objects.update(needs_shipping=True)
    check_answer(answer)
    browser = Client()
    led = browser.post("/handover" + answer.json()["continue_url"].partition("/handover")[2])
    browse(led.headers["Location"], card="4242424242424242", email="c@example.test")
    order = Order.objects.get()
    actions.sync(order=order, now=NOW, gateway=gateway)
    order.refresh_from_db()
    return order


def check_answer(answer: Any) -> None:
    """What a completion is answered is signed by this host's key, its bytes included."""
    given = answer.headers["Signature-Input"].removeprefix("sig1=")
    assert given.startswith('("@status" "content-digest" "content-type");created=')
    assert answer.headers["Content-Digest"] == signing.digest(answer.content)
    lines = [
        ("@status", str(answer.status_code)),
        ("content-digest", answer.headers["Content-Digest"]),
        ("content-type", answer.headers["Content-Type"]),
    ]
    raw = signing.base64.b64decode(answer.headers["Signature"].removeprefix("sig1=:").removesuffix(":"))
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    signing._key().public_key().verify(
        signing.encode_dss_signature(r, s), signing._base(lines, given), ec.ECDSA(signing.hashes.SHA256())
    )


def test_an_agent_hears_of_its_order_and_can_check_who_says_so(
    talk: UcpTalk, mug: Variant, gateway: StripeGateway, client: Client
) -> None:
    order = bought(talk, mug, gateway)
    actions.send(order=order, carrier="Post", tracking="1", now=NOW)
    sent: list[tuple[str, bytes, dict[str, str]]] = []
    statuses = iter([500, 200, 200])

    def take(url: str, body: bytes, headers: dict[str, str]) -> int:
        sent.append((url, body, headers))
        return next(statuses)

    now = timezone.now() + timedelta(minutes=1)
    assert news.send_due(now=now, deliver=take) == 1
    assert news.send_due(now=now + timedelta(minutes=1), deliver=take) == 1
    assert not OrderWebhook.objects.filter(due_at__isnull=False).exists()
    keys = client.get("/.well-known/ucp").json()["signing_keys"]
    for url, body, headers in sent:
        assert url == NEWS and faults(ORDER, json.loads(body)) == []
        assert headers["UCP-Agent"].endswith('/.well-known/ucp"') and uuid.UUID(headers["Webhook-Id"])
        assert int(headers["Webhook-Timestamp"]) > 0
        signing.verify(signing.Message.to(url, headers, body), keys)
        for changed in (
            signing.Message.to(url, headers, body.replace(b"Stage mug", b"Stage hat")),
            signing.Message.to(url.replace("news", "else"), headers, body),
            signing.Message.to(url, headers | {"UCP-Agent": 'profile="https://evil.example/ucp"'}, body),
        ):
            with pytest.raises(signing.BadSignature):
                signing.verify(changed, keys)
    again, first = [body for _url, body, headers in sent if headers["Webhook-Id"] == sent[0][2]["Webhook-Id"]]
    assert json.loads(again)["id"] == json.loads(first)["id"] == str(order.public_id)
    events = json.loads(sent[-1][1])["fulfillment"]["events"]
    assert [event["type"] for event in events] == ["shipped"]


def test_news_to_a_private_address_are_not_sent(talk: UcpTalk, mug: Variant, gateway: StripeGateway) -> None:
    bought(talk, mug, gateway)
    inside = profile()
    inside["ucp"]["capabilities"][ucp.ORDER][0]["config"] = {"webhook_url": "https://127.0.0.1/news"}
    platforms.remember(AGENT, inside)
    assert news.send_due(now=timezone.now() + timedelta(minutes=1)) == 0
    assert OrderWebhook.objects.get().attempts == 1


def test_news_for_an_agent_that_left_are_let_go(talk: UcpTalk, mug: Variant, gateway: StripeGateway) -> None:
    bought(talk, mug, gateway)
    AgentSession.objects.all().delete()
    news.send_due(now=timezone.now() + timedelta(minutes=1))
    assert not OrderWebhook.objects.filter(due_at__isnull=False).exists()


def test_an_agent_that_wants_no_news_gets_none(talk: UcpTalk, mug: Variant, gateway: StripeGateway) -> None:
    bought(talk, mug, gateway)
    platforms.remember(AGENT, profile(capabilities={ucp.CHECKOUT: [{"version": ucp.VERSION}]}))

    def never(url: str, body: bytes, headers: dict[str, str]) -> int:
        raise AssertionError(url)

    news.send_due(now=timezone.now() + timedelta(minutes=1), deliver=never)
    assert not OrderWebhook.objects.filter(due_at__isnull=False).exists()


def test_a_key_once_a_key_reused_and_no_key(talk: UcpTalk, mug: Variant) -> None:
    body = {"line_items": [{"item": {"id": item_id(mug)}, "quantity": 1}]}
    once = {"idempotency-key": str(uuid.uuid4())}
    path = "/ucp/checkout-sessions"
    first = talk.ask("POST", path, body, **once)
    again = talk.ask("POST", path, body, **once)
    assert again.content == first.content and again.headers["Idempotent-Replayed"] == "true"
    other = talk.ask("POST", path, body | {"buyer": {"email": "c@example.test"}}, **once)
    assert (other.status_code, code(other)) == (409, "idempotency_conflict")
    none = talk.ask("POST", path, body, **{"idempotency-key": ""})
    assert (none.status_code, code(none)) == (400, "idempotency_key_required")
    large = talk.ask("POST", path, body | {"x": "x" * (1 << 20)})
    assert (large.status_code, code(large)) == (413, "payload_too_large")
    assert AgentSession.objects.count() == 1


def test_a_code_is_answered_with_what_it_took_off_or_why_not(talk: UcpTalk, mug: Variant) -> None:
    Coupon.objects.create(merchant=mug.product.merchant, code="TEN", percent_bp=1000, created_at=NOW)
    body = {"line_items": [{"item": {"id": item_id(mug)}, "quantity": 2}]}
    path = "/ucp/checkout-sessions"
    good = talk.checkout(talk.ask("POST", path, body | {"discounts": {"codes": ["ten"]}}))
    assert good["discounts"]["applied"] == [{"code": "TEN", "title": "TEN", "amount": 250}]
    assert {"type": "items_discount", "amount": -250} in good["totals"]
    bad = talk.checkout(talk.ask("POST", path, body | {"discounts": {"codes": ["NEVER"]}}))
    assert bad["discounts"] == {"codes": ["NEVER"], "applied": []}
    assert "discount_code_invalid" in {note["code"] for note in bad["messages"]}
    assert talk.faults == []
