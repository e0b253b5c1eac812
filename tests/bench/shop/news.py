"""News of a payment in any order, some doubled, some lost; then a night: all must be even."""

from __future__ import annotations

import os
import random
import time
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts import books
from commerce import actions
from commerce.actions.checkout import Buyer
from commerce.gateways.standin import StandIn, api
from commerce.gateways.standin.deliver import deliver_due
from commerce.gateways.stripe import StripeGateway
from commerce.models import Order, Split
from commerce.money import Money
from commerce.pricing import Wanted
from commerce.webhooks import receive
from tests.bench.bench_shop import child, told
from tests.bench.shop.world import SECRET, Direct, mug, p95, person, standin, tag

HISTORIES, SHARES, TIMED = 26, 2, 8
News = list[tuple[bytes, str]]


class Remembering(StripeGateway):
    """The provider's answers, kept while a history stands still and its news come in many orders."""

    def __init__(self, app: StandIn) -> None:
        super().__init__(
            secret_key="sk_test_standin",
            webhook_secret=SECRET,
            api_base=app.base_url,
            http_client=Direct(app),
        )
        self.payment = cache(super().payment)  # type: ignore[method-assign]
        self.checkout = cache(super().checkout)  # type: ignore[method-assign]


def measure(is_quick: bool) -> dict[str, Any]:
    """The histories shared between two processes; then the webhooks of some of them timed, alone."""
    if share := os.environ.get("BENCH_SHOP_SHARE"):
        return _shuffled(range(int(share), HISTORIES, SHARES), 8 if is_quick else 200)
    words = ["news", *(["quick"] if is_quick else [])]
    children = [child(words, BENCH_SHOP_SHARE=str(share)) for share in range(SHARES)]
    parts = [found for found in [told(one) for one in children] if found is not None]
    is_whole = len(parts) == SHARES
    return {
        "webhook_permutations": sum(part["webhook_permutations"] for part in parts),
        "ledger_off": sum(part["ledger_off"] for part in parts) if is_whole else None,
        "webhook_ms": round(p95(_timed_all()) * 1000, 1),
    }


def _scene() -> tuple[Any, Any]:
    variant = mug(stock=None, price=1999)
    return variant, tag(variant, person("creator"))


def _timed_all() -> list[float]:
    times: list[float] = []
    variant, pinned = _scene()
    for number in range(TIMED):
        app = standin()
        with transaction.atomic():
            _order, news = _history(app, Remembering(app), variant, pinned, random.Random(number))
            times += _timed(app, news)
            transaction.set_rollback(True)
    return times


def _shuffled(numbers: range, each: int) -> dict[str, Any]:
    off, count = 0, 0
    variant, pinned = _scene()
    for number in numbers:
        app, chance = standin(), random.Random(number)
        provider = Remembering(app)
        with transaction.atomic():
            order, news = _history(app, provider, variant, pinned, chance)
            for _ in range(each):
                off += _off(app, provider, order, news, chance)
                count += 1
            transaction.set_rollback(True)
    return {"webhook_permutations": count, "ledger_off": off}


def _history(
    app: StandIn, provider: StripeGateway, variant: Any, pinned: Any, chance: random.Random
) -> tuple[Order, News]:
    """Paid; refunded in parts, perhaps; disputed, perhaps, and decided."""
    quantity = chance.randint(1, 5)
    order = actions.place_order(
        buyer=Buyer(visitor="bench", email="b@bench.test"),
        wanted=[Wanted(variant, quantity, None, pinned)],
        now=timezone.now(),
    )
    actions.open_payment(order=order, success_url="http://s/", cancel_url="http://s/", gateway=provider)
    order.refresh_from_db()
    with app.store.transaction() as session:
        api.pay(session, order.checkout_session_id, card="4242424242424242", email="b@bench.test")
    intent = StripeGateway.checkout(provider, order.checkout_session_id).payment_intent_id
    left = order.total
    for part in range(chance.randrange(3)):
        cut = chance.randint(1, left)
        provider.refund(payment_intent_id=intent, money=Money(cut, "EUR"), key=f"{intent}-{part}")
        left -= cut
        if not left:
            break
    with app.store.transaction() as session:
        charge = session.all("charge")[0]
        if chance.random() < 0.5:
            dispute = api.open_dispute(session, charge, chance.choice([left or 1, charge["amount"]]))
            if chance.random() < 0.8:
                api.decide_dispute(session, dispute, is_won=chance.random() < 0.5)
    news: News = []
    deliver_due(
        app.store,
        url="",
        secret=SECRET,
        send=lambda url, body, given: _keep(news, body, given["Stripe-Signature"]),
    )
    return order, news


def _keep(news: News, body: bytes, signature: str) -> int:
    news.append((body, signature))
    return 200


def _off(app: StandIn, provider: StripeGateway, order: Order, news: News, chance: random.Random) -> int:
    sent = [one for one in news for _copy in range(chance.choice([0, 0, 1, 1, 1, 2]))]
    chance.shuffle(sent)
    with transaction.atomic():
        for payload, signature in sent:
            receive(payload=payload, signature=signature, now=timezone.now(), gateway=provider)
        run = actions.reconcile(now=timezone.now(), gateway=provider)
        off = len(run.differences) + len(books.unbalanced())
        off += abs(books.balance("shop:provider", "EUR") + _held(app)) + abs(
            _shares(order) - _kept(app, order)
        )
        transaction.set_rollback(True)
    return off


def _held(app: StandIn) -> int:
    with app.store.transaction() as session:
        charges = sum(row["amount"] - row["amount_refunded"] for row in session.all("charge"))
        return charges - sum(row["amount"] for row in session.all("dispute") if row["status"] != "won")


def _shares(order: Order) -> int:
    return Split.objects.filter(line__order=order).aggregate(sum=Sum("amount"))["sum"] or 0


def _kept(app: StandIn, order: Order) -> int:
    """What all shares must sum to: the payment, less refunds and lost disputes, never below nothing."""
    with app.store.transaction() as session:
        back = sum(row["amount_refunded"] for row in session.all("charge"))
        back += sum(row["amount"] for row in session.all("dispute") if row["status"] == "lost")
    return max(0, order.total - back)


def _timed(app: StandIn, news: News) -> list[float]:
    """Each webhook once, the provider really asked."""
    from tests.bench.shop.world import gateway

    times, asked = [], gateway(app)
    with transaction.atomic():
        for payload, signature in news:
            started = time.perf_counter()
            receive(payload=payload, signature=signature, now=timezone.now(), gateway=asked)
            times.append(time.perf_counter() - started)
        transaction.set_rollback(True)
    return times
