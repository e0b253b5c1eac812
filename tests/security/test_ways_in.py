"""Ways in: which there are, what each is worth, and that there is no other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import codes, passkeys, sessions, throttle, tokens
from accounts.models import EmailCode, Passkey, SignIn, User
from accounts.throttle import BUDGETS
from tests.accounts.people import newest_code, signed_in

pytestmark = pytest.mark.django_db
LOG_IN = codes.Purpose.LOG_IN


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def with_passkeys(user: User, count: int) -> User:
    for number in range(count):
        Passkey.objects.create(
            user=user,
            name="Key",
            credential_id=f"{user.pk}-{number}",
            credential=b"x",
            created_at=timezone.now(),
        )
    return user


def by_code(user: User) -> tuple[Client, Any]:
    browser = Client()
    browser.post("/login", {"email": user.email})
    return browser, browser.post("/login/code", {"code": newest_code()})


def test_a_password_opens_nothing(operator: User) -> None:
    """Even where somebody set one in the shell."""
    operator.set_password("correct horse battery staple")
    operator.save()
    browser = Client()
    form = {"username": operator.username, "password": "correct horse battery staple"}
    assert browser.post("/admin/login/", form).headers["Location"].startswith("/login")
    assert browser.get("/admin/").status_code == 302
    assert browser.get("/api/v1/me", headers={"Authorization": "Basic b3BlcmF0b3I6eA=="}).status_code == 401
    fields = [browser.get(page).content for page in ("/login", "/join", "/step-up", "/admin/login/")]
    assert b'type="password"' not in b"".join(fields)


def test_nobody_is_there_whom_nobody_made(db: None) -> None:
    assert not User.objects.exists()
    assert authenticate(username="admin", password="admin") is None


def test_the_ways_in_are_those_of_the_docs(client: Client) -> None:
    """Whatever makes a session does so through `sessions.sign_in`: nothing else calls Django's `login`."""
    from pathlib import Path

    root = Path(__file__).resolve().parent.parent.parent
    callers = [
        str(path.relative_to(root))
        for app in ("accounts", "cameos", "generation", "feed", "commerce", "config")
        for path in (root / app).rglob("*.py")
        if "auth import login, logout" in path.read_text() or "auth.login(" in path.read_text()
    ]
    assert callers == ["accounts/sessions.py"]


def test_two_passkeys_shut_the_mailbox_out(alice: User) -> None:
    with_passkeys(alice, 2)
    mine = signed_in(alice, fresh=True)
    mine.post("/settings/passkeys/only", {"on": "1"})
    browser, answer = by_code(alice)
    assert answer.status_code == 400 and b"passkey only" in answer.content
    assert "_auth_user_id" not in browser.session
    mine.post("/step-up")
    assert mine.post("/step-up/code", {"code": "000000"}).status_code == 400
    assert not EmailCode.objects.filter(purpose=codes.Purpose.STEP_UP).exists()


def test_one_passkey_is_too_few_to_shut_the_mailbox_out(alice: User) -> None:
    with_passkeys(alice, 1)
    assert signed_in(alice, fresh=True).post("/settings/passkeys/only", {"on": "1"}).status_code == 409
    assert not User.objects.get(pk=alice.pk).only_passkeys


def test_with_passkeys_only_the_second_last_one_stays(alice: User) -> None:
    with_passkeys(alice, 2)
    passkeys.only(user=alice, on=True)
    alice.refresh_from_db()
    held = Passkey.objects.filter(user=alice).first()
    with pytest.raises(passkeys.TooFewPasskeys):
        passkeys.remove(user=alice, passkey_id=held.pk)  # type: ignore[union-attr]


def test_a_lost_factor_comes_back_by_the_operator_alone(alice: User, client: Client) -> None:
    with_passkeys(alice, 2)
    passkeys.only(user=alice, on=True)
    for address in ("/recover", "/reset", "/login/reset", "/password_reset", "/accounts/password_reset/"):
        assert client.get(address).status_code == 404
    with pytest.raises(sessions.OnlyPasskeys):
        request = client.get("/login").wsgi_request
        sessions.sign_in(request, user=User.objects.get(pk=alice.pk), method="email", now=timezone.now())


def test_who_removes_a_way_in_ends_the_sessions_it_opened(alice: User) -> None:
    with_passkeys(alice, 2)
    thief, _ = by_code(alice)
    mine, _ = by_code(alice)
    key = Passkey.objects.filter(user=alice).first()
    mine.post(reverse("accounts:passkey-remove", args=[key.pk]))  # type: ignore[union-attr]
    assert thief.get("/circle").status_code == 302
    assert mine.get("/circle").status_code == 200


