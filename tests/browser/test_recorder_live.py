"""The recorder before a camera: Dora sees where her face is, and reads it, before it asks anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import chromium as debian
from tests import likeness_media as media

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE_MS = 60_000


@pytest.fixture
def before_a_camera(tmp_path: Path, live_server: Any) -> Iterator[Page]:
    """A phone whose camera shows a quiet, living face, on the recorder of the never-me page."""
    if not debian.found():
        pytest.skip("Chromium is not installed (Debian: apt-get install -y chromium)")
    flags = debian.with_camera(*media.quiet_camera(tmp_path))
    with debian.launched(*flags) as browser:
        context = browser.new_context(
            base_url=live_server.url, viewport=debian.PHONE, permissions=["camera", "microphone"]
        )
        page = context.new_page()
        faults = debian.faults_of(page)
        page.goto("/never-me")
        page.locator("[name=is_old_enough]").check()
        page.locator("[name=agree]").check()
        page.get_by_role("button", name="Agree and go to the recording").click()
        yield page
        assert not faults, faults


def test_dora_sees_a_box_around_her_face_and_reads_the_same_in_words(before_a_camera: Page) -> None:
    page = before_a_camera
    page.get_by_role("button", name="Turn the camera on").click()

    box = page.locator('[data-box="preview"]')
    expect(box).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator('[data-say="distance"]')).to_have_text("Well placed.", timeout=PATIENCE_MS)
    expect(page.locator('[data-say="light"]')).to_have_text("good")
    shown, place = page.locator("[data-preview]").bounding_box(), box.bounding_box()
    assert shown is not None
    assert place is not None
    assert 0.3 < place["height"] / shown["height"] < 0.8
    middle = (place["x"] + place["width"] / 2 - shown["x"]) / shown["width"]
    assert 0.3 < middle < 0.7

    page.get_by_role("button", name="Looks good, go on").click()
    expect(page.locator("[data-asked] li").first).to_be_visible()
    assert page.evaluate("document.querySelector('[data-preview]').srcObject") is None
