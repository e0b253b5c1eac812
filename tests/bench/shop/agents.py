"""Five hundred chance conversations of agents; every answer is held against its schema."""

import random
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import PersonalAccessToken
from commerce import actions, gateways
from commerce.catalog.exports import item_id
from commerce.gateways.standin import api
from commerce.models import Coupon, Product, Variant
from tests.bench.shop.world import gateway, mug, person, standin
from tests.commerce.talking import AcpTalk, UcpTalk


def measure(is_quick: bool) -> dict[str, Any]:
    app = standin()
    settings.AGENTS = True
    usual, gateways.current = gateways.current, lambda: gateway(app)  # type: ignore[assignment]
    try:
        return _talked(app, 20 if is_quick else 500)
    finally:
        settings.AGENTS, gateways.current = False, usual


def _talked(app: Any, conversations: int) -> dict[str, Any]:
    variant = mug(stock=400)
    merchant = variant.product.merchant
    song = Product.objects.create(
        merchant=merchant, handle="song", title="Song", needs_shipping=False, updated_at=timezone.now()
    )
    digital = Variant.objects.create(product=song, sku="SONG", price=199, currency="EUR")
    Coupon.objects.create(merchant=merchant, code="TEN", percent_bp=1000, created_at=timezone.now())
    actions.add_rate(
        merchant=merchant, title="Post", currency="EUR", fee=490, free_from=5000, days_low=1, days_high=3
    )
    items, chance, secret = [item_id(variant), item_id(digital)], random.Random(11), _token()
    acp, ucp = AcpTalk(Client(), secret, chance), UcpTalk(Client(), secret, chance)

    def grant(method: str) -> str:
        limits = {"currency": "eur", "max_amount": 10**6}
        with app.store.transaction() as session:
            return str(api.grant_token(session, {"payment_method": method, "usage_limits": limits}, "")["id"])

    for number in range(conversations):
        if number % 5 < 3:
            acp.conversation(items, grant)
        else:
            ucp.conversation(items)
    return {
        "acp_valid": _share(acp),
        "ucp_valid": _share(ucp),
        "agent_conversations": conversations,
        "agent_answers": acp.answers + ucp.answers,
    }


def _share(talk: Any) -> float:
    wrong = len({fault.partition(" $")[0] for fault in talk.faults})
    return round(1 - wrong / talk.answers, 4)


def _token() -> str:
    secret, now = f"{tokens.PREFIX}{uuid.uuid4()}", timezone.now()
    PersonalAccessToken.objects.create(
        user=person("agent"),
        name="bench",
        digest=tokens.digest(secret),
        scopes=["agents:buy"],
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    return secret
