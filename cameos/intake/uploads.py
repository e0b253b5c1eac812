"""Resumable uploads by the tus 1.0 protocol: core, creation, expiration, checksum, termination.

    created (offset 0) --receive--> growing --receive--> finished   -> the room that asked for it takes it
          \\_________________________\\______ 24 h without the end ____-> erased by `sweep`

The row's offset is the truth: bytes beyond it in the file are what a broken connection left, and the next
piece is written over them. File names on disk are ours and say nothing about whose or what.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused
from cameos.models import Upload
from cameos.recorded import Recorded, owned, uploads_of

KEPT_UNFINISHED = timedelta(hours=24)
MOST_OPEN = 5
PIECE_BYTES = 4 * 1024 * 1024
CHECKSUMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}


@dataclass(frozen=True)
class Purpose:
    """What an upload is for, and how large it may be."""

    name: str
    max_bytes: int


PURPOSES = {
    purpose.name: purpose
    for purpose in (Purpose("capture", 80 * 1024 * 1024), Purpose("picture", 30 * 1024 * 1024))
}


class UploadGone(Refused):
    code = "upload_gone"
    message = _("This upload is over: it was not finished within 24 hours, or was used already.")
    hint = _("Please start again.")
    status = 410


class WrongOffset(Refused):
    code = "upload_wrong_offset"
    message = _("This piece does not follow what has arrived so far.")
    hint = _("Ask with HEAD how much has arrived, and go on from there.")
    status = 409


class ChecksumWrong(Refused):
    code = "upload_checksum_wrong"
    message = _("This piece was damaged on its way.")
    hint = _("Send it again.")
    status = 460


class ChecksumUnknown(Refused):
    code = "upload_checksum_unknown"
    message = _("We know the checksums sha1 and sha256 in Base64, and no other.")
    status = 400


class UploadTooLarge(Refused):
    code = "upload_too_large"
    message = _("The file is larger than it may be.")
    hint = _("Please record shorter, or choose a smaller file.")
    status = 413


class UploadRefused(Refused):
    code = "upload_refused"
    message = _("Such an upload is not taken here.")
    status = 400


class TooManyUploads(Refused):
    code = "too_many_uploads"
    message = _("Several uploads of yours are still unfinished.")
    hint = _("Finish one of them, or wait until they end by themselves after 24 hours.")
    status = 429


class NoSpace(Refused):
    code = "no_space"
    message = _("This host has no space left for the file. Nothing was lost: what arrived is kept.")
    hint = _("Try again later; the upload goes on where it stopped.")
    status = 507


def begin(*, owner: Recorded, purpose: str, size: int, now: datetime) -> Upload:
    """Announce a file of `size` bytes. Raises `UploadRefused`, `UploadTooLarge`, `TooManyUploads`."""
    kind = PURPOSES.get(purpose)
    if kind is None or size < 1:
        raise UploadRefused()
    if size > kind.max_bytes:
        raise UploadTooLarge()
    unfinished = uploads_of(owner).filter(finished_at=None, expires_at__gt=now)
    if unfinished.count() >= MOST_OPEN:
        raise TooManyUploads()
    return Upload.objects.create(
        **owned(owner, "owner"),
        purpose=purpose,
        size=size,
        path=secrets.token_hex(16),
        created_at=now,
        expires_at=now + KEPT_UNFINISHED,
    )


@transaction.atomic
def receive(*, upload: Upload, offset: int, piece: bytes, checksum: str = "", now: datetime) -> Upload:
    """Append one piece. Either all of it is there afterwards, or nothing of it.

    Raises `ChecksumWrong`, `ChecksumUnknown`, `WrongOffset`, `UploadTooLarge`, `UploadGone`, `NoSpace`.
    """
    _check_sum(piece, checksum)
    held = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if held is None or held.expires_at <= now:
        raise UploadGone()
    if offset != held.offset:
        raise WrongOffset()
    if held.offset + len(piece) > held.size:
        raise UploadTooLarge()
    _write(path_of(held), held.offset, piece)
    held.offset += len(piece)
    if held.offset == held.size:
        held.finished_at = now
    held.save(update_fields=["offset", "finished_at"])
    return held


def discard(upload: Upload) -> None:
    """Erase file and row."""
    path_of(upload).unlink(missing_ok=True)
    upload.delete()


def path_of(upload: Upload) -> Path:
    return Path(settings.DATA_DIR) / "intake" / upload.path


def sweep(now: datetime) -> int:
    """Erase what was not finished within its day, and what was finished and used by nobody."""
    stale = Upload.objects.filter(Q(finished_at=None) | Q(capture=None), expires_at__lte=now)
    count = 0
    for upload in stale.order_by("pk"):
        discard(upload)
        count += 1
    return count


def _check_sum(piece: bytes, checksum: str) -> None:
    """`checksum` is tus's header: the algorithm, a space, the digest in Base64; "" checks nothing."""
    if not checksum:
        return
    name, _space, encoded = checksum.partition(" ")
    try:
        expected = base64.b64decode(encoded, validate=True)
    except ValueError as error:  # no Base64, or not even ASCII
        raise ChecksumUnknown() from error
    if name not in CHECKSUMS:
        raise ChecksumUnknown()
    if CHECKSUMS[name](piece).digest() != expected:
        raise ChecksumWrong()


def _write(path: Path, offset: int, piece: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.truncate(offset)
            file.seek(offset)
            file.write(piece)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise NoSpace() from error
        raise
