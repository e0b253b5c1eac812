"""Celery doors of this room."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts import housekeeping


@shared_task(name="accounts.tasks.forget")
def forget() -> None:
    """Delete what has run its time. Twice does no harm."""
    housekeeping.forget(timezone.now())
