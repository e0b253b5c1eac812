"""A shop with one mug, and the stand-in of Stripe behind the real SDK on a local port."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, build_opener
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.db.models import Sum

from accounts.models import User
from commerce import actions
from commerce.actions.checkout import Buyer
from commerce.gateways.standin import StandIn
from commerce.gateways.standin.deliver import deliver_due
from commerce.gateways.stripe import StripeGateway
from commerce.models import Agreement, Merchant, Order, Product, ProductTag, Split, Variant
from commerce.money import Money
from feed.models import Post
from generation.models import Clip
from tests.conftest import NOW

SECRET = "whsec_standin_test"


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


class StayHere(HTTPRedirectHandler):
    def redirect_request(self, *arguments: object) -> None:
        return None


def browse(url: str, **fields: str) -> tuple[int, str, str]:
    """(status, where it leads, page) of a GET, or of a POST when fields are given."""
    opener = build_opener(StayHere)
    opener.addheaders = [("Accept-Language", "en")]
    try:
        answer = opener.open(url, urlencode(fields).encode() if fields else None)
    except OSError as error:
        answer = error  # an HTTPError is an answer too
    return answer.status, answer.headers.get("Location", ""), answer.read().decode()


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[StandIn]:
    with make_server("127.0.0.1", 0, None, Server, Quiet) as server:
        base = f"http://127.0.0.1:{server.server_port}"
        app = StandIn(path=tmp_path / "standin.sqlite3", base_url=base, webhook_url="", webhook_secret=SECRET)
        server.set_app(app)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield app
        server.shutdown()


@pytest.fixture
def gateway(standin: StandIn) -> StripeGateway:
    return StripeGateway(secret_key="sk_test_standin", webhook_secret=SECRET, api_base=standin.base_url)


@pytest.fixture
def merchant(shop: User) -> Merchant:
    return Merchant.objects.create(owner=shop, name="Stage Shop", slug="stage", created_at=NOW)


@pytest.fixture
def mug(merchant: Merchant) -> Variant:
    product = Product.objects.create(merchant=merchant, handle="mug", title="Stage mug", updated_at=NOW)
    return Variant.objects.create(
        product=product, sku="MUG", title="Red", price=1250, currency="EUR", stock=3
    )


PRICE = Money(1250, "EUR")


@pytest.fixture
def tag(bob: User, mug: Variant) -> ProductTag:
    clip = Clip.objects.create(
        maker=bob, engine="native", duration_ms=5000, width=720, height=1280, sealed_at=NOW
    )
    post = Post.objects.create(clip=clip, creator=bob, published_at=NOW)
    agreement = Agreement.objects.create(
        merchant=mug.product.merchant,
        creator=bob,
        creator_rate_bp=1000,
        owner_rate_bp=500,
        state=Agreement.State.AGREED,
        created_at=NOW,
        decided_at=NOW,
    )
    return ProductTag.objects.create(
        post=post,
        product=mug.product,
        agreement=agreement,
        start_ms=0,
        end_ms=2000,
        x=0.5,
        y=0.5,
        created_at=NOW,
    )


def order(mug: Variant, quantity: int = 1, tag: ProductTag | None = None, now: datetime = NOW) -> Order:
    buyer = Buyer(visitor="carols-browser", email="carol@example.test")
    return actions.start_checkout(buyer=buyer, variant=mug, quantity=quantity, seen=PRICE, tag=tag, now=now)


def pay(order: Order, gateway: StripeGateway, card: str = "4242424242424242") -> None:
    # The stand-in lives by the machine's clock; only the page's own end has to lie ahead of it.
    Order.objects.filter(pk=order.pk).update(expires_at=datetime.now(NOW.tzinfo) + timedelta(minutes=31))
    order.refresh_from_db()
    url = actions.open_payment(
        order=order, success_url="http://s.test/ok", cancel_url="http://s.test/no", gateway=gateway
    )
    browse(url, card=card, email="carol@example.test")
    order.refresh_from_db()


def webhooks(standin: StandIn) -> list[tuple[bytes, str]]:
    sent: list[tuple[bytes, str]] = []

    def take(url: str, payload: bytes, headers: dict[str, str]) -> int:
        sent.append((payload, headers["Stripe-Signature"]))
        return 200

    deliver_due(standin.store, url="", secret=SECRET, send=take)
    return sent


def shares(order: Order) -> dict[str, int]:
    rows = Split.objects.filter(line__order=order).values("role").annotate(sum=Sum("amount"))
    return {row["role"]: row["sum"] for row in rows}
