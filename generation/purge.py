"""Takes the files of withdrawn and deleted clips off the disk. Hashes, fingerprints and rows stay for the
verify page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from generation import store
from generation.models import Clip


def purge(clip_ids: Iterable[int], now: datetime) -> int:
    """Delete the files of those that are gone. Returns how many clips; running twice does no harm."""
    return _purge(Clip.objects.filter(pk__in=list(clip_ids)), now)


def purge_leftovers(now: datetime) -> int:
    """What an earlier task did not get to."""
    return _purge(Clip.objects.all(), now)


def _purge(clips: object, now: datetime) -> int:
    gone = Clip.objects.filter(pk__in=clips.values("pk"), files_purged_at=None)  # type: ignore[attr-defined]
    count = 0
    for clip in gone.exclude(Q(withdrawn_at=None) & Q(deleted_at=None)):
        store.remove(clip.public_id)
        Clip.objects.filter(pk=clip.pk).update(files_purged_at=now)
        count += 1
    return count
