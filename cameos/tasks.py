"""Celery's doors into this room: ids in, nothing out, twice does no harm."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from cameos import ledger, licences, notices, revocation


@shared_task
def reach(ending_id: int) -> None:
    """Carry one ending to everything it reaches; the sweep comes back for what is left."""
    revocation.reach(ending_id, timezone.now())


@shared_task
def sweep() -> None:
    """End what time ended, and finish what was begun."""
    revocation.sweep(timezone.now())


@shared_task
def gather_notices() -> None:
    """Tell owners of clips with them, hourly at most; let requests lapse that nobody answered."""
    notices.gather(timezone.now())
    licences.lapse(timezone.now())


@shared_task
def publish_head() -> None:
    """The day's signed head over all ledgers."""
    now = timezone.now()
    ledger.publish_head(now.date(), now)


@shared_task
def check_capture(capture_id: int) -> None:
    """The verdict on one recording, or the references of one that a moderator accepted."""
    from cameos import capture_check

    capture_check.run(capture_id, timezone.now())


@shared_task
def sweep_captures() -> None:
    """Erase what its time is over for, and wake what waits for a verdict."""
    from cameos import capture_actions

    capture_actions.sweep(timezone.now())
