"""What dead workers leave behind, found and cleared: the proof that nothing is lost, doubled or half-written.

    work folder   `.work/<generation>-<fence>-…` whose claim is over (its fence passed, or its job ended)
    clip folder   files in `clips/<clip>/` of which no row knows, older than ten minutes
    result        a film in `results/` that a remote worker brought, of which no row knows
    footage       a film or photo that somebody brought, of which no row knows, older than ten minutes
    archive       somebody's archive on its way between hosts, of which no row knows, older than ten minutes
    picture       a small picture of a job that is not in work
    permit        taken for a job that is over
    credits       set aside for more, or less, than the open requests of a person
    clip          READY without its files, or two READY jobs with one clip (the database refuses that)

Folders and pictures are cleared; the last three are told, never mended in silence: they would be a mistake of
ours.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Sum

from accounts import books
from cameos.models import PermitRecord
from generation import credits, footage, moving, store
from generation.models import Clip, Generation, Preview, Rendition
from generation.states import OPEN, OVER, WORKING
from generation.workers import results

CLAIM = re.compile(r"\d+-\d+-")
SETTLING = timedelta(minutes=10)  # files are stored a moment before their rows


@dataclass(frozen=True)
class Orphan:
    kind: str
    what: str


def find(now: datetime) -> list[Orphan]:
    """Everything orphaned; empty on a sound host."""
    return [
        *(Orphan("work folder", path.name) for path in _work_folders()),
        *(Orphan("clip folder", name) for name in _clip_folders(now)),
        *(Orphan("result", path) for path in results.strays(now, SETTLING)),
        *(Orphan("footage", path.name) for path in footage.strays(now, SETTLING)),
        *(Orphan("archive", path.name) for path in moving.strays(now, SETTLING)),
        *(Orphan("picture", str(row.generation_id)) for row in _pictures()),
        *(Orphan("permit", str(row.pk)) for row in _permits()),
        *_credits(),
        *(Orphan("clip", str(clip.public_id)) for clip in _clips_without_files()),
    ]


def clear(now: datetime, *, with_clips: bool = False) -> int:
    """Take away what may be taken away. `with_clips` also looks through the stored folders (hourly)."""
    count = 0
    for path in _work_folders():
        shutil.rmtree(path, ignore_errors=True)
        count += 1
    for row in _pictures():
        row.delete()
        count += 1
    for name in _clip_folders(now) if with_clips else ():
        store.remove(UUID(name))
        count += 1
    for stray in results.strays(now, SETTLING) if with_clips else ():
        default_storage.delete(stray)
        count += 1
    for path in [*footage.strays(now, SETTLING), *moving.strays(now, SETTLING)] if with_clips else ():
        path.unlink(missing_ok=True)
        count += 1
    return count


def _work_folders() -> list[Path]:
    root = Path(settings.MEDIA_ROOT) / store.WORK
    if not root.exists():
        return []
    live = {
        f"{pk}-{fence}"
        for pk, fence in Generation.objects.filter(state__in=WORKING).values_list("pk", "fence")
    }
    folders = [path for path in root.iterdir() if CLAIM.match(path.name)]
    return [path for path in folders if "-".join(path.name.split("-")[:2]) not in live]


def _clip_folders(now: datetime) -> Iterator[str]:
    try:
        names, _files = default_storage.listdir("clips")
    except (FileNotFoundError, NotADirectoryError):
        return
    known = {str(name) for name in Clip.objects.values_list("public_id", flat=True)}
    for name in names:
        if name not in known and _is_settled(name, now):
            yield name


def _is_settled(name: str, now: datetime) -> bool:
    try:
        UUID(name)
        _folders, files = default_storage.listdir(f"clips/{name}")
        return all(default_storage.get_modified_time(f"clips/{name}/{f}") < now - SETTLING for f in files)
    except (ValueError, OSError):
        return False


def _pictures() -> list[Preview]:
    return list(Preview.objects.exclude(generation__state__in=WORKING))


def _permits() -> list[PermitRecord]:
    over = Generation.objects.filter(state__in=OVER).values("pk")
    return list(PermitRecord.objects.filter(state=PermitRecord.State.TAKEN, generation__in=over))


def _credits() -> Iterator[Orphan]:
    set_aside = {
        code: total
        for (code, currency), total in books.balances(prefix="credits:user:").items()
        if code.endswith(":reserved") and currency == credits.CURRENCY
    }
    rows = Generation.objects.filter(state__in=OPEN).order_by().values_list("maker")
    owed = {f"credits:user:{maker}:reserved": total for maker, total in rows.annotate(n=Sum("credits"))}
    for code in sorted(set_aside.keys() | owed.keys()):
        if set_aside.get(code, 0) != owed.get(code, 0):
            yield Orphan("credits", f"{code}: {set_aside.get(code, 0)} set aside, {owed.get(code, 0)} owed")


def _clips_without_files() -> list[Clip]:
    standing = Clip.objects.standing().filter(files_purged_at=None, origin=Clip.Origin.GENERATED)
    rows = Rendition.objects.filter(clip__in=standing).select_related("clip")
    return [row.clip for row in rows if row.path and not default_storage.exists(row.path)]
