"""A backup comes back whole, a changed one does not, and nothing comes back that a person took away since."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as host
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from cameos import revocation
from cameos.models import Cameo, LikenessUse
from config import archive
from generation.models import Footage
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
