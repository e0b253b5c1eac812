"""Alice takes everything along by herself, and Bob's host looks at what he brings."""

from __future__ import annotations

import errno
import io
import json
import zipfile
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import outbound, personal, tokens
from accounts.models import Notification, User
from cameos import carried, hostkey, ledger
from config.celery import app as celery
from generation import carrying, moving, orphans, queue, tasks
from generation.hand import drain
from generation.models import Clip, Move
from generation.sweep import sweep
from tests.accounts.people import signed_in, text_of
from tests.generation.conftest import Ask

pytestmark = pytest.mark.django_db
State = Move.State


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    cache.clear()
    settings.DATA_DIR = tmp_path
    settings.KEYS_DIR = tmp_path / "keys"


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def archive_of(client: Client, row: Move) -> bytes:
    return body_of(client.get(f"/settings/move/{row.public_id}/file"))


def test_a_person_fetches_everything_and_brings_it_to_another_account(
    ask: Ask, alice: User, bob: User, now: datetime
) -> None:
    ask(alice)
    drain()
    page = signed_in(alice, fresh=True)
    assert page.post("/settings/move", {"out": "1"}).status_code == 302
    row = Move.objects.get()
    assert page.post("/settings/move", {"out": "1"}).status_code == 409, "one at a time"
    moving.work(row.pk, now)

    data = archive_of(page, row)
    assert "person.json" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert Notification.objects.filter(recipient=alice, kind="move_out", url="/settings/move").exists()

    carried.believe(ledger.published_heads())
    Clip.objects.all().update(public_id="00000000-0000-0000-0000-000000000001")
    theirs = signed_in(bob, fresh=True)
    assert theirs.post("/settings/move", {"archive": SimpleUploadedFile("a.zip", data)}).status_code == 302
    came = Move.objects.get(person=bob)
    moving.work(came.pk, now)
    came.refresh_from_db()
    assert (came.state, came.told["clips"], came.path.exists()) == (State.DONE, 1, False)
    assert Clip.objects.filter(maker=bob).count() == 1
    assert "1 clip" in text_of(theirs.get("/settings/move"))


