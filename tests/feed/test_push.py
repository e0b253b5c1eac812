"""News to a browser that is shut, over a push service of our own: what arrives only that browser can read,
and it says who sent it."""

import base64
import json
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.test import Client

from accounts import notifications
from accounts.models import Notification, User
from feed import push, tasks
from feed.models import Preferences, PushSubscription
from feed.refusals import BadPush

pytestmark = pytest.mark.django_db
SECRET = b"0123456789abcdef"


class Service:
    """A push service that keeps what it gets, and answers `status`."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 201
        service = self

        class Takes(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.got.append((dict(self.headers), body))
                self.send_response(service.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Takes)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    made = Service()
    settings.OUTBOUND_ALLOWED = ("127.0.0.1",)
    settings.OUTBOUND_PORTS = (made.port,)
    yield made
    made.server.shutdown()


class Browser:
    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())

    @property
    def told(self) -> dict[str, str]:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return {"p256dh": text(point), "auth": text(SECRET)}

    def reads(self, body: bytes) -> Any:
        """As a browser does it (RFC 8291, 3.4)."""
        salt, size, point, sealed = body[:16], body[20], body[21:86], body[86:]
        assert size == 65 and len(body) <= 4096
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        info = b"WebPush: info\0" + known(self.told["p256dh"]) + point
        key = HKDF(hashes.SHA256(), 32, SECRET, info).derive(self.key.exchange(ec.ECDH(), sender))
        parts = [(16, b"Content-Encoding: aes128gcm\0"), (12, b"Content-Encoding: nonce\0")]
        secret, nonce = (HKDF(hashes.SHA256(), length, salt, told).derive(key) for length, told in parts)
        return json.loads(AESGCM(secret).decrypt(nonce, sealed, None).rstrip(b"\x02"))


def text(known: bytes) -> str:
    return base64.urlsafe_b64encode(known).decode().rstrip("=")


def known(told: str) -> bytes:
    return base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))


def news(person: User, now: datetime) -> Notification:
    url = f"/p/{uuid.uuid4()}"
    made = notifications.notify(recipient=person, kind="liked", data={"name": "Bob"}, url=url, now=now)
    assert made is not None
    return made


@pytest.fixture
def browser(service: Service, carol: User, now: datetime) -> Browser:
    made = Browser()
    push.subscribe(person=carol, endpoint=f"http://127.0.0.1:{service.port}/one", now=now, **made.told)
    return made


def test_what_arrives_is_readable_by_that_browser_alone_and_signed_by_this_host(
    service: Service, browser: Browser, carol: User, now: datetime
) -> None:
    made = news(carol, now)
    tasks.push_news(made.pk)
    headers, body = service.got[-1]
    assert browser.reads(body) == {"text": "Bob likes your clip.", "url": made.url}
    assert b"Bob" not in body and headers["Content-Encoding"] == "aes128gcm" and int(headers["TTL"]) > 0
    with pytest.raises(InvalidTag):
        Browser().reads(body)
    told = headers["Authorization"].removeprefix("vapid ").split(",")
    parts = dict(part.strip().split("=", 1) for part in told)
    signed, _, signature = parts["t"].rpartition(".")
    claims = json.loads(known(signed.split(".")[1]))
    assert claims["aud"] == f"http://127.0.0.1:{service.port}" and claims["sub"].startswith("mailto:")
    raw = known(signature)
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    assert parts["k"] == push.public_key()
    host = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), known(parts["k"]))
    host.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))


def test_the_standards_own_example_comes_out_to_the_byte() -> None:
    """RFC 8291, appendix A."""
    number = int.from_bytes(known("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    sealed = push.seal(
        b"When I grow up, I want to be a watermelon",
        browser=known(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        secret=known("BTBZMqHH6r4Tts7J_aSIgg"),
        own=ec.derive_private_key(number, ec.SECP256R1()),
        salt=known("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert text(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEq"
        "KK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_nothing_is_sent_in_quiet_hours_or_of_muted_kinds(
    service: Service, browser: Browser, carol: User, now: datetime
) -> None:
    made = news(carol, now)
    kept = Preferences.objects.create(
        person=carol, quiet_from=time(0, 0), quiet_until=time(23, 59, 59), time_zone="UTC"
    )
    assert push.send(made, now) == 0
    kept.quiet_from = kept.quiet_until = None
    kept.muted_kinds = ["liked"]
    kept.save()
    assert push.send(made, now) == 0 and not service.got
    kept.muted_kinds = []
    kept.save()
    assert push.send(made, now) == 1


@pytest.mark.parametrize(("status", "kept"), [(404, 0), (410, 0), (429, 1), (500, 1), (302, 1)])
def test_a_browser_that_its_service_forgot_is_forgotten(
    service: Service, browser: Browser, carol: User, now: datetime, status: int, kept: int
) -> None:
    service.status = status
    assert push.send(news(carol, now), now) == 0
    assert PushSubscription.objects.count() == kept


def test_a_service_that_is_away_costs_nothing(
    browser: Browser, service: Service, carol: User, now: datetime
) -> None:
    service.server.shutdown()
    service.server.server_close()
    assert push.send(news(carol, now), now) == 0 and PushSubscription.objects.count() == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"endpoint": "http://push.example/one"},
        {"endpoint": "https://" + "a" * 700},
        {"endpoint": "nowhere"},
        {"p256dh": "AAAA"},
        {"p256dh": "!" * 87},
        {"auth": "short"},
    ],
)
def test_odd_browsers_are_refused_by_name(carol: User, now: datetime, odd: dict[str, str]) -> None:
    told = {"endpoint": "https://push.example/one", **Browser().told, **odd}
    with pytest.raises(BadPush):
        push.subscribe(person=carol, now=now, **told)
    assert not PushSubscription.objects.exists()


def test_an_address_inside_is_never_posted_to(carol: User, now: datetime) -> None:
    push.subscribe(person=carol, endpoint="https://127.0.0.1/one", now=now, **Browser().told)
    assert push.send(news(carol, now), now) == 0


def test_a_person_has_ten_browsers_and_can_stop_them(client: Client, carol: User, now: datetime) -> None:
    for n in range(12):
        push.subscribe(person=carol, endpoint=f"https://push.example/{n}", now=now, **Browser().told)
    assert PushSubscription.objects.count() == push.MOST_BROWSERS
    client.force_login(carol)
    assert "10 browsers of yours" in client.get("/settings/feed").content.decode()
    last = {"endpoint": PushSubscription.objects.latest("pk").endpoint}
    client.delete("/api/v1/me/push", last, content_type="application/json")
    assert PushSubscription.objects.count() == push.MOST_BROWSERS - 1
    client.post("/settings/feed/push/stop")
    assert not PushSubscription.objects.exists()
