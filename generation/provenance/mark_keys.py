"""This host's keys for the hidden mark: `KEYS_DIR/mark/0001.key`, 32 bytes in hex each, mode 0600.

New clips get the mark of the highest number; every key that lies there is asked when a file is looked at.
`manage.py rotate_mark_key` adds one. Losing a key loses the marks made with it, nothing else; handing one out
lets others forge and erase marks.
"""

from __future__ import annotations

import os
import secrets
import threading
from pathlib import Path

from django.conf import settings

from generation.provenance.signing import KeysMissing

BYTES = 32
_making = threading.Lock()


def folder() -> Path:
    return Path(settings.KEYS_DIR) / "mark"


def newest() -> bytes:
    """The key that new clips are marked with; made on the first call of this host. Raises `KeysMissing`
    where clips are marked already and no key is there, or a key file is no key."""
    return (everyone() or [_first()])[0]


def everyone() -> list[bytes]:
    """Every key, newest first. Raises `KeysMissing` for a file that is no key."""
    return [_read(path) for path in sorted(folder().glob("*.key"), reverse=True)]


def rotate() -> Path:
    """Add a key: clips sealed from now on are marked with it."""
    place = folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    numbers = [int(path.stem) for path in place.glob("*.key") if path.stem.isdigit()]
    path = place / f"{max(numbers, default=0) + 1:04d}.key"
    draft = place / f".{path.name}.{os.getpid()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_bytes(BYTES).hex())
    try:
        os.link(draft, path)  # fails where another process was faster: its key counts
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path


def _first() -> bytes:
    from generation.models import Clip

    if Clip.objects.exclude(mark_payload="").exists():
        raise KeysMissing(f"{folder()} holds no key, and clips were marked with one")
    with _making:
        return (everyone() or [_read(rotate())])[0]


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != BYTES:
        raise KeysMissing(f"{path} is no key")
    return key
