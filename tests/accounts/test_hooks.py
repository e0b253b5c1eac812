"""Webhooks: Alice's news reach a server of hers, signed, again where they were not taken, and nobody else."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client

from accounts import hooks, notifications, outbound, personal
from accounts.models import Hook, HookPiece, User

pytestmark = pytest.mark.django_db


class Listener:
    """A server of Alice's that answers `status` and keeps what it heard."""

    def __init__(self) -> None:
        self.status, self.heard = 204, list[tuple[dict[str, str], bytes]]()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.heard.append((dict(self.headers), body))
                self.send_response(listener.status)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/news"


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    made = Listener()
    settings.OUTBOUND_ALLOWED = ["127.0.0.1"]
    settings.OUTBOUND_PORTS = [made.server.server_port]
    yield made
    made.server.shutdown()


def followed(alice: User, now: datetime) -> None:
    notifications.notify(recipient=alice, kind="followed", data={"name": "Bob"}, url="/u/bob", now=now)


def test_news_arrive_signed_and_once(listener: Listener, alice: User, now: datetime) -> None:
    hook, secret = hooks.make(owner=alice, address=listener.address, kinds=[], now=now)
    followed(alice, now)
    assert hooks.send_due(now) == 1 and hooks.send_due(now) == 0
    headers, body = listener.heard[0]
    told = json.loads(body)
    assert (told["kind"], told["data"]) == ("followed", {"name": "Bob"})
    assert told["url"].endswith("/u/bob") and "Bob" in told["text"]
    at, _, mark = headers["Understudy-Signature"].removeprefix("t=").partition(",v1=")
    assert mark == hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Understudy-Delivery"] == told["id"] == str(HookPiece.objects.get().public_id)
    assert hooks.secret_of(hook) == secret


def test_only_the_kinds_that_were_asked_for(listener: Listener, alice: User, now: datetime) -> None:
    hooks.make(owner=alice, address=listener.address, kinds=["sale"], now=now)
    followed(alice, now)
    assert not HookPiece.objects.exists()


def test_what_is_not_taken_comes_again_with_the_same_id(
    listener: Listener, alice: User, now: datetime
) -> None:
    hooks.make(owner=alice, address=listener.address, kinds=[], now=now)
    followed(alice, now)
    listener.status = 500
    assert hooks.send_due(now) == 0
    assert hooks.send_due(now + timedelta(seconds=9)) == 0 and len(listener.heard) == 1
    listener.status = 200
    assert hooks.send_due(now + timedelta(seconds=11)) == 1
    assert listener.heard[0][0]["Understudy-Delivery"] == listener.heard[1][0]["Understudy-Delivery"]


def test_a_server_that_is_gone_is_given_up_and_the_hook_stopped(
    listener: Listener, alice: User, now: datetime
) -> None:
    hook, _secret = hooks.make(owner=alice, address=listener.address, kinds=[], now=now)
    listener.status = 503
    for _piece in range(hooks.MOST_FAILURES):
        followed(alice, now)
    for _round in range(len(hooks.WAITS) + 1):
        hooks.send_due(now)
        now += timedelta(days=2)
    hook.refresh_from_db()
    assert hook.stopped_at is not None
    assert set(HookPiece.objects.values_list("state", flat=True)) == {"given_up"}
    followed(alice, now)
    assert not HookPiece.objects.filter(state="waiting").exists()
    listener.status = 200
    assert hooks.try_out(owner=alice, public_id=hook.public_id, now=now)
    assert hooks.send_due(now) == 1


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/", "http://10.0.0.1/", "http://169.254.169.254/latest", "ftp://x.test/"]
)
def test_nobody_makes_the_host_call_its_own_network(address: str, alice: User, now: datetime) -> None:
    with pytest.raises(outbound.NotAllowed):
        hooks.make(owner=alice, address=address, kinds=[], now=now)
    row = Hook.objects.create(owner=alice, address=address, created_at=now)
    followed(alice, now)
    assert hooks.send_due(now) == 0
    assert row.pieces.get().answer == 0


def test_a_page_shows_the_secret_once_and_others_see_nothing(
    listener: Listener, alice: User, bob: User, client: Client, now: datetime
) -> None:
    from tests.accounts.people import signed_in

    page = signed_in(alice, fresh=True)
    shown = page.post("/settings/webhooks", {"address": listener.address}).content.decode()
    hook = Hook.objects.get()
    assert hooks.secret_of(hook) in shown
    assert hooks.secret_of(hook) not in page.get("/settings/webhooks").content.decode()
    others = signed_in(bob)
    assert listener.address not in others.get("/settings/webhooks").content.decode()
    assert others.post(f"/settings/webhooks/{hook.public_id}/remove").status_code == 404
    assert page.post(f"/settings/webhooks/{hook.public_id}/remove").status_code == 302
    assert not Hook.objects.exists()


def test_five_are_enough_and_one_address_is_told_once(listener: Listener, alice: User, now: datetime) -> None:
    for number in range(hooks.MOST_HOOKS):
        hooks.make(owner=alice, address=f"{listener.address}/{number}", kinds=[], now=now)
    with pytest.raises(hooks.TooManyHooks):
        hooks.make(owner=alice, address=f"{listener.address}/more", kinds=[], now=now)
    Hook.objects.first().delete()  # type: ignore[union-attr]
    with pytest.raises(hooks.HookThere):
        hooks.make(owner=alice, address=f"{listener.address}/4", kinds=[], now=now)


def test_erasing_takes_hooks_and_what_is_on_its_way(listener: Listener, alice: User, now: datetime) -> None:
    hooks.make(owner=alice, address=listener.address, kinds=[], now=now)
    followed(alice, now)
    assert personal.export_everything(alice)["accounts"]["webhooks"][0]["address"] == listener.address
    personal.erase_everything(user=alice, now=now)
    assert not Hook.objects.exists() and not HookPiece.objects.exists()


def test_pieces_that_are_over_go_after_two_weeks(listener: Listener, alice: User, now: datetime) -> None:
    hooks.make(owner=alice, address=listener.address, kinds=[], now=now)
    followed(alice, now)
    hooks.send_due(now)
    assert hooks.forget(now + timedelta(days=13)) == 0
    assert hooks.forget(now + timedelta(days=15)) == 1
