"""64 buyers at once for 10 pieces, again and again; on this database, and on PostgreSQL where it is."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import Any

BUYERS, PIECES = 64, 10
POSTGRES = "postgres://understudy:understudy@127.0.0.1:5432/understudy_shop"


def measure(is_quick: bool) -> dict[str, Any]:
    from django.db import connection

    from tests.bench.bench_shop import child, told

    rounds = 5 if is_quick else 200
    other = None
    if connection.vendor == "sqlite" and "BENCH_SHOP_SHARE" not in os.environ:
        words = ["stock", *(["quick"] if is_quick else [])]
        address = os.environ.get("BENCH_POSTGRES", POSTGRES)
        other = child(words, DATABASE_URL=address, BENCH_SHOP_SHARE="stock")
    found: dict[str, Any] = {f"oversold_{connection.vendor}": _oversold(rounds), "oversold_rounds": rounds}
    if other is not None:
        found["oversold_postgresql"] = (told(other) or {}).get("oversold_postgresql")
    sums = [value for name, value in found.items() if name in {"oversold_sqlite", "oversold_postgresql"}]
    return {**found, "oversold": None if None in sums else sum(sums)}


def _oversold(rounds: int) -> int:
    from django.db import connection
    from django.utils import timezone

    from commerce import actions, stock
    from commerce.actions.checkout import Buyer
    from commerce.models import Order, OrderLine, StockHold, Variant
    from commerce.money import Money
    from commerce.refusals import OutOfStock
    from tests.bench.shop.world import mug

    variant = mug(stock=PIECES)
    worst = 0
    gate = threading.Barrier(BUYERS)

    def buyer(number: int) -> None:
        try:
            for _round in range(rounds):
                gate.wait()
                with suppress(OutOfStock):
                    actions.start_checkout(
                        buyer=Buyer(visitor=f"b{number}"),
                        variant=Variant.objects.select_related("product__merchant").get(pk=variant.pk),
                        quantity=1,
                        seen=Money(1250, "EUR"),
                        tag=None,
                        now=timezone.now(),
                    )
                if gate.wait() == 0:
                    count()
                gate.wait()
        finally:
            connection.close()

    def count() -> None:
        nonlocal worst
        held = stock.held(variant.product).get(variant.pk, 0)
        worst += abs(held - PIECES)  # too many, or a piece that nobody got
        StockHold.objects.all().delete()
        OrderLine.objects.all().delete()
        Order.objects.all().delete()

    threads = [threading.Thread(target=buyer, args=(number,)) for number in range(BUYERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return worst
