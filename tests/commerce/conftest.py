"""A shop with one mug, and the stand-in of Stripe behind the real SDK on a local port."""

import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, build_opener
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from accounts.models import User
from commerce.gateways.standin import StandIn
from commerce.gateways.stripe import StripeGateway
from commerce.models import Merchant, Product, Variant
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