def test_who_changes_the_address_ends_the_sessions_of_the_old_one(alice: User) -> None:
    thief, _ = by_code(alice)
    mine, _ = by_code(alice)
    mine.post("/settings/email", {"email": "new@example.test"})
    mine.post("/settings/email/confirm", {"code": newest_code()})
    assert thief.get("/circle").status_code == 302
    assert mine.get("/circle").status_code == 200


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/settings/email", {"email": "new@example.test"}),
        ("/settings/passkeys/options", {}),
        ("/settings/passkeys", {}),
        ("/settings/passkeys/only", {"on": "1"}),
        ("/settings/tokens", {"name": "x", "days": 7, "scopes": ["me:read"]}),
        ("/settings/sessions/end", {}),
    ],
)
def test_what_opens_the_account_is_changed_after_a_fresh_proof_only(
    address: str, form: dict[str, Any], alice: User
) -> None:
    answer = signed_in(alice).post(address, form)
    assert answer.status_code in {302, 403}
    assert "/step-up" in answer.headers.get("Location", "") or b"step_up_required" in answer.content


def test_a_code_has_twenty_bits_comes_from_the_system_and_ends_in_ten_minutes(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(codes.secrets, "randbelow", lambda top: asked.append(top) or 7)
    assert codes.new_code(email=alice.email, purpose=LOG_IN, now=timezone.now()) == "000007"
    assert asked == [1_000_000]  # 19.9 bits: six digits, as the requirement names them
    assert timedelta(minutes=10) >= codes.GOOD_FOR


def test_a_code_belongs_to_the_browser_that_asked(alice: User) -> None:
    mine, other = Client(), Client()
    mine.post("/login", {"email": alice.email})
    assert other.post("/login/code", {"code": newest_code()}).headers["Location"] == "/login"
    assert "_auth_user_id" not in other.session


def test_guessing_codes_is_stopped_by_the_code_and_by_the_address(alice: User, settings: Any) -> None:
    settings.BUDGETS = {
        "code_try": (8, 3600),
        "email_code_address": (50, 3600),
        "email_code_person": (50, 3600),
    }
    browser, seen = Client(), []
    for number in range(12):
        if number in {0, 5}:
            browser.post("/login", {"email": alice.email})
        answer = browser.post("/login/code", {"code": "000000"})
        seen.append("too often" in answer.content.decode() or answer.status_code == 429)
    assert seen[4] is True  # the fifth try ended the code
    assert seen[9:] == [True, True, True]  # and after eight the address waits, whatever the code
    assert Client(REMOTE_ADDR="203.0.113.9").post("/login", {"email": alice.email}).status_code == 302


def test_wrong_tries_lock_nobody_out(alice: User) -> None:
    attacker = Client(REMOTE_ADDR="198.51.100.7")
    attacker.post("/login", {"email": alice.email})
    for _ in range(6):
        attacker.post("/login/code", {"code": "000000"})
    _browser, answer = by_code(alice)
    assert answer.headers["Location"] == "/"


def test_a_token_is_random_kept_as_a_digest_and_never_in_an_address(alice: User, client: Client) -> None:
    token, secret = tokens.make(user=alice, name="x", scopes=["me:read"], days=7, now=timezone.now())
    assert len(secret) >= 43 and secret not in str(token.__dict__)
    assert client.get(f"/api/v1/me?token={secret}").status_code == 401
    assert client.get(f"/api/v1/me?access_token={secret}").status_code == 401
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_a_token_does_what_its_scopes_say_for_its_person(alice: User, client: Client) -> None:
    _token, secret = tokens.make(user=alice, name="x", scopes=["clips:read"], days=7, now=timezone.now())
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/me", headers=bearer).json()["code"] == "scope_missing"
    assert client.post("/api/v1/me/tokens", {}, headers=bearer).status_code == 403
    assert client.get("/settings", headers=bearer).status_code == 302


def test_a_token_that_ended_opens_nothing(alice: User, client: Client) -> None:
    now = timezone.now()
    token, secret = tokens.make(user=alice, name="x", scopes=["me:read"], days=1, now=now - timedelta(days=2))
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/me", headers=bearer).status_code == 401
    token, secret = tokens.make(user=alice, name="y", scopes=["me:read"], days=1, now=now)
    signed_in(alice).post(reverse("accounts:token-revoke", args=[token.pk]))
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_every_budget_of_the_docs_holds_and_every_one_is_there() -> None:
    from tests.security.pages import table

    told = {
        row[0].strip("`"): (int(row[1]), int(row[2].removesuffix(" s")))
        for row in table("accounts", "budget")
    }
    assert told == BUDGETS


def test_each_budget_refuses_the_next_one(settings: Any) -> None:
    now = timezone.now()
    for name, (limit, period) in BUDGETS.items():
        settings.BUDGETS = {name: (2, period)}
        throttle.spend(name, "somebody", now)
        throttle.spend(name, "somebody", now)
        with pytest.raises(throttle.TooMany):
            throttle.spend(name, "somebody", now)
        assert limit > 0


def test_the_operator_makes_the_first_account(db: None) -> None:
    call_command("make_operator", "nora", "--email", "nora@example.test", "--birth-date", "1990-01-31")
    assert not User.objects.get(username="nora").has_usable_password()
    assert not SignIn.objects.exists()
