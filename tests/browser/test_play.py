"""Playing a clip live as a person does: the real product, a real browser, keys, a finger, a tilted phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from model.scene import tracks as T
from tests import chromium as debian
from tests.live import Stack

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000
# Bob and a clip of his whose scene is kept: a woman who stands in a meadow. Prints its page and his session.
SETUP = """
from datetime import date
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from accounts.models import User
from generation import store
from generation.models import Clip
from model.scene import material
from model.scene import tracks as T
from model.scene.reel import one
from model.scene.world import simulate
bob, _ = User.objects.get_or_create(username="bob", defaults=dict(
    email="bob@example.test", display_name="Bob", birth_date=date(1990, 5, 17)))
plan = T.Plan(T.WorldPlan(place="meadow"), [T.PersonPlan(action="stand")])
clip = Clip.objects.create(maker=bob, engine="native", duration_ms=5000, width=720, height=1280,
    sealed_at=timezone.now())
data = ContentFile(material.pack_reel(one(simulate(3, plan)[0], [""])))
clip.material_path = store.default_storage.save(f"clips/{clip.public_id}/scene.npz", data)
clip.save()
client = Client()
client.force_login(bob)
print("TOLD", f"/clips/{clip.public_id}", client.cookies["sessionid"].value)
"""
STAGE = "document.querySelector('play-stage')"
# One number for what the canvas shows: equal pictures give equal ones.
PICTURE = """() => {
  const canvas = document.querySelector('play-stage canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4)
    sum = (sum * 31 + data[i] + 7 * data[i + 1] + 13 * data[i + 2]) % 2147483647;
  return sum;
}"""
# From now on each wish notes the key frame that was shown when it was made, and the first new one after it.
NOTE = """() => {
  const stage = document.querySelector('play-stage');
  stage.notes = [];
  const want = stage.want.bind(stage), takeSlot = stage.takeSlot.bind(stage);
  stage.want = (...wish) => {
    const before = stage.pressed;
    want(...wish);
    const [action, side = 0] = wish;
    if (stage.pressed !== before) stage.notes.push({ action, side, shown: stage.shown });
  };
  stage.takeSlot = async (slot) => {  // what was on its way already begins at the end of what is there
    const isNew = (note) => slot.from > note.shown && (slot.from < stage.end || slot.from <= note.shown + 5);
    const fresh = stage.notes.filter((note) => note.from === undefined && isNew(note));
    await takeSlot(slot);
    for (const note of fresh) note.from = slot.from;
  };
}"""
# Waits for a condition, looking at every frame that the page draws. (The page's policy forbids eval.)
WAIT = """([what, n, patience]) => new Promise((done, failed) => {
  const stage = document.querySelector('play-stage'), since = performance.now();
  const holds = {
    shown: () => stage.shown >= n,
    noted: () => stage.notes[n]?.from !== undefined && stage.shown >= stage.notes[n].from,
  }[what];
  const look = () => {
    if (holds()) done(what === 'noted' ? stage.notes[n] : stage.shown);
    else if (performance.now() - since > patience) failed(new Error(`${what} ${n}: ${stage.shown}`));
    else requestAnimationFrame(look);
  };
  look();
})"""
SLOT = T.S  # key frames


@pytest.fixture
def playing(stack: Stack, chromium: Browser) -> Iterator[Page]:
    """Bob's phone on the page of his own play, with its first picture there."""
    row = next(line for line in stack.manage("shell", "-c", SETUP).splitlines() if line.startswith("TOLD"))
    _told, address, session = row.split()
    context = chromium.new_context(base_url=stack.url, viewport=debian.PHONE, has_touch=True)  # type: ignore[arg-type]
    context.add_cookies([{"name": "sessionid", "value": session, "url": stack.url}])
    page = context.new_page()
    faults = debian.faults_of(page)
    page.goto(address)
    page.get_by_role("button", name="Play it live").click()
    page.wait_for_url("**/play/*")
    expect(page.locator("[data-controls]")).to_be_visible(timeout=PATIENCE_MS)
    page.evaluate(WAIT, ["shown", 2, PATIENCE_MS])
    page.evaluate(NOTE)
    yield page
    context.close()
    faults = [fault for fault in faults if "/media/" not in fault and "404" not in fault]
    assert not faults, f"{faults}\n{stack.logs()}"


def note(page: Page, index: int) -> dict[str, Any]:
    """What became of a wish, once its first new key frame has been shown."""
    return dict(page.evaluate(WAIT, ["noted", index, PATIENCE_MS]))


def test_a_key_moves_her_within_a_slot_and_the_run_is_kept_as_a_clip(playing: Page, stack: Stack) -> None:
    page = playing
    before = page.evaluate(PICTURE)
    page.keyboard.down("ArrowRight")
    walking = note(page, 0)
    assert (walking["action"], walking["side"]) == ("walk", 1)
    assert walking["from"] - walking["shown"] <= SLOT, walking
    assert page.evaluate(PICTURE) != before
    expect(page.locator("[data-action=walk]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.up("ArrowRight")
    assert note(page, 1)["action"] == "stand"
    for key, action in (("ArrowUp", "jump"), ("ArrowDown", "squat"), (" ", "wave")):
        number = page.evaluate(f"{STAGE}.notes.length")
        page.keyboard.press(key)
        found = note(page, number)
        assert found["action"] == action and found["from"] - found["shown"] <= SLOT, found
    assert page.evaluate("window.scrollY") == 0, "keys that play do not scroll the page"
    page.keyboard.down("Shift")
    page.keyboard.down("ArrowLeft")
    number = page.evaluate(f"{STAGE}.notes.length") - 1
    assert {"action": "run", "side": -1}.items() <= note(page, number).items()
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    assert note(page, number + 1)["action"] == "stand", "nobody runs on while the person is elsewhere"

    page.get_by_role("button", name="Keep it as a clip").click()
    page.wait_for_url("**/generations/*", timeout=PATIENCE_MS)
    kept = page.url.rsplit("/", 1)[-1]
    look = (
        "from generation.models import Generation as G; "
        f"g = G.objects.get(public_id='{kept}'); print('TOLD', g.verb, g.state, g.seconds)"
    )
    [row] = [line for line in stack.manage("shell", "-c", look).splitlines() if line.startswith("TOLD")]
    _told, verb, state, seconds = row.split()
    assert verb == "play" and state not in {"PLAYING", "FAILED", "CANCELLED"} and int(seconds) >= 2


def test_a_finger_walks_runs_and_jumps(playing: Page) -> None:
    page = playing
    box = page.locator("play-stage canvas").bounding_box()
    assert box is not None
    x, y, width = box["x"], box["y"] + box["height"] * 0.6, box["width"]
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", x + 0.7 * width, y)
    assert {"action": "walk", "side": 1}.items() <= note(page, 0).items()
    touch("touchMove", x + 0.97 * width, y)
    assert {"action": "run", "side": 1}.items() <= note(page, 1).items()
    touch("touchMove", x + 0.97 * width, y - 90)
    assert note(page, 2)["action"] == "jump"
    touch("touchEnd")
    assert note(page, 3)["action"] == "stand"
    touch("touchStart", x + 0.5 * width, y)
    touch("touchMove", x + 0.1 * width, y)
    assert {"action": "run", "side": -1}.items() <= note(page, 4).items()
    touch("touchCancel")
    assert note(page, 5)["action"] == "stand"


def test_a_tilted_phone_steers_after_it_was_asked(playing: Page) -> None:
    page = playing
    tilt = "(gamma) => window.dispatchEvent(new DeviceOrientationEvent('deviceorientation', { gamma }))"
    page.evaluate(tilt, 20)
    assert page.evaluate(f"{STAGE}.notes.length") == 0, "nothing is read before somebody asks for it"
    page.get_by_role("button", name="Steer by tilting").click()
    expect(page.locator("[data-tilt]")).to_have_attribute("aria-pressed", "true")
    for number, (gamma, action, side) in enumerate(
        ((20, "walk", 1), (40, "run", 1), (2, "stand", 0), (-20, "walk", -1))
    ):
        page.evaluate(tilt, gamma)
        assert {"action": action, "side": side}.items() <= note(page, number).items()


def test_a_chosen_action_is_seen_and_marked(playing: Page) -> None:
    page = playing
    page.get_by_role("button", name="Jumping jacks").click()
    assert note(page, 0)["action"] == "jumping_jacks"
    expect(page.locator("[data-action=jumping_jacks]")).to_have_attribute("aria-pressed", "true")
    pictures = set()
    for _ in range(6):
        shown = page.evaluate(f"{STAGE}.shown")
        page.evaluate(WAIT, ["shown", shown + 1, PATIENCE_MS])
        pictures.add(page.evaluate(PICTURE))
    assert len(pictures) >= 5, "she moves"
