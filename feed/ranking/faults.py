"""A ranker that fails: the page goes on by popularity, and the operator hears of it, once an hour."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction

from accounts import notifications
from accounts.models import User
from feed.models import RankingNote

log = logging.getLogger(__name__)
QUIET = timedelta(hours=1)


def tell(error: Exception, now: datetime) -> None:
    """Write it down and notify every operator, unless that was done within the last hour."""
    try:
        with transaction.atomic():
            since = RankingNote.objects.filter(kind=RankingNote.Kind.FAILED, at__gt=now - QUIET)
            if since.exists():
                return
            detail = f"{type(error).__name__}: {error}"[:300]
            RankingNote.objects.create(kind=RankingNote.Kind.FAILED, detail=detail, at=now)
            for operator in User.objects.filter(is_superuser=True, is_active=True):
                notifications.notify(
                    recipient=operator, kind="ranking_failed", url="/ranking/operator", now=now
                )
    except DatabaseError:
        log.exception("The operator could not be told that ranking failed.")
