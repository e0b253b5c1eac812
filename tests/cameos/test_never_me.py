"""Dora has no account: she proves once that it is her, and is refused everywhere from then on."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import cases, journal
from accounts.models import Case, User
from cameos import capture_check, faces, inspection, never_me, references, vault
from cameos.challenge import Asked
from cameos.models import Cameo, CameoCapture, Challenge, NeverMe, Reference, Upload, VaultKey
from tests.cameos import takes
from tests.cameos.takes import watched_once  # noqa: F401

TUS = {"Tus-Resumable": "1.0.0"}
AGREED = {"agree": "on", "is_old_enough": "on"}


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, settings: Any, db: None) -> None:
    """Budgets are counted in the cache, which outlives a test; each test has a journal of its own."""
    cache.clear()
    settings.JOURNAL_PATH = tmp_path / "journal.jsonl"


def dora() -> Client:
    """Her browser, after she agreed."""
    browser = Client()
    assert browser.post(reverse("cameos:never-me"), AGREED)["Location"] == reverse(
        "cameos:never-me-recording"
    )
    return browser


def records(browser: Client, data: bytes, asked: Asked = takes.ASKED, note: str = "") -> CameoCapture:
    """Challenge, upload, hand in, and what the worker does."""
    nonce = browser.post(reverse("cameos:api-never-me-challenges")).json()["nonce"]
    browser.post(reverse("cameos:api-never-me-start", args=[nonce]))
    Challenge.objects.filter(nonce=nonce).update(
        movements=[str(m) for m in asked.movements], numbers=list(asked.numbers)
    )
    metadata = f"purpose {base64.b64encode(b'capture').decode()}"
    headers = {**TUS, "Upload-Length": str(len(data)), "Upload-Metadata": metadata}
    place = browser.post(reverse("cameos:api-never-me-uploads"), headers=headers)["Location"]
    browser.patch(
        place,
        data,
        content_type="application/offset+octet-stream",
        headers={**TUS, "Upload-Offset": "0"},
    )
    body = {"nonce": nonce, "upload": place.rsplit("/", 1)[1], "human_note": note}
    answer = browser.post(reverse("cameos:api-never-me-captures"), body, content_type="application/json")
    made = CameoCapture.objects.get(public_id=answer.json()["id"])
    capture_check.run(made.pk, timezone.now())
    made.refresh_from_db()
    return made


def portrait() -> Any:
    from skimage.data import astronaut

    return astronaut()


def vector() -> bytes:
    picture = portrait()
    return bytes(faces.embed(picture, faces.find(picture)[0]).astype("<f4").tobytes())


def listed() -> NeverMe:
    """An entry with the face of the portrait, without the way there."""
    now = timezone.now()
    return never_me.enter(entry=never_me.begin(now=now), vector=vector(), now=now)


def stopped() -> bool:
    """Whether a clip with the portrait in it is refused."""
    return inspection.inspect(frames=[portrait()] * 2, permitted=[]).is_refused


# The way there


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_dora_proves_it_once_and_only_numbers_of_her_face_are_kept() -> None:
    browser = dora()
    made = records(browser, takes.honest().data)

    entry = NeverMe.objects.get()
    assert (made.state, entry.state) == ("verified", "listed")
    assert len(never_me.vector_of(entry) or b"") == 128 * 4
    assert not Reference.objects.exists()
    assert not Cameo.objects.exists()
    assert not Upload.objects.exists()
    assert not User.objects.exists()
    assert (never_me.vector_of(entry) or b"")[:16] not in bytes(entry.sealed or b"")
    page = browser.get(reverse("cameos:never-me-recording")).content.decode()
    assert "nobody may show you here" in page
    again = browser.post(reverse("cameos:api-never-me-challenges"))
    assert (again.status_code, again.json()["code"]) == (409, "already_listed")


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_the_wrong_answer_enters_nobody() -> None:
    made = records(dora(), takes.honest().data, Asked(takes.ASKED.movements, (9, 2, 5)))

    assert (made.state, made.reasons) == ("retry", ["wrong_numbers"])
    assert NeverMe.objects.get().state == "open"
    assert not references.load_index(object()).cameo_ids


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_who_cannot_turn_the_head_is_decided_by_a_person_here_too(mod: User) -> None:
    asked = Asked(("right", "left"), takes.ASKED.numbers)  # type: ignore[arg-type]
    made = records(dora(), takes.honest().data, asked, note="My neck is stiff.")
    assert made.state == "review"

    cases.decide(case=Case.objects.get(), moderator=mod, decision="accept", now=timezone.now())
    capture_check.run(made.pk, timezone.now())

    assert NeverMe.objects.get().state == "listed"


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_nobody_enters_alice_behind_her_back_without_a_person_looking(alice: User) -> None:
    now = timezone.now()
    cameo = Cameo.objects.create(owner=alice, name="Alice", state="verified", created_at=now)
    references.store(cameo, Reference.Kind.FACE_VECTOR, vector(), now)

    made = records(dora(), takes.honest().data)

    assert (made.state, made.reasons) == ("review", ["like_another"])
    assert NeverMe.objects.get().state == "open"


def test_a_box_not_ticked_begins_nothing() -> None:
    answer = Client().post(reverse("cameos:never-me"), {"agree": "on"})

    assert "This is needed" in answer.content.decode()
    assert not NeverMe.objects.exists()


def test_the_operators_countries_hold_here_too(settings: Any) -> None:
    settings.CAPTURE_COUNTRIES = ("DE",)

    assert Client().post(reverse("cameos:never-me"), {**AGREED, "country": "--"}).status_code == 403
    Client().post(reverse("cameos:never-me"), {**AGREED, "country": "DE"})
    assert NeverMe.objects.get().country == "DE"


def test_another_browser_is_not_dora(alice: User) -> None:
    browser, other = dora(), Client()
    nonce = browser.post(reverse("cameos:api-never-me-challenges")).json()["nonce"]

    assert other.post(reverse("cameos:api-never-me-start", args=[nonce])).status_code == 404
    assert dora().post(reverse("cameos:api-never-me-start", args=[nonce])).json()["code"] == "challenge_over"
    other.force_login(alice)
    assert other.post(reverse("cameos:api-challenge-start", args=[nonce])).json()["code"] != "already_listed"
    assert Challenge.objects.get(nonce=nonce).started_at is None


def test_another_page_cannot_act_for_her() -> None:
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(reverse("cameos:never-me")).content.decode()
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[-1]
    browser.post(reverse("cameos:never-me"), {**AGREED, "csrfmiddlewaretoken": token})

    bare = browser.post(reverse("cameos:api-never-me-challenges"))
    with_token = browser.post(reverse("cameos:api-never-me-challenges"), headers={"X-CSRFToken": token})

    assert (bare.status_code, with_token.status_code) == (403, 201)


# What it does


def test_a_clip_with_dora_is_stopped_and_she_is_not_named(alice: User) -> None:
    assert not stopped()
    entry = listed()

    found = inspection.inspect(frames=[portrait()] * 2, permitted=[])

    assert found.is_refused
    assert str(entry.public_id) not in found.evidence


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_nobody_makes_a_likeness_of_dora(alice: User) -> None:
    index = references.load_index(object())
    assert index.cameo_ids == ()
    listed()
    verdict = takes.judged(takes.honest().track, known=capture_check._known(CameoCapture(cameo_id=1)))

    assert (str(verdict.outcome), [str(r) for r in verdict.reasons]) == ("retry", ["never_me"])
    assert verdict.likeness is None


@takes.needs_voice
@pytest.mark.usefixtures("watched_once")
def test_twins_are_told_so_and_a_person_decides() -> None:
    face = np.frombuffer(vector(), "<f4").astype(np.float64)[None]
    verdict = takes.judged(takes.honest().track, known=takes.known(others=face))

    assert (str(verdict.outcome), [str(r) for r in verdict.reasons]) == ("review", ["like_another"])
    assert verdict.numbers["like_another"]["value"] < 0.45


# The way out


def test_the_code_takes_the_entry_off_and_nothing_reads_it_again() -> None:
    entry = listed()
    code = never_me.mint_code(entry=entry)
    before = NeverMe.objects.get()
    browser = Client()

    assert browser.post(reverse("cameos:never-me-remove"), {"code": "AAAA-BBBB"}).status_code == 404
    receipt = browser.post(reverse("cameos:never-me-remove"), {"code": code.lower().replace("-", " ")})

    assert str(entry.public_id) in receipt.content.decode()
    assert not stopped()
    with pytest.raises(vault.VaultClosed):
        vault.open(entry, bytes(before.sealed or b""), never_me.PURPOSE)
    after = NeverMe.objects.get()
    assert (after.state, after.sealed, after.code_sha256) == ("erased", None, "")
    assert browser.post(reverse("cameos:never-me-remove"), {"code": code}).status_code == 404


def test_a_code_is_shown_once_and_a_fresh_one_makes_it_void() -> None:
    entry = listed()
    browser = Client()
    session = browser.session
    session["never_me"] = str(entry.public_id)
    session.save()
    codes = [
        re.search(r">([\w-]{24})<", browser.post(reverse("cameos:never-me-code")).content.decode())
        for _ in range(2)
    ]
    first, second = (found[1] for found in codes if found)

    with pytest.raises(never_me.NoSuchEntry):
        never_me.take_off(code=first, now=timezone.now())
    assert not NeverMe.objects.filter(code_sha256__contains=second).exists()
    assert never_me.take_off(code=second, now=timezone.now()).state == "erased"


def test_no_code_before_anything_is_entered() -> None:
    assert dora().post(reverse("cameos:never-me-code")).status_code == 409


def test_an_entry_without_its_key_has_no_code_and_says_so() -> None:
    browser, entry = Client(), listed()
    session = browser.session
    session["never_me"] = str(entry.public_id)
    session.save()
    VaultKey.objects.all().delete()

    answer = browser.post(reverse("cameos:never-me-code"))

    assert answer.status_code == 409 and "cannot be opened" in answer.content.decode()


def test_guessing_codes_ends_soon() -> None:
    browser = Client()
    answers = [
        browser.post(reverse("cameos:never-me-remove"), {"code": f"AAAA-{n}"}).status_code for n in range(22)
    ]

    assert answers[:20] == [404] * 20
    assert answers[-1] == 429


def test_what_was_begun_and_never_proved_is_forgotten() -> None:
    dora()
    never_me.sweep(timezone.now() + timedelta(hours=47))
    assert NeverMe.objects.count() == 1

    never_me.sweep(timezone.now() + timedelta(hours=49))
    assert not NeverMe.objects.exists()


# After a restore


def test_an_old_backup_forgets_nobody_who_is_listed() -> None:
    code = never_me.mint_code(entry=listed())
    VaultKey.objects.all().delete()
    NeverMe.objects.all().delete()
    assert not stopped()

    journal.replay()
    journal.replay()

    assert stopped()
    assert never_me.take_off(code=code, now=timezone.now()).state == "erased"


def test_an_old_backup_brings_nobody_back_who_was_taken_off() -> None:
    entry = listed()
    code = never_me.mint_code(entry=entry)
    kept, key = NeverMe.objects.get(), VaultKey.objects.get()
    never_me.take_off(code=code, now=timezone.now())
    kept.save()
    key.save()

    journal.replay()

    assert NeverMe.objects.get().state == "erased"
    assert not stopped()


def test_a_rotated_host_key_still_opens_an_entry() -> None:
    listed()
    assert vault.rotate() == 1

    assert stopped()
