"""Films and photos that people bring: taken in, opened behind walls, given to the cutting room, thrown away.

    take -> ARRIVED -> (a worker opens it) -> READY | REFUSED       gone by its maker, or unused for 60 days

The file lies in the data folder under a name of ours, as it came; nothing serves it. What a clip is made of
goes through the same sealing as everything. Whether a file is a film or a photo is told by its first bytes.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounts import throttle
from accounts.models import User
from cameos.intake import kinds, sandbox
from cameos.intake.kinds import PictureLimits, StreamLimits
from cameos.intake.refusals import SENTENCES, IntakeReason, IntakeRefused
from generation.models import Clip, Footage, Generation
from generation.refusals import CannotMake, FileNotTaken, NoRoom
from generation.states import FROM_ONE_PICTURE, OPEN, WITH_MATERIAL, Verb

log = logging.getLogger(__name__)
LIMITS = StreamLimits()
PHOTO = PictureLimits()
MOST = 40  # films a person, and as many photos
UNUSED = timedelta(days=60)
PASSING = timedelta(hours=1)  # how long a picture that came with a request is there to try it again
OPENED_WITHIN = timedelta(minutes=20)  # a film that no worker could open by then is refused
GLIMPSE_SIDE = 240
# Reasons of what shows a clip of this host: it is one; it is one of their own films, finished; it is a film
# or photo that somebody else brought.
OURS, FINISHED, ANOTHERS = "ours", "finished", "anothers"
SURE = 0.6


def of(maker: User, kind: str = "") -> list[Footage]:
    """Their films or photos (both without a kind), newest first."""
    rows = Footage.objects.filter(maker=maker, is_passing=False, **({"kind": kind} if kind else {}))
    return list(rows.defer("glimpse")[: MOST if kind else 2 * MOST])


def one(maker: User, public_id: UUID) -> Footage:
    """Their own film. Raises `Http404`."""
    found = Footage.objects.filter(maker=maker, public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def take(*, maker: User, file: UploadedFile, kind: str = "", passing: bool = False, now: datetime) -> Footage:
    """Keep an uploaded film or photo and have it opened; `kind` where only one of them is wanted, else its
    first bytes say what it is. The same file a second time is the same row. Raises `FileNotTaken`, `NoRoom`,
    `throttle.TooMany`."""
    throttle.upload(maker, now)
    if not file.size:
        raise _not_taken(IntakeReason.EMPTY)
    kind = kind or _kind_of(file)
    if file.size > (PHOTO if kind == Footage.Kind.PHOTO else LIMITS).max_bytes:
        raise _not_taken(IntakeReason.TOO_HEAVY)
    title = _title(file.name or "")
    return keep(maker=maker, title=title, kind=kind, chunks=file.chunks(), passing=passing, now=now)


def picture_for_one(*, maker: User, file: UploadedFile, now: datetime) -> Footage:
    """A picture that comes with one request: taken in like any, and opened at once, so that whoever sends it
    hears what is wrong with it. Raises `FileNotTaken`, `CannotMake`, `NoRoom`, `throttle.TooMany`."""
    row = take(maker=maker, file=file, kind=Footage.Kind.PHOTO, passing=True, now=now)
    open_one(row.pk, now)
    row.refresh_from_db()
    if row.state != Footage.State.READY:
        refused = FileNotTaken(row.reason, sentence(row))
        _erase([row] if row.is_passing else [])
        raise refused
    return row


def keep(
    *, maker: User, title: str, kind: str, chunks: Iterable[bytes], passing: bool = False, now: datetime
) -> Footage:
    """The same for bytes that are here already. Raises `CannotMake` where there are too many, `NoRoom`."""
    if Footage.objects.filter(maker=maker, kind=kind, is_passing=passing).count() >= MOST:
        raise _too_many(kind)
    name = secrets.token_hex(16)
    path = Path(settings.DATA_DIR) / "footage" / name
    digest, size = written(path, chunks)
    there = Footage.objects.filter(maker=maker, sha256=digest).first()
    if there is not None and there.is_passing:  # asked for once more, or now they want to keep it
        there.is_passing = passing
        Footage.objects.filter(pk=there.pk).update(is_passing=passing, used_at=now)
    try:
        if there is not None:
            raise IntegrityError
        with transaction.atomic():
            made = Footage.objects.create(
                maker=maker,
                kind=kind,
                title=title[:80],
                name=name,
                size=size,
                sha256=digest,
                is_passing=passing,
                created_at=now,
                used_at=now,
            )
    except IntegrityError:
        path.unlink(missing_ok=True)
        return there or Footage.objects.get(maker=maker, sha256=digest)
    transaction.on_commit(lambda: _wake(made.pk))
    return made


def _kind_of(file: UploadedFile) -> str:
    head = file.read(kinds.SNIFF_BYTES)
    file.seek(0)
    return Footage.Kind.PHOTO if kinds.picture_kind(head) else Footage.Kind.FILM


def _too_many(kind: str) -> CannotMake:
    sentence = (
        _("You have %(most)d photos here already.")
        if kind == Footage.Kind.PHOTO
        else _("You have %(most)d films here already.")
    )
    return CannotMake(sentence % {"most": MOST}, _("Throw one away first."), code="footage_too_many")


def open_one(pk: int, now: datetime) -> None:
    """Look at an ARRIVED film from beginning to end, or at a photo, behind walls. Twice does no harm."""
    row = Footage.objects.filter(pk=pk, state=Footage.State.ARRIVED).select_related("maker").first()
    if row is None:
        return
    try:
        told = _picture_looked_at(row.path) if row.is_picture else _film_looked_at(row.path)
    except IntakeRefused as refused:
        told = {"state": Footage.State.REFUSED, "reason": str(refused.reason)}
    except FileNotFoundError:
        told = {"state": Footage.State.REFUSED, "reason": str(IntakeReason.EMPTY)}
    if told["state"] == Footage.State.READY:
        if reason := _known_as(row):
            told = {"state": Footage.State.REFUSED, "reason": reason}
        else:
            told["by_model"] = _says_by_model(row)
    # Two may look at once, and a busy machine may refuse what the other took: the first one's word counts.
    was_first = Footage.objects.filter(pk=pk, state=Footage.State.ARRIVED).update(**told)
    if was_first and told["state"] == Footage.State.REFUSED:
        row.path.unlink(missing_ok=True)


def sentence(row: Footage) -> str:
    """Why it was not taken, for its maker."""
    known = {
        OURS: _(
            "This shows a clip of this host. Remix the clip instead; what was withdrawn stays withdrawn."
        ),
        FINISHED: _(
            "This is a finished clip of yours, which keeps its label. Bring the film it was cut from."
        ),
        ANOTHERS: _("Somebody else brought these pictures first. If they are yours, report that clip."),
    }
    if row.reason == IntakeReason.TOO_LONG:  # a recording may last otherwise
        most = round(LIMITS.max_s)
        return _("A film of yours lasts %(most)d seconds at most. Please cut it and bring it again.") % {
            "most": most
        }
    if row.reason in known:
        return known[row.reason]
    try:
        return str(SENTENCES[IntakeReason(row.reason)])
    except ValueError:
        return ""


def check(verb: str, how: Mapping[str, Any], maker: User) -> list[Footage]:
    """The films, or the photos, that a request names, in its order: READY and the maker's own. Raises
    `CannotMake`."""
    names, of_photos = list(how.get("footage", ())), verb not in (Verb.FILM, Verb.REEL)
    rows = {str(r.public_id): r for r in Footage.objects.filter(maker=maker, public_id__in=names)}
    found = [rows[name] for name in names if name in rows]
    if len(found) < len(names):
        photo, film = (
            _("A photo that you chose is not there any more."),
            _("A film that you chose is not there any more."),
        )
        raise CannotMake(photo if of_photos else film, _("Choose another."), code="footage_gone")
    if any(row.state != Footage.State.READY for row in found):
        photo, film = (
            _("A photo that you chose has not been opened yet."),
            _("A film that you chose has not been opened yet."),
        )
        again = _("Wait a moment, and try again.")
        raise CannotMake(photo if of_photos else film, again, code="footage_not_ready")
    if any(row.is_picture != of_photos for row in found):
        one_picture, films = _("This way takes one picture."), _("This way takes films, no pictures.")
        photos = _("This way takes photos, no films.")
        wanted = films if not of_photos else one_picture if verb in FROM_ONE_PICTURE else photos
        raise CannotMake(wanted, _("Choose another way, or others of what you brought."), code="footage_kind")
    return found


def used(how: Mapping[str, Any], maker: User, now: datetime) -> None:
    """Note that a request names them: what is used is not erased."""
    if how.get("footage"):
        Footage.objects.filter(maker=maker, public_id__in=how["footage"]).update(used_at=now)


def paths(generation: Generation) -> list[Path]:
    """The files of a job's films or photos, in its order; else none. Raises `FileNotFoundError`."""
    names = generation.how.get("footage", ()) if generation.verb in WITH_MATERIAL else ()
    rows = {
        str(row.public_id): row
        for row in Footage.objects.filter(
            maker=generation.maker_id, state=Footage.State.READY, public_id__in=list(names)
        )
    }
    if len(rows) < len(names) or not all(rows[name].path.exists() for name in names):
        raise FileNotFoundError("a film or photo is gone")
    return [rows[name].path for name in names]


