"""Which weights serve: from one version to the next, and back. What learns them is `learning.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from feed.models import RankerVersion, RankingNote
from feed.ranking import live
from feed.ranking.ranker import BUILT_IN


@transaction.atomic
def serve(row: RankerVersion, now: datetime) -> None:
    """This version serves from the next slate on; the one before is kept to go back to."""
    serving = RankerVersion.State.SERVING
    RankerVersion.objects.filter(state=serving).update(state=RankerVersion.State.RETIRED)
    RankerVersion.objects.filter(pk=row.pk).update(state=serving, served_at=now)
    row.refresh_from_db()
    note(RankingNote.Kind.SERVING, row.version, sentence(row.figures), now)
    _forget(now)


@transaction.atomic
def roll_back(now: datetime) -> str:
    """Back to the version that served before, or to the built-in weights; returns which serves now. What
    was rolled back from is refused and never comes back by itself."""
    refused = RankerVersion.State.REFUSED
    RankerVersion.objects.filter(state=RankerVersion.State.SERVING).update(state=refused)
    before = RankerVersion.objects.filter(state=RankerVersion.State.RETIRED).order_by("-served_at").first()
    if before is not None:
        RankerVersion.objects.filter(pk=before.pk).update(state=RankerVersion.State.SERVING)
    version = before.version if before else BUILT_IN.version
    note(RankingNote.Kind.ROLLED_BACK, version, "", now)
    _forget(now)
    return version


def _forget(now: datetime) -> None:
    from feed import slates

    slates.touch_all(now)
    live.forget_pool()


def note(kind: str, version: str, detail: str, now: datetime) -> None:
    """What happened, for the operator."""
    RankingNote.objects.create(kind=kind, version=version, detail=detail[:300], at=now)


def sentence(figures: dict[str, Any]) -> str:
    """The figures that decided, as the published note carries them."""
    names = ("ndcg10", "current_ndcg10", "popular_ndcg10")
    return ", ".join(f"{name} {figures[name]:.3f}" for name in names if name in figures)
