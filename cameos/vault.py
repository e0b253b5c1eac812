"""A key for each likeness and never-me entry, and the one thing that erasing destroys.

    data key     32 random bytes a holder; encrypts its references and ledger details (AES-256-GCM)
    wrapping key HKDF-SHA256 of the host key and of the cameo's shred file; encrypts the data key
    host key     `LIKENESS_HOST_KEYS` ("id:base64,…", newest first) or files in KEYS_DIR/host
    shred file   KEYS_DIR/likeness/<cameo>: 32 random bytes that stand in no database and in no backup

Whoever holds a database backup and the host key still opens nothing without the shred file. Destroying
overwrites and unlinks that file first, so every older copy of the row is noise from then on.
KEYS_DIR/likeness is to be mirrored (deletions included), never archived; `manage.py backup` leaves it out.
"""

from __future__ import annotations

import base64
import os
import secrets
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from cameos.models import Cameo, NeverMe, VaultKey

Holder = Cameo | NeverMe

KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 8


class VaultClosed(Exception):
    """What was sealed cannot be opened: its key is destroyed, missing, or not the one it was sealed with."""


def seal(cameo: Holder, data: bytes, purpose: str) -> bytes:
    """Encrypt under the cameo's key; bound to the cameo and to `purpose`. Raises `VaultClosed` after
    erasure."""
    return _encrypt(_data_key(cameo, create=True), data, _label(cameo, purpose))


def open(cameo: Holder, sealed: bytes | memoryview, purpose: str) -> bytes:  # noqa: A001 (the vault's verb)
    """What `seal` was given for the same cameo and purpose. Raises `VaultClosed`."""
    return _decrypt(_data_key(cameo, create=False), bytes(sealed), _label(cameo, purpose))


def is_open(cameo: Holder) -> bool:
    """Whether something can still be sealed for this cameo: its key was not destroyed, and its shred file is
    here where there is a key."""
    row = _rows(cameo).first()
    return row is None or (row.destroyed_at is None and _shred_path(cameo).exists())


def destroy(cameo: Holder, now: datetime) -> None:
    """Make everything ever sealed for this cameo unreadable, here and in every backup. Cannot be undone."""
    shred(str(cameo.public_id))
    VaultKey.objects.update_or_create(**_whose(cameo), defaults={"wrapped": None, "destroyed_at": now})


