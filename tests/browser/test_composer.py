"""The composer and the storyboard as a person uses them on a phone: by touch, keys and a live region."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from feed import scheduling
from generation.models import Clip, Generation
from tests.feed.conftest import make_clip

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

__all__ = ["make_clip"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def signed_in(page: Page, live_server: Any, bob: User) -> Page:
    client = Client()
    client.force_login(bob)
    key = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
    return page


def test_what_is_typed_into_any_form_is_there_when_one_comes_back(signed_in: Page, live_server: Any) -> None:
    from playwright.sync_api import expect

    page = signed_in
    page.clock.install()
    page.goto(f"{live_server.url}/create/explain")
    page.locator("[name=text]").press_sequentially("The moon pulls.")
    page.clock.run_for(2000)
    expect(page.locator("[data-kept]")).to_have_text("Kept as a draft")
    page.goto(f"{live_server.url}/create/explain")
    page.locator(".compose__drafts summary").click()
    page.get_by_role("link", name="The moon pulls.").click()
    expect(page.locator("[name=text]")).to_have_value("The moon pulls.")
    page.locator("[name=title]").press_sequentially("Tides")
    page.clock.run_for(2000)
    expect(page.locator("[data-kept]")).to_have_text("Kept as a draft")
    page.goto(f"{live_server.url}/create")
    expect(page.locator(".compose__drafts .row")).to_have_count(1)


def test_words_are_said_fuller_undone_and_kept(signed_in: Page, live_server: Any) -> None:
    from playwright.sync_api import expect

    page = signed_in
    page.goto(f"{live_server.url}/create")
    words = page.locator("[name=prompt]")
    words.fill("a woman plays the violin")
    page.get_by_role("button", name="Help me say more").click()
    expect(words).to_have_value(re.compile("a woman plays the guitar, .*"))
    expect(page.locator("[data-changes] li")).to_have_count(5)
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(words).to_have_value("a woman plays the violin")
    expect(words).to_be_focused()
    expect(page.locator("[data-kept]")).to_have_text("Kept as a draft")
    page.locator("[data-length='10']").click()
    page.locator("[name=takes]").select_option("3")
    expect(page.locator("[data-credits]")).to_have_text("30")
    page.goto(f"{live_server.url}/create")
    page.locator(".compose__drafts summary").click()
    page.get_by_role("link", name="a woman plays the violin").click()
    expect(page.locator("[name=prompt]")).to_have_value("a woman plays the violin")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_moment_can_be_taken_from_the_clip_that_is_shown_and_from_no_other(
    signed_in: Page, live_server: Any, bob: User, make_clip: Any
) -> None:
    from playwright.sync_api import expect

    clip, other = make_clip(bob), make_clip(bob)
    Clip.objects.update(material_path="a/scene")  # the native engine goes on from scenes
    page = signed_in
    page.route("**/media/**", lambda route: route.fulfill(status=204))  # this clip has no files
    page.goto(f"{live_server.url}/clips/{clip.public_id}/ways/keyframes")
    taking = page.locator("button", has_text="Take the moment shown")
    expect(taking).to_have_count(4)
    expect(taking.nth(1)).to_be_visible()
    page.locator("[name=own_2]").select_option(str(other.public_id))
    expect(taking.nth(1)).to_be_hidden()
    expect(taking.nth(2)).to_be_visible()
    page.locator("[name=own_2]").select_option("")
    expect(taking.nth(1)).to_be_visible()


def test_the_time_of_publishing_is_told_in_the_time_of_the_reader(
    chromium: Browser, live_server: Any, bob: User, make_clip: Any
) -> None:
    from playwright.sync_api import expect

    clip, at = make_clip(bob), timezone.now() + timedelta(hours=1)
    scheduling.schedule(clip=clip, creator=bob, at=at, caption="later", now=timezone.now())
    client = Client()
    client.force_login(bob)
    key = client.cookies["sessionid"].value
    there = ZoneInfo("Asia/Shanghai")
    context = chromium.new_context(timezone_id=there.key)
    context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/clips/{clip.public_id}")
    told = page.locator(".notice time")
    expect(told).to_contain_text(f"{at.astimezone(there):%I:%M}".lstrip("0"))
    expect(told).not_to_contain_text("UTC")
    context.close()


def test_a_double_press_asks_for_one_clip(signed_in: Page, live_server: Any, bob: User) -> None:
    page = signed_in
    page.route_web_socket("**/ws/**", lambda _socket: None)  # this server has none, and the page asks for one
    page.goto(f"{live_server.url}/create")
    page.locator("[name=prompt]").fill("a woman waves")
    page.locator(".compose__cost .button--primary").dblclick()
    page.wait_for_url("**/generations/*")
    assert Generation.objects.filter(maker=bob).count() == 1


def test_a_way_of_making_keeps_its_cost_true(signed_in: Page, live_server: Any) -> None:
    from playwright.sync_api import expect

    page = signed_in
    page.goto(f"{live_server.url}/create/storyboard")
    expect(page.locator("[data-credits]")).to_have_text("10")
    page.locator("[name=shot-0-prompt]").fill("one")
    page.locator("[name=shot-1-prompt]").fill("two")
    page.locator("[name=shot-1-seconds]").fill("9")
    page.locator("[name=takes]").select_option("2")
    expect(page.locator("[data-credits]")).to_have_text("28")
    for shot in (0, 1):
        page.locator(f"[name=shot-{shot}-seconds]").fill("20")
    expect(page.locator("[data-credits]")).to_have_text("80")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_shots_move_by_keys_and_by_a_finger(signed_in: Page, live_server: Any) -> None:
    from playwright.sync_api import expect

    page = signed_in
    page.goto(f"{live_server.url}/create/storyboard")
    page.locator("[name=shot-0-prompt]").fill("one")
    page.locator("[name=shot-1-prompt]").fill("two")
    page.get_by_role("button", name="One more shot").click()
    expect(page.locator("[name=shot-2-prompt]")).to_be_focused()
    page.keyboard.type("three")
    handle = page.get_by_role("button", name="Move Shot 3: arrow keys, or drag")
    handle.focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-said]")).to_have_text("Moved to place 2 of 3.")
    assert prompts(page) == ["one", "three", "two"]
    expect(page.get_by_role("button", name="Move Shot 2: arrow keys, or drag")).to_be_focused()
    first = page.locator("[data-shot]").nth(0)
    first.scroll_into_view_if_needed()
    drag_below_the_next(page, first)
    page.mouse.up()
    assert prompts(page) == ["three", "one", "two"]
    page.get_by_role("button", name="Take away").nth(1).click()
    assert prompts(page) == ["three", "two"]
    expect(page.locator("[data-total]")).to_have_text("10 s in all")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def drag_below_the_next(page: Page, first: Locator) -> None:
    """By its handle. Held, all shots are folded to a line each, so that the next one is near."""
    grip = first.locator("[data-handle]").bounding_box()
    tall = page.locator("[data-shot]").nth(1).bounding_box()
    assert grip and tall
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    held = first.locator("[data-handle]").bounding_box()
    assert held and abs(held["y"] - grip["y"]) < 2, "the handle left the finger"
    line = page.locator("[data-shot]").nth(1).bounding_box()
    assert line and line["height"] < tall["height"] / 3
    page.mouse.move(line["x"] + 40, line["y"] + line["height"] * 0.8, steps=5)


def prompts(page: Page) -> list[str]:
    return [box.input_value() for box in page.locator("textarea[name$='-prompt']").all()]
