"""Steps 4 and 5: a prompt becomes a draft, the draft a published clip."""

import json
import re
from pathlib import Path
from typing import Any

import av
from playwright.sync_api import Page, WebSocket, expect

from tests.journey.walk import Person, Walk

PROMPT = "a person in a yellow jacket dances on the beach at sunset"
DRAFT_WITHIN_S = 300


def creator_casts(walk: Walk) -> None:
    """The creator sees wait and cost, casts the owner, watches the feed meanwhile, and gets a draft."""
    cleo, oona = walk["cleo"], walk["oona"]
    refuse_stranger(walk)
    news = hear_sockets(cleo.page)
    page = cleo.goes_to("/create")
    page.locator("[name=prompt]").fill(PROMPT)
    page.locator("label", has_text="Oona").locator("[name=cast]").check()
    expect(page.locator("[data-wait]")).to_contain_text(re.compile(r"\d+ to \d+ s"))
    expect(page.locator("[data-credits]")).to_contain_text(re.compile(r"\d+"))
    page.get_by_role("button", name="Make it").click()
    page.wait_for_url("**/generations/*")
    generation = page.url.rpartition("/")[2]
    page.get_by_role("link", name="Watch meanwhile").click()
    page.wait_for_url(walk.stack.url + "/")
    walk.known["clip"] = wait_for_clip(walk, cleo, generation)
    heard = [item for item in news if item.get("type") == "progress" and item.get("step")]
    assert heard, f"no progress came over the socket; heard {news[:3]}"
    for person, expected in (("cleo", 200), ("oona", 200), ("sasha", 404), ("nobody", 404)):
        assert walk[person].status_of(f"/clips/{walk.known['clip']}") == expected, person
    expect(oona.goes_to("/likeness").get_by_text(PROMPT).first).to_be_visible()


def refuse_stranger(walk: Walk) -> None:
    """Somebody whom the owner never named cannot cast her, and is told which rule said so."""
    cameo = walk["oona"].api("/api/v1/likeness")["id"]
    sasha = walk.signs_up("sasha", walk.known["operator_invite"])
    page = sasha.goes_to(f"/create?cast={cameo}")
    page.locator("[name=prompt]").fill(PROMPT)
    answer = post(sasha, "/api/v1/generations", {"prompt": PROMPT, "cast": [cameo]})
    refusal = answer.json()
    assert answer.status in {201, 400, 403}, refusal
    rule = refusal.get("refusal") or refusal
    assert rule.get("rule") or rule.get("code"), refusal
    assert refusal.get("state", "REFUSED") == "REFUSED", refusal
    walk.known["cameo"] = cameo


def owner_approves(walk: Walk) -> None:
    """The file is a real, signed, vertical mp4; publishing is refused until the owner approves."""
    cleo, oona, clip = walk["cleo"], walk["oona"], walk.known["clip"]
    walk.known["file"] = str(download(walk, cleo, clip))
    check_film(Path(walk.known["file"]))
    check_signature(walk, cleo, Path(walk.known["file"]))
    expect(cleo.goes_to(f"/clips/{clip}").get_by_text("Waiting for a word of:")).to_be_visible()
    refused = post(cleo, "/api/v1/posts", {"clip": clip})
    assert refused.status in {400, 403, 409} and refused.json().get("code"), refused.text()
    approve(oona, PROMPT)
    walk.known["post"] = publish(cleo, clip, "Oona at the sea #beach")


def approve(oona: Person, prompt: str) -> None:
    page = oona.goes_to("/likeness")
    waiting = page.locator("article.waiting", has_text=prompt)
    expect(waiting).to_be_visible()
    waiting.get_by_role("button", name="Approve").click()
    expect(page.locator("article.waiting", has_text=prompt)).to_have_count(0)


def publish(maker: Person, clip: str, caption: str) -> str:
    """Publishes from the draft's page; returns the post's id."""
    page = maker.goes_to(f"/clips/{clip}")
    page.get_by_role("link", name="Publish").click()
    page.locator("[name=caption]").fill(caption)
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/p/*")
    return page.url.rpartition("/p/")[2].partition("?")[0].strip("/")


def wait_for_clip(walk: Walk, maker: Person, generation: str) -> str:
    """Waits until the generation is over; returns its clip, or fails with what the person is told."""

    def over() -> Any:
        row = maker.api(f"/api/v1/generations/{generation}")
        return row if row["state"] in {"READY", "REFUSED", "FAILED", "CANCELLED", "QUARANTINED"} else None

    row = walk.waits("the draft", over, seconds=DRAFT_WITHIN_S, every=1.0)
    assert row["state"] == "READY", row
    return str(row["clip"])


def hear_sockets(page: Page) -> list[dict[str, Any]]:
    """Everything that sockets of this page bring from now on."""
    heard: list[dict[str, Any]] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: heard.append(json.loads(frame)))

    page.on("websocket", listen)
    return heard


def post(person: Person, address: str, body: dict[str, Any]) -> Any:
    """A POST to the API from the person's own page, CSRF and all."""
    token = person.page.locator('meta[name="csrf"]').get_attribute("content")
    headers = {"X-CSRFToken": str(token), "Referer": person.page.url}
    return person.page.request.post(address, data=body, headers=headers)


def download(walk: Walk, person: Person, clip: str) -> Path:
    files = person.api(f"/api/v1/clips/{clip}")["files"]
    answer = person.page.request.get(files["mp4_720"])
    assert answer.ok and answer.headers["content-type"] == "video/mp4"
    part = person.page.request.get(files["mp4_720"], headers={"Range": "bytes=0-99"})
    assert part.status == 206 and len(part.body()) == 100
    path = walk.folder / f"{clip}.mp4"
    path.write_bytes(answer.body())
    return path


def check_film(path: Path) -> None:
    """H.264 and AAC, upright, at least five seconds, its index before its pictures."""
    data = path.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat"), "not ready for a fast start"
    with av.open(str(path)) as film:
        video, audio = film.streams.video[0], film.streams.audio[0]
        assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
        assert video.height > video.width
        assert film.duration is not None and film.duration / av.time_base >= 4.95


def check_signature(walk: Walk, person: Person, path: Path) -> None:
    """The verify page knows the file by its signed manifest."""
    page = person.goes_to("/verify")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Look at it").click()
    found = page.locator("#findings")
    expect(found).to_be_visible()
    expect(found.locator(".witnesses .is-there", has_text="Manifest").first).to_be_visible()
