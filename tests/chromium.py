"""A real Chromium, Debian's own, driven by playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 860}
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
)


def found() -> str | None:
    """Where Chromium is, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def with_camera(video: Path, sound: Path) -> tuple[str, ...]:
    """Flags that put two files in the place of camera and microphone; each opening starts them afresh."""
    return (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={video}",
        f"--use-file-for-fake-audio-capture={sound}%noloop",
    )


_DRIVERS: list[Playwright] = []


@contextmanager
def launched(*flags: str) -> Iterator[Browser]:
    """A browser with these flags. A second one beside it shares the driver: a process can have only one."""
    with _driver() as playwright:
        browser = playwright.chromium.launch(executable_path=found(), args=[*QUIET, *flags])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def _driver() -> Iterator[Playwright]:
    if _DRIVERS:
        yield _DRIVERS[-1]
        return
    with sync_playwright() as playwright:
        _DRIVERS.append(playwright)
        # Its event loop runs in this thread as long as it lives, and Django's ORM asks whether there is one.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        try:
            yield playwright
        finally:
            os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
            _DRIVERS.remove(playwright)


def faults_of(page: Page) -> list[str]:
    """Collects what the page complains of while it is used: script errors, refused content, failed loads."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("console", lambda line: line.type == "error" and faults.append(f"{page.url}: {line.text}"))
    return faults
