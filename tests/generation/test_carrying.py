"""Alice moves to another host with everything she made; nobody who did not agree there is shown there."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from cameos import carried, ledger
from cameos.carried import NotBelieved
from generation import carrying
from generation.carrying import BadArchive
from generation.hand import drain
from generation.models import Clip
from tests.bench.trust_carry import is_equal, moved
from tests.generation.conftest import Ask


@pytest.fixture(scope="module")
def seen(vector_process: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Two hosts in processes of their own."""
    return moved(tmp_path_factory.mktemp("hosts"), vector_process)


def test_clips_arrive_byte_for_byte_with_lineage_and_receipts(seen: dict[str, Any]) -> None:
    assert is_equal(seen), json.dumps(seen, indent=1)[:3000]
    assert "3 clips and 1 ledgers of https://old.example.test" in seen["said"]
    assert seen["again"] == seen["said"]


def test_who_is_in_a_clip_is_shown_to_nobody_where_they_did_not_agree(seen: dict[str, Any]) -> None:
    after = seen["after"]["clips"].values()
    shown = [(told["cast"], told["public"], told["mine"]) for told in after]
    assert sorted(shown) == [(0, False, True), (0, True, True), (1, False, False)]
    assert [caption for caption, _at in seen["after"]["posts"]] == ["My kite #sea"]
    assert seen["after"]["posts"] == seen["before"]["posts"]


def test_only_what_a_believed_host_signed_comes_in(seen: dict[str, Any]) -> None:
    assert "does not believe https://old.example.test" in seen["stranger"]
    assert "CommandError" in seen["forged"]


@pytest.fixture
def archive(ask: Ask, alice: User, now: datetime, tmp_path: Path, settings: Any) -> Path:
    """What Alice takes along: one clip. This host believes itself."""
    settings.KEYS_DIR = tmp_path / "keys"
    ask(alice)
    drain()
    path = tmp_path / "alice.zip"
    carrying.write(user=alice, path=path, now=now)
    carried.believe(ledger.published_heads())
    return path


def rewritten(path: Path, **files: bytes | None) -> Path:
    """The archive with some files changed, or left out (None)."""
    other = path.with_name("other.zip")
    names = {"manifest": "manifest.json", "signature": "signature.json", "person": "person.json"}
    changed = {names[key]: data for key, data in files.items()}
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            data = changed.get(name, source.read(name))
            if data is not None:
                target.writestr(name, data)
    return other


def test_a_clip_that_somebody_else_has_here_already_stays_theirs(
    archive: Path, bob: User, now: datetime
) -> None:
    taken = carrying.take(path=archive, owner=bob, now=now)
    assert not taken.clips and list(taken.left_out.values()) == ["A clip with this name is here already."]
    assert not Clip.objects.filter(maker=bob).exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"person": b"{}"},
        {"person": None},
        {"manifest": b"{}"},
        {"signature": None},
        {"signature": b'{"key_id": "0", "signature": "AAAA"}'},
    ],
)
def test_a_changed_archive_changes_nothing(
    archive: Path, changed: dict[str, bytes | None], bob: User, now: datetime
) -> None:
    with pytest.raises((BadArchive, NotBelieved)):
        carrying.take(path=rewritten(archive, **changed), owner=bob, now=now)
    assert not Clip.objects.filter(maker=bob).exists()


def test_what_is_no_zip_is_refused_by_name(tmp_path: Path, bob: User, now: datetime) -> None:
    path = tmp_path / "no.zip"
    path.write_bytes(b"PK nothing")
    with pytest.raises(BadArchive):
        carrying.take(path=path, owner=bob, now=now)


def test_what_was_taken_back_does_not_travel(ask: Ask, alice: User, now: datetime, tmp_path: Path) -> None:
    ask(alice)
    drain()
    Clip.objects.update(withdrawn_at=now)
    told = carrying.write(user=alice, path=tmp_path / "alice.zip", now=now)
    assert list(told["files"]) == ["person.json"]
