"""A shop with one mug, a clip that shows it, and the stand-in reached without a network."""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import stripe
from django.utils import timezone

from accounts.models import User
from commerce.gateways.standin import StandIn
from commerce.gateways.stripe import StripeGateway
from commerce.models import Agreement, Merchant, Product, ProductTag, Variant
from feed.models import Post
from generation.models import Clip

SECRET = "whsec_bench"


class Direct(stripe.HTTPClient):
    """The SDK's way to the stand-in inside this process."""

    name = "direct"

    def __init__(self, app: StandIn) -> None:
        super().__init__()
        self.app = app

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> Any:
        parts = urlsplit(url)
        body = (post_data or "").encode() if isinstance(post_data or "", str) else post_data
        environ = {
            "REQUEST_METHOD": method.upper(),
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
        }
        told: list[Any] = []
        pieces = self.app(environ, lambda status, given: told.extend((int(status.split()[0]), dict(given))))
        return b"".join(pieces).decode(), told[0], told[1]

    def close(self) -> None:
        pass


def standin() -> StandIn:
    path = Path(mkdtemp(prefix="bench-shop-")) / "standin.sqlite3"
    return StandIn(path=path, base_url="http://standin.test", webhook_url="", webhook_secret=SECRET)


def gateway(app: StandIn) -> StripeGateway:
    return StripeGateway(
        secret_key="sk_test_standin", webhook_secret=SECRET, api_base=app.base_url, http_client=Direct(app)
    )


def person(name: str) -> User:
    handle = f"{name}-{uuid4().hex[:8]}"
    return User.objects.create_user(username=handle, email=f"{handle}@bench.test", birth_date="1990-01-01")


def mug(stock: int | None = 10, price: int = 1250) -> Variant:
    merchant = Merchant.objects.create(
        owner=person("shop"), name="Bench", slug=f"bench-{uuid4().hex[:8]}", created_at=timezone.now()
    )
    product = Product.objects.create(
        merchant=merchant, handle="mug", title="Stage mug", updated_at=timezone.now()
    )
    return Variant.objects.create(product=product, sku="MUG", price=price, currency="EUR", stock=stock)


def tag(variant: Variant, creator: User) -> ProductTag:
    now = timezone.now()
    clip = Clip.objects.create(
        maker=creator, engine="native", duration_ms=5000, width=720, height=1280, sealed_at=now
    )
    agreement = Agreement.objects.create(
        merchant=variant.product.merchant,
        creator=creator,
        creator_rate_bp=1234,
        owner_rate_bp=567,
        state=Agreement.State.AGREED,
        created_at=now,
        decided_at=now,
    )
    return ProductTag.objects.create(
        post=Post.objects.create(clip=clip, creator=creator, published_at=now),
        product=variant.product,
        agreement=agreement,
        start_ms=0,
        end_ms=5000,
        x=0.5,
        y=0.5,
        created_at=now,
    )


def p95(times: list[float]) -> float:
    return sorted(times)[max(0, round(len(times) * 0.95) - 1)]
