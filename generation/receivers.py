"""What this room does when a likeness is no longer there for it. Runs in the transaction of whoever ended
it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.dispatch import receiver

from accounts.notifications import notify
from cameos.models import Cameo, PermitRecord
from cameos.signals import permit_ended, uses_ended
from generation import actions
from generation.models import Clip, Generation
from generation.provenance import lineage
from generation.refusals import AlreadyOver
from generation.signals import clip_withdrawn
from generation.states import OPEN


@receiver(permit_ended, dispatch_uid="generation.stop_what_leans_on_a_permit")
def stop_what_leans_on_a_permit(
    cameo: Cameo, grant_ids: Iterable[int], reason: str, now: datetime, **kwargs: Any
) -> None:
    """Waiting generations end here and now; running ones get the flag that their worker reads at each
    step."""
    leaning = Q(permits__cameo=cameo, permits__state=PermitRecord.State.TAKEN)
    if ended := list(grant_ids):
        leaning &= Q(permits__grant__in=ended)
    rows = Generation.objects.filter(leaning, state__in=OPEN).select_related("maker").distinct()
    for generation in rows:
        try:
            actions.stop(generation, reason=reason, now=now)
        except AlreadyOver:
            continue


@receiver(uses_ended, dispatch_uid="generation.withdraw_clips")
def withdraw_clips(clip_ids: Iterable[int], reason: str, now: datetime, **kwargs: Any) -> None:
    """The clips and everything made from them are gone from this commit on; files follow in a task."""
    ids = set(clip_ids)
    withdraw(ids | lineage.descendant_ids(ids), reason=reason, now=now)


def withdraw(clip_ids: Iterable[int], *, reason: str, now: datetime) -> None:
    """Mark clips as withdrawn, tell the rooms to the right and the makers, and take the files away after
    the commit. Repeating it tells nobody twice and takes away what is still there."""
    reached = list(clip_ids)
    fresh = list(Clip.objects.filter(pk__in=reached, withdrawn_at=None).select_related("maker"))
    Clip.objects.filter(pk__in=[clip.pk for clip in fresh]).update(
        withdrawn_at=now, withdrawn_reason=reason[:30]
    )
    if fresh:
        clip_withdrawn.send(sender=Clip, clip_ids=[clip.pk for clip in fresh], reason=reason, now=now)
    for clip in fresh:
        if clip.deleted_at is None:
            data = {"prompt": clip.prompt[:60], "reason": reason}
            notify(
                recipient=clip.maker,
                kind="clip_withdrawn",
                data=data,
                url=f"/clips/{clip.public_id}",
                now=now,
            )
    purge_after_commit(reached)


def purge_after_commit(clip_ids: list[int]) -> None:
    from generation import tasks

    transaction.on_commit(lambda: tasks.purge.delay(clip_ids))