@pytest.mark.parametrize("sent", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_what_is_no_archive_changes_nothing_and_says_why(sent: bytes, bob: User, now: datetime) -> None:
    client = signed_in(bob, fresh=True)
    answer = client.post("/settings/move", {"archive": SimpleUploadedFile("a.zip", sent)})
    if not sent:
        assert answer.status_code == 400
        return
    row = Move.objects.get()
    moving.work(row.pk, now)
    row.refresh_from_db()
    assert (row.state, row.path.exists()) == (State.FAILED, False) and "no readable zip" in row.why
    assert "no readable zip" in text_of(client.get("/settings/move"))
    assert Notification.objects.get(recipient=bob).kind == "move_failed"


def test_only_its_person_fetches_it_freshly_proved_and_for_two_days(
    alice: User, bob: User, now: datetime
) -> None:
    row = moving.ask_out(person=alice, now=now)
    moving.work(row.pk, now)
    address = f"/settings/move/{row.public_id}/file"
    assert signed_in(bob, fresh=True).get(address).status_code == 404
    assert signed_in(alice).get(address).headers["Location"].startswith("/step-up")
    assert row.path.stat().st_mode & 0o077 == 0
    moving.sweep(now + moving.KEPT - timedelta(minutes=1))
    assert row.path.exists()
    moving.sweep(now + moving.KEPT + timedelta(minutes=1))
    assert not row.path.exists() and signed_in(alice, fresh=True).get(address).status_code == 404
    moving.sweep(now + moving.TOLD + timedelta(minutes=1))
    assert not Move.objects.exists()


def test_what_no_wake_up_reached_is_begun_and_what_its_worker_left_has_failed(
    alice: User, bob: User, now: datetime
) -> None:
    waits = moving.ask_out(person=alice, now=now)
    left = moving.ask_out(person=bob, now=now)
    Move.objects.filter(pk=left.pk).update(state=State.WORKING, began_at=now)
    moving.sweep(now + timedelta(minutes=1))
    waits.refresh_from_db()
    assert waits.state == State.DONE
    moving.sweep(now + moving.SLOWEST + timedelta(minutes=1))
    left.refresh_from_db()
    assert left.state == State.FAILED and left.why


def test_a_rendering_worker_that_sweeps_begins_no_archive(alice: User) -> None:
    """It would render nothing for minutes; the beat's sweep is on the default queue."""
    row = moving.ask_out(person=alice, now=timezone.now() - timedelta(minutes=2))
    sweep(queue.clock())
    row.refresh_from_db()
    assert row.state == State.WAITING
    assert "generation.tasks.sweep" not in tasks_on("render")
    tasks.sweep()
    row.refresh_from_db()
    assert row.state == State.DONE


def tasks_on(name: str) -> list[str]:
    """The entries of the timetable that a worker of this queue takes."""
    return [
        entry["task"] for entry in celery.conf.beat_schedule.values() if entry["options"]["queue"] == name
    ]


def test_erasing_takes_the_archive_too(
    alice: User, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    row = moving.ask_out(person=alice, now=now)
    moving.work(row.pk, now)
    with django_capture_on_commit_callbacks(execute=True):
        personal.erase_everything(user=alice, now=now)
    assert not row.path.exists() and not Move.objects.exists()


def test_who_is_erased_while_their_archive_is_written_leaves_no_file(
    alice: User, now: datetime, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    row, write = moving.ask_out(person=alice, now=now), carrying.write

    def meanwhile(**asked: Any) -> dict[str, Any]:
        with django_capture_on_commit_callbacks(execute=True):
            personal.erase_everything(user=alice, now=now)
        return write(**asked)

    monkeypatch.setattr(carrying, "write", meanwhile)
    moving.work(row.pk, now)
    assert not row.path.exists() and not Move.objects.exists()


@pytest.mark.parametrize("host", ["https://old\0.example.test", "https://old\ud800.example.test"])
def test_what_an_archive_says_of_itself_can_always_be_told(host: str, bob: User, now: datetime) -> None:
    sent = io.BytesIO()
    with zipfile.ZipFile(sent, "w") as out:
        out.writestr("manifest.json", json.dumps({"format": carrying.FORMAT, "files": {}, "host": host}))
        out.writestr("signature.json", json.dumps({"key_id": "k", "signature": "s"}))
    row = moving.bring_in(person=bob, file=SimpleUploadedFile("a.zip", sent.getvalue()), now=now)
    moving.work(row.pk, now)
    row.refresh_from_db()
    assert row.state == State.FAILED and "https://old\N{REPLACEMENT CHARACTER}.example.test" in row.why


def test_an_open_browser_is_not_enough_at_the_api_either(alice: User, now: datetime) -> None:
    row = moving.ask_out(person=alice, now=now)
    moving.work(row.pk, now)
    stale, fresh = signed_in(alice), signed_in(alice, fresh=True)
    address = f"/api/v1/me/moves/{row.public_id}/file"
    assert stale.post("/api/v1/me/moves").json()["code"] == "step_up_required"
    assert stale.get(address).json()["code"] == "step_up_required"
    assert stale.get(address.removesuffix("/file")).status_code == 200
    assert fresh.get(address).status_code == 200


@pytest.mark.parametrize(
    ("code", "told"), [(errno.ENOSPC, "no space left"), (errno.ENOENT, "Something went wrong here")]
)
def test_a_full_disk_is_told_as_one_and_nothing_else_is(
    alice: User, now: datetime, monkeypatch: pytest.MonkeyPatch, code: int, told: str
) -> None:
    def broken(**_: Any) -> None:
        raise OSError(code, "as the machine says it")

    row = moving.ask_out(person=alice, now=now)
    monkeypatch.setattr(carrying, "write", broken)
    with nullcontext() if code == errno.ENOSPC else pytest.raises(OSError):
        moving.work(row.pk, now)
    row.refresh_from_db()
    assert row.state == State.FAILED and told in row.why and not row.path.exists()


def test_a_full_disk_makes_no_archive_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", "{}")
    with pytest.raises(OSError, match="full"), carrying._opened(path):
        raise OSError(errno.ENOSPC, "full")
    with pytest.raises(carrying.BadArchive), carrying._opened(path):
        raise OSError(errno.EINVAL, "negative seek")


def test_an_archive_that_nobody_may_fetch_any_more_is_not_left_behind(alice: User, now: datetime) -> None:
    """Its person erased themselves, or it was given up as too slow, while a worker was writing it."""
    row = moving.ask_out(person=alice, now=now)
    Move.objects.filter(pk=row.pk).update(state=State.WORKING, began_at=now)
    told = moving._out(row, now)
    moving.sweep(now + moving.SLOWEST + timedelta(minutes=1))
    assert not row.path.exists()
    told = moving._out(row, now)  # which its worker, slow as it is, does not know
    moving._end(row, State.DONE, now, told=told)
    assert Move.objects.get().state == State.FAILED and not row.path.exists()


def test_an_archive_without_a_row_is_found_and_cleared(alice: User, now: datetime) -> None:
    row = moving.ask_out(person=alice, now=now)
    moving.work(row.pk, now)
    stray = row.path.with_name("0" * 32)
    stray.write_bytes(b"half")
    later = timezone.now() + orphans.SETTLING + timedelta(minutes=1)
    assert [(found.kind, found.what) for found in orphans.find(later)] == [("archive", stray.name)]
    assert orphans.clear(later, with_clips=True) == 1
    assert row.path.exists() and not stray.exists()


def test_a_program_with_the_scope_does_the_same(alice: User, now: datetime) -> None:
    def asks(*scopes: str) -> dict[str, Any]:
        secret = tokens.make(user=alice, name="move", scopes=list(scopes), days=1, now=timezone.now())[1]
        return {"headers": {"authorization": f"Bearer {secret}"}}

    client, may = Client(), asks("me:move")
    assert client.post("/api/v1/me/moves", **asks("me:read")).status_code == 403
    made = client.post("/api/v1/me/moves", **may)
    assert (made.status_code, made.json()["state"]) == (202, "WAITING")
    moving.work(Move.objects.get().pk, now)
    one = client.get(f"/api/v1/me/moves/{made.json()['id']}", **may).json()
    assert one["state"] == "DONE" and one["can_be_fetched"]
    data = body_of(client.get(f"/api/v1/me/moves/{one['id']}/file", **may))
    back = client.post("/api/v1/me/moves", {"archive": SimpleUploadedFile("a.zip", data)}, **may)
    assert back.json()["way"] == "in"


def test_the_operator_believes_a_host_by_its_address(
    operator: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostkey.sign(b"a host has a key once it signed something", now)
    heads = ledger.published_heads() | {"host": "https://old.example.test"}
    said = {"https://old.example.test/ledger/heads": json.dumps(heads).encode()}
    said["https://liar.example.test/ledger/heads"] = said["https://old.example.test/ledger/heads"]
    monkeypatch.setattr(outbound, "get", lambda url, **_: outbound.Fetched(said[url], "", url))
    desk = signed_in(operator, fresh=True)
    assert desk.post("/operate/hosts", {"address": "https://liar.example.test"}).status_code == 400
    assert not carried.believed(), "nobody speaks for another host"
    assert desk.post("/operate/hosts", {"address": "https://old.example.test/"}).status_code == 302
    assert list(carried.believed()) == ["https://old.example.test"]
    desk.post("/operate/hosts", {"drop": "https://old.example.test"})
    assert not carried.believed()


@pytest.mark.parametrize(
    "address", ["http://old.example.test", "HTTP://old.example.test", "ftp://a", "http://[", "old"]
)
def test_a_host_is_not_believed_by_what_came_over_an_open_way(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(outbound, "get", lambda url, **_: asked.append(url))
    with pytest.raises(carried.NotBelieved, match="https address"):
        carried.meet(address)
    assert not asked and not carried.believed()


def test_the_operator_is_told_to_give_an_https_address(operator: User) -> None:
    sent = {"address": "http://old.example.test"}
    answer = signed_in(operator, fresh=True).post("/operate/hosts", sent)
    assert answer.status_code == 400 and "Give the https address" in text_of(answer)


def test_who_is_met_sends_nobody_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}

    def get(url: str, **how: Any) -> outbound.Fetched:
        told.update(how)
        return outbound.Fetched(b"{}", "", url)

    monkeypatch.setattr(outbound, "get", get)
    with pytest.raises(carried.NotBelieved):
        carried.meet("http://127.0.0.1:8001")
    assert told["redirects"] == 0
