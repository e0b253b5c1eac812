"""One key, sent a thousand times at once."""

import threading
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client

from commerce.models import Order
from tests.bench.shop.world import mug

AT_ONCE = 32


def measure(is_quick: bool) -> dict[str, Any]:
    variant, key = mug(stock=100), str(uuid4())
    before = Order.objects.count()
    body = {"variant": variant.pk, "quantity": 1, "seen_amount": 1250, "seen_currency": "EUR"}
    bodies: set[bytes] = set()
    sendings = 100 if is_quick else 1000

    def send(count: int) -> None:
        client = Client()
        for _ in range(count):
            status = 409
            while status == 409:
                answer = client.post(
                    "/api/v1/checkout",
                    body,
                    content_type="application/json",
                    headers={"idempotency-key": key},
                )
                status = answer.status_code
            bodies.add(answer.content)
        connection.close()

    threads = [threading.Thread(target=send, args=(sendings // AT_ONCE + 1,)) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"replay_effects": Order.objects.count() - before, "replay_bodies": len(bodies)}
