"""What the feed feels like in Chromium: the part of `make bench-feed` with a browser. Prints one JSON object.

The real product with its demo (FEED_DATA names a folder that holds it already), whose forty clips are shown
many times over, on a line with 100 ms and 5 Mbit/s.

cold_frame_ms     a fresh browser opens a clip's address: until its first clip moves (goal 500)
cold_shown_ms     the same until the compositor got its first picture
lcp_ms            largest contentful paint of the first page (goal 2,000)
warm_frame_ms     95th of a hundred of 20 swipes: until the next clip plays (goal 100)
wasted_bytes      share of the film's bytes that were loaded and not shown, in a sitting of 15 clips of which
                  every third is left after 1.5 s (goal 0.35)
videos_live       <video> elements after 200 swipes (goal 5)
heap_growth_mb    script heap after 200 swipes over that after 10, both collected (goal 20)
axe_violations    kinds of fault on populated pages, with each dialog open, in both themes and languages, and
                  at 200 % zoom (goal 0)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page

from tests import chromium
from tests.bench.bench_path import FIRST_FRAME, swipe, wait_for_demo
from tests.bench.pace import fewer
from tests.live import ROOT, Stack

AXE = ROOT / "tests/data/axe/axe.min.js"
LINE = {"offline": False, "latency": 100, "downloadThroughput": 5e6 / 8, "uploadThroughput": 5e6 / 8}
# FIRST_FRAME watched from the first moment on, and when the compositor got that frame.
WATCH = """() => {
  const look = () => {
    const video = document.querySelector('.clip.is-here video') || document.querySelector('.clip video');
    if (video && !video.seenFrom) {
      video.seenFrom = true;
      video.requestVideoFrameCallback((now, frame) => { window.shownAt ??= frame.presentationTime });
    }
    if (video && video.readyState >= 2 && video.currentTime > 0) window.firstFrameAt = performance.now();
    else requestAnimationFrame(look);
  };
  look();
}"""
WATCHED = "() => window.firstFrameAt && window.shownAt && [window.firstFrameAt, window.shownAt]"
LCP = """() => new Promise(resolve => new PerformanceObserver(list =>
  resolve(list.getEntries().at(-1).startTime)).observe({type: 'largest-contentful-paint', buffered: true}))"""
PLAYED = """() => { const v = document.querySelector('.clip.is-here video');
  if (!v || !v.duration) return 0;
  return Math.max(...Array.from({length: v.played.length}, (_, n) => v.played.end(n)), 0) / v.duration }"""
VIDEOS = """() => { const pool = document.querySelector('clip-feed').pool;
  return Math.max(document.querySelectorAll('video').length, pool.idle.length + pool.lent.size) }"""
DIALOGS = ("comments", "why", "more")
PAGES = (
    "/",
    "/latest",
    "/explore",
    "/search?q=cat",
    "/ranking",
    "/ranking/mine",
    "/settings/exposure",
    "/messages",
    "/steer",
)


def main() -> None:
    given = os.environ.get("FEED_DATA")
    with tempfile.TemporaryDirectory(prefix="understudy-bench-") as folder:
        data = Path(given or folder)
        if not given:
            with Stack(folder=data, demo=True) as stack:
                wait_for_demo(stack)
        with Stack(folder=data) as stack, chromium.launched() as browser:
            cookie = prepared(stack)
            found = {**feel(stack, browser), **long_sitting(stack, browser)}
            found |= accessible(stack, browser, cookie)
    print(json.dumps(found))


def prepared(stack: Stack) -> str:
    """Shows the demo's clips many times over, and signs somebody in; returns their session's key."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench._many_clips"],
        cwd=ROOT,
        env=stack.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip().splitlines()[-1]


def phone(stack: Stack, browser: Browser, **more: Any) -> BrowserContext:
    return browser.new_context(base_url=stack.url, viewport=chromium.PHONE, **more)  # type: ignore[arg-type]


def slow(page: Page) -> Any:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", LINE)
    return session


def feel(stack: Stack, browser: Browser) -> dict[str, Any]:
    warmed = phone(stack, browser)
    page = warmed.new_page()
    page.goto("/")  # the server has read its templates
    address = page.locator(".clip").first.get_attribute("data-url") or "/"
    warmed.close()
    colds, shown, lcps = [], [], []
    for _ in range(fewer(15, 3)):
        context = phone(stack, browser)
        page = context.new_page()
        page.add_init_script(f"({WATCH})()")
        slow(page)
        page.goto(address)
        seen = page.wait_for_function(WATCHED).json_value()
        colds.append(float(seen[0]))
        shown.append(float(seen[1]))
        lcps.append(float(page.evaluate(LCP)))
        context.close()
    context = phone(stack, browser)
    page = context.new_page()
    slow(page)
    page.goto("/")
    page.evaluate(FIRST_FRAME)
    warm = []
    for _ in range(fewer(20)):
        page.wait_for_timeout(2500)
        warm.append(swipe(page))
    context.close()
    return {
        "cold_frame_ms": round(float(np.median(colds))),
        "cold_shown_ms": round(float(np.median(shown))),
        "lcp_ms": round(float(np.median(lcps))),
        "warm_frame_ms": round(float(np.percentile(warm, 95))),
        "warm_frame_median_ms": round(float(np.median(warm))),
        "wasted_bytes": wasted(stack, browser),
    }


