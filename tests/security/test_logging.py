"""What is logged: enough to look an incident up, and nothing about whom it happened to."""

from __future__ import annotations

import ast
import json
import logging
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import events, tokens
from accounts.models import User
from config.logs import AsJson
from tests.accounts.people import newest_code, signed_in
from tests.security.pages import ROOT, table, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    cache.clear()
    caplog.set_level(logging.INFO)
    return caplog


def told(lines: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in lines.records if record.name == "understudy.security"]


def test_every_event_is_in_the_inventory_and_every_one_is_written_somewhere() -> None:
    assert [row[0].strip("`") for row in table("logging", "event")] == list(events.EVENTS)
    written = set()
    for path in (ROOT / "accounts").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"events.told", "told"} and node.args:
                written.add(getattr(node.args[0], "value", None))
    assert set(events.EVENTS) <= written


def test_signing_in_and_failing_to_are_written_with_how(alice: User, lines: Any) -> None:
    browser = Client()
    browser.post("/login", {"email": alice.email})
    browser.post("/login/code", {"code": "000000"})
    browser.post("/login/code", {"code": newest_code()})
    browser.post("/logout")
    who = events.pseudonym(alice)
    assert told(lines) == [
        "code_sent who=- purpose=log_in",
        "sign_in_refused who=- method=email code=code_wrong",
        f"signed_in who={who} method=email",
        f"signed_out who={who}",
    ]


def test_a_bad_passkey_is_written(lines: Any) -> None:
    Client().post("/login/passkey", "{}", content_type="application/json")
    assert "sign_in_refused who=- method=passkey code=passkey_refused" in told(lines)


def test_what_was_refused_is_written_with_its_rule_and_route(alice: User, lines: Any) -> None:
    signed_in(alice).post("/settings/email", {"email": "x@example.test"})
    _token, secret = tokens.make(user=alice, name="x", scopes=["me:read"], days=1, now=timezone.now())
    Client().post("/api/v1/me/invites", {}, headers={"Authorization": f"Bearer {secret}"})
    Client().get("/api/v1/me", headers={"Authorization": "Bearer us_wrong"})
    said = told(lines)
    assert (
        f"refused who={events.pseudonym(alice)} code=step_up_required status=403 route=/settings/email"
        in said
    )
    assert any("code=scope_missing status=403 route=/api/v1/me/invites" in line for line in said)
    assert any("code=bad_token status=401 route=/api/v1/me" in line for line in said)


def test_a_refused_consent_is_written(bob: User, lines: Any) -> None:
    from django.http import HttpRequest

    from accounts.refusals import RefusalMiddleware
    from cameos.refusals import ConsentDenied, Reason

    request = HttpRequest()
    request.user, request.path = bob, "/api/v1/generations"
    RefusalMiddleware(lambda _r: None).process_exception(request, ConsentDenied(Reason.NO_GRANT))  # type: ignore[arg-type, return-value]
    assert any(line.startswith(f"refused who={events.pseudonym(bob)} code=") for line in told(lines))


def test_no_line_says_who_it_was_or_what_they_typed(alice: User, lines: Any) -> None:
    browser = Client(REMOTE_ADDR="203.0.113.77")
    browser.post("/login", {"email": alice.email})
    code = newest_code()
    browser.post("/login/code", {"code": code})
    browser.get("/u/alice")
    browser.get("/search", {"q": "a very private question"})
    browser.get("/join/SECRETCODE")
    browser.post(
        "/api/v1/generations", json.dumps({"prompt": "my secret wish"}), content_type="application/json"
    )
    browser.get("/settings/export")
    key = browser.session.session_key
    whole = "\n".join(AsJson().format(record) for record in lines.records)
    for hidden in (
        alice.email,
        code,
        str(key),
        "203.0.113.77",
        "private question",
        "SECRETCODE",
        "secret wish",
        "Alice",
        str(alice.public_id),
    ):
        assert hidden not in whole, hidden


def test_the_same_person_has_one_pseudonym_here_and_another_elsewhere(
    alice: User, bob: User, settings: Any
) -> None:
    mine = events.pseudonym(alice)
    assert re.fullmatch(r"[0-9a-f]{12}", mine) and events.pseudonym(alice) == mine != events.pseudonym(bob)
    settings.SECRET_KEY = "another host's"
    assert events.pseudonym(alice) != mine


def test_a_line_has_when_where_who_and_what_in_one_shape(alice: User, lines: Any) -> None:
    signed_in(alice).post("/settings/email", {"email": "x"})
    record = next(record for record in lines.records if record.name == "understudy.security")
    line = json.loads(AsJson().format(record))
    assert line["at"].endswith("+00:00") and line["logger"] == "understudy.security"
    assert set(line) >= {"at", "level", "logger", "request", "message"}
    from django.conf import settings as ours

    assert ours.LOGGING["formatters"]["line"]["format"].startswith(
        "%(asctime)s %(levelname)s [%(request_id)s]"
    )
    assert ours.TIME_ZONE == "UTC"


def test_logs_go_to_one_place_and_are_for_the_host_alone(tmp_path: Any) -> None:
    from django.conf import settings as ours

    from config.supervisor import Supervisor

    assert set(ours.LOGGING["handlers"]) == {"stderr"}
    keeper = Supervisor(tmp_path / "logs", lambda _line: None)
    keeper._log("web").close()
    assert (tmp_path / "logs" / "web.log").stat().st_mode & 0o077 == 0


def test_the_page_says_how_lines_leave_this_machine() -> None:
    page = text("logging")
    assert "journalctl" in page and "TLS" in page and "90 days" in page


def test_what_broke_is_logged_whole_and_shown_as_one_sentence(
    alice: User, lines: Any, monkeypatch: Any
) -> None:
    from accounts import social

    def broken(*_a: Any, **_k: Any) -> Any:
        raise RuntimeError("password=hunter2 at /srv/secret")

    monkeypatch.setattr("accounts.views.people.pagination.newest_first", broken)
    browser = signed_in(alice)
    browser.raise_request_exception = False
    answer = browser.get("/invites")
    assert answer.status_code == 500
    assert (
        b"hunter2" not in answer.content
        and b"Traceback" not in answer.content
        and b"RuntimeError" not in answer.content
    )
    assert any(record.exc_info for record in lines.records if record.levelno >= logging.ERROR)
    assert social
