"""Takes the files of withdrawn and deleted clips off the disk. Hashes, fingerprints and rows stay for the
verify page."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.db.models import Q, QuerySet

from generation import store
from generation.models import Clip

BATCH = 400
AT_ONCE = 8


def purge(clip_ids: Iterable[int], now: datetime) -> int:
    """Delete the files of those that are gone. Returns how many clips; running twice does no harm."""
    wanted = sorted(set(clip_ids))
    pieces = (wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH))
    return sum(_purge(_due().filter(pk__in=piece), now) for piece in pieces)


def purge_leftovers(now: datetime) -> int:
    """What an earlier task did not get to."""
    return _purge(_due(), now)


def _due() -> QuerySet[Clip]:
    gone = Q(withdrawn_at__isnull=False) | Q(deleted_at__isnull=False)
    return Clip.objects.filter(gone, files_purged_at=None)


def _purge(clips: QuerySet[Clip], now: datetime) -> int:
    """Files first, then their rows, a batch at a time: stopped in between, a batch is done again."""
    count = 0
    rows = list(clips.order_by("pk").values_list("pk", "public_id"))
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        with ThreadPoolExecutor(AT_ONCE) as hands:  # Disks and buckets answer slowly, not busily.
            list(hands.map(store.remove, [public_id for _pk, public_id in batch]))
        count += Clip.objects.filter(pk__in=[pk for pk, _ in batch]).update(files_purged_at=now)
    return count