def wasted(stack: Stack, browser: Browser) -> float:
    context = phone(stack, browser)
    page = context.new_page()
    session = slow(page)
    addresses: dict[str, str] = {}
    bytes_of: dict[str, float] = {}

    def sent(event: dict[str, Any]) -> None:
        if "/media/" in event["request"]["url"]:
            addresses[event["requestId"]] = event["request"]["url"].split("/media/")[1]

    def came(event: dict[str, Any]) -> None:
        if name := addresses.get(event["requestId"]):
            bytes_of[name] = bytes_of.get(name, 0.0) + event["encodedDataLength"]

    session.on("Network.requestWillBeSent", sent)
    session.on("Network.dataReceived", came)
    page.goto("/")
    page.evaluate(FIRST_FRAME)
    shown: dict[str, float] = {}
    turns = fewer(15)
    for turn in range(turns):
        page.wait_for_timeout(1500 if turn % 3 == 2 else 5200)
        source = page.locator(".clip.is-here video").first.evaluate("video => video.currentSrc")
        name = source.split("/media/")[-1]
        shown[name] = max(shown.get(name, 0.0), float(page.evaluate(PLAYED)))
        if turn < turns - 1:
            swipe(page)
    posters = set(page.evaluate("() => [...document.querySelectorAll('.clip__poster')].map(p => p.src)"))
    films = {name: size for name, size in bytes_of.items() if not any(name in poster for poster in posters)}
    films = {name: size for name, size in films.items() if size > 40_000}
    context.close()
    total = sum(films.values())
    return round(1.0 - sum(size * min(shown.get(name, 0.0), 1.0) for name, size in films.items()) / total, 3)


def long_sitting(stack: Stack, browser: Browser) -> dict[str, Any]:
    context = phone(stack, browser)
    page = context.new_page()
    session = context.new_cdp_session(page)
    page.goto("/latest")

    def heap() -> float:
        session.send("HeapProfiler.collectGarbage")
        return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6

    before = 0.0
    for turn in range(fewer(200)):
        here = page.locator(".clip.is-here").get_attribute("data-id")
        page.keyboard.press("ArrowDown")
        page.wait_for_function(
            "id => document.querySelector('.clip.is-here')?.dataset.id !== id", arg=here, timeout=20_000
        )
        if turn == 9:
            before = heap()
    page.wait_for_timeout(1000)
    found = {"videos_live": int(page.evaluate(VIDEOS)), "heap_growth_mb": round(heap() - before, 1)}
    found["cards_in_document"] = page.locator(".clip").count()
    context.close()
    return found


def accessible(stack: Stack, browser: Browser, cookie: str) -> dict[str, Any]:
    """Every page in every dress; the dialogs on the feed's first page."""
    found: dict[str, list[str]] = {}
    looked = 0
    is_quick = fewer(2) < 2
    for language in ("en",) if is_quick else ("en", "zh-hans"):
        for theme in ("light",) if is_quick else ("light", "dark"):
            for size in (chromium.PHONE, {"width": 640, "height": 430}):
                context = browser.new_context(
                    base_url=stack.url,
                    viewport=size,  # type: ignore[arg-type]
                    color_scheme=theme,  # type: ignore[arg-type]
                    reduced_motion="reduce",
                )
                context.add_cookies(
                    [
                        {"name": "sessionid", "value": cookie, "url": stack.url},
                        {"name": "django_language", "value": language, "url": stack.url},
                    ]
                )
                page = context.new_page()
                for address in PAGES:
                    page.goto(address)
                    looked += 1
                    _look(page, f"{address} {language} {theme} {size['width']}", found)
                page.goto("/")
                for name in DIALOGS:
                    page.locator(f".clip.is-here [data-do={name}]").first.click()
                    page.wait_for_selector(f"dialog#{name}[open]")
                    page.wait_for_timeout(400)
                    looked += 1
                    _look(page, f"/#{name} {language} {theme} {size['width']}", found)
                    page.keyboard.press("Escape")
                context.close()
    kinds = sorted({rule for rules in found.values() for rule in rules})
    return {"axe_violations": len(kinds), "axe_looked_at": looked, "axe_kinds": kinds, "axe_where": found}


def _look(page: Page, where: str, found: dict[str, list[str]]) -> None:
    page.evaluate(AXE.read_text())  # by the debugger: the page's own policy lets no script of others in
    rules = page.evaluate(
        "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        ".then(r => r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 2).map(n => n.target.join(' '))))"
    )
    if rules:
        found[where] = rules


if __name__ == "__main__":
    main()
