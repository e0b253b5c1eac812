"""A backup comes back whole, a changed one does not, and nothing comes back that a person took away since."""

import threading
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as host
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Notification, User
from cameos import revocation, vault
from cameos.models import Cameo, LikenessUse
from config import archive
from config.doctor import product
from generation import store
from generation.models import Footage
from tests.conftest import person
from tests.matrix.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return build(timezone.now())


@pytest.fixture(autouse=True)
def no_journal_yet() -> None:
    Path(host.JOURNAL_PATH).unlink(missing_ok=True)


def a_new_host() -> None:
    call_command("flush", interactive=False, verbosity=0)
    assert not User.objects.exists()


def test_what_was_backed_up_comes_back_row_by_row(world: World, tmp_path: Path) -> None:
    kept = archive.write(tmp_path / "backup.tar")
    a_new_host()
    archive.read(tmp_path / "backup.tar")
    again = archive.write(tmp_path / "again.tar")
    assert again["rows"] == kept["rows"]
    same = {name: digest for name, digest in kept["files"].items() if name.startswith("rows/")}
    assert same == {name: d for name, d in again["files"].items() if name.startswith("rows/")}


def test_films_that_people_brought_come_back_with_their_rows(
    world: World, tmp_path: Path, settings: Any
) -> None:
    settings.DATA_DIR = tmp_path / "before"
    film = Footage.objects.create(
        maker=world.maker, title="beach", name="f" * 32, size=9, sha256="0" * 64, state="READY",
        created_at=world.now, used_at=world.now,
    )  # fmt: skip
    film.path.parent.mkdir(parents=True)
    film.path.write_bytes(b"the beach")
    archive.write(tmp_path / "backup.tar")
    archive.write(tmp_path / "rows.tar", with_media=False, with_footage=False, with_keys=False)
    a_new_host()
    settings.DATA_DIR = tmp_path / "after"
    archive.read(tmp_path / "backup.tar")
    back = Footage.objects.get(public_id=film.public_id)
    assert back.path.read_bytes() == b"the beach" and back.path.is_relative_to(tmp_path / "after")
    assert back.path.stat().st_mode & 0o077 == 0
    assert not any(name.startswith("footage/") for name in archive.check(tmp_path / "rows.tar")["files"])


def test_a_changed_backup_is_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path / "backup.tar"
    archive.write(path)
    path.write_bytes(path.read_bytes().replace(b"Alice surfs", b"Alice swims"))
    with pytest.raises(archive.BadArchive):
        archive.check(path)


