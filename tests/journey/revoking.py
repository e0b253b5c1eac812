"""Step 8: the owner takes it back."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect

from tests.journey.walk import Person, Walk


def owner_revokes(walk: Walk) -> None:
    """Gone at the next request, from every page, answer and file; the makers know; the ledger checks out."""
    before = media_of(walk)
    page = walk["oona"].goes_to("/likeness/revoke")
    page.get_by_role("button", name="Revoke everything now").click()
    walk.steps_up(walk["oona"])
    gone = [
        *(f"/p/{walk.known[which]}" for which in ("post", "remix_post")),
        *(f"/api/v1/posts/{walk.known[which]}" for which in ("post", "remix_post")),
        *(f"/clips/{walk.known[which]}" for which in ("clip", "remix_clip")),
        *(f"/api/v1/clips/{walk.known[which]}" for which in ("clip", "remix_clip")),
        *before,
    ]
    for handle in ("passer", "sasha", "cleo", "oona"):
        served = {address: walk[handle].status_of(address) for address in gone}
        assert set(served.values()) == {404}, (handle, served)
    for address in ("/", "/latest", "/u/cleo", "/u/sasha", "/api/v1/feed/latest", "/api/v1/feed/for-you"):
        answer = walk["passer"].page.request.get(address)
        assert walk.known["post"] not in answer.text() and walk.known["remix_post"] not in answer.text()
    verify_says_withdrawn(walk, walk["passer"])
    for maker in ("cleo", "sasha"):
        walk.waits(f"news for {maker}", lambda maker=maker: news_of(walk[maker]), seconds=60, every=1.0)
    check_ledger(walk)


def media_of(walk: Walk) -> list[str]:
    """The addresses of all files of both clips, while they are still served."""
    found: list[str] = []
    for clip, maker in (("clip", "cleo"), ("remix_clip", "sasha")):
        files = walk[maker].api(f"/api/v1/clips/{walk.known[clip]}")["files"]
        found += files.values()
    assert len(found) >= 6 and all(walk["passer"].status_of(address) == 200 for address in found)
    return found


def verify_says_withdrawn(walk: Walk, person: Person) -> None:
    page = person.goes_to("/verify")
    page.locator("input[type=file]").set_input_files(Path(walk.known["file"]))
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#findings")).to_contain_text("ithdrawn")


def news_of(person: Person) -> bool:
    return "no longer shown" in str(person.api("/api/v1/me/notifications"))


def check_ledger(walk: Walk) -> None:
    """The download is whole by the program that comes with it, offline; one changed letter and it is not."""
    oona = walk["oona"]
    page = oona.goes_to("/likeness/ledger")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the ledger").click()
    ledger = walk.folder / "ledger.json"
    download.value.save_as(ledger)
    with page.expect_download() as download:
        page.get_by_role("link", name="Program to check it offline").click()
    program = walk.folder / "verify_ledger.py"
    download.value.save_as(program)
    assert run(program, ledger) == 0
    text = ledger.read_text()
    forged = walk.folder / "forged.json"
    forged.write_text(text.replace("revoked", "allowed", 1))
    assert forged.read_text() != text and run(program, forged) == 1


def run(program: Path, ledger: Path) -> int:
    return subprocess.run([sys.executable, str(program), str(ledger)], check=False).returncode
