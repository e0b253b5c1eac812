"""Revocations and erasures, kept outside the database: restoring an old backup must not bring back what a
person took away.

One JSON object a line, appended under a lock and flushed to the disk before the transaction that it belongs
to commits. A line whose transaction then rolled back does no harm: replaying it does what the person had
asked for anyway.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

log = logging.getLogger(__name__)

Handler = Callable[[dict[str, Any]], None]
_handlers: dict[str, Handler] = {}


class UnknownKind(LookupError):
    """The journal holds a kind that no app replays; restoring must stop here, not skip it."""


@dataclass(frozen=True)
class Line:
    at: str
    kind: str
    payload: dict[str, Any]


def register(kind: str, handler: Handler) -> None:
    """`handler(payload)` does the thing again after a restore; doing it twice does no harm."""
    _handlers[kind] = handler


def append(kind: str, payload: dict[str, Any]) -> None:
    """Returns when the line is on the disk. Raises OSError when it can't be: the caller's transaction must
    then not commit.
    """
    if kind not in _handlers:
        raise UnknownKind(kind)
    line = json.dumps(
        {"at": timezone.now().isoformat(), "kind": kind, "payload": payload}, ensure_ascii=False
    )
    path = Path(settings.JOURNAL_PATH)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        torn = _ends_torn(descriptor)
        os.write(descriptor, (b"\n" if torn else b"") + line.encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _fsync_folder(path.parent)


def replay() -> int:
    """Run every line through its handler, oldest first; returns how many. Raises `UnknownKind` before
    running any.
    """
    lines = list(read())
    for line in lines:
        if line.kind not in _handlers:
            raise UnknownKind(line.kind)
    for line in lines:
        _handlers[line.kind](line.payload)
    return len(lines)


def read() -> Iterator[Line]:
    """Every whole line. One that a crash tore is named in the log and passed over: its transaction never
    committed.
    """
    path = Path(settings.JOURNAL_PATH)
    if not path.exists():
        return
    for number, raw in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not raw:
            continue
        try:
            entry = json.loads(raw)
            yield Line(at=entry["at"], kind=entry["kind"], payload=entry["payload"])
        except (ValueError, KeyError, TypeError):
            log.error("journal line %d is torn and was passed over", number)


def _ends_torn(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
