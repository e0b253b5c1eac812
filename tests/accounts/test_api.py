"""The API: who may call it, what a token's scopes open, and how it says no."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import actions, tokens
from accounts.models import PersonalAccessToken, User
from tests.accounts.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def bearer(user: User, *scopes: str, now: Any = None) -> dict[str, str]:
    _row, secret = tokens.make(user=user, name="test", scopes=scopes, days=7, now=now or timezone.now())
    return {"Authorization": f"Bearer {secret}"}


def test_without_a_name_the_api_asks_for_one(client: Client, db: None) -> None:
    answer = client.get("/api/v1/me")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["code"] == "not_authenticated"


def test_a_token_reads_what_its_scope_says_and_no_more(alice: User, client: Client) -> None:
    reading = bearer(alice, "me:read")
    assert client.get("/api/v1/me", headers=reading).json()["handle"] == "alice"
    refused = client.patch("/api/v1/me", {"bio": "x"}, content_type="application/json", headers=reading)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert "me:write" in refused.json()["hint"]
    alice.refresh_from_db()
    assert alice.bio == ""
    writing = bearer(alice, "me:write")
    changed = client.patch("/api/v1/me", {"bio": "x"}, content_type="application/json", headers=writing)
    assert changed.json()["bio"] == "x"
    assert changed.json()["name"] == "Alice"
    assert client.get("/api/v1/me", headers=writing).status_code == 403


@pytest.mark.parametrize("change", ["expired", "revoked", "closed", "mangled"])
def test_a_dead_token_opens_nothing(alice: User, client: Client, change: str) -> None:
    headers = bearer(alice, "me:read")
    if change == "expired":
        PersonalAccessToken.objects.update(expires_at=timezone.now())
    elif change == "revoked":
        PersonalAccessToken.objects.update(revoked_at=timezone.now())
    elif change == "closed":
        User.objects.update(is_active=False)
    else:
        headers = {"Authorization": headers["Authorization"][:-1]}
    answer = client.get("/api/v1/me", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")


def test_a_token_makes_no_tokens_and_a_person_needs_a_fresh_proof(alice: User, client: Client) -> None:
    everything = bearer(alice, *tokens.SCOPES)
    wanted = {"name": "mine", "scopes": ["me:read"]}
    for method in ("get", "post"):
        answer = getattr(client, method)(
            "/api/v1/me/tokens", wanted, content_type="application/json", headers=everything
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    stale = signed_in(alice).post("/api/v1/me/tokens", wanted, content_type="application/json")
    assert (stale.status_code, stale.json()["code"]) == (403, "step_up_required")
    made = signed_in(alice, fresh=True).post("/api/v1/me/tokens", wanted, content_type="application/json")
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert secret not in signed_in(alice).get("/api/v1/me/tokens").content.decode()


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"name": "x", "scopes": ["everything"]}, "unknown_scope"),
        ({"name": "x", "scopes": []}, "unknown_scope"),
        ({"name": "x", "scopes": ["me:read"], "days": 0}, "token_too_long"),
        ({"name": "x", "scopes": ["me:read"], "days": 3650}, "token_too_long"),
        ({"scopes": ["me:read"]}, "invalid"),
    ],
)
def test_an_odd_token_is_refused_by_name(alice: User, wanted: dict[str, Any], code: str) -> None:
    answer = signed_in(alice, fresh=True).post("/api/v1/me/tokens", wanted, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert set(answer.json()) >= {"code", "message", "hint"}
    assert not PersonalAccessToken.objects.exists()


def test_the_page_shows_a_token_once_and_revokes_it(alice: User, bob: User) -> None:
    browser = signed_in(alice, fresh=True)
    page = browser.post("/settings/tokens", {"name": "cli", "days": 30, "scopes": ["me:read"]})
    assert page.context["secret"] in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    token = PersonalAccessToken.objects.get()
    assert page.context["secret"] not in browser.get("/settings/tokens").content.decode()
    assert signed_in(bob).post(f"/settings/tokens/{token.pk}/revoke").status_code == 404
    browser.post(f"/settings/tokens/{token.pk}/revoke")
    assert tokens.find(secret=page.context["secret"], now=timezone.now()) is None


def test_using_a_token_writes_at_most_once_in_five_minutes(
    alice: User, now: Any, django_assert_num_queries: Any
) -> None:
    row, secret = tokens.make(user=alice, name="x", scopes=["me:read"], days=7, now=now)
    tokens.find(secret=secret, now=now)
    tokens.find(secret=secret, now=now + timedelta(minutes=4))
    row.refresh_from_db()
    assert row.last_used_at == now
    tokens.find(secret=secret, now=now + timedelta(minutes=6))
    row.refresh_from_db()
    assert row.last_used_at == now + timedelta(minutes=6)


def test_a_session_needs_the_csrf_token_to_write(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    answer = browser.put("/api/v1/people/alice/mute", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_following_over_the_api_and_a_block_hides_the_person(alice: User, bob: User, now: Any) -> None:
    browser = signed_in(bob)
    assert browser.put("/api/v1/people/alice/follow").status_code == 204
    assert browser.get("/api/v1/people/alice").json()["follows"] is True
    assert browser.delete("/api/v1/people/alice/follow").status_code == 204
    assert browser.get("/api/v1/people/alice").json()["follows"] is False
    actions.block(blocker=alice, blocked=bob, now=now)
    for answer in (
        browser.get("/api/v1/people/alice"),
        browser.put("/api/v1/people/alice/follow"),
        browser.get("/api/v1/people/nobody"),
        browser.put("/api/v1/people/alice/envy"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_what_the_api_says_of_others_holds_nothing_private(alice: User, bob: User) -> None:
    person = signed_in(bob).get("/api/v1/people/alice").json()["person"]
    assert set(person) == {"public_id", "handle", "name", "bio"}


def test_lists_come_in_pages(alice: User, now: Any, django_assert_num_queries: Any) -> None:
    from accounts.models import Notification

    Notification.objects.bulk_create(
        Notification(recipient=alice, kind="followed", data={"name": str(n)}, created_at=now)
        for n in range(60)
    )
    browser = signed_in(alice)
    with django_assert_num_queries(3):  # session, person, news
        first = browser.get("/api/v1/me/notifications").json()
    second = browser.get(first["next"]).json()
    assert (len(first["results"]), len(second["results"]), second["next"]) == (50, 10, None)
    assert first["results"][0]["text"] == "59 follows you now."
    assert browser.post("/api/v1/me/notifications").status_code == 204
    assert not any(item["is_unread"] for item in browser.get("/api/v1/me/notifications").json()["results"])


def test_an_hour_of_calls_has_an_end(alice: User, settings: Any) -> None:
    settings.BUDGETS = {"api": (2, 3600)}
    browser = signed_in(alice)
    assert [browser.get("/api/v1/me").status_code for _ in range(3)] == [200, 200, 429]


def test_the_schema_names_both_ways_to_sign_in(client: Client, db: None) -> None:
    schema = client.get("/api/schema").content.decode()
    assert "/api/v1/me/tokens" in schema
    assert "scheme: bearer" in schema
