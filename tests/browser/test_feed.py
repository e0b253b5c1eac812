"""What a viewer's presses do in the feed, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from accounts.models import User
from feed import actions, talking
from feed.models import Like, NotInterested, Post, Repost
from tests.feed.conftest import make_clip, make_post  # noqa: F401  fixtures

if TYPE_CHECKING:
    from datetime import datetime

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[[User | None], "Page"]


@pytest.fixture
def opens(chromium: Browser, live_server: Any) -> Iterator[Open]:
    """A phone's page of somebody or nobody. Media answer with nothing: what is pressed counts."""
    contexts = []

    def open_(person: User | None) -> Page:
        context = chromium.new_context(viewport={"width": 390, "height": 844}, base_url=live_server.url)
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


@pytest.fixture
def clips(bob: User, make_post: Any) -> list[Post]:  # noqa: F811
    """Bob's, newest first."""
    return [make_post(bob, caption=f"Clip {n}", minutes_ago=n) for n in range(4)]


def wait_for_clip(page: Page, post: Post) -> None:
    page.locator(f'.clip.is-here[data-id="{post.public_id}"]').wait_for()


def wait_until_over(page: Page, is_over: bool) -> None:
    for _ in range(100):
        if page.evaluate("document.querySelector('clip-feed').isOver") is is_over:
            return
        page.wait_for_timeout(50)
    raise AssertionError("The end did not come, or did not go.")


def test_two_quick_presses_go_two_clips_on(opens: Open, clips: list[Post], carol: User) -> None:
    page = opens(carol)
    page.goto("/latest")
    wait_for_clip(page, clips[0])
    page.keyboard.press("j")
    page.keyboard.press("j")
    wait_for_clip(page, clips[2])


def test_the_keyboard_reaches_the_end_and_comes_back_to_the_last_clip(
    opens: Open, clips: list[Post], carol: User
) -> None:
    page = opens(carol)
    page.goto("/latest")
    wait_for_clip(page, clips[0])
    for _ in clips:
        page.keyboard.press("ArrowDown")
    wait_until_over(page, True)
    page.keyboard.press("ArrowUp")
    wait_until_over(page, False)
    wait_for_clip(page, clips[-1])


def test_of_two_quick_likes_the_last_press_counts(opens: Open, clips: list[Post], carol: User) -> None:
    page = opens(carol)
    page.goto("/latest")
    wait_for_clip(page, clips[0])
    button = page.locator(".clip.is-here [data-do=like]")
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.keyboard.press("l")
        page.keyboard.press("l")
    page.wait_for_timeout(200)
    assert button.get_attribute("aria-pressed") == "false"
    assert not Like.objects.filter(person=carol).exists()


def test_carol_shows_a_clip_and_wants_less_of_it_without_leaving_the_stream(
    opens: Open, clips: list[Post], carol: User
) -> None:
    page = opens(carol)
    page.goto("/latest")
    wait_for_clip(page, clips[0])
    page.locator(".clip.is-here [data-do=more]").click()
    page.locator("#more").get_by_text("Show to my followers").click()
    page.get_by_text("You can take it back on your own page.").wait_for()
    page.locator(".clip.is-here [data-do=more]").click()
    page.locator("#more").get_by_text("Less like this").click()
    wait_for_clip(page, clips[1])
    assert page.url.endswith("/latest")
    assert Repost.objects.get().person == NotInterested.objects.get().person == carol


def test_a_stranger_who_likes_comes_back_to_that_clip_after_signing_in(
    opens: Open, clips: list[Post]
) -> None:
    page = opens(None)
    page.goto("/latest")
    wait_for_clip(page, clips[0])
    page.locator(".clip.is-here [data-do=like]").click()
    page.wait_for_url(f"**/login?next=%2Fp%2F{clips[0].public_id}")


def test_a_message_that_is_refused_says_why(opens: Open, bob: User, carol: User, now: datetime) -> None:
    talk = talking.open_with(author=carol, others=[bob], now=now)
    talking.say(conversation=talk, author=carol, words="May I?", now=now)
    page = opens(carol)
    page.goto(talk.get_absolute_url())
    page.fill("#say", "May I now?")
    page.locator("[data-say] button").click()
    page.locator(".toast").wait_for()
    assert page.input_value("#say") == "May I now?"


def test_after_a_comment_the_keyboard_is_still_in_the_sheet(
    opens: Open, clips: list[Post], carol: User, now: datetime
) -> None:
    actions.comment(post=clips[0], author=carol, words="First", now=now)
    page = opens(carol)
    page.goto("/latest")
    wait_for_clip(page, clips[0])
    page.keyboard.press("c")
    page.fill("#comment-text", "Second")
    page.locator(".dialog__foot .button--primary").click()
    page.locator("#comments").get_by_text("Second").wait_for()
    assert page.evaluate("document.activeElement.matches('[data-comments]')")
