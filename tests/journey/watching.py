"""Step 6: a stranger swipes through the feed, comes in, and remixes."""

from playwright.sync_api import Page, expect

from tests.journey.making import approve, publish, wait_for_clip
from tests.journey.recording import name
from tests.journey.walk import Walk

REMIX = "the person juggles in the rain at night"
PLAYING = (
    "() => [...document.querySelectorAll('.clip.is-here video')].some(v => !v.paused && v.currentTime > 0.2)"
)


def stranger_watches(walk: Walk) -> None:
    """Without account: swipes and plays. Signed in and named by the owner: likes, comments, remixes."""
    swipe_without_account(walk)
    like_and_comment(walk)
    name(walk, walk["oona"], "sasha")
    remix(walk)


def swipe_without_account(walk: Walk) -> None:
    page = walk.arrives("passer").goes_to("/")
    expect(page.locator("article.clip").first).to_be_visible()
    page.wait_for_function(PLAYING)
    first = here(page)
    if page.locator("article.clip").count() > 1:
        page.keyboard.press("ArrowDown")
        page.wait_for_function("id => document.querySelector('.clip.is-here')?.dataset.id !== id", arg=first)
        page.wait_for_function(PLAYING)
    walk["passer"].goes_to(f"/p/{walk.known['post']}")
    page.wait_for_function(PLAYING)
    assert here(page) == walk.known["post"]


def here(page: Page) -> str:
    return str(page.locator(".clip.is-here").get_attribute("data-id"))


def like_and_comment(walk: Walk) -> None:
    sasha, post = walk["sasha"], walk.known["post"]
    page = sasha.goes_to(f"/p/{post}")
    card = page.locator(f"article.clip[data-id='{post}']")
    card.get_by_role("button", name="Like").click()
    expect(card.get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "true")
    expect(card.locator("[data-count=likes]")).to_have_text("1")
    card.get_by_role("link", name="Comments").click()
    sheet = page.locator("#comments")
    sheet.locator("[name=text]").fill("What a dance!")
    sheet.get_by_role("button", name="Send").click()
    expect(sheet.get_by_text("What a dance!")).to_be_visible()


def remix(walk: Walk) -> None:
    """The remix keeps the owner in it, so she is asked again; its lineage names the clip it came from."""
    sasha, post = walk["sasha"], walk.known["post"]
    page = sasha.goes_to(f"/p/{post}")
    page.locator(f"article.clip[data-id='{post}']").get_by_role("link", name="Remix").click()
    page.wait_for_url("**/create?remix=*")
    page.locator("[name=prompt]").fill(REMIX)
    page.get_by_role("button", name="Remix it").click()
    page.wait_for_url("**/generations/*")
    walk.known["remix_clip"] = wait_for_clip(walk, sasha, page.url.rpartition("/")[2])
    approve(walk["oona"], REMIX)
    walk.known["remix_post"] = publish(sasha, walk.known["remix_clip"], "My rainy one")
    page = sasha.goes_to(f"/p/{walk.known['remix_post']}/lineage")
    expect(page.locator(".tree__clip")).to_have_count(2)
    expect(page.locator(".tree__clip", has_text="Cleo")).to_be_visible()
    card = sasha.goes_to(f"/p/{walk.known['remix_post']}").locator(".clip").first
    expect(card.locator(".clip__credits")).to_contain_text("Remix of")
