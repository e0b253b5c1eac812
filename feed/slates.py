"""Each viewer's slate: made off the request, read by the page, never served stale.

What a viewer does makes their slate stale and wakes a worker, which makes the next one in milliseconds; what
they only watched makes it stale and wakes nobody, for they watch six clips between two pages
(docs/decisions/0804). A page that comes before the worker makes it itself, so with no worker and no Redis the
feed still answers and still knows the last action. Everybody without an account shares one, kept in this
process with the pool.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts import compiled
from accounts.models import User
from accounts.social import Viewer
from feed.models import Slate, Steering
from feed.ranking import explain, live, slate

LENGTH = 120
SHORT = 12  # made while somebody waits, a page and two to spare; a worker makes the long one
LASTS = timedelta(minutes=5)  # then a worker is asked for a newer one
OLDEST = timedelta(minutes=30)  # then the page makes it


@dataclass(frozen=True)
class Kept:
    """A slate as it lies: ids in order, and of each place one line of JSON (`explain.kept`)."""

    order: list[int]
    lines: list[str]
    version: str
    told: list[list[Any]] | None = None  # the lines as they were before they were written, where just made

    def whys(self, positions: Sequence[int]) -> list[list[Any]]:
        """What `explain` keeps of these places."""
        if self.told is not None:
            return [self.told[at] for at in positions]
        found: list[list[Any]] = json.loads(f"[{','.join([self.lines[at] for at in positions])}]")
        return found


def of(viewer: Viewer, now: datetime, shown: Sequence[int] = ()) -> Kept:
    """The slate that a page of this viewer reads. One that has to be made leaves out what was `shown`: of
    twelve places the page before took ten, and ranking a second time for the rest costs as much again."""
    if viewer.pk is None:
        return _everybodys(now)
    rows = compiled.run("slate", _of_viewer, compiled.Values(viewer.pk, now))
    found = rows[0] if rows else None
    if found is None or found[4] is not None or not timedelta(0) <= now - found[3] < OLDEST:
        return make(viewer, now, SHORT, shown)
    kept = _read(*found[:3])
    if now - found[3] >= LASTS or len(kept.order) == SHORT:  # the second page asks for the long one
        _wake([viewer.pk])
    return kept


def _of_viewer() -> QuerySet[Slate, Any]:
    kept = Slate.objects.filter(person=compiled.VIEWER.pk)
    return kept.values_list("order", "places", "version", "built_at", "stale_since")


def make(viewer: Viewer, now: datetime, length: int = LENGTH, shown: Sequence[int] = ()) -> Kept:
    """Rank for this viewer and keep it."""
    made = live.for_you(viewer, now, length, shown)
    told = [explain.kept(place) for place in made.places]
    order, lines = [place.item for place in made.places], [_line(one) for one in told]
    if viewer.pk is not None:
        _keep(viewer.pk, ",".join(map(str, order)), "\n".join(lines), made.version, now)
    return Kept(order, lines, made.version, told)


_line = json.JSONEncoder(separators=(",", ":")).encode


def _keep(person: int, order: str, lines: str, version: str, now: datetime) -> None:
    """In one statement and no transaction: written through the ORM it cost a quarter of the slate."""
    compiled.write(_upsert(), [person, order, lines, version, connection.ops.adapt_datetimefield_value(now)])


@cache
def _upsert() -> str:
    names = [connection.ops.quote_name(name) for name in (*KEPT, "stale_since")]
    again = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    # Names of our own tables; values are bound.
    return (
        f"INSERT INTO {Slate._meta.db_table} ({', '.join(names)}) VALUES (%s, %s, %s, %s, %s, NULL)"  # nosec B608
        f" ON CONFLICT (person_id) DO UPDATE SET {again}"
    )


KEPT = ("person_id", "order", "places", "version", "built_at")


def replayed(person: int) -> tuple[list[int], list[int]]:
    """(the kept order, the order made again from the kept inputs) of a person's slate."""
    row = Slate.objects.get(person=person)
    places = [explain.read(json.loads(line)) for line in row.places.split("\n") if line]
    steered = Steering.objects.filter(person=person).first()
    share = steered.ai_share / 100 if steered and steered.ai_share is not None else None
    return _read(row.order, row.places, row.version).order, slate.replay(places, share)


def _read(order: str, lines: str, version: str) -> Kept:
    return Kept([int(pk) for pk in order.split(",") if pk], lines.split("\n"), version)


_shared: tuple[object, Kept] | None = None


def _everybodys(now: datetime) -> Kept:
    """The slate of people without an account: one for each pool."""
    global _shared
    catalogue, shared = live.pool(now), _shared
    if shared is None or shared[0] is not catalogue:
        shared = _shared = (catalogue, make(AnonymousUser(), now))
    return shared[1]


# --- Stale ones --------------------------------------------------------------------------------------------


def touch(people: Sequence[int | None], now: datetime) -> None:
    """These people did something that counts: their next page must know it."""
    wanted = [pk for pk in people if pk is not None]
    if wanted and Slate.objects.filter(person__in=wanted, stale_since=None).update(stale_since=now):
        transaction.on_commit(lambda: _wake(wanted))


# What `watch` writes with a beacon, of (moment, person): their next page must know what they watched. By
# hand, as beacons are. The table's name is ours, and both values are bound.
MARK = (
    f"UPDATE {Slate._meta.db_table} SET stale_since = %s "  # nosec B608
    "WHERE person_id = %s AND stale_since IS NULL"
)


def touch_all(now: datetime) -> None:
    """The weights changed."""
    Slate.objects.filter(stale_since=None).update(stale_since=now)


def refresh(person: int, now: datetime) -> None:
    """Make one anew if it is stale or old. Twice does no harm."""
    row = Slate.objects.filter(person=person).values_list("built_at", "stale_since", "order").first()
    is_short = row is not None and row[2].count(",") < SHORT
    if row is not None and (row[1] is not None or now - row[0] >= LASTS or is_short):
        viewer = User.objects.filter(pk=person, is_active=True).first()
        if viewer is not None:
            make(viewer, now)


def refresh_stale(now: datetime, at_most: int = 200) -> int:
    """Those whose wake-up was lost; and slates that nobody read for a week go."""
    Slate.objects.filter(built_at__lt=now - timedelta(days=7)).delete()
    stale = Slate.objects.filter(stale_since__isnull=False).order_by("stale_since")
    people = list(stale.values_list("person", flat=True)[:at_most])
    for person in people:
        refresh(person, now)
    return len(people)


def _wake(people: Sequence[int]) -> None:
    from feed.tasks import make_slate

    task: Callable[[int], object] = make_slate.delay
    for person in people:
        task(person)
