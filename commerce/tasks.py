"""Celery's doors into the shop."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from commerce import actions


@shared_task
def release_holds() -> None:
    """End unpaid orders whose reservation is over; the beat asks each half minute."""
    actions.release_holds(now=timezone.now())
