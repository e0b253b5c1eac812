"""A person moves between two hosts by themselves: their archive is written, or taken in, by a worker.

    ask -> WAITING -> WORKING -> DONE (an archive of one's own can be fetched for two days) | FAILED, and why

What is in an archive, and what of it comes in, is `generation.carrying`'s. One at a time for each person.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts import notifications, throttle
from accounts.models import User
from accounts.refusals import Refused
from cameos.carried import NotBelieved
from generation import footage, store
from generation.models import Move

log = logging.getLogger(__name__)
Way, State = Move.Way, Move.State
KEPT = timedelta(days=2)  # an archive that was written, for its person to fetch
TOLD = timedelta(days=30)  # what came of it
SLOWEST = timedelta(hours=6)  # then its worker died
MOST_BYTES = 4 * 1024**3  # by a browser; larger ones by `manage.py carry`
URL = "/settings/move"


class MoveUnderWay(Refused):
    code = "move_under_way"
    message = _("An archive of yours is in work already.")
    hint = _("Wait until it is done; you are told.")
    status = 409


class ArchiveTooLarge(Refused):
    code = "archive_too_large"
    message = _("The archive is larger than can be sent by a browser.")
    hint = _("Ask the operator of this host to take it in with `manage.py carry in`.")
    status = 413


def of(person: User) -> list[Move]:
    return list(Move.objects.filter(person=person)[:20])


def one(person: User, public_id: UUID) -> Move:
    """Their own. Raises `Http404`."""
    found = Move.objects.filter(person=person, public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def ask_out(*, person: User, now: datetime) -> Move:
    """Have the archive written. Raises `MoveUnderWay`, `throttle.TooMany`."""
    throttle.export(person, now)
    return _made(Move(person=person, way=Way.OUT, asked_at=now))


def bring_in(*, person: User, file: UploadedFile, now: datetime) -> Move:
    """Have an uploaded archive taken in. Raises `MoveUnderWay`, `ArchiveTooLarge`, `NoRoom`,
    `throttle.TooMany`."""
    throttle.export(person, now)
    if (file.size or 0) > MOST_BYTES:
        raise ArchiveTooLarge()
    if Move.objects.filter(person=person, state__in=[State.WAITING, State.WORKING]).exists():
        raise MoveUnderWay()
    row = Move(person=person, way=Way.IN, asked_at=now)
    row.size = footage.written(row.path, file.chunks())[1]
    try:
        return _made(row)
    except MoveUnderWay:
        row.path.unlink(missing_ok=True)
        raise


def _made(row: Move) -> Move:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise MoveUnderWay() from None
    transaction.on_commit(partial(_wake, row.pk))
    return row


def work(pk: int, now: datetime) -> None:
    """Write or take in one archive. Only the first of two workers does."""
    taken = Move.objects.filter(pk=pk, state=State.WAITING).update(state=State.WORKING, began_at=now)
    if not taken:
        return
    from generation import carrying  # opens films: in workers only

    row = Move.objects.select_related("person").get(pk=pk)
    try:
        told = _out(row, now) if row.way == Way.OUT else _in(row, now)
    except (carrying.BadArchive, NotBelieved) as no:
        log.warning("a move %s failed: %s", row.way, type(no).__name__)
        _end(row, State.FAILED, now, why=_printable(no))
    except Exception as error:
        is_full = store.is_full(error)
        room = _("This host has no space left for the file.")
        wrong = _("Something went wrong here; the operator can read what.")
        _end(row, State.FAILED, now, why=str(room if is_full else wrong))
        if not is_full:
            raise
    else:
        _end(row, State.DONE, now, told=told, size=row.size)


def _out(row: Move, now: datetime) -> dict[str, object]:
    row.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(row.path, os.O_WRONLY | os.O_CREAT, 0o600))
    from generation import carrying

    told = carrying.write(user=row.person, path=row.path, now=now)
    row.size = row.path.stat().st_size
    return {"files": len(told["files"])}


def _in(row: Move, now: datetime) -> dict[str, object]:
    from generation import carrying

    taken = carrying.take(path=row.path, owner=row.person, now=now)
    return {
        "host": taken.host,
        "clips": len(taken.clips),
        "ledgers": taken.ledgers,
        "left_out": {_printable(name): _printable(why) for name, why in list(taken.left_out.items())[:200]},
    }


def _printable(told: object) -> str:
    """What an archive says of itself, as it can be kept: PostgreSQL keeps no zero byte and no half of a
    character."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(told)[:300])


def _end(row: Move, state: str, now: datetime, **fields: object) -> None:
    stands = Move.objects.filter(pk=row.pk, state=State.WORKING).update(state=state, ended_at=now, **fields)
    if row.way == Way.IN or state == State.FAILED or not stands:  # gone: erased, or given up, while in work
        row.path.unlink(missing_ok=True)
    if stands:
        kind = "move_failed" if state == State.FAILED else f"move_{row.way}"
        notifications.notify(recipient=row.person, kind=kind, data={}, url=URL, now=now)


def drop(row: Move) -> None:
    """Its person needs the archive no more."""
    _erase([row])


def erase_all(person: User) -> None:
    _erase(Move.objects.filter(person=person))


def sweep(now: datetime) -> None:
    """Begin what no wake-up reached, end what its worker left, and erase what was kept long enough."""
    late = Move.objects.filter(state=State.WAITING, asked_at__lt=now - timedelta(seconds=30))
    for pk in late.values_list("pk", flat=True)[:1]:
        work(pk, now)
    for row in Move.objects.filter(state=State.WORKING, began_at__lt=now - SLOWEST).select_related("person"):
        _end(row, State.FAILED, now, why=str(_("It took too long, or this host was restarted meanwhile.")))
    for row in Move.objects.filter(way=Way.OUT, state=State.DONE, ended_at__lt=now - KEPT):
        row.path.unlink(missing_ok=True)
    _erase(Move.objects.filter(ended_at__lt=now - TOLD))


def strays(now: datetime, settling: timedelta) -> list[Path]:
    """Archives of which no row knows: whoever took one in died before its row was there."""
    folder = Path(settings.DATA_DIR) / "moves"
    if not folder.is_dir():
        return []
    before = (now - settling).timestamp()
    old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before]
    known = set(Move.objects.filter(name__in=[path.name for path in old]).values_list("name", flat=True))
    return [path for path in old if path.name not in known]


def is_kept(row: Move) -> bool:
    """Whether the archive can still be fetched."""
    return row.way == Way.OUT and row.state == State.DONE and row.path.exists()


def _erase(rows: Iterable[Move]) -> None:
    for row in rows:
        path: Path = row.path
        row.delete()
        transaction.on_commit(partial(path.unlink, missing_ok=True))


def _wake(pk: int) -> None:
    from generation import tasks

    try:
        tasks.move.delay(pk)
    except Exception as error:  # the broker's driver raises many kinds; the beat looks by itself
        log.warning("no wake-up for a move: %s", type(error).__name__)
