"""Publishing at a time: kept now, decided then. Whatever speaks against it at that moment refuses it, and its
maker is told; nothing that was true when it was scheduled counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts import notifications
from accounts.models import User
from accounts.refusals import Refused
from feed import actions, rights, text
from feed.models import Post, Scheduled
from feed.refusals import AlreadyPublished, CaptionTooLong, NotThen, NotYourClip
from generation.models import Clip

SOONEST, LATEST = timedelta(minutes=1), timedelta(days=90)
AT_A_TIME = 50


@transaction.atomic
def schedule(
    *,
    clip: Clip,
    creator: User,
    at: datetime,
    caption: str,
    now: datetime,
    allow_remix: bool = True,
    allow_comments: bool = True,
    allow_tags: bool = True,
    allow_download: bool = True,
    remix_share_bp: int = 0,
    owes_seen: int | None = None,
) -> Scheduled:
    """Publish the clip at a moment between a minute and 90 days from now. Somebody in it may still have to
    approve: they have until then. Raises `NotThen`, `NotYourClip`, `AlreadyPublished`, `CaptionTooLong`."""
    if clip.maker_id != creator.pk:
        raise NotYourClip()
    if not now + SOONEST <= at <= now + LATEST:
        raise NotThen()
    caption = text.clean(caption)
    if len(caption) > actions.MOST_CAPTION:
        raise CaptionTooLong()
    rights.check_share(remix_share_bp)
    if Post.objects.filter(clip=clip).exists():
        raise AlreadyPublished()
    wishes: dict[str, Any] = {
        "creator": creator,
        "at": at,
        "caption": caption,
        "allow_remix": allow_remix,
        "allow_comments": allow_comments,
        "allow_tags": allow_tags,
        "allow_download": allow_download,
        "remix_share_bp": remix_share_bp,
        "owes_seen": owes_seen,
        "state": Scheduled.State.WAITING,
        "reason": "",
        "created_at": now,
    }
    row, _made = Scheduled.objects.update_or_create(clip=clip, defaults=wishes)
    return row


def cancel(*, clip: Clip, creator: User) -> bool:
    """Not then after all. False when it is over already."""
    waiting = Scheduled.objects.filter(clip=clip, creator=creator, state=Scheduled.State.WAITING)
    return bool(waiting.update(state=Scheduled.State.CANCELLED))


def publish_due(now: datetime) -> int:
    """Publish what is due, each decided anew at this moment. Returns how many went out. Run by the beat;
    twice at once does no harm: each row is taken by one."""
    due = Scheduled.objects.filter(state=Scheduled.State.WAITING, at__lte=now).order_by("at", "pk")
    return sum(_publish(pk, now) for pk in list(due.values_list("pk", flat=True)[:AT_A_TIME]))


def _publish(pk: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            taken = Scheduled.objects.filter(pk=pk, state=Scheduled.State.WAITING)
            if not taken.update(state=Scheduled.State.PUBLISHED):
                return False
            row = Scheduled.objects.select_related("clip", "creator").get(pk=pk)
            _check_standing(row)
            post = actions.publish(
                clip=row.clip,
                creator=row.creator,
                caption=row.caption,
                allow_remix=row.allow_remix,
                allow_comments=row.allow_comments,
                allow_tags=row.allow_tags,
                allow_download=row.allow_download,
                remix_share_bp=row.remix_share_bp,
                owes_seen=row.owes_seen,
                now=now,
            )
            _tell(row, "scheduled_published", f"/p/{post.public_id}", now)
            return True
    except Refused as refused:
        _refuse(pk, refused, now)
        return False


def _check_standing(row: Scheduled) -> None:
    """A clip that is gone, or a person who is, publishes nothing."""
    stands = Clip.objects.visible_to(row.creator).filter(Q(pk=row.clip_id) & Q(maker=row.creator))
    if not row.creator.is_active or not stands.exists():
        raise NotYourClip(code="clip_gone")


@transaction.atomic
def _refuse(pk: int, refused: Refused, now: datetime) -> None:
    row = Scheduled.objects.select_related("clip", "creator").get(pk=pk)
    if Scheduled.objects.filter(pk=pk, state=Scheduled.State.WAITING).update(
        state=Scheduled.State.REFUSED, reason=refused.code[:60]
    ):
        _tell(row, "scheduled_refused", f"/clips/{row.clip.public_id}", now, str(refused.message))


def _tell(row: Scheduled, kind: str, url: str, now: datetime, reason: str = "") -> None:
    notifications.notify(
        recipient=row.creator,
        kind=kind,
        data={"caption": row.caption[:60], "reason": reason},
        url=url,
        now=now,
    )
