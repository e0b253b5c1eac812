"""A backup: one tar of rows, media, films and keys that any database restores from; no journal.

rows/<number>-<app>.<model>.jsonl    one JSON object a row, in Django's portable form, parents before children
media/…                              files as they lie under MEDIA_ROOT
footage/…                            films and photos that people brought, as they came
holds/…                              what the law asked to keep, sealed; no other copy is anywhere
keys/…                               the host's keys; without them likenesses stay closed for good
manifest.json                        last: what is in it, counted and hashed

The key files of likenesses (KEYS_DIR/likeness) are in no backup, so that erasing reaches the old ones too:
they are mirrored (docs/hosting.md). The host may serve meanwhile.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

FORMAT = 1
# Made anew by migrations, or worth nothing on another day.
LEFT_OUT = {"contenttypes.contenttype", "auth.permission", "sessions.session", "admin.logentry"}
# Folders that stay out: what is being worked on, and what only a mirror may hold.
LEFT_OUT_FOLDERS = {"media": ".work", "keys": "likeness"}
CHUNK, CHUNK_BYTES = 500, 1 << 20


class BadArchive(Exception):
    """The file is no backup, is cut off, or was changed."""


class NotEmpty(Exception):
    """This host has people already; a backup goes into an empty one."""


def wanted() -> list[type[models.Model]]:
    """Every model with rows worth keeping, parents before children."""
    everything = [(config, None) for config in apps.get_app_configs()]
    found = serializers.sort_dependencies(everything, allow_cycles=True)  # type: ignore[arg-type]
    return [m for m in found if m._meta.label_lower not in LEFT_OUT and not m._meta.proxy]


def write(
    path: Path, *, with_media: bool = True, with_footage: bool = True, with_keys: bool = True
) -> dict[str, Any]:
    """Writes the backup beside `path` and moves it there when it is whole; returns its manifest."""
    draft = path.with_name(path.name + ".part")
    files: dict[str, str] = {}
    rows: dict[str, int] = {}
    with tarfile.open(draft, "w") as tar:
        with transaction.atomic(durable=True):
            _one_moment()
            for number, model in enumerate(wanted()):
                label = model._meta.label_lower
                data, rows[label] = _rows_of(model)
                name = f"rows/{number:03d}-{label}.jsonl"
                files[name] = _add(tar, name, data)
        kept = {"media": with_media, "footage": with_footage, "keys": with_keys}
        for folder, root in _folders().items():
            for file in _files_of(folder, root) if kept.get(folder, True) else ():
                name = f"{folder}/{file.relative_to(root)}"
                try:
                    files[name] = _add_file(tar, name, file)
                except FileNotFoundError:  # it went since it was listed, and would have gone from here too
                    continue
        manifest = {"format": FORMAT, "migrations": _migrations(), "rows": rows, "files": files}
        _add(tar, "manifest.json", json.dumps(manifest).encode())
    draft.chmod(0o600)
    draft.replace(path)
    return manifest


def check(path: Path) -> dict[str, Any]:
    """Reads every byte and compares it with the manifest; raises BadArchive."""
    try:
        with tarfile.open(path) as tar:
            found = {member.name: _digest(tar, member) for member in tar}
            manifest: dict[str, Any] = json.loads(_read(tar, tar.getmember("manifest.json")))
    except (tarfile.TarError, KeyError, ValueError, OSError) as error:
        raise BadArchive(f"{path} is no whole backup: {error}") from error
    found.pop("manifest.json")
    if manifest.get("format") != FORMAT or found != manifest["files"]:
        wrong = set(found.items()) ^ set(manifest.get("files", {}).items())
        raise BadArchive(f"{path} does not hold what it says: {sorted({name for name, _ in wrong})[:5]}")
    unknown = set(map(tuple, manifest["migrations"])) - set(map(tuple, _migrations()))
    if unknown:
        raise BadArchive(f"It comes from a newer version of the product: {sorted(unknown)[:3]}")
    return manifest


def read(path: Path) -> dict[str, Any]:
    """Restores a checked backup into this empty, migrated host."""
    manifest = check(path)
    people = apps.get_model(settings.AUTH_USER_MODEL)
    if people._default_manager.exists():
        raise NotEmpty("This host has people already; restore into an empty DATA_DIR and database.")
    with tarfile.open(path) as tar:
        for member in tar:
            if member.name.partition("/")[0] in _folders():
                _unpack(tar, member)
        with transaction.atomic(), connection.constraint_checks_disabled():
            for member in tar:
                if member.name.startswith("rows/"):
                    _load(_read(tar, member).decode())
            connection.check_constraints()
            _reset_sequences()
    return manifest


def _one_moment() -> None:
    """All that this transaction reads is as of now, which PostgreSQL does only where it is told."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _rows_of(model: type[models.Model]) -> tuple[bytes, int]:
    out, count = io.StringIO(), 0
    for row in model._default_manager.order_by("pk").iterator(chunk_size=CHUNK):
        out.write(serializers.serialize("jsonl", [row]))
        count += 1
    return out.getvalue().encode(), count


