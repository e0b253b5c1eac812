"""What this room does when a likeness is no longer there for it. Runs in the transaction of whoever ended
it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.dispatch import receiver

from accounts import notifications
from cameos.models import Cameo, PermitRecord
from cameos.signals import likeness_erased, permit_ended, uses_ended
from generation import actions, characters
from generation.models import Clip, Generation, Ingredient
from generation.provenance import lineage
from generation.refusals import AlreadyOver
from generation.signals import clip_withdrawn
from generation.states import OPEN


@receiver(permit_ended, dispatch_uid="generation.stop_what_leans_on_a_permit")
def stop_what_leans_on_a_permit(
    cameo: Cameo, grant_ids: Iterable[int] | None, reason: str, now: datetime, **kwargs: Any
) -> None:
    """Waiting generations end here and now; running ones get the flag that their worker reads at each
    step. `grant_ids` None: everything with this likeness, what its owner makes of themself included."""
    leaning = Q(permits__cameo=cameo, permits__state=PermitRecord.State.TAKEN)
    if grant_ids is not None:
        leaning &= Q(permits__grant__in=list(grant_ids))
    rows = Generation.objects.filter(leaning, state__in=OPEN).select_related("maker").distinct()
    for generation in rows:
        try:
            actions.stop(generation, reason=reason, now=now)
        except AlreadyOver:
            continue


@receiver(likeness_erased, dispatch_uid="generation.forget_the_look")
def forget_the_look(cameo: Cameo, **kwargs: Any) -> None:
    characters.forget_look(cameo)


@receiver(uses_ended, dispatch_uid="generation.withdraw_clips")
def withdraw_clips(clip_ids: Iterable[int], reason: str, now: datetime, **kwargs: Any) -> None:
    """The clips and everything made from them are gone from this commit on; files follow in a task."""
    withdraw(clip_ids, reason=reason, now=now)
    ids = set(clip_ids)
    made_from = Ingredient.objects.filter(source__in=clip_ids).values_list("clip_id", flat=True)
    # Mostly nobody: whoever ends a use ends it in what was made from the clip.
    if further := set(made_from) - ids:
        withdraw(further | lineage.descendant_ids(further), reason=reason, now=now)


def withdraw(clip_ids: Iterable[int], *, reason: str, now: datetime) -> None:
    """Mark clips as withdrawn, tell the rooms to the right and the makers, and take the files away after
    the commit. Repeating it tells nobody twice and takes away what is still there. Ids, or a query for them:
    then ten thousand clips are a few statements."""
    standing = Clip.objects.filter(pk__in=clip_ids, withdrawn_at=None)
    fresh = list(standing.values_list("maker_id", "prompt", "deleted_at"))
    if standing.update(withdrawn_at=now, withdrawn_reason=reason[:30]):
        gone = Clip.objects.filter(pk__in=clip_ids, withdrawn_at=now).values_list("pk", flat=True)
        clip_withdrawn.send(sender=Clip, clip_ids=gone, reason=reason, now=now)
    _tell_makers([(maker, prompt) for maker, prompt, deleted_at in fresh if deleted_at is None], reason, now)
    stop_what_goes_on_from(clip_ids, reason=reason, now=now)
    purge_after_commit(list(clip_ids))


def _tell_makers(withdrawn: list[tuple[int, str]], reason: str, now: datetime) -> None:
    """One piece of news a maker and act, however many of their clips it reached."""
    by_maker: dict[int, list[str]] = {}
    for maker, prompt in withdrawn:
        by_maker.setdefault(maker, []).append(prompt[:60])
    notifications.notify_many(
        kind="clip_withdrawn",
        to=[
            (maker, {"prompt": prompts[0], "reason": reason, "count": len(prompts)}, "/generations")
            for maker, prompts in by_maker.items()
        ],
        now=now,
    )


def stop_what_goes_on_from(clip_ids: Iterable[int], *, reason: str, now: datetime) -> None:
    """Requests that remix, extend or connect a clip that is gone end with it: waiting ones now, running ones
    within a step."""
    from_it = Q(parent__in=clip_ids) | Q(more_sources__clip__in=clip_ids)
    for generation in Generation.objects.filter(from_it, state__in=OPEN).distinct():
        try:
            actions.stop(generation, reason=reason, now=now)
        except AlreadyOver:
            continue


def purge_after_commit(clip_ids: list[int]) -> None:
    from generation import tasks

    transaction.on_commit(lambda: tasks.purge.delay(clip_ids))
