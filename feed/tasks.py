"""Celery's doors to this room."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from feed import describing, watch


@shared_task(name="feed.tasks.describe")
def describe(post_id: int) -> None:
    describing.describe(post_id)


@shared_task(name="feed.tasks.describe_missing")
def describe_missing() -> None:
    describing.describe_missing()


@shared_task(name="feed.tasks.forget_watches")
def forget_watches() -> None:
    watch.forget(timezone.now())
