"""The mirror of KEYS_DIR/likeness: what is new here is copied, what was erased here is erased there.

The mirror may be the only other copy, so nothing in it is erased while a file is missing here that should not
be: a disk that is not mounted looks like a host on which everybody has erased.
"""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

from django.conf import settings

from cameos import vault
from cameos.models import VaultKey


class MirrorRefused(Exception):
    """Nothing was changed: this host's own key files are not whole, or there is nowhere to mirror them to."""


def mirror(to: Path) -> tuple[int, int]:
    """Make the folder `to` the same as KEYS_DIR/likeness; how many files were copied and erased. What is no
    key file stays as it is. Twice does no harm. Raises `MirrorRefused`."""
    here = Path(settings.KEYS_DIR) / "likeness"
    names = _key_files(here)  # before it is asked what is missing: what goes afterwards is not erased there
    there = _key_files(to)
    if missing := vault.without_file():
        raise MirrorRefused(f"{missing} key files are missing in {here}. Bring them back from the mirror.")
    if there and not VaultKey.objects.exists():
        raise MirrorRefused(f"This host's database knows of no likeness, and {to} holds {len(there)} keys.")
    copied = sum(_copy(here / name, to / name) for name in sorted(names))
    for name in there - names:
        _erase(to / name)
    return copied, len(there - names)


def _key_files(folder: Path) -> set[str]:
    if not folder.is_dir():
        raise MirrorRefused(f"There is no folder {folder}. Mount it, or make it if this is the first time.")
    return {path.name for path in folder.iterdir() if _is_key(path)}


def _is_key(path: Path) -> bool:
    try:
        return str(UUID(path.name)) == path.name and path.is_file()
    except ValueError:
        return False


def _copy(path: Path, to: Path) -> bool:
    """Whole or not at all, for this user only. One that was erased meanwhile is left to the next time."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return False
    if to.exists() and to.read_bytes() == key:
        return False
    draft = to.with_name(f".{to.name}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(to)
    return True


def _erase(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(vault.KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
