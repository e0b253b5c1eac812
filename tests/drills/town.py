"""Who uses the product while it is drilled: one looks at the feed, one asks for clips, one buys."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, build_opener

PROMPT = "a red kite in the wind"
ANSWER_S = 60.0  # as long as a person's browser would; what is slower counts as no answer
OVER = {"READY", "FAILED", "REFUSED", "HELD", "QUARANTINED", "CANCELLED"}
PAY_TRIES = 8
PATIENCE_S = 3.0  # how long the maker waits for a clip before asking for the next
MOST_OPEN = 4  # a slow machine is asked for no more than it gets done


@dataclass(frozen=True)
class Cast:
    """What `tests.drills.inside people` told."""

    maker: str  # a token
    buyer: str
    variant: int
    price: int


class Wire:
    """Requests to the product; status 0 where nobody answers."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_S)
        try:
            line.request(method, path, body, {"Host": f"localhost:{self.port}", **(headers or {})})
            answer = line.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            line.close()

    def post(
        self, path: str, token: str, body: dict[str, Any] | None, key: str
    ) -> tuple[int, dict[str, Any]]:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Idempotency-Key": key,
        }
        status, answer = self.send("POST", path, json.dumps(body or {}), headers)
        with suppress(ValueError):
            return status, dict(json.loads(answer))
        return status, {}


class Town:
    """Three people, each in a thread of their own, who send each request again until it is answered."""

    def __init__(self, port: int, cast: dict[str, Any]) -> None:
        self.wire, self.cast = Wire(port), Cast(**cast)
        self.ended, self.is_asking = threading.Event(), True
        self.feed: Counter[int] = Counter()
        self.asking: Counter[int] = Counter()
        self.buying: Counter[int] = Counter()
        self.acked: set[str] = set()
        self.waiting: list[str] = []
        self.ready = 0  # how many clips the maker saw become ready
        self.ordered: set[str] = set()
        self.paid: set[str] = set()
        self.said: set[str] = set()  # the sentences of refusals that the buyer and the maker read

    def start(self) -> None:
        for person in (self._watch, self._make, self._buy):
            threading.Thread(target=person, daemon=True).start()

    def forget(self) -> None:
        for counter in (self.feed, self.asking, self.buying):
            counter.clear()
        self.said.clear()

    def look(self, path: str = "/") -> int:
        return self.wire.send("GET", path, headers={"Accept": "text/html"})[0]

    def _watch(self) -> None:
        while not self.ended.wait(0.25):
            self.feed[self.look()] += 1

    def _make(self) -> None:
        """Ask for a clip, wait until it is over or patience ends, and ask for the next; look after each."""
        open_, asked_at = list[str](), 0.0
        while not self.ended.wait(0.3):
            if self.waiting:
                if taken := self._ask(self.waiting[0]):
                    open_.append(taken)
                asked_at = time.monotonic()
                continue
            for clip in list(open_):
                if (state := self.state(clip)) in OVER:
                    self.ready += state == "READY"
                    open_.remove(clip)
            is_time = not open_ or time.monotonic() - asked_at > PATIENCE_S
            if self.is_asking and is_time and len(open_) < MOST_OPEN:
                self.waiting.append(str(uuid.uuid4()))

    def state(self, generation: str) -> str:
        headers = {"Authorization": f"Bearer {self.cast.maker}", "Accept": "application/json"}
        status, answer = self.wire.send("GET", f"/api/v1/generations/{generation}", headers=headers)
        return str(json.loads(answer)["state"]) if status == 200 else ""

    def _ask(self, key: str) -> str:
        """The id of what was taken, or nothing."""
        body = {"prompt": PROMPT, "engine": "sleeper", "seconds": 1, "seed": 3}
        status, answer = self.wire.post("/api/v1/generations", self.cast.maker, body, key)
        self.asking[status] += 1
        if status in {200, 201, 202}:
            self.acked.add(str(answer["id"]))
            self.waiting.remove(key)
            return str(answer["id"])
        self._note(status, answer)
        return ""

    def _note(self, status: int, answer: dict[str, Any]) -> None:
        """The sentence of a refusal, as the person reads it."""
        if status:
            self.said.add(str(answer.get("message") or answer.get("detail") or status))

    def _buy(self) -> None:
        """An order, its payment at the provider, and then the next; one that cannot be paid is left to run
        out."""
        key, order, tries = "", "", 0
        while not self.ended.wait(0.7):
            if not self.is_asking and not key:
                continue
            if not key:
                key, order, tries = str(uuid.uuid4()), "", 0
            if not order:
                order = self._order(key)
            if order and (self._pay(order) or (tries := tries + 1) >= PAY_TRIES):
                key = ""

    def _order(self, key: str) -> str:
        body = {"variant": self.cast.variant, "seen_amount": self.cast.price, "seen_currency": "EUR"}
        status, answer = self.wire.post("/api/v1/checkout", self.cast.buyer, body, key)
        self.buying[status] += 1
        if status not in {200, 201}:
            self._note(status, answer)
            return ""
        self.ordered.add(str(answer["id"]))
        return str(answer["id"])

    def _pay(self, order: str) -> bool:
        path = f"/api/v1/orders/{order}/payment"
        status, answer = self.wire.post(path, self.cast.buyer, None, str(uuid.uuid4()))
        self.buying[status] += 1
        if status == 409:  # paid already, as far as the product knows
            self.paid.add(order)
            return True
        if status != 200:
            self._note(status, answer)
            return False
        if not pay_at_provider(str(answer["url"])):
            return False
        self.paid.add(order)
        return True


class _StayHere(HTTPRedirectHandler):
    def redirect_request(self, *arguments: object) -> None:
        return None


def pay_at_provider(url: str) -> bool:
    """The provider's page with a card that works; whether it sent the buyer back to the shop."""
    fields = urlencode({"card": "4242424242424242", "email": "bea@example.test"}).encode()
    try:
        build_opener(_StayHere).open(url, fields, timeout=ANSWER_S)
    except (URLError, OSError, http.client.HTTPException) as answer:
        return getattr(answer, "status", 0) in {302, 303}
    return False
