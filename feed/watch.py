"""Watch beacons in: what the player says about an impression that is over.

A beacon names its impression by a random id (`visit`), so one sent twice counts once. What it claims is
clamped: nobody watches one clip longer than an hour, or more loops than the time allows; the moment is the
server's own.
A beacon for a clip that the viewer may not see is dropped without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts import compiled
from accounts.social import Viewer
from feed import slates
from feed.models import Post, Watch
from feed.refusals import BadBeacon

MOST_EVENTS = 50
MOST_WATCH_MS = 3_600_000
FEW = 5  # what a player tells at once
KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Beacon:
    post: UUID
    visit: UUID
    watch_ms: int


def parse(body: Any) -> list[Beacon]:
    """`{"events": [{"post", "visit", "watch_ms"}, …]}`; raises BadBeacon for anything else."""
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, list) or not 0 < len(events) <= MOST_EVENTS:
        raise BadBeacon()
    try:
        return [Beacon(UUID(event["post"]), UUID(event["visit"]), int(event["watch_ms"])) for event in events]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise BadBeacon() from None


def take(*, beacons: Sequence[Beacon], viewer: Viewer, now: datetime) -> int:
    """Keep what is new, in two statements; returns how many beacons named what the viewer may see."""
    posts = _visible({beacon.post for beacon in beacons}, viewer, now)
    rows = [_row(beacon, *posts[beacon.post], viewer, now) for beacon in beacons if beacon.post in posts]
    if rows:
        _keep(rows, viewer.pk, now)
    return len(rows)


def _visible(wanted: set[UUID], viewer: Viewer, now: datetime) -> dict[UUID, tuple[int, int]]:
    """(id, length in ms) of those that the viewer may see."""
    places = FEW if len(wanted) <= FEW else MOST_EVENTS
    someone = AnonymousUser() if viewer.pk is None else compiled.VIEWER

    def build() -> QuerySet[Post, Any]:
        marks = [compiled.public_id(slot) for slot in range(places)]
        posts = Post.objects.visible_to(someone, compiled.NOW).filter(public_id__in=marks)
        return posts.values_list("public_id", "pk", "clip__duration_ms")

    ids = [*wanted, *[UUID(int=0)] * (places - len(wanted))]
    shape = ("beacons", viewer.pk is None, places)
    rows = compiled.run(shape, build, compiled.Values(viewer.pk, now, public_ids=ids))
    return {row[0]: (row[1], row[2]) for row in rows}


def _row(beacon: Beacon, post_id: int, length_ms: int, viewer: Viewer, now: datetime) -> tuple[Any, ...]:
    watch_ms = max(0, min(beacon.watch_ms, MOST_WATCH_MS))
    loops = min(watch_ms // max(length_ms, 1), 1000)
    return post_id, viewer.pk, beacon.visit, watch_ms, loops, now


def _keep(rows: list[tuple[Any, ...]], viewer: int | None, now: datetime) -> None:
    """A visit that is kept already stays as it is, and the viewer's slate is stale. By hand: it is the most
    frequent write there is, so PostgreSQL gets both in one statement, which needs no transaction around it.
    """
    ops, has_uuids = connection.ops, connection.features.has_native_uuid_field
    values: list[Any] = []
    for post, viewer, visit, watch_ms, loops, at in rows:
        values += [post, viewer, visit if has_uuids else visit.hex, watch_ms, loops]
        values.append(ops.adapt_datetimefield_value(at))
    # The table's name is ours, and every value is a parameter.
    insert = (
        f"INSERT INTO {Watch._meta.db_table} "  # nosec B608
        "(post_id, viewer_id, visit, watch_ms, loops, at) VALUES "
        + ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(rows))
        + " ON CONFLICT (visit) DO NOTHING"
    )
    mark = [ops.adapt_datetimefield_value(now), viewer]
    if viewer is None:
        compiled.write(insert, values)
    elif connection.vendor == "postgresql":
        compiled.write(f"WITH kept AS ({insert}) {slates.MARK}", values + mark)
    else:
        with transaction.atomic():
            compiled.write(insert, values)
            compiled.write(slates.MARK, mark)


def forget(now: datetime) -> int:
    """Raw beacons are kept for ninety days."""
    gone, _ = Watch.objects.filter(at__lt=now - KEPT).delete()
    return gone
