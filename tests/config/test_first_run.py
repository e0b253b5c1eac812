"""A new host is set up by whoever has its machine, once."""

from __future__ import annotations

import io
import threading
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts import actions
from accounts.models import SignIn, User
from config import doctor, first_run
from tests.accounts.people import NEWCOMER, text_of
from tests.conftest import person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_keys(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    settings.KEYS_DIR = settings.DATA_DIR = tmp_path
    monkeypatch.setattr(doctor, "examine", lambda: FOUND)


FOUND = [
    doctor.Finding("mail", "There is no mail server.", "Set EMAIL_HOST."),
    doctor.Finding("static", "No static files.", "Run collectstatic."),
    doctor.Finding("operator", "Nobody is operator here.", "Open the page."),
]


def come_in(client: Client) -> None:
    address = first_run.address("http://testserver")
    assert client.get(address).headers["Location"] == "/first-run", "the code leaves the address bar"


def test_the_code_opens_the_page_and_the_page_makes_the_operator(client: Client) -> None:
    come_in(client)
    page = text_of(client.get("/first-run"))
    assert "Set EMAIL_HOST." in page and "Run collectstatic." in page and "Nobody is operator" not in page
    assert client.post("/first-run", NEWCOMER).headers["Location"] == "/settings"
    nina = User.objects.get(username="nina")
    assert nina.is_superuser and nina.is_staff and nina.is_moderator and not nina.has_usable_password()
    assert SignIn.objects.get(user=nina).method == "first_run"
    assert client.get("/admin/").status_code == 200, "signed in, and proved"
    assert not (Path(first_run._path())).exists()
    for way in (client, Client()):
        assert way.get("/first-run").status_code == way.post("/first-run", NEWCOMER).status_code == 404
    assert first_run.address("http://x") == ""


@pytest.mark.parametrize("code", ["", "wrong", "x" * 300, "é\0"])
def test_without_the_code_nobody_sees_or_makes_anything(code: str, client: Client) -> None:
    assert "There is no mail server." not in text_of(client.get("/first-run", {"code": code}))
    assert client.post("/first-run", NEWCOMER | {"code": code}).status_code == 400
    assert not User.objects.exists()


def test_an_old_session_opens_nothing_once_the_code_is_another(client: Client) -> None:
    come_in(client)
    first_run._path().unlink()
    assert client.post("/first-run", NEWCOMER).status_code == 400
    assert not User.objects.exists()


def test_guessing_is_slowed(client: Client, settings: Any) -> None:
    settings.BUDGETS = {"code_try": (3, 3600)}
    answers = [client.post("/first-run", {"code": f"guess {n}"}).status_code for n in range(4)]
    assert answers == [400, 400, 400, 429]


def test_a_mail_can_be_tried_and_its_failure_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    come_in(client)
    sent = {"try_mail": "1", "mail-email": "nina@example.test"}
    assert "Sent. Look into your mailbox." in text_of(client.post("/first-run", sent, follow=True))
    assert mail.outbox[0].to == ["nina@example.test"]

    def refused(*_: Any) -> None:
        raise ConnectionRefusedError("nobody listens at port 25")

    monkeypatch.setattr(mail.EmailMessage, "send", refused)
    assert "nobody listens at port 25" in text_of(client.post("/first-run", sent, follow=True))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"handle": "Admin!"}, "handle"),
        ({"birth_date": "2300-01-01"}, "birth date"),
        ({"email": ""}, "required"),
    ],
)
def test_what_was_typed_wrong_stays_to_be_mended(changed: dict[str, str], said: str, client: Client) -> None:
    come_in(client)
    answer = client.post("/first-run", NEWCOMER | changed)
    assert answer.status_code == 400 and said in text_of(answer)
    assert not User.objects.exists()


def test_a_closed_operator_runs_nothing_and_the_command_tells_the_address(settings: Any) -> None:
    settings.SITE_URL = "https://house.example.test"
    told = io.StringIO()
    gone = person("old", birth_date=date(1980, 1, 1), is_superuser=True, is_active=False)
    call_command("first_run", stdout=told)
    assert told.getvalue().startswith("https://house.example.test/first-run?code=")
    User.objects.filter(pk=gone.pk).update(is_active=True)
    call_command("first_run", stdout=told)
    assert "has an operator" in told.getvalue()


@pytest.mark.django_db(transaction=True)
def test_two_browsers_at_once_make_one_operator(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, met, ends = actions._looks_taken, threading.Barrier(2), []

    def both_look_before_one_writes(handle: str) -> bool:
        with suppress(threading.BrokenBarrierError):  # the other one is not let in so far
            met.wait(timeout=1)
        return looked(handle)

    def begin(name: str) -> None:
        try:
            newcomer = actions.Newcomer(name, name, date(1990, 1, 1), "en", f"{name}@example.test")
            ends.append(actions.first_operator(newcomer=newcomer, now=now).username)
        except actions.OperatorThere:
            ends.append("there is one")
        finally:
            connection.close()

    monkeypatch.setattr(actions, "_looks_taken", both_look_before_one_writes)
    threads = [threading.Thread(target=begin, args=[name]) for name in ("nina", "otto")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(ends) == 2 and ends.count("there is one") == 1
    assert User.objects.filter(is_superuser=True).count() == 1
