"""`make bench-path`: how the path feels on this machine. The last line is one JSON object. No test.

run_ready_s          the second `make run`, from pressing enter to the first page
prompt_to_draft_s    a prompt for 5 s of video, from pressing the button to READY
clip_seconds_per_second   wall seconds of the engine for one second of clip, without what comes after it
feed_html_kb         the first page with its style and script, compressed, no media
first_frame_cold_ms  a fresh browser opens a clip's address: until its first frame is on screen
first_frame_warm_ms  the next clip of the feed after a swipe: until it plays
web_rss_mb           the web process, pages, API and sockets together, after all this
ci_minutes           the last whole run of .ci/run here; null before one
"""

import gzip
import json
import re
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests import chromium
from tests.journey.making import wait_for_clip
from tests.journey.walk import Walk
from tests.live import Stack

PROMPT = "a woman in a red coat juggles at the beach at sunset"
FIRST_FRAME = """() => new Promise(resolve => {
  const look = () => {
    const video = document.querySelector('.clip.is-here video') || document.querySelector('.clip video');
    if (video && video.readyState >= 2 && video.currentTime > 0) resolve(performance.now());
    else requestAnimationFrame(look);
  };
  look();
})"""
DEMO_WITHIN_S = 600


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="understudy-bench-") as folder:
        data = Path(folder)
        with Stack(folder=data, demo=True) as stack:
            wait_for_demo(stack)
        with Stack(folder=data) as stack, chromium.launched() as browser:
            found = {"run_ready_s": round(stack.ready_s, 1), **measure(stack, browser, data)}
    ci = Path("var/ci.json")
    found["ci_minutes"] = json.loads(ci.read_text())["ci_minutes"] if ci.exists() else None
    print(json.dumps(found))


def measure(stack: Stack, browser: Browser, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"feed_html_kb": round(feed_weight(stack.url) / 1024, 1)}
    found |= first_frames(stack, browser)
    found["prompt_to_draft_s"] = round(prompt_to_draft(stack, browser, folder), 1)
    found["clip_seconds_per_second"] = engine_pace()
    web = [kb for command, kb in stack.processes().items() if "config.front" in command]
    found["web_rss_mb"] = round(sum(web) / 1024)
    return found


def wait_for_demo(stack: Stack) -> None:
    """Until the demo's clips are in the feed and their number stands still."""
    end, before = time.monotonic() + DEMO_WITHIN_S, -1
    log = stack.folder / "logs" / "demo.log"
    while time.monotonic() < end:
        size = log.stat().st_size if log.exists() else 0
        if log.exists() and "The demo is loaded" in log.read_text() and size == before:
            return
        before = size
        time.sleep(1)
    print("The demo did not load in time; measuring with what is there.", file=sys.stderr)


def feed_weight(url: str) -> int:
    """Compressed bytes of the first page and every style sheet and script that it loads."""
    page = fetch(f"{url}/").decode()
    seen = {""}
    todo = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page)
    total = len(gzip.compress(page.encode()))
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        body = fetch(url + path).decode()
        total += len(gzip.compress(body.encode()))
        if path.endswith(".js"):
            base = path.rpartition("/")[0]
            names = re.findall(r"""(?:from|import)\s*\(?["'](\.[^"']+)["']""", body)
            todo += [str(normal(Path(base) / name)) for name in names]
    return total


def normal(path: Path) -> Path:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return Path(*parts)


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return bytes(answer.read())


def first_frames(stack: Stack, browser: Browser) -> dict[str, int | None]:
    context = browser.new_context(base_url=stack.url, viewport=chromium.PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/")
    if not page.locator(".clip").count():
        return {"first_frame_cold_ms": None, "first_frame_warm_ms": None}
    cold = int(page.evaluate(FIRST_FRAME))
    page.wait_for_timeout(2500)  # as somebody watches; the next clip loads meanwhile
    warm = swipe(page)
    context.close()
    return {"first_frame_cold_ms": cold, "first_frame_warm_ms": warm}


def swipe(page: Page) -> int:
    first = page.locator(".clip.is-here").get_attribute("data-id")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("id => document.querySelector('.clip.is-here')?.dataset.id !== id", arg=first)
    entered = float(page.evaluate("() => performance.now()"))
    return max(0, int(float(page.evaluate(FIRST_FRAME)) - entered))


def prompt_to_draft(stack: Stack, browser: Browser, folder: Path) -> float:
    walk = Walk(stack, browser, folder)
    stack.manage("make_operator", "olive", "--email", "olive@example.test", "--birth-date", "1980-01-02")
    olive = walk.signs_in("olive", "olive@example.test")
    page = olive.goes_to("/create")
    page.locator("[name=prompt]").fill(PROMPT)
    started = time.monotonic()
    page.get_by_role("button", name="Make it").click()
    page.wait_for_url("**/generations/*")
    wait_for_clip(walk, olive, page.url.rpartition("/")[2])
    return time.monotonic() - started


def engine_pace() -> float | None:
    """Wall seconds of the native engine for a second of clip, model loaded."""
    from tests.bench.pace import seconds_per_second

    return seconds_per_second(PROMPT)


if __name__ == "__main__":
    main()
