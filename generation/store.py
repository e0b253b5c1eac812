"""Where the files of clips lie: `clips/<clip>/<name>` in the default storage, and work folders beside it."""

from __future__ import annotations

import errno
import hashlib
import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from generation.engines.base import Frame
from generation.models import Clip

log = logging.getLogger(__name__)
LEAST_FREE = settings.LEAST_FREE_BYTES
WORK = ".work"
PICTURES_A_SECOND = 12.0


class DiskFull(OSError):
    """Less room than a clip may need, seen before anything was rendered."""


@contextmanager
def work_folder(claim: str = "other") -> Iterator[Path]:
    """A folder on the media disk that is gone afterwards, whatever happened; its name says whose claim
    ("generation-fence") it serves, so that the sweep knows what a dead worker left. Raises `DiskFull`."""
    root = Path(settings.MEDIA_ROOT) / WORK
    root.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(root).free < LEAST_FREE:
        import errno

        raise DiskFull(errno.ENOSPC, "too little room for a clip")
    folder = Path(tempfile.mkdtemp(dir=root, prefix=f"{claim}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put(clip: UUID, files: dict[str, Path]) -> dict[str, str]:
    """Store files under their names; all or none. Returns their storage paths."""
    stored: dict[str, str] = {}
    try:
        for name, path in files.items():
            with path.open("rb") as file:
                stored[name] = default_storage.save(f"clips/{clip}/{name}", File(file))
    except BaseException:
        remove(clip)
        raise
    return stored


def remove(clip: UUID) -> None:
    """Delete everything of a clip; what is not there is fine."""
    folder = f"clips/{clip}"
    try:
        _folders, names = default_storage.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        default_storage.delete(f"{folder}/{name}")
    default_storage.delete(folder)


def keep_run(generation: UUID, material: bytes) -> str:
    """What somebody played, until it is a clip (or will never be one)."""
    from django.core.files.base import ContentFile

    forget_run(generation)
    return str(default_storage.save(_run(generation), ContentFile(material)))


def forget_run(generation: UUID) -> None:
    discard(_run(generation))


def discard(path: str) -> None:
    """Delete a file that nobody needs any more. A store that is away keeps it: no job's end fails by that."""
    try:
        if default_storage.exists(path):
            default_storage.delete(path)
    except Exception as error:  # each kind of store has errors of its own
        log.warning("%s stays for now: %s", path.partition("/")[0], type(error).__name__)


def _run(generation: UUID) -> str:
    return f"runs/{generation}.npz"


@contextmanager
def local(path: str, folder: Path) -> Iterator[Path]:
    """A stored file as a file on this machine. Raises `FileNotFoundError`."""
    try:
        yield Path(default_storage.path(path))
    except NotImplementedError:  # S3: fetched for as long as it is needed
        copy = folder / f"fetched-{path.replace('/', '-')}"  # files of two clips have one name
        with default_storage.open(path) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target)
        yield copy


def is_full(error: BaseException) -> bool:
    """Whether there was no room left, and not a file that is missing or may not be read."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def read(path: str) -> bytes:
    with default_storage.open(path) as file:
        return bytes(file.read())


def pictures(clip: Clip) -> list[Frame]:
    """The pictures of a clip, `PICTURES_A_SECOND`, from its smaller file (with the mark in them): what
    engines go on from that keep no material of their own. Empty when the files are gone."""
    from model import video  # loads OpenCV: workers only

    row = clip.renditions.filter(kind="mp4_360").first()
    if row is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        try:
            with local(row.path, Path(folder)) as path:
                every = max(1, round(video.probe(path).fps / PICTURES_A_SECOND))
                return list(video.read_frames(path, every=every))
        except (OSError, video.VideoError):
            return []


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
