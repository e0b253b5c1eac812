"""A key for each likeness: rotated without touching data, destroyed for good."""

from __future__ import annotations

import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from accounts.models import User
from cameos import references, vault
from cameos.models import Cameo, Reference, VaultKey
from cameos.vault import VaultClosed
from tests.cameos.making import likeness_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_keys(settings: Any, tmp_path: Path) -> Path:
    settings.KEYS_DIR = tmp_path / "keys"
    return settings.KEYS_DIR


@pytest.fixture
def likeness(alice: User, now: datetime) -> Cameo:
    return likeness_of(alice, now)


def test_what_is_sealed_opens_for_the_same_person_and_purpose_only(
    likeness: Cameo, bob: User, now: datetime
) -> None:
    bobs = likeness_of(bob, now)
    sealed = vault.seal(likeness, b"a face", "reference face")
    vault.seal(bobs, b"another", "reference face")
    assert b"a face" not in sealed
    assert vault.open(likeness, sealed, "reference face") == b"a face"
    for cameo, purpose in ((likeness, "reference voice"), (bobs, "reference face")):
        with pytest.raises(VaultClosed):
            vault.open(cameo, sealed, purpose)
    with pytest.raises(VaultClosed):
        vault.open(likeness, sealed[:-1] + bytes([sealed[-1] ^ 1]), "reference face")


def test_rotation_wraps_keys_anew_and_changes_no_data(likeness: Cameo, own_keys: Path) -> None:
    sealed = vault.seal(likeness, b"a face", "reference face")
    wrapped = bytes(VaultKey.objects.get().wrapped or b"")
    call_command("rotate_likeness_keys")
    assert bytes(VaultKey.objects.get().wrapped or b"") != wrapped
    assert vault.open(likeness, sealed, "reference face") == b"a face"
    oldest = sorted((own_keys / "host").glob("*.key"))[0]
    oldest.unlink()  # nothing leans on it any more
    assert vault.open(likeness, sealed, "reference face") == b"a face"


def test_without_the_host_key_nothing_opens(likeness: Cameo, own_keys: Path) -> None:
    sealed = vault.seal(likeness, b"a face", "reference face")
    for key in (own_keys / "host").glob("*.key"):
        key.unlink()
    with pytest.raises(VaultClosed):
        vault.open(likeness, sealed, "reference face")


def test_a_host_key_from_the_environment_is_used_and_rotated(
    likeness: Cameo, own_keys: Path, settings: Any
) -> None:
    settings.LIKENESS_HOST_KEYS = "first:" + "QUFB" * 11
    sealed = vault.seal(likeness, b"a face", "reference face")
    assert not (own_keys / "host").exists()
    settings.LIKENESS_HOST_KEYS = "second:" + "QkJC" * 11 + ",first:" + "QUFB" * 11
    assert vault.rotate() == 1
    settings.LIKENESS_HOST_KEYS = "second:" + "QkJC" * 11
    assert vault.open(likeness, sealed, "reference face") == b"a face"


def test_destroying_is_for_good(likeness: Cameo, own_keys: Path, now: datetime) -> None:
    sealed = vault.seal(likeness, b"a face", "reference face")
    (shred,) = (own_keys / "likeness").iterdir()
    vault.destroy(likeness, now)
    vault.destroy(likeness, now)
    assert not shred.exists() and not vault.is_open(likeness)
    for act in (
        lambda: vault.open(likeness, sealed, "reference face"),
        lambda: vault.seal(likeness, b"again", "reference face"),
    ):
        with pytest.raises(VaultClosed):
            act()


def test_keys_are_readable_for_this_user_only(likeness: Cameo, own_keys: Path) -> None:
    vault.seal(likeness, b"a face", "reference face")
    files = [path for path in own_keys.rglob("*") if path.is_file()]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files if path.name != ".lock"} == {0o600}


def test_the_index_holds_the_living_and_never_the_erased(
    likeness: Cameo, alice: User, bob: User, now: datetime
) -> None:
    from cameos import revocation

    bobs = likeness_of(bob, now)
    for cameo, value in ((likeness, 1.0), (bobs, 2.0)):
        vector = np.full(128, value, "<f4").tobytes()
        references.store(cameo, Reference.Kind.FACE_VECTOR, vector, now)
    assert set(references.load_index(object()).cameo_ids) == {likeness.pk, bobs.pk}
    revocation.erase(cameo=likeness, owner=alice, now=now)
    index = references.load_index(object())
    assert index.cameo_ids == (bobs.pk,) and index.vectors.shape == (1, 128)
    with pytest.raises(references.NotPermitted):
        references.load_index(None)


def test_a_newer_capture_replaces_the_older_ones_material(likeness: Cameo, now: datetime) -> None:
    references.store(likeness, Reference.Kind.FACE, b"old", now)
    references.store(likeness, Reference.Kind.FACE, b"new", now)
    row = Reference.objects.get()
    assert vault.open(likeness, row.sealed, "reference face") == b"new"
