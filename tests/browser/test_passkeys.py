"""Passkeys in a real Chromium with a virtual authenticator: join, sign in, step up, add, remove."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import CDPSession, Page, expect

from accounts import invites
from accounts.models import Passkey, SignIn, User
from tests import chromium
from tests.conftest import person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(chromium.found() is None, reason="Chromium is not installed"),
]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """The host under the name that passkeys are bound to."""
    cache.clear()
    settings.SITE_URL = live_server.url
    return str(live_server.url)


@pytest.fixture
def page(site: str) -> Iterator[Page]:
    with chromium.launched() as browser:
        yield browser.new_page(viewport=chromium.PHONE)  # type: ignore[arg-type]


@pytest.fixture
def device(page: Page) -> tuple[CDPSession, str]:
    """A phone's own authenticator. Returns the debugging session and the authenticator's id."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return session, made["authenticatorId"]


def credentials(device: tuple[CDPSession, str]) -> list[dict[str, Any]]:
    session, authenticator = device
    return session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]


def join(page: Page, site: str, handle: str = "nina") -> User:
    bob = User.objects.filter(username="bob").first() or person("bob")
    invite = invites.make(inviter=bob, uses=5, now=timezone.now())
    page.goto(f"{site}/join/{invite.code}")
    page.fill("#id_handle", handle)
    page.fill("#id_birth_date", "1995-02-03")
    page.click("passkey-button button")
    page.wait_for_url(f"{site}/")
    return User.objects.get(username=handle)


def test_nina_joins_signs_out_and_comes_back_by_passkey_alone(
    page: Page, site: str, device: tuple[CDPSession, str]
) -> None:
    problems: list[str] = []
    page.on(
        "console",
        lambda message: problems.append(message.text) if "Content Security" in message.text else None,
    )
    nina = join(page, site)
    assert nina.email == ""
    assert Passkey.objects.get(user=nina).credential_id
    [kept] = credentials(device)
    assert kept["isResidentCredential"]
    assert kept["rpId"] == "localhost"

    page.goto(f"{site}/settings")
    page.click("text=Sign out")
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/login?next=/circle")
    page.click("passkey-button button")
    page.wait_for_url(f"{site}/circle")
    assert SignIn.objects.get(user=nina).method == "passkey"
    assert Passkey.objects.get(user=nina).last_used_at
    assert problems == []


def test_nina_confirms_by_passkey_before_she_erases_herself(
    page: Page, site: str, device: tuple[CDPSession, str], settings: Any, tmp_path: Any
) -> None:
    settings.JOURNAL_PATH = tmp_path / "journal.jsonl"
    nina = join(page, site)
    make_stale(nina)
    page.goto(f"{site}/settings/erase")
    page.wait_for_url(f"{site}/step-up?next=/settings/erase")
    page.click("passkey-button button")
    page.wait_for_url(f"{site}/settings/erase")
    page.fill("#id_handle", "nina")
    page.click("text=Erase everything")
    expect(page.get_by_role("heading", name="Your account is erased.")).to_be_visible()
    nina.refresh_from_db()
    assert nina.erased_at
    page.goto(f"{site}/login")
    page.click("passkey-button button")
    expect(page.locator("passkey-button [role=alert]")).to_contain_text("No account here has this passkey.")


def test_a_second_device_is_added_and_the_last_way_in_can_not_be_removed(
    page: Page, site: str, device: tuple[CDPSession, str]
) -> None:
    nina = join(page, site)
    page.goto(f"{site}/settings")
    page.click(".row:has-text('Passkey of') button")
    expect(page.get_by_role("heading", name="This passkey is your only way in.")).to_be_visible()

    session, first = device
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": first})
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(f"{site}/settings")
    with page.expect_navigation():
        page.click("passkey-button button")
    expect(page.locator(".row:has-text('Passkey of')")).to_have_count(2)
    page.click(".row:has-text('Passkey of') >> nth=0 >> button")
    expect(page.locator(".row:has-text('Passkey of')")).to_have_count(1)
    assert nina.passkeys.count() == 1


def test_a_person_who_was_not_verified_by_the_device_is_told_the_other_way(
    page: Page, site: str, device: tuple[CDPSession, str]
) -> None:
    join(page, site)
    page.context.clear_cookies()
    session, authenticator = device
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.goto(f"{site}/login")
    page.click("passkey-button button")
    expect(page.locator("passkey-button [role=alert]")).to_contain_text(
        "passkey was not used", timeout=70_000
    )
    assert SignIn.objects.count() == 1


def test_a_counter_that_fell_back_is_refused(page: Page, site: str, device: tuple[CDPSession, str]) -> None:
    nina = join(page, site)
    Passkey.objects.filter(user=nina).update(sign_count=1_000)
    page.context.clear_cookies()
    page.goto(f"{site}/login")
    page.click("passkey-button button")
    expect(page.locator("passkey-button [role=alert]")).to_contain_text("could not be checked")


def make_stale(user: User) -> None:
    """As if the proof were eleven minutes old."""
    from importlib import import_module

    from django.conf import settings

    store = import_module(settings.SESSION_ENGINE).SessionStore(SignIn.objects.get(user=user).session_key)
    store["stepped_up"] = {"user": str(user.pk), "at": (timezone.now() - timedelta(minutes=11)).isoformat()}
    store.save()
