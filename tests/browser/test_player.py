"""What the feed's player does where a file's address has gone stale, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The element itself; its card and video are plain, so that a second of a film passes when the test says so.
ASK = """async () => {
  await import("/static/js/elements/clip-feed.js");
  const Feed = customElements.get("clip-feed");
  const card = {
    dataset: { id: "a", video: "large", videoSmall: "small" },
    querySelector: () => ({}),
    dispatchEvent: () => true,
  };
  const video = { dataset: {}, duration: 20, currentTime: 3, src: "" };
  const feed = Object.assign(new Feed(), { saving: true, pool: { of: () => video } });
  Object.defineProperty(feed, "current", { value: card });
  const fail = () => {
    video.src = "";
    feed.again(card, video);
    return video.src;
  };
  const reach = (second) => {
    video.currentTime = second;
    feed.tick(card, video);
  };
  const seen = [fail()];
  for (const second of [3.1, 9]) {
    reach(second);
    seen.push(fail());
  }
  return seen;
}"""


def test_a_stale_address_is_asked_anew_each_time_that_it_had_played_and_in_the_size_that_saves_data(
    page: Page, live_server: Any
) -> None:
    page.goto(f"{live_server.url}/login")
    assert page.evaluate(ASK) == ["small", "", "small"]


CHOOSE = """async () => {
  await import("/static/js/elements/clip-choices.js");
  const Choices = customElements.get("clip-choices");
  const asked = (moments, answered = false) => {
    const choices = Object.assign(new Choices(), { choice: { at_ms: 12000, ways: [] }, answered });
    let when = null;
    choices.ask = () => { when ??= choices.last; };
    for (const ms of moments) choices.look(ms);
    return when;
  };
  return [
    asked([11400, 11900, 12010]),
    asked([11400, 11800, 40]),  // it went over its end between two moments
    asked([11400, 11800, 40], true),  // whoever saw the rest is asked the next time round
    asked([3000, 40]),  // sought back
  ];
}"""


def test_a_question_at_the_end_of_a_clip_is_asked_though_its_last_moment_is_not_told(
    page: Page, live_server: Any
) -> None:
    page.goto(f"{live_server.url}/login")
    assert page.evaluate(CHOOSE) == [12010, 40, None, None]