def by_model(generation: Generation) -> bool:
    """Whether a film of this job says itself that a model made it: then so does the clip."""
    names = list(generation.how.get("footage", ())) if generation.is_filmed else []
    return Footage.objects.filter(maker=generation.maker_id, public_id__in=names, by_model=True).exists()


def drop(*, maker: User, public_id: UUID) -> None:
    """Throw a film or photo away. Raises `Http404`, `CannotMake` while a clip is being made of it."""
    row = one(maker, public_id)
    busy = Generation.objects.filter(maker=maker, state__in=OPEN, verb__in=WITH_MATERIAL)
    if any(str(row.public_id) in made.how.get("footage", ()) for made in busy):
        sentence = (
            _("A clip is being made of this photo.")
            if row.is_picture
            else _("A clip is being made of this film.")
        )
        raise CannotMake(sentence, _("Wait for it, or cancel it."), code="footage_in_use")
    _erase([row])


def erase_all(maker: User) -> None:
    _erase(Footage.objects.filter(maker=maker))


def sweep(now: datetime) -> None:
    """Open what no wake-up reached, give up what cannot be opened, and erase what nobody used for long."""
    arrived = Footage.objects.filter(state=Footage.State.ARRIVED)
    arrived.filter(created_at__lt=now - OPENED_WITHIN).update(
        state=Footage.State.REFUSED, reason=str(IntakeReason.TOOK_TOO_MUCH)
    )
    for pk in arrived.filter(created_at__lt=now - timedelta(seconds=10)).values_list("pk", flat=True)[:3]:
        open_one(pk, now)
    _erase(Footage.objects.filter(used_at__lt=now - UNUSED))
    for gone in _passed(now):
        _erase_if_unused(gone)


