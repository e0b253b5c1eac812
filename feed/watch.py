"""Watch beacons in: what the player says about an impression that is over.

A beacon names its impression by a random id (`visit`), so one sent twice counts once. What it claims is
clamped:
nobody watches one clip longer than an hour, or more loops than the time allows; the moment is the server's
own.
A beacon for a clip that the viewer may not see is dropped without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.social import Viewer
from feed import slates
from feed.models import Post, Watch
from feed.refusals import BadBeacon

MOST_EVENTS = 50
MOST_WATCH_MS = 3_600_000
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


@transaction.atomic
def take(*, beacons: Sequence[Beacon], viewer: Viewer, now: datetime) -> int:
    """Keep what is new, in three queries; returns how many beacons named a clip that the viewer may see."""
    wanted = {beacon.post for beacon in beacons}
    visible = Post.objects.visible_to(viewer, now).filter(public_id__in=wanted)
    posts = {
        public_id: (pk, length)
        for public_id, pk, length in visible.values_list("public_id", "pk", "clip__duration_ms")
    }
    rows = [_row(beacon, *posts[beacon.post], viewer, now) for beacon in beacons if beacon.post in posts]
    Watch.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        slates.touch([viewer.pk], now)
    return len(rows)


def _row(beacon: Beacon, post_id: int, length_ms: int, viewer: Viewer, now: datetime) -> Watch:
    watch_ms = max(0, min(beacon.watch_ms, MOST_WATCH_MS))
    loops = min(watch_ms // max(length_ms, 1), 1000)
    return Watch(
        post_id=post_id, viewer_id=viewer.pk, visit=beacon.visit, watch_ms=watch_ms, loops=loops, at=now
    )


def forget(now: datetime) -> int:
    """Raw beacons are kept for ninety days."""
    gone, _ = Watch.objects.filter(at__lt=now - KEPT).delete()
    return gone
