"""What the steps of the journey share: the stack, the people at their browsers, and what they made so far."""

import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests import chromium
from tests.live import Stack

PATIENCE_MS = 30_000


@dataclass
class Person:
    """Somebody at their own browser. `faults` are script errors and refused content on their pages."""

    handle: str
    page: Page
    faults: list[str]
    email: str = ""

    def goes_to(self, address: str) -> Page:
        """Opens a page of the product as typed into the bar; anything but success fails the step."""
        answer = self.page.goto(address)
        assert answer is not None and answer.ok, f"{self.handle} got {answer and answer.status} at {address}"
        return self.page

    def status_of(self, address: str) -> int:
        """What the product answers to this person's browser at an address, without leaving the page."""
        return int(self.page.request.get(address).status)

    def api(self, address: str) -> Any:
        answer = self.page.request.get(address)
        assert answer.ok, f"{self.handle} got {answer.status} at {address}"
        return answer.json()


@dataclass
class Walk:
    stack: Stack
    browser: Browser
    folder: Path
    people: dict[str, Person] = field(default_factory=dict)
    # What one step learned and a later one needs, by a name both spell out.
    known: dict[str, str] = field(default_factory=dict)

    def arrives(self, handle: str, *, phone: bool = True, browser: Browser | None = None) -> Person:
        """A person with a browser that nobody used before."""
        context = (browser or self.browser).new_context(
            viewport=chromium.PHONE if phone else chromium.DESKTOP,  # type: ignore[arg-type]
            has_touch=phone,
            is_mobile=phone,
            base_url=self.stack.url,
            permissions=["camera", "microphone"],
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        self.people[handle] = Person(handle, page, chromium.faults_of(page), f"{handle}@example.test")
        return self.people[handle]

    def __getitem__(self, handle: str) -> Person:
        return self.people[handle]

    def code_mailed_to(self, email: str) -> str:
        """Reads the newest code for somebody on the demo's mail page, as they would."""
        reader = self.browser.new_context(base_url=self.stack.url).new_page()
        try:
            for _ in range(40):
                reader.goto("/mail")
                for mail in reader.locator("article").all_inner_texts():
                    found = re.search(r"\b(\d{3})[ \u2009]?(\d{3})\b", mail)
                    if email in mail and found:
                        return found[1] + found[2]
                time.sleep(0.25)
        finally:
            reader.context.close()
        raise AssertionError(f"no code for {email} on the mail page")

    def signs_up(self, handle: str, invite: str, *, birth_date: str = "1994-03-02", **kind: Any) -> Person:
        """Joins by invite link and e-mail code."""
        person = self.arrives(handle, **kind)
        page = person.goes_to(f"/join/{invite}")
        page.get_by_label("Handle").fill(handle)
        page.get_by_label("Name", exact=True).fill(handle.title())
        page.get_by_label("Birth date").fill(birth_date)
        page.get_by_label("E-mail").fill(person.email)
        page.get_by_role("button", name="Send me a code").click()
        page.wait_for_url("**/join/confirm")
        self.types_code(person, "Join")
        page.wait_for_url(lambda address: "/join" not in address)
        return person

    def signs_in(self, handle: str, email: str) -> Person:
        """Signs in by e-mail code."""
        person = self.arrives(handle)
        person.email = email
        page = person.goes_to("/login")
        page.get_by_label("E-mail").fill(email)
        page.get_by_role("button", name="Send me a code").click()
        page.wait_for_url("**/login/code*")
        self.types_code(person, "Sign in")
        page.wait_for_url(lambda address: "/login" not in address)
        return person

    def steps_up(self, person: Person) -> None:
        """Confirms who they are where the page asks for it; does nothing where it does not."""
        page = person.page
        if "/step-up" not in page.url:
            return
        page.get_by_role("button", name="Send me a code").click()
        self.types_code(person, "Confirm")
        page.wait_for_url(lambda address: "/step-up" not in address)

    def types_code(self, person: Person, button: str) -> None:
        """Looks into the mail, types the six digits, and presses the button."""
        box = person.page.get_by_label("Six digits from the mail")
        expect(box).to_be_visible()
        box.fill(self.code_mailed_to(person.email))
        person.page.locator("main").get_by_role("button", name=button, exact=True).click()

    def makes_invite(self, person: Person, *, uses: int = 5) -> str:
        """Makes an invite on the invites page; returns its code."""
        page = person.goes_to("/invites")
        page.locator("[name=uses]").fill(str(uses))
        page.get_by_role("button", name="Make a link").click()
        expect(page.locator("copy-line code").first).to_be_visible()
        return page.locator("copy-line code").first.inner_text().rpartition("/join/")[2]

    def waits(self, what: str, until: Any, *, seconds: float = 60, every: float = 0.5) -> Any:
        """Looks again and again until `until()` is true; fails naming what was waited for."""
        end = time.monotonic() + seconds
        while True:
            found = until()
            if found:
                return found
            assert time.monotonic() < end, f"waited {seconds:.0f} s for {what}"
            time.sleep(every)

    def complaints(self) -> list[str]:
        """Every page's faults since the last time this was asked."""
        found = [fault for person in self.people.values() for fault in person.faults]
        for person in self.people.values():
            person.faults.clear()
        return found

    def picture_everybody(self, folder: Path) -> None:
        """For a step that failed: what each person saw."""
        folder.mkdir(parents=True, exist_ok=True)
        for person in self.people.values():
            try:
                person.page.screenshot(path=str(folder / f"{person.handle}.png"))
                (folder / f"{person.handle}.html").write_text(person.page.content())
            except Exception as error:  # a page that crashed has no picture, and the step's own error counts
                (folder / f"{person.handle}.txt").write_text(json.dumps(str(error)))