def strays(now: datetime, settling: timedelta) -> list[Path]:
    """Files of which no row knows: a request was taken back after they were written."""
    folder = Path(settings.DATA_DIR) / "footage"
    if not folder.is_dir():
        return []
    before = (now - settling).timestamp()
    old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before]
    known = set(Footage.objects.filter(name__in=[path.name for path in old]).values_list("name", flat=True))
    return [path for path in old if path.name not in known]


def _passed(now: datetime) -> list[Footage]:
    """Pictures that came with one request which is over."""
    rows = list(Footage.objects.filter(is_passing=True, used_at__lt=now - PASSING))
    open_ = Generation.objects.filter(
        state__in=OPEN, verb__in=WITH_MATERIAL, maker__in=[row.maker_id for row in rows]
    )
    needed = {name for made in open_ for name in made.how.get("footage", ())}
    return [row for row in rows if str(row.public_id) not in needed]


@transaction.atomic
def _erase_if_unused(row: Footage) -> None:
    """Unless somebody asked for it, or kept it, since it was looked at."""
    same = Footage.objects.select_for_update().filter(pk=row.pk, is_passing=True, used_at=row.used_at)
    _erase(same)


def _erase(rows: Iterable[Footage]) -> None:
    for row in rows:
        path = row.path
        row.delete()
        transaction.on_commit(partial(path.unlink, missing_ok=True))


