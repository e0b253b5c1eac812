"""Uploads that break off go on where they stopped, and files are sent in the ranges that players ask for."""

from __future__ import annotations

import base64
import errno
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponseBase
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from cameos.intake import media, uploads
from cameos.models import Upload

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def fresh_budgets() -> None:
    """Budgets are counted in the cache, which outlives a test."""
    cache.clear()


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def announce(client: Client, size: int, purpose: str = "capture") -> Any:
    metadata = f"purpose {base64.b64encode(purpose.encode()).decode()}"
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata}
    return client.post(reverse("cameos:api-uploads"), headers=headers)


def send(client: Client, place: str, offset: int, data: bytes, **more: str) -> Any:
    headers = {**TUS, "Upload-Offset": str(offset), **{k.replace("_", "-"): v for k, v in more.items()}}
    return client.patch(place, data, content_type=PIECE, headers=headers)


def test_alice_goes_on_where_her_upload_broke_off(alice: User) -> None:
    client, data = browser(alice), bytes(range(256)) * 40
    place = announce(client, len(data))["Location"]
    send(client, place, 0, data[:3000])
    path = uploads.path_of(Upload.objects.get())
    with path.open("ab") as file:
        file.write(b"half a piece that nobody confirmed")

    standing = client.head(place, headers=TUS)
    done = send(client, place, 3000, data[3000:])

    assert (standing["Upload-Offset"], standing["Upload-Length"]) == ("3000", str(len(data)))
    assert done.status_code == 204
    assert path.read_bytes() == data
    assert Upload.objects.get().finished_at is not None


def test_what_the_door_can_is_told_to_any_tus_client(alice: User) -> None:
    answer = browser(alice).options(reverse("cameos:api-uploads"))

    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert {"creation", "expiration", "checksum"} <= set(answer["Tus-Extension"].split(","))


def test_a_damaged_piece_is_refused_and_nothing_of_it_is_kept(alice: User) -> None:
    client = browser(alice)
    place = announce(client, 8)["Location"]
    right = base64.b64encode(hashlib.sha256(b"12345678").digest()).decode()

    damaged = send(client, place, 0, b"12345679", Upload_Checksum=f"sha256 {right}")
    unknown = send(client, place, 0, b"12345678", Upload_Checksum=f"md5 {right}")
    garbled = send(client, place, 0, b"12345678", Upload_Checksum="sha256 ???")

    assert (damaged.status_code, damaged.json()["code"]) == (460, "upload_checksum_wrong")
    assert (unknown.status_code, garbled.status_code) == (400, 400)
    assert Upload.objects.get().offset == 0
    assert send(client, place, 0, b"12345678", Upload_Checksum=f"sha256 {right}").status_code == 204


def test_two_tabs_cannot_write_over_each_other(alice: User) -> None:
    client = browser(alice)
    place = announce(client, 8)["Location"]
    send(client, place, 0, b"1234")

    late = send(client, place, 0, b"abcd")

    assert (late.status_code, late.json()["code"]) == (409, "upload_wrong_offset")
    assert uploads.path_of(Upload.objects.get()).read_bytes() == b"1234"


@pytest.mark.parametrize(
    ("size", "purpose", "status", "code"),
    [
        (0, "capture", 400, "upload_refused"),
        (100, "malware", 400, "upload_refused"),
        (10**9, "capture", 413, "upload_too_large"),
    ],
)
def test_an_upload_nobody_asked_for_is_refused_at_its_announcement(
    alice: User, size: int, purpose: str, status: int, code: str
) -> None:
    answer = announce(browser(alice), size, purpose)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Upload.objects.exists()


def test_more_than_was_announced_is_not_taken(alice: User) -> None:
    client = browser(alice)
    place = announce(client, 4)["Location"]

    assert send(client, place, 0, b"12345").status_code == 413
    assert Upload.objects.get().offset == 0


def test_headers_that_tus_does_not_know_are_named(alice: User) -> None:
    client = browser(alice)
    place = announce(client, 4)["Location"]

    assert client.post(reverse("cameos:api-uploads")).status_code == 412
    assert send(client, place, 0, b"1234", Upload_Offset="-1").json()["code"] == "tus_header"
    other = client.patch(place, b"1234", content_type="text/plain", headers={**TUS, "Upload-Offset": "0"})
    assert other.json()["code"] == "tus_header"