def test_a_backup_that_is_cut_off_is_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path / "backup.tar"
    archive.write(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(archive.BadArchive):
        archive.check(path)


def test_a_host_with_people_is_not_written_over(world: World, tmp_path: Path) -> None:
    archive.write(tmp_path / "backup.tar")
    with pytest.raises(archive.NotEmpty):
        archive.read(tmp_path / "backup.tar")
    assert LikenessUse.objects.filter(state="live").exists()


def test_what_alice_revoked_since_stays_revoked(world: World, tmp_path: Path) -> None:
    path = tmp_path / "backup.tar"
    call_command("backup", str(path), verbosity=0)
    cameo = Cameo.objects.get(pk=world.cameo.pk)
    revocation.revoke(cameo=cameo, owner=cameo.owner, now=timezone.now())
    a_new_host()
    call_command("restore", str(path), verbosity=0)
    assert not LikenessUse.objects.exclude(state="ended").exists()


def test_without_its_journal_a_backup_is_refused_or_frozen(world: World, tmp_path: Path) -> None:
    path = tmp_path / "backup.tar"
    archive.write(path)
    a_new_host()
    with pytest.raises(CommandError, match="journal"):
        call_command("restore", str(path))
    assert not User.objects.exists()
    call_command("restore", str(path), "--journal-lost")
    assert Cameo.objects.get(name="Alice").frozen_at is not None


def test_a_backup_holds_no_key_that_erasing_shreds(world: World, tmp_path: Path, settings: Any) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    cameo, path, said = Cameo.objects.get(pk=world.cameo.pk), tmp_path / "backup.tar", StringIO()
    sealed = vault.seal(cameo, b"a face", "reference face")
    call_command("backup", str(path), stdout=said)
    names = archive.check(path)["files"]
    assert any(name.startswith("keys/host/") for name in names)
    assert not any(name.startswith("keys/likeness") for name in names)
    assert "manage.py mirror_keys" in said.getvalue() and "rsync" not in said.getvalue()

    a_new_host()
    mirror, settings.KEYS_DIR = settings.KEYS_DIR / "likeness", tmp_path / "new"
    warned = StringIO()
    call_command("restore", str(path), "--journal-lost", stdout=StringIO(), stderr=warned)
    assert warned.getvalue().startswith("1 likenesses") and f"{tmp_path}/new/likeness" in warned.getvalue()
    with pytest.raises(vault.VaultClosed):
        vault.open(cameo, sealed, "reference face")
    mirror.rename(settings.KEYS_DIR / "likeness")
    assert vault.without_file() == 0 and vault.open(cameo, sealed, "reference face") == b"a face"


def test_the_mirror_of_key_files_follows_and_outlives_a_disk_that_is_away(
    world: World, tmp_path: Path, settings: Any
) -> None:
    settings.KEYS_DIR, to = tmp_path / "keys", tmp_path / "mirror"
    here, cameo = settings.KEYS_DIR / "likeness", Cameo.objects.get(pk=world.cameo.pk)

    def mirrored() -> list[str]:
        call_command("mirror_keys", str(to), stdout=StringIO())
        return sorted(path.name for path in to.iterdir())

    def refused(why: str) -> None:
        before = {path: path.read_bytes() for path in to.iterdir()} if to.exists() else {}
        with pytest.raises(CommandError, match=why):
            call_command("mirror_keys", str(to))
        assert before == ({path: path.read_bytes() for path in to.iterdir()} if to.exists() else {})

    vault.seal(cameo, b"a face", "reference face")
    refused("no folder")  # a mirror that is not mounted is not made
    to.mkdir()
    (to / "notes.txt").write_text("mine")
    name = str(cameo.public_id)
    assert mirrored() == mirrored() == sorted([name, "notes.txt"])
    assert (to / name).read_bytes() == (here / name).read_bytes()
    assert (to / name).stat().st_mode & 0o077 == 0

    here.rename(tmp_path / "away")
    refused("no folder")
    here.mkdir()
    refused("1 key files are missing")
    assert [finding.code for finding in product.key_files()] == ["key_files"]
    here.rmdir()
    (tmp_path / "away").rename(here)
    assert not list(product.key_files())

    vault.destroy(cameo, timezone.now())
    assert mirrored() == ["notes.txt"]


def test_a_host_that_was_made_anew_erases_nothing_in_the_mirror(
    world: World, tmp_path: Path, settings: Any
) -> None:
    settings.KEYS_DIR, to = tmp_path / "keys", tmp_path / "mirror"
    to.mkdir()
    vault.seal(Cameo.objects.get(pk=world.cameo.pk), b"a face", "reference face")
    call_command("mirror_keys", str(to), stdout=StringIO())
    a_new_host()
    settings.KEYS_DIR = tmp_path / "new"
    (settings.KEYS_DIR / "likeness").mkdir(parents=True)
    with pytest.raises(CommandError, match="knows of no likeness"):
        call_command("mirror_keys", str(to))
    assert len(list(to.iterdir())) == 1


def test_what_the_law_asked_to_keep_is_in_every_backup(world: World, tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path / "before"
    held = settings.DATA_DIR / "holds" / ("a" * 32) / "film"
    held.parent.mkdir(parents=True)
    held.write_bytes(b"sealed")
    call_command("backup", str(tmp_path / "backup.tar"), "--without-media", "--without-keys", verbosity=0)
    a_new_host()
    settings.DATA_DIR = tmp_path / "after"
    archive.read(tmp_path / "backup.tar")
    back = tmp_path / "after" / held.relative_to(tmp_path / "before")
    assert back.read_bytes() == b"sealed" and back.stat().st_mode & 0o077 == 0


def test_what_is_being_worked_on_and_what_goes_meanwhile_stays_out(
    world: World, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT, before = tmp_path / "media", archive._add_file
    for name in ("clips/a.mp4", "clips/b.mp4", "clips/.work/c.mp4"):
        (settings.MEDIA_ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.MEDIA_ROOT / name).write_bytes(b"film")

    def add(tar: Any, name: str, path: Path) -> str:
        if name == "media/clips/b.mp4":
            path.unlink()
        return before(tar, name, path)

    monkeypatch.setattr(archive, "_add_file", add)
    with store.work_folder() as folder:
        (folder / "half.mp4").write_bytes(b"half")
        archive.write(tmp_path / "backup.tar")
    names = archive.check(tmp_path / "backup.tar")["files"]
    assert {name for name in names if name.startswith("media/")} == {
        "media/clips/a.mp4",
        "media/clips/.work/c.mp4",
    }


@pytest.mark.parametrize("then", [b"longer than it was", b"cut"])
def test_a_file_that_changes_while_it_is_copied_leaves_a_whole_backup(
    then: bytes, world: World, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT, before = tmp_path / "media", archive._Hashed.read
    film = settings.MEDIA_ROOT / "film.mp4"
    film.parent.mkdir()
    film.write_bytes(b"as it was")

    def read(self: Any, size: int) -> bytes:
        if self.file.name == str(film):
            film.write_bytes(then)
        return before(self, size)

    monkeypatch.setattr(archive._Hashed, "read", read)
    archive.write(tmp_path / "backup.tar")
    assert "media/film.mp4" in archive.check(tmp_path / "backup.tar")["files"]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_a_backup_is_of_one_moment(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = archive._rows_of

    def somebody_joins() -> None:
        try:
            new = person("late")
            Notification.objects.create(recipient=new, kind="report_decided", data={}, created_at=world.now)
        finally:
            connection.close()

    def rows_of(model: Any) -> Any:
        found = before(model)
        if model is User:
            thread = threading.Thread(target=somebody_joins)
            thread.start()
            thread.join()
        return found

    monkeypatch.setattr(archive, "_rows_of", rows_of)
    archive.write(tmp_path / "backup.tar")
    assert User.objects.filter(username="late").exists()
    a_new_host()
    archive.read(tmp_path / "backup.tar")
    assert not User.objects.filter(username="late").exists()
    assert not Notification.objects.filter(kind="report_decided").exists()


def test_what_alice_revoked_is_revoked_again_also_where_her_key_file_is_gone(
    world: World, tmp_path: Path, settings: Any
) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    cameo, path = Cameo.objects.get(pk=world.cameo.pk), tmp_path / "backup.tar"
    vault.seal(cameo, b"a face", "reference face")
    archive.write(path)
    revocation.revoke(cameo=cameo, owner=cameo.owner, now=timezone.now())
    a_new_host()
    settings.KEYS_DIR = tmp_path / "new"
    call_command("restore", str(path), stdout=StringIO(), stderr=StringIO())
    assert not vault.is_open(Cameo.objects.get(pk=cameo.pk))
    assert not LikenessUse.objects.exclude(state="ended").exists()
