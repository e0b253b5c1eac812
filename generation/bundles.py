"""A zip with films in it, as platforms give people their own uploads back (Sora, TikTok, Instagram, a phone's
backup): each film comes in like one that was brought by itself. Nothing else in it is read.

Every film becomes plain footage: seen by its maker only, opened behind walls, recognised when it is a clip
of this host. One whose own manifest says that a model made it is labelled as made by a model in what is cut
from it.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from generation import footage
from generation.models import Footage
from generation.refusals import FileNotTaken

FILMS = {".mp4", ".mov", ".webm", ".m4v"}
MOST_ENTRIES = 20_000
MOST_RATIO = 20  # films hardly shrink; what does is a bomb


@dataclass
class Brought:
    """Films that came in, and how many did not, by the sentence why."""

    films: list[Footage] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    def leave_out(self, why: str) -> None:
        self.left_out[why] = self.left_out.get(why, 0) + 1


def is_bundle(file: UploadedFile) -> bool:
    """By content: what a zip begins with."""
    head = file.read(4)
    file.seek(0)
    return head == b"PK\x03\x04"


def take(*, maker: User, file: UploadedFile, now: datetime) -> Brought:
    """The films in a zip, each through `footage.take`, in the order of their names. Raises `FileNotTaken`
    for a zip that cannot be read; what cannot be taken of it is told."""
    brought = Brought()
    try:
        with zipfile.ZipFile(file) as bundle:
            entries = [entry for entry in bundle.infolist() if _is_film(entry)]
            if len(bundle.infolist()) > MOST_ENTRIES:
                raise FileNotTaken("bundle", _("This zip holds too many files."))
            for entry in sorted(entries, key=lambda found: found.filename):
                _take_one(bundle, entry, maker, now, brought)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise FileNotTaken("bundle", _("This zip cannot be read, or is locked with a password.")) from None
    if not brought.films and not brought.left_out:
        raise FileNotTaken("bundle", _("There is no film in this zip."))
    return brought


def _is_film(entry: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(entry.filename)
    hidden = path.name.startswith(".") or "__MACOSX" in path.parts
    return path.suffix.lower() in FILMS and not entry.is_dir() and not hidden


def _take_one(
    bundle: zipfile.ZipFile, entry: zipfile.ZipInfo, maker: User, now: datetime, brought: Brought
) -> None:
    if (
        entry.file_size > footage.LIMITS.max_bytes
        or entry.file_size > MOST_RATIO * entry.compress_size + 4096
    ):
        brought.leave_out(_("too large, or pressed more than films are"))
        return
    with bundle.open(entry) as inside:
        data = inside.read(footage.LIMITS.max_bytes + 1)
    name = PurePosixPath(entry.filename).name
    try:
        brought.films.append(footage.take(maker=maker, file=_as_upload(name, data), now=now))
    except Refused as refused:
        brought.leave_out(str(refused.message))


def _as_upload(name: str, data: bytes) -> UploadedFile:
    file = SimpleUploadedFile(name, b"")
    file.file, file.size = io.BytesIO(data), len(data)
    return file