def shred(name: str) -> None:
    """Overwrite and unlink the key file of the cameo with this public id; not there is fine."""
    path = _shred_folder() / str(uuid.UUID(name))
    try:
        with path.open("r+b") as file:
            file.write(bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return


def without_file() -> int:
    """How many living keys cannot be used because their shred file is not here: after a restore, until the
    mirror of KEYS_DIR/likeness is back."""
    living = VaultKey.objects.filter(destroyed_at=None).select_related("cameo", "never_me")
    return sum(not _shred_path(row.holder).exists() for row in living)


def rotate() -> int:
    """Make a new host key and wrap every living data key under it; data stays as it is. Returns how many.

    Running it again after an interruption finishes the rest. With keys from the environment, put the new key
    in front of `LIKENESS_HOST_KEYS` first.
    """
    if not _environment_keys():
        _new_host_key()
    newest = _host_keys()[0][0]
    done = 0
    for row in VaultKey.objects.filter(destroyed_at=None).select_related("cameo", "never_me").order_by("pk"):
        with transaction.atomic():
            locked = VaultKey.objects.select_for_update().get(pk=row.pk)
            if locked.wrapped is None or bytes(locked.wrapped)[:ID_BYTES] == newest:
                continue
            locked.wrapped = _wrap(row.holder, _unwrap(row.holder, bytes(locked.wrapped)))
            locked.save(update_fields=["wrapped"])
            done += 1
    return done


def _whose(holder: Holder) -> dict[str, Any]:
    return {"cameo" if isinstance(holder, Cameo) else "never_me": holder}


def _rows(holder: Holder) -> QuerySet[VaultKey]:
    return VaultKey.objects.filter(**_whose(holder))


def _data_key(cameo: Holder, *, create: bool) -> bytes:
    row = _rows(cameo).first()
    if row is None and create:
        return _new_data_key(cameo)
    if row is None or row.wrapped is None:
        raise VaultClosed("The key of this likeness is gone.")
    return _unwrap(cameo, bytes(row.wrapped))


def _new_data_key(cameo: Holder) -> bytes:
    """The first key of a cameo. Where two come at once, the unique row decides and the other is not used."""
    data_key = secrets.token_bytes(KEY_BYTES)
    _keep_secret(_shred_path(cameo), secrets.token_bytes(KEY_BYTES))
    row, created = VaultKey.objects.get_or_create(
        **_whose(cameo), defaults={"wrapped": _wrap(cameo, data_key)}
    )
    if created:
        return data_key
    return _data_key(cameo, create=False)


def _wrap(cameo: Holder, data_key: bytes) -> bytes:
    key_id, host_key = _host_keys()[0]
    return key_id + _encrypt(_wrapping_key(cameo, host_key), data_key, _label(cameo, "data key"))


def _unwrap(cameo: Holder, wrapped: bytes) -> bytes:
    host_key = dict(_host_keys()).get(wrapped[:ID_BYTES])
    if host_key is None:
        raise VaultClosed("This host no longer has the host key that a likeness was wrapped with.")
    return _decrypt(_wrapping_key(cameo, host_key), wrapped[ID_BYTES:], _label(cameo, "data key"))


def _wrapping_key(cameo: Holder, host_key: bytes) -> bytes:
    try:
        shred = _shred_path(cameo).read_bytes()
    except FileNotFoundError as error:
        raise VaultClosed("The key file of this likeness is gone.") from error
    return HKDF(SHA256(), KEY_BYTES, salt=shred, info=b"understudy likeness key").derive(host_key)


def _encrypt(key: bytes, data: bytes, label: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, label)


def _decrypt(key: bytes, sealed: bytes, label: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], label)
    except (InvalidTag, ValueError) as error:
        raise VaultClosed("This was sealed with another key, or was changed.") from error


def _label(cameo: Holder, purpose: str) -> bytes:
    return f"{cameo.public_id}/{purpose}".encode()


def _shred_folder() -> Path:
    return Path(settings.KEYS_DIR) / "likeness"


def _shred_path(cameo: Holder) -> Path:
    return _shred_folder() / str(cameo.public_id)


def _host_keys() -> list[tuple[bytes, bytes]]:
    """(id, key), newest first. Makes the first one where the host has none."""
    keys = _environment_keys() or _file_keys()
    if keys:
        return keys
    _new_host_key()
    return _file_keys()


def _environment_keys() -> list[tuple[bytes, bytes]]:
    listed = [item.split(":", 1) for item in settings.LIKENESS_HOST_KEYS.split(",") if item]
    return [(name.encode().ljust(ID_BYTES)[:ID_BYTES], base64.b64decode(key)) for name, key in listed]


def _file_keys() -> list[tuple[bytes, bytes]]:
    folder = Path(settings.KEYS_DIR) / "host"
    return [(path.stem.encode(), path.read_bytes()) for path in sorted(folder.glob("*.key"), reverse=True)]


def _new_host_key() -> None:
    name = f"{len(_file_keys()) + 1:03d}{secrets.token_hex(3)}"[:ID_BYTES]
    _keep_secret(Path(settings.KEYS_DIR) / "host" / f"{name}.key", secrets.token_bytes(KEY_BYTES))


def _keep_secret(path: Path, secret: bytes) -> None:
    """Write a secret once, for this user only, and be sure that it is on the disk. An existing one stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # atomic, and fails where another process was first
    except FileExistsError:
        pass
    finally:
        draft.unlink()
