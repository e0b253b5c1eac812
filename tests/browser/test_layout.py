"""What a designer would measure: nothing is wider than its screen, and long words stay in their frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from accounts.models import User
from feed import actions
from tests.feed.conftest import make_clip  # noqa: F401  a fixture

if TYPE_CHECKING:
    from datetime import datetime

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., "Page"]
LONG_CAPTION = "A caption that goes on and on, as captions do, past one line and past two of them #beach " * 2


@pytest.fixture
def opens(chromium: Browser, live_server: Any) -> Iterator[Open]:
    """A page of a size, signed in as somebody or nobody. Media answer with nothing: only the frame counts."""
    contexts = []

    def open_(width: int, height: int, person: User | None = None) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, base_url=live_server.url, has_touch=width < 600
        )
        contexts.append(context)
        context.route("**/media/**", lambda route: route.fulfill(status=204))
        if person:
            client = Client()
            client.force_login(person)
            key = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
        return context.new_page()

    yield open_
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800), (1920, 1000), (1000, 1400)])
def test_a_long_caption_keeps_the_clip_inside_the_window(
    opens: Open,
    make_clip: Any,  # noqa: F811
    bob: User,
    now: datetime,
    width: int,
    height: int,
) -> None:
    actions.publish(clip=make_clip(bob), creator=bob, caption=LONG_CAPTION, now=now)
    page = opens(width, height)
    page.goto("/latest")
    frame = page.locator(".clip__frame").first.bounding_box()
    assert frame is not None
    assert frame["x"] >= 0 and frame["x"] + frame["width"] <= width
    assert frame["y"] >= 0 and frame["y"] + frame["height"] <= height
    if width >= 960:
        assert frame["width"] / frame["height"] == pytest.approx(9 / 16, rel=0.01)


def test_the_open_tab_of_a_long_row_is_on_the_screen(opens: Open, bob: User) -> None:
    page = opens(390, 844, bob)
    page.goto("/settings/tokens")
    tab = page.locator(".tabs [aria-current]").bounding_box()
    assert tab is not None and tab["x"] >= 0 and tab["x"] + tab["width"] <= 390


@pytest.mark.parametrize("width", [320, 640])
def test_no_page_is_wider_than_a_narrow_screen(opens: Open, bob: User, width: int) -> None:
    """320 px is the narrowest phone; 640 is a desktop of 1280 at 200 %."""
    bob.display_name = "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff"
    bob.save(update_fields=["display_name"])
    page, wide = opens(width, 640, bob), []
    for address in (
        *("/create", "/create/storyboard", "/generations", "/likeness", "/likeness/release", "/verify"),
        *("/settings", "/settings/feed", "/settings/exposure", "/settings/avoided", "/circle", "/invites"),
        *("/notifications", "/messages", "/packs", "/numbers", "/orders", "/shop", "/credits", "/names"),
        *(
            "/u/bob",
            "/explore",
            "/search?q=cat",
            "/steer",
            "/ranking",
            "/engines",
            "/ledger/heads",
            "/never-me",
        ),
    ):
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(address)
    assert not wide


def test_going_back_from_a_refusal_keeps_what_was_typed(opens: Open, bob: User) -> None:
    page = opens(1280, 800, bob)
    page.goto("/messages/new?to=@nobody_here")
    page.locator("textarea").fill("Hello, and a long message")
    page.get_by_role("button", name="Send").click()
    assert page.get_by_role("heading", name="Nobody here is called “nobody_here”.").is_visible()
    page.get_by_role("link", name="Back").click()
    page.wait_for_url("**/messages/new*")
    assert page.locator("textarea").input_value() == "Hello, and a long message"
