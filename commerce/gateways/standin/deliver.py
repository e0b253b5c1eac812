"""Signed webhooks out of the stand-in's outbox, tried again with growing waits until they are taken."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable

from commerce.gateways.standin import api, billing
from commerce.gateways.standin.store import Store

PAUSE_S = 0.2
Post = Callable[[str, bytes, dict[str, str]], int]


def signature(payload: bytes, secret: str, at: int) -> str:
    """Stripe's `Stripe-Signature` header: HMAC-SHA256 over the moment and the raw body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def post(url: str, payload: bytes, headers: dict[str, str]) -> int:
    """POST to the host's own webhook address; 0 when nobody answers."""
    request = urllib.request.Request(url, payload, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # SITE_URL  # nosec B310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def deliver_due(store: Store, *, url: str, secret: str, send: Post = post) -> int:
    """Send what is due, once each; how many were taken. The lock is never held over the network."""
    with store.transaction() as session:
        due = session.due()
        events = {delivery.event: session.get("event", delivery.event) for delivery in due}
        now = int(session.now)
    taken = 0
    for delivery in due:
        payload = json.dumps(events[delivery.event]).encode()
        headers = {
            "Content-Type": "application/json",
            "Stripe-Signature": signature(payload, secret, now),
        }
        status = send(url, payload, headers)
        with store.transaction() as session:
            if 200 <= status < 300:
                session.delivered(delivery.number)
                taken += 1
            else:
                session.try_again(delivery)
    return taken


class Courier(threading.Thread):
    """Delivers in the background until `stop()`."""

    def __init__(self, store: Store, *, url: str, secret: str) -> None:
        super().__init__(name="standin-courier", daemon=True)
        self.store, self.url, self.secret = store, url, secret
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(PAUSE_S):
            with self.store.transaction() as session:
                billing.tick(session, api.charge_intent)
            deliver_due(self.store, url=self.url, secret=self.secret)

    def stop(self) -> None:
        self.stopped.set()
