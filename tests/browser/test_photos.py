"""A promo clip and an explainer as a person asks for them on a phone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import User
from generation import footage
from generation.models import Footage, Generation
from tests.browser.test_composer import signed_in  # noqa: F401
from tests.generation import goods

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def opened(now: datetime) -> None:
    for row in Footage.objects.filter(state=Footage.State.ARRIVED):
        footage.open_one(row.pk, now)


def test_photos_are_brought_and_what_is_typed_stays(
    signed_in: Page,  # noqa: F811
    live_server: Any,
    bob: User,
    now: datetime,
    tmp_path: Path,
    vectors: str,
) -> None:
    from playwright.sync_api import expect

    page = signed_in
    page.route_web_socket("**/*", lambda socket: None)  # this server has no sockets; what follows needs none
    paths = [goods.saved(tmp_path / f"mug {n}.jpg", goods.photo(2, n)) for n in range(3)]
    page.goto(f"{live_server.url}/create")
    page.get_by_role("link", name="Promo clip").click()
    page.locator("[name=photos]").set_input_files(paths)
    page.get_by_role("button", name="Bring them").click()
    expect(page.get_by_text("Being opened …")).to_have_count(3)
    opened(now)  # the page notices by itself
    expect(page.locator("[name=footage]")).to_have_count(3)
    page.locator("[name=name]").fill("A blue kite")
    for box in page.locator("[name=footage]").all():
        box.check()
    page.locator("[name=photos]").set_input_files(goods.saved(tmp_path / "mug 4.jpg", goods.photo(2, 4)))
    page.get_by_role("button", name="Bring them").click()
    expect(page.locator("[name=name]")).to_have_value("A blue kite")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    opened(now)
    expect(page.locator("[name=footage]")).to_have_count(4)
    expect(page.get_by_role("button", name="Look again")).to_have_count(0)
    expect(page.locator("[name=name]")).to_have_value("A blue kite")
    expect(page.locator("[name=footage]:checked")).to_have_count(3)
    page.get_by_role("button", name="Make it", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your clip is on its way")
    assert len(Generation.objects.get(maker=bob).how["footage"]) == 3


def test_enter_in_the_title_asks_for_the_explainer(
    signed_in: Page,  # noqa: F811
    live_server: Any,
    bob: User,
    vectors: str,
) -> None:
    from playwright.sync_api import expect

    page = signed_in
    page.route_web_socket("**/*", lambda socket: None)  # this server has no sockets; what follows needs none
    page.goto(f"{live_server.url}/create/explain")
    page.locator("[name=text]").fill("A kite flies because the wind pushes on it. A tail keeps it steady.")
    page.locator("[name=title]").fill("Kites")
    page.locator("[name=title]").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your clip is on its way")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert Generation.objects.get(maker=bob).how["title"] == "Kites"
