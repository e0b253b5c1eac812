"""Sessions and tokens for the crowd of `tests/drills/load.py`, made within the product. Speaks JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts import tokens  # noqa: E402
from accounts.models import User  # noqa: E402
from accounts.session_store import SessionStore  # noqa: E402
from accounts.sessions import BACKEND, BEGAN, SEEN  # noqa: E402
from commerce.models import Merchant, Product, Variant  # noqa: E402
from tests.drills.load import BUYERS, CREATORS, IDLE_PAGES, VIEWERS  # noqa: E402

PRICE = 1250


def cookie(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[BEGAN] = session[SEEN] = timezone.now().isoformat()  # as signing in leaves it
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def main() -> dict[str, Any]:
    now = datetime.now(UTC)
    town = list(User.objects.filter(username__startswith="town").order_by("pk")[:VIEWERS])
    others = [
        User.objects.create_user(username=f"idle{n}", email=f"idle{n}@example.test", birth_date="1990-05-17")
        for n in range(IDLE_PAGES)
    ]
    seller = User.objects.create_user(username="sam", email="sam@example.test", birth_date="1990-05-17")
    shop = Merchant.objects.create(owner=seller, name="Load Shop", slug="load", created_at=now)
    mug = Product.objects.create(merchant=shop, handle="mug", title="Mug", updated_at=now)
    red = Variant.objects.create(
        product=mug, sku="M", title="Red", price=PRICE, currency="EUR", stock=100_000
    )
    making, buying = ["clips:read", "clips:write"], ["shop:read", "shop:write"]
    return {
        "cookies": [cookie(user) for user in town],
        "idle": [cookie(user) for user in others],
        "makers": [_token(user, making, now) for user in town[:CREATORS]],
        "buyers": [_token(user, buying, now) for user in town[CREATORS : CREATORS + BUYERS]],
        "shelf": {"variant": red.pk, "price": PRICE},
    }


def _token(user: User, scopes: list[str], now: datetime) -> str:
    return tokens.make(user=user, name="load", scopes=scopes, days=1, now=now)[1]


if __name__ == "__main__":
    print(json.dumps(main()))