def test_carol_does_not_see_alices_upload(alice: User, carol: User) -> None:
    place = announce(browser(alice), 4)["Location"]

    for method in ("head", "delete"):
        assert getattr(browser(carol), method)(place, headers=TUS).status_code == 404
    assert send(browser(carol), place, 0, b"1234").status_code == 404
    assert Upload.objects.get().offset == 0


def test_an_upload_left_alone_for_a_day_is_over_and_erased(alice: User) -> None:
    client = browser(alice)
    place = announce(client, 8)["Location"]
    send(client, place, 0, b"1234")
    path = uploads.path_of(Upload.objects.get())
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    late = send(client, place, 4, b"5678")
    uploads.sweep(timezone.now())

    assert (late.status_code, late.json()["code"]) == (410, "upload_gone")
    assert not path.exists()
    assert not Upload.objects.exists()


def test_a_full_disk_loses_nothing_that_had_arrived(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser(alice)
    place = announce(client, 8)["Location"]
    send(client, place, 0, b"1234")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patched:
        patched.setattr(uploads.os, "open", full)
        refused = send(client, place, 4, b"5678")

    assert (refused.status_code, refused.json()["code"]) == (507, "no_space")
    assert send(client, place, 4, b"5678").status_code == 204
    assert uploads.path_of(Upload.objects.get()).read_bytes() == b"12345678"


def test_somebody_who_begins_many_uploads_is_stopped(alice: User) -> None:
    client = browser(alice)
    codes = [announce(client, 4).status_code for _ in range(uploads.MOST_OPEN + 1)]

    assert codes == [201] * uploads.MOST_OPEN + [429]


def test_an_upload_can_be_given_up(alice: User) -> None:
    client = browser(alice)
    place = announce(client, 4)["Location"]
    send(client, place, 0, b"12")
    path = uploads.path_of(Upload.objects.get())

    assert client.delete(place, headers=TUS).status_code == 204
    assert not path.exists()


# Sending


def body(response: HttpResponseBase) -> bytes:
    if response.streaming:
        return b"".join(response)  # type: ignore[arg-type]
    return response.content  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    ("asked", "status", "sent", "content_range"),
    [
        (None, 200, b"0123456789", None),
        ("bytes=0-", 200, b"0123456789", None),
        ("bytes=0-1", 206, b"01", "bytes 0-1/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=-99", 200, b"0123456789", None),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=5-2", 200, b"0123456789", None),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
        pytest.param("bytes=0-" + "9" * 5000, 200, b"0123456789", None, id="digits without end"),
        ("bytes=-" + "9" * 18, 200, b"0123456789", None),
    ],
)
def test_players_get_the_bytes_they_ask_for(
    tmp_path: Path, asked: str | None, status: int, sent: bytes, content_range: str | None
) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"0123456789")
    headers = {"Range": asked} if asked else {}

    response = media.serve(
        RequestFactory().get("/", headers=headers), path, content_type="video/mp4", etag="one"
    )

    assert (response.status_code, body(response)) == (status, sent)
    assert response.headers.get("Content-Range") == content_range
    assert response["Accept-Ranges"] == "bytes"
    assert response["Cache-Control"] == "private, no-cache"


def test_a_part_is_only_sent_of_the_file_the_player_began_with(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"0123456789")

    def ask(condition: str) -> int:
        request = RequestFactory().get("/", headers={"Range": "bytes=2-3", "If-Range": condition})
        return media.serve(request, path, content_type="video/mp4", etag="two").status_code

    assert (ask('"two"'), ask('"one"')) == (206, 200)


def test_a_browser_that_has_the_file_asks_and_gets_nothing_new(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"0123456789")
    request = RequestFactory().get("/", headers={"If-None-Match": '"one"'})

    response = media.serve(request, path, content_type="video/mp4", etag="one")

    assert (response.status_code, body(response)) == (304, b"")


def test_a_file_that_is_gone_is_not_there(tmp_path: Path) -> None:
    request = RequestFactory().get("/")

    assert media.serve(request, tmp_path / "gone", content_type="video/mp4", etag="x").status_code == 404
