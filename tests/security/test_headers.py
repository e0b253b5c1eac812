"""What every answer says to the browser, and what its cookies are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.people import signed_in

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent
# A page, JSON, a redirect, what is absent, what is refused, a health check, the schema.
ADDRESSES = (
    "/",
    "/login",
    "/api/v1/me",
    "/settings",
    "/nothing-here",
    "/healthz",
    "/api/schema",
    "/robots.txt",
)


def answers(client: Client) -> list[Any]:
    return [client.get(address) for address in ADDRESSES] + [client.post("/login", {"email": "x"})]


def test_every_answer_names_a_policy_that_lets_nothing_foreign_run(client: Client) -> None:
    for answer in answers(client):
        policy = dict(
            part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";")
        )
        assert policy["object-src"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert "unsafe" not in policy.get("script-src", policy["default-src"])
        assert "http:" not in answer.headers["Content-Security-Policy"]


def test_a_nonce_is_new_with_each_page(client: Client) -> None:
    nonces = {
        re.search(r"'nonce-([^']+)'", client.get("/login").headers["Content-Security-Policy"]) for _ in "ab"
    }
    assert len({found.group(1) for found in nonces if found}) == 2


def test_no_answer_is_sniffed_framed_or_tells_where_one_came_from(client: Client) -> None:
    for answer in answers(client):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=(self)" in answer.headers["Permissions-Policy"]


def test_every_body_says_what_it_is_and_in_which_letters(client: Client) -> None:
    for answer in answers(client):
        kind = answer.headers["Content-Type"]
        if kind.startswith("application/json"):
            json.loads(answer.content)
        elif kind.startswith("text/") or "xml" in kind:
            assert "charset=utf-8" in kind, kind
        else:
            assert kind.startswith("application/vnd.oai.openapi"), kind


def test_no_other_site_may_read_answers(client: Client, alice: User) -> None:
    for browser in (client, signed_in(alice)):
        for address in ADDRESSES:
            answer = browser.get(address, headers={"Origin": "https://evil.test"})
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert "Access-Control-Allow-Credentials" not in answer.headers


def test_pages_of_somebody_signed_in_stay_in_no_cache(alice: User) -> None:
    browser = signed_in(alice)
    for address in (
        "/",
        "/settings",
        "/likeness",
        "/notifications",
        "/messages",
        "/generations",
        "/api/v1/me",
    ):
        assert "no-store" in browser.get(address).headers["Cache-Control"], address


def test_what_people_made_runs_nothing_when_it_is_opened_by_itself(client: Client) -> None:
    from django.http import HttpRequest, HttpResponse

    from config.headers import ALONE, Headers

    for kind in ("image/webp", "video/mp4", "audio/wav", "text/csv"):
        answer = Headers(lambda _r, kind=kind: HttpResponse(b"x", content_type=kind))(HttpRequest())  # type: ignore[misc]
        assert answer.headers["Content-Security-Policy"] == ALONE
    assert "sandbox" in ALONE and "default-src 'none'" in ALONE and "script-src" not in ALONE


def test_signing_out_clears_what_the_browser_kept(alice: User) -> None:
    answer = signed_in(alice).post("/logout")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def settings_of(site: str) -> dict[str, Any]:
    """Settings of a host at this address, in a process of its own."""
    names = [
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "LANGUAGE_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "LANGUAGE_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "CSRF_COOKIE_HTTPONLY",
        "LANGUAGE_COOKIE_HTTPONLY",
        "SESSION_COOKIE_SAMESITE",
        "CSRF_COOKIE_SAMESITE",
        "SECURE_HSTS_SECONDS",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
        "SESSION_COOKIE_DOMAIN",
        "SESSION_COOKIE_PATH",
        "MESSAGE_STORAGE",
        "DEBUG",
    ]
    script = (
        "import json; from django.conf import settings; import django; django.setup(); "
        f"print(json.dumps({{n: getattr(settings, n) for n in {names!r}}})); "
        "from commerce import visitor; print(visitor.COOKIE)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "SITE_URL": site,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": os.environ["DATA_DIR"],
        },
        capture_output=True,
        text=True,
        check=True,
    )
    told, visitor = done.stdout.strip().splitlines()
    return {**json.loads(told), "visitor": visitor}


def test_with_tls_every_cookie_is_bound_to_this_host_alone() -> None:
    told = settings_of("https://clips.example.org")
    for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME", "visitor"):
        assert told[name].startswith("__Host-"), name
    assert told["SESSION_COOKIE_SECURE"] and told["CSRF_COOKIE_SECURE"] and told["LANGUAGE_COOKIE_SECURE"]
    assert told["SESSION_COOKIE_DOMAIN"] is None and told["SESSION_COOKIE_PATH"] == "/"
    assert "session" in told["MESSAGE_STORAGE"]
    script = (ROOT / "static/js/elements/theme-choice.js").read_text()
    assert '"__Host-theme", "; secure"' in script


def test_no_cookie_of_ours_is_read_by_scripts_or_sent_by_other_sites(alice: User) -> None:
    told = settings_of("https://clips.example.org")
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        assert told[f"{name}_COOKIE_HTTPONLY"] is True
    assert told["SESSION_COOKIE_SAMESITE"] == told["CSRF_COOKIE_SAMESITE"] == "Lax"
    browser = signed_in(alice)
    browser.get("/settings")
    browser.post("/settings", {"name": "A", "bio": "", "language": "en"})
    for cookie in browser.cookies.values():
        assert cookie["httponly"] and cookie["samesite"] == "Lax", cookie


def test_the_session_is_told_by_its_cookie_and_nowhere_else(alice: User) -> None:
    browser = signed_in(alice)
    key = browser.session.session_key
    for address in ("/settings", "/api/v1/me", "/"):
        assert key not in browser.get(address).content.decode()


def test_with_tls_a_browser_comes_by_tls_only_for_a_year(settings: Any) -> None:
    told = settings_of("https://clips.example.org")
    assert told["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert told["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = told["SECURE_HSTS_SECONDS"], True
    answer = Client().get("/healthz", secure=True)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_a_host_without_tls_promises_none() -> None:
    told = settings_of("http://localhost:8000")
    assert told["SECURE_HSTS_SECONDS"] == 0 and told["SESSION_COOKIE_NAME"] == "sessionid"


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
def test_odd_methods_are_answered_with_nothing_of_the_request(method: str, client: Client) -> None:
    answer = client.generic(method, "/login", headers={"X-Secret": "hidden"})
    assert answer.status_code in {403, 405}
    assert b"hidden" not in answer.content


def test_there_is_no_listing_of_folders_nor_of_our_source(client: Client) -> None:
    for address in (
        "/static/",
        "/media/",
        "/static/css/",
        "/.git/HEAD",
        "/.env",
        "/static/../config/settings.py",
    ):
        assert client.get(address).status_code == 404, address


def test_debugging_is_off_unless_asked_for_and_refused_elsewhere(settings: Any) -> None:
    from config import checks

    assert settings_of("https://clips.example.org")["DEBUG"] is False
    settings.DEBUG, settings.SITE_URL = True, "https://clips.example.org"
    assert "config.E002" in [found.id for found in checks.address()]