def _load(text: str) -> None:
    batch: dict[type[models.Model], list[models.Model]] = {}
    later: list[Any] = []
    for item in serializers.deserialize("jsonl", text, handle_forward_references=False):
        batch.setdefault(type(item.object), []).append(item.object)
        if item.m2m_data:
            later.append(item)
    for model, rows in batch.items():
        for start in range(0, len(rows), CHUNK):
            model._default_manager.bulk_create(rows[start : start + CHUNK])
    for item in later:
        for name, values in item.m2m_data.items():
            getattr(item.object, name).set(values)


def _folders() -> dict[str, Path]:
    """Where what is no row lies, by its name in a backup."""
    return {
        "media": Path(settings.MEDIA_ROOT),
        "footage": Path(settings.DATA_DIR) / "footage",
        "holds": Path(settings.DATA_DIR) / "holds",
        "keys": Path(settings.KEYS_DIR),
    }


def _files_of(folder: str, root: Path) -> Iterator[Path]:
    """Its files in order, as they are while others write and delete."""
    for place, folders, names in os.walk(root):
        if Path(place) == root:
            folders[:] = [name for name in folders if name != LEFT_OUT_FOLDERS.get(folder)]
        folders.sort()
        yield from (path for path in (Path(place) / name for name in sorted(names)) if path.is_file())


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    folder, _, rest = member.name.partition("/")
    root = _folders()[folder].resolve()
    target = (root / rest).resolve()
    if root not in target.parents:
        raise BadArchive(f"{member.name} leads out of its folder")
    private = folder != "media"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
    with target.open("wb") as out:
        shutil.copyfileobj(_opened(tar, member), out, CHUNK_BYTES)
    if private:
        target.chmod(0o600)


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> str:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    tar.addfile(entry, io.BytesIO(data))
    return hashlib.sha256(data).hexdigest()


def _add_file(tar: tarfile.TarFile, name: str, path: Path) -> str:
    """A file of any size, in pieces, as long as it was when it was opened. Raises FileNotFoundError."""
    entry = tarfile.TarInfo(name)
    with path.open("rb") as file:
        entry.size, entry.mode = os.fstat(file.fileno()).st_size, 0o600
        seen = _Hashed(file)
        tar.addfile(entry, seen)  # type: ignore[arg-type]  # it reads, and asks for nothing else
    return seen.digest.hexdigest()


class _Hashed:
    """Hashes what is read of a file that others may write to: exactly the bytes that go into the tar."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def read(self, size: int) -> bytes:
        piece = self.file.read(size).ljust(size, b"\0")  # cut since: a tar keeps to the length it said
        self.digest.update(piece)
        return piece


def _digest(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    digest = hashlib.sha256()
    file = _opened(tar, member)
    while piece := file.read(CHUNK_BYTES):
        digest.update(piece)
    return digest.hexdigest()


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    return _opened(tar, member).read()


def _opened(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(member)
    if file is None:
        raise BadArchive(f"{member.name} is no plain file")
    return file


def _migrations() -> list[list[str]]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted([app, name] for app, name in applied)


def _reset_sequences() -> None:
    """PostgreSQL counts on from the highest id; SQLite does so by itself."""
    from django.core.management.color import no_style

    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), wanted()):
            cursor.execute(sql)
