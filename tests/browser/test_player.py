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
