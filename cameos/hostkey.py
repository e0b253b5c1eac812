"""The Ed25519 key with which this host signs ledgers, and the record of its rotations.

KEYS_DIR/ledger/<key id>.pem holds each key (mode 0600), KEYS_DIR/ledger/keys.json the published record: every
public key, since when, and the signature of the key before it. Old keys stay, so old entries still verify.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings


def sign(message: bytes, now: datetime) -> tuple[str, str]:
    """(key id, signature in base64) of `message` under the newest key. The first call makes the first key."""
    key_id, key = _newest(now)
    return key_id, base64.b64encode(key.sign(message)).decode()


def published() -> list[dict[str, str]]:
    """Every public key of this host, oldest first, as `static/verify_ledger.py` reads them."""
    path = _folder() / "keys.json"
    return json.loads(path.read_text()) if path.exists() else []


def rotate(now: datetime) -> str:
    """Sign with a new key from now on. Returns its id. The old key signs the new one's introduction."""
    with _locked():
        return _introduce(now)


def introduction(key_id: str, public_key: str, since: str) -> bytes:
    """What the key before signs to introduce a new one."""
    return f"understudy-ledger-key/1\n{key_id}\n{public_key}\n{since}".encode()


def _newest(now: datetime) -> tuple[str, Ed25519PrivateKey]:
    keys = published()
    if not keys:
        with _locked():
            if not published():
                _introduce(now)
        keys = published()
    key_id = keys[-1]["key_id"]
    return key_id, _private(_folder() / f"{key_id}.pem")


@lru_cache(maxsize=8)
def _private(path: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("The ledger key is not an Ed25519 key.")
    return key


def _introduce(now: datetime) -> str:
    keys = published()
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key_id, encoded, since = (
        hashlib.sha256(public).hexdigest()[:16],
        base64.b64encode(public).decode(),
        now.isoformat(),
    )
    entry = {"key_id": key_id, "public_key": encoded, "since": since, "signed_by": "", "signature": ""}
    if keys:
        before = _private(_folder() / f"{keys[-1]['key_id']}.pem")
        entry["signed_by"] = keys[-1]["key_id"]
        entry["signature"] = base64.b64encode(before.sign(introduction(key_id, encoded, since))).decode()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(_folder() / f"{key_id}.pem", pem)
    _write(_folder() / "keys.json", json.dumps([*keys, entry], indent=1).encode())
    return key_id


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


@contextmanager
def _locked() -> Iterator[Any]:
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def _folder() -> Path:
    return Path(settings.KEYS_DIR) / "ledger"
