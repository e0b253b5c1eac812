"""Step 3: the release, the challenge, the recording, and who may cast."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests import likeness_media
from tests.journey.walk import Person, Walk

SIDES = {"your left": "left", "your right": "right", "look up": "up", "look down": "down"}
VERDICT_WITHIN_MS = 240_000
TRIES = 3


def prepare_camera(folder: Path) -> tuple[Path, Path]:
    """A quiet face for the first look at light and framing, before any challenge is known."""
    return likeness_media.camera_files(folder, likeness_media.asked(["left", "right"], [1, 2, 3]))


def owner_records(walk: Walk) -> None:
    """The owner agrees to the release, does what the challenge says, is verified, and names the creator."""
    oona = walk["oona"]
    page = oona.goes_to("/likeness/release")
    page.locator("[name=agree]").check()
    page.get_by_role("button", name="Agree and go to the recording").click()
    page.wait_for_url("**/likeness/capture")
    for _ in range(TRIES):
        said = one_recording(page, walk.folder)
        if "record again" not in said.lower():
            break
        oona.goes_to("/likeness/capture")  # a busy machine drops frames of a blink; a person tries again
    assert "verified" in said, said
    choose_who(walk, oona)


def one_recording(page: Page, folder: Path) -> str:
    """From the first look at the light to the verdict; returns the verdict and its reasons as shown."""
    page.get_by_role("button", name="Turn the camera on").click()
    page.get_by_role("button", name="Looks good, go on").click()
    expect(page.locator("[data-asked] li").first).to_be_visible()
    record = page.get_by_role("button", name="Record", exact=True)
    for _ in range(TRIES):
        answer_challenge(page, folder)
        if record.is_enabled():
            break
        page.get_by_role("button", name="Other instructions").click()  # the minute was over: ask anew
    record.click()
    verdict = page.locator("[data-verdict]")
    expect(verdict).to_be_visible(timeout=VERDICT_WITHIN_MS)
    return f"{verdict.inner_text()}: {page.locator('[data-reasons]').inner_text()}"


def answer_challenge(page: Page, folder: Path) -> None:
    """Reads the sentences on the page, as a person does, and puts the answer before the camera."""
    movements: list[str] = []
    numbers: list[int] = []
    for sentence in page.locator("[data-asked] li").all_inner_texts():
        movements += [side for words, side in SIDES.items() if words in sentence]
        digits = re.findall(r"digit by digit: ([\d ]+)", sentence)
        numbers += [int(number.replace(" ", "")) for number in digits]
    assert movements and numbers, "the page shows no challenge"
    likeness_media.camera_files(folder, likeness_media.asked(movements, numbers), after_s=4.0)


def choose_who(walk: Walk, oona: Person) -> None:
    """First the terms, selling included, for nobody; then the creator by name, which counts at once."""
    page = oona.goes_to("/likeness/grant")
    page.locator("[name=audience][value=only_me]").check()
    for purpose in ("generate", "remix", "advertise"):
        page.locator(f"[name=purposes][value={purpose}]").check()
    page.locator("[name=commercial]").check()
    page.get_by_role("button", name="Save").click()
    walk.steps_up(oona)
    if page.url.endswith("/likeness/grant"):
        page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/likeness(\?|$)"))
    name(walk, oona, "cleo")


def name(walk: Walk, oona: Person, handle: str) -> None:
    """Lets one more person cast the owner."""
    page = oona.goes_to("/likeness")
    for _ in range(2):
        page.get_by_label("Let one more person cast you").fill(handle)
        page.get_by_role("button", name="Name them").click()
        if "/step-up" not in page.url:
            break
        walk.steps_up(oona)
    expect(page.get_by_text(f"@{handle}").first).to_be_visible()