def _picture_looked_at(path: Path) -> dict[str, Any]:
    """Everything that is told about a photo. Raises `IntakeRefused`."""
    seen = sandbox.decode_picture(path)
    return {
        "state": Footage.State.READY,
        "width": seen.width,
        "height": seen.height,
        "glimpse": _small(seen.pixels),
    }


def _small(picture: NDArray[np.uint8]) -> bytes:
    import cv2

    scale = min(1.0, GLIMPSE_SIDE / max(picture.shape[:2]))
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    _, jpeg = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 78])
    return jpeg.tobytes()


def _film_looked_at(path: Path) -> dict[str, Any]:
    """Everything that is told about a film. Raises `IntakeRefused`."""
    small = StreamLimits(keep_side=GLIMPSE_SIDE, stream_fps=2.0)
    last, middle = 0.0, None
    with closing(sandbox.open_film(path, small)) as film:
        for at, picture in film.timed():
            last = at
            if middle is None or at <= max(0.5, (film.claimed_s or 2) / 3):
                middle = picture
        seconds = max(last, min(film.claimed_s, LIMITS.max_s))
        assert middle is not None
        return {
            "state": Footage.State.READY,
            "seconds": round(seconds, 2),
            "width": film.width,
            "height": film.height,
            "has_sound": film.sound is not None,
            "glimpse": _small(middle),
        }


def _says_by_model(row: Footage) -> bool:
    """What a film's own manifest says, whoever signed it."""
    from generation.provenance import manifest  # loads c2pa: workers only

    return manifest.read_behind_walls(row.path).by_model


def _known_as(row: Footage) -> str:
    """Why a file is not taken that shows a clip of this host ("" for any other): clips go on by remix, under
    their permits and with their labels. What somebody filmed and brought before is theirs to use again, as
    long as it is not the clip that was made of it and nothing about that clip was ended by others. A photo
    that merely looks like a moment of a clip is not known: the clip may be made of it."""
    from generation.provenance import verify

    try:
        found = verify.examine(row.path, is_picture=row.is_picture)
    except IntakeRefused:
        return ""
    sure = {witness.kind for witness in found.witnesses if witness.confidence >= SURE}
    if not found.is_known or not (sure - {"pictures"} if row.is_picture else sure):
        return ""
    clip = Clip.objects.get(public_id=found.clip)
    if clip.origin != Clip.Origin.UPLOADED:
        return OURS
    if clip.maker_id != row.maker_id:
        return ANOTHERS
    return FINISHED if sure != {"pictures"} else OURS if _was_taken_down(clip) else ""


def _was_taken_down(clip: Clip) -> bool:
    """By somebody in it, or by a moderator: then its pictures stay away, whoever filmed them."""
    post: Any = getattr(clip, "post", None)
    return clip.withdrawn_at is not None or (post is not None and post.state in ("HIDDEN", "WITHDRAWN"))


def written(path: Path, chunks: Iterable[bytes]) -> tuple[str, int]:
    """The bytes on disk, whole or not at all; their digest and how many. Raises `NoRoom`."""
    digest, size = hashlib.sha256(), 0
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise NoRoom() from error
    return digest.hexdigest(), size


def _title(name: str) -> str:
    """A file's name without its ending and without what is not to be read."""
    stem = Path(name.replace("\\", "/")).stem
    plain = "".join(letter for letter in stem if letter.isprintable())[:80].strip()
    return plain or _("Film")


def _wake(pk: int) -> None:
    from generation import tasks

    try:
        tasks.open_footage.delay(pk)
    except Exception as error:  # the broker's driver raises many kinds; workers look by themselves
        log.warning("no wake-up for a film or photo: %s", type(error).__name__)


def _not_taken(reason: IntakeReason) -> FileNotTaken:
    return FileNotTaken(str(reason), str(SENTENCES[reason]))
