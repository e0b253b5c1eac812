"""News to an owner about clips with them: the first by somebody at once, then hourly, at most five a day.

Nothing is lost by the limit: what was not told stands on the owner's page, and in the next gathered news.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.models import Notification, User
from accounts.notifications import notify
from cameos.models import LikenessUse

GATHERED_FOR = timedelta(hours=1)
DAY = timedelta(days=1)
MOST_A_DAY = 5
KINDS = ("likeness_used", "likeness_waiting", "likeness_gathered")


def sealed(use: LikenessUse, now: datetime) -> None:
    """A clip was sealed with somebody in it: tell them at once where its maker never cast them before."""
    owner, maker = use.cameo.owner, use.clip.maker
    if owner == maker:
        return
    before = LikenessUse.objects.filter(cameo__owner=owner, clip__maker=maker).exclude(pk=use.pk)
    if before.exists() or _told(owner, now, DAY) >= MOST_A_DAY:
        return
    notify(
        recipient=owner,
        kind="likeness_waiting" if use.is_waiting else "likeness_used",
        data={"maker": maker.name},
        url=f"/likeness/uses/{use.public_id}",
        now=now,
    )
    LikenessUse.objects.filter(pk=use.pk).update(told_at=now)


def gather(now: datetime) -> int:
    """One piece of news for each owner about everything untold, where an hour and the day allow it. Returns
    how many owners were told."""
    owners = User.objects.filter(pk__in=_untold().values("cameo__owner")).order_by("pk")
    return sum(_gather(owner, now) for owner in owners)


@transaction.atomic
def _gather(owner: User, now: datetime) -> bool:
    if _told(owner, now, GATHERED_FOR) or _told(owner, now, DAY) >= MOST_A_DAY:
        return False
    rows = list(_untold().filter(cameo__owner=owner).select_related("clip__maker").order_by("pk"))
    running = [use for use in rows if not use.is_ended]
    LikenessUse.objects.filter(pk__in=[use.pk for use in rows]).update(told_at=now)
    if not running:
        return False
    makers = sorted({use.clip.maker.name for use in running})
    notify(
        recipient=owner,
        kind="likeness_gathered",
        data={
            "count": len(running),
            "waiting": sum(use.is_waiting for use in running),
            "maker": makers[0],
            "others": len(makers) - 1,
        },
        url=f"/likeness/uses/{running[0].public_id}" if len(running) == 1 else "/likeness",
        now=now,
    )
    return True


def _untold() -> QuerySet[LikenessUse]:
    return LikenessUse.objects.filter(told_at=None).exclude(clip__maker=F("cameo__owner"))


def _told(owner: User, now: datetime, within: timedelta) -> int:
    told = Notification.objects.filter(recipient=owner, kind__in=KINDS, created_at__gt=now - within)
    return told.count()
