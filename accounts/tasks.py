"""Celery doors of this room."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts import announcements, hooks, house, housekeeping, throttle


@shared_task(name="accounts.tasks.forget")
def forget() -> None:
    """Delete what has run its time. Twice does no harm."""
    housekeeping.forget(timezone.now())


@shared_task(name="accounts.tasks.send_hooks", ignore_result=True)
def send_hooks() -> None:
    """Send what is due to people's own addresses. Twice does no harm: each piece is leased."""
    hooks.send_due(timezone.now())


@shared_task(name="accounts.tasks.announce", ignore_result=True)
def announce() -> None:
    """What the operator says and allows, for the requests of the next minutes."""
    announcements.refresh(timezone.now())
    throttle.refresh()
    house.refresh()
