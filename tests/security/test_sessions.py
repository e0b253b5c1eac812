"""Sessions: how they begin, how long they last, and how they end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import sessions, stepup
from accounts.models import SignIn, User
from tests.accounts.people import newest_code, signed_in
from tests.security.pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def enter(user: User) -> Client:
    browser = Client()
    browser.post("/login", {"email": user.email})
    browser.post("/login/code", {"code": newest_code()})
    return browser


def shift(browser: Client, **earlier: timedelta) -> None:
    """As if this session had begun, or been used, that much earlier."""
    session = browser.session
    for name, by in earlier.items():
        session[name] = (timezone.now() - by).isoformat()
    session.save()


def test_a_session_that_nobody_used_for_two_weeks_is_over(alice: User) -> None:
    browser = enter(alice)
    shift(browser, seen=timedelta(days=13, hours=23))
    assert browser.get("/circle").status_code == 200
    shift(browser, seen=timedelta(days=14, minutes=1))
    assert browser.get("/circle").status_code == 302


def test_a_session_is_over_after_thirty_days_however_busy(alice: User) -> None:
    browser = enter(alice)
    shift(browser, began=timedelta(days=29, hours=23))
    assert browser.get("/circle").status_code == 200
    shift(browser, began=timedelta(days=30, minutes=1))
    assert browser.get("/circle").status_code == 302
    assert not SignIn.objects.filter(user=alice).exists()


def test_being_used_is_noted_once_an_hour_and_not_at_each_request(alice: User) -> None:
    browser = enter(alice)
    shift(browser, seen=timedelta(minutes=50))
    before = browser.session["seen"]
    browser.get("/circle")
    assert browser.session["seen"] == before
    shift(browser, seen=timedelta(minutes=70))
    browser.get("/circle")
    assert timezone.now().isoformat() > browser.session["seen"] > before


def test_the_times_are_those_of_the_docs(settings: Any) -> None:
    page = text("accounts")
    assert (
        f"**{settings.SESSION_COOKIE_AGE // 86400} days**" in page
        and settings.SESSION_COOKIE_AGE == 14 * 86400
    )
    assert f"**{sessions.LONGEST.days} days** after it began" in page
    assert f"holds **{stepup.FRESH_FOR.seconds // 60} minutes**" in page
    assert "as many as a person likes" in page and "NIST SP 800-63B" in page


def test_a_session_is_known_by_the_server_alone(alice: User) -> None:
    browser = enter(alice)
    key = browser.session.session_key
    assert key is not None and len(key) == 32
    Session.objects.filter(session_key=key).delete()
    assert browser.get("/circle").status_code == 302


def test_a_key_of_somebodys_own_choice_becomes_no_session(alice: User) -> None:
    browser = Client()
    browser.cookies["sessionid"] = "a" * 32
    browser.post("/login", {"email": alice.email})
    browser.post("/login/code", {"code": newest_code()})
    assert browser.session.session_key != "a" * 32


def test_proving_oneself_again_changes_the_key_and_ends_the_old_one(alice: User) -> None:
    browser = enter(alice)
    old = browser.session.session_key
    browser.post("/step-up")
    browser.post("/step-up/code", {"code": newest_code()})
    assert browser.session.session_key != old
    assert not Session.objects.filter(session_key=old).exists()
    assert SignIn.objects.get(user=alice).session_key == browser.session.session_key


def test_signing_out_ends_it_on_the_server(alice: User) -> None:
    browser, thief = enter(alice), Client()
    thief.cookies["sessionid"] = str(browser.session.session_key)
    assert thief.get("/circle").status_code == 200
    browser.post("/logout")
    assert thief.get("/circle").status_code == 302


def test_every_page_of_somebody_signed_in_leads_to_signing_out(alice: User) -> None:
    browser = signed_in(alice)
    for address in ("/circle", "/likeness", "/generations", "/notifications", "/settings"):
        assert b'href="/settings"' in browser.get(address).content, address
    assert b'action="/logout"' in browser.get("/settings").content


def test_a_closed_account_has_no_session_and_no_token(alice: User) -> None:
    from accounts import tokens

    browser = enter(alice)
    _token, secret = tokens.make(user=alice, name="x", scopes=["me:read"], days=7, now=timezone.now())
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert browser.get("/circle").status_code == 302
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_the_operator_ends_sessions_of_one_and_of_all(alice: User, bob: User, operator: User) -> None:
    browsers = [enter(alice), enter(bob)]
    desk = signed_in(operator, fresh=True)
    form = {"action": "end_sessions", "_selected_action": [alice.pk]}
    desk.post("/admin/accounts/user/", form)
    assert [browser.get("/circle").status_code for browser in browsers] == [302, 200]
    form["_selected_action"] = [bob.pk]
    desk.post("/admin/accounts/user/", form)
    assert browsers[1].get("/circle").status_code == 302


def test_alice_sees_her_sessions_and_ends_one_after_a_fresh_proof(alice: User) -> None:
    lost, mine = enter(alice), enter(alice)
    page = mine.get("/settings").content.decode()
    row = SignIn.objects.get(session_key=lost.session.session_key)
    assert f"/settings/sessions/{row.pk}/end" in page
    session = mine.session
    del session[stepup.PROVED]
    session.save()
    assert "/step-up" in mine.post(f"/settings/sessions/{row.pk}/end").headers["Location"]
    assert lost.get("/circle").status_code == 200


def test_a_session_begins_by_somebodys_own_act_only(alice: User, client: Client) -> None:
    for address in ("/", "/login", "/join", "/verify", "/healthz"):
        client.get(address)
    assert not Session.objects.exists()
    client.get("/login/code")
    assert "_auth_user_id" not in client.session


def test_the_desk_wants_a_proof_of_the_day_to_read_and_a_fresh_one_to_change(
    operator: User, bob: User
) -> None:
    desk = signed_in(operator, fresh=True)
    assert desk.get("/admin/").status_code == 200
    session = desk.session
    proof = session[stepup.PROVED]
    session[stepup.PROVED] = {**proof, "at": (timezone.now() - timedelta(minutes=11)).isoformat()}
    session.save()
    assert desk.get("/admin/").status_code == 200
    form = {"action": "end_sessions", "_selected_action": [bob.pk]}
    assert "/step-up" in desk.post("/admin/accounts/user/", form).headers["Location"]
    session[stepup.PROVED] = {**proof, "at": (timezone.now() - timedelta(hours=9)).isoformat()}
    session.save()
    assert "/step-up" in desk.get("/admin/").headers["Location"]


def test_the_desk_is_not_there_for_others(alice: User, mod: User) -> None:
    for person in (alice, mod):
        browser = signed_in(person, fresh=True)
        assert browser.get("/admin/", follow=True).status_code == 404
