"""Films out of another app's export: each comes in by itself, and what a model made elsewhere stays called
so."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from generation import bundles, filming, footage
from generation.models import Footage
from generation.provenance import manifest, signing
from generation.refusals import FileNotTaken
from generation.states import Verb
from tests.accounts.people import signed_in
from tests.generation.test_films import finished, walk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.KEYS_DIR = tmp_path / "keys"


def zipped(files: dict[str, bytes], way: int = zipfile.ZIP_STORED) -> SimpleUploadedFile:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", way) as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)
    return SimpleUploadedFile("export.zip", held.getvalue())


def test_the_films_of_an_export_come_in_and_nothing_else(bob: User, now: datetime, tmp_path: Path) -> None:
    first, second = (walk(tmp_path / f"{n}.mp4", person=False, seed=n).read_bytes() for n in (1, 2))
    file = zipped(
        {
            "TikTok/Posts/2026-01-02.mp4": second,
            "media/reels/202601/a.mp4": first,
            "media/reels/202601/again.mp4": first,
            "media/posts/1.jpg": b"jpeg",
            "personal_information/x.json": b"{}",
            "__MACOSX/._a.mp4": b"junk",
        }
    )
    assert bundles.is_bundle(file)
    brought = bundles.take(maker=bob, file=file, now=now)
    assert len({row.pk for row in brought.films}) == 2 == Footage.objects.filter(maker=bob).count()
    assert not brought.left_out
    for row in brought.films:
        footage.open_one(row.pk, now)
    assert set(Footage.objects.values_list("state", "by_model")) == {("READY", False)}


def test_a_bomb_and_an_empty_film_are_named_and_left_out(bob: User, now: datetime) -> None:
    file = zipped({"a.mp4": bytes(40_000_000), "b.mp4": b""}, zipfile.ZIP_DEFLATED)
    brought = bundles.take(maker=bob, file=file, now=now)
    assert not brought.films and sum(brought.left_out.values()) == 2
    assert not Footage.objects.exists()


@pytest.mark.parametrize("data", [b"PK\x03\x04 torn", b""])
def test_what_is_no_zip_is_refused_by_name(bob: User, now: datetime, data: bytes) -> None:
    with pytest.raises(FileNotTaken):
        bundles.take(maker=bob, file=SimpleUploadedFile("x.zip", data), now=now)


def test_the_page_takes_a_zip(bob: User, tmp_path: Path) -> None:
    file = zipped({"clip.mov": walk(tmp_path / "1.mp4", person=False).read_bytes()})
    answer = signed_in(bob).post("/create/films", {"films": [file]})
    assert answer.status_code == 302 and Footage.objects.get(maker=bob).title == "clip"


def test_a_film_that_says_a_model_made_it_is_never_labelled_as_filmed(
    bob: User, now: datetime, tmp_path: Path, settings: Any, vectors: str
) -> None:
    plain, signed = walk(tmp_path / "1.mp4", person=False), tmp_path / "signed.mp4"
    host = settings.KEYS_DIR
    settings.KEYS_DIR = tmp_path / "elsewhere"
    manifest.sign(plain, signed, manifest.Statement(clip_id="x", engine="sora", made_at=now.isoformat()))
    settings.KEYS_DIR = host
    signing._joined.cache_clear()
    brought = bundles.take(maker=bob, file=zipped({"sora/1.mp4": signed.read_bytes()}), now=now)
    footage.open_one(brought.films[0].pk, now)
    row = Footage.objects.get()
    assert (row.state, row.by_model) == ("READY", True)
    made = filming.request(
        maker=bob, films=[row], verb=Verb.FILM, seconds=2, aspect="9:16", prompt="a walk", now=now
    )
    clip = finished(made)
    path = Path(settings.MEDIA_ROOT) / clip.renditions.get(kind="mp4_360").path
    found = manifest.read(path)
    assert found.is_ours and found.by_model
