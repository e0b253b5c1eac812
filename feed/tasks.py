"""Celery's doors to this room."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from feed import describing, digest, moderation, removals, scheduling, search, series, slates, trends, watch
from model.text import Unavailable


@shared_task(name="feed.tasks.describe")
def describe(post_id: int) -> None:
    describing.describe(post_id)


@shared_task(name="feed.tasks.describe_missing")
def describe_missing() -> None:
    describing.describe_missing()
    describing.fill_index()
    search.index_missing()


@shared_task(
    name="feed.tasks.forget_vectors", autoretry_for=(Unavailable,), retry_backoff=True, max_retries=8
)
def forget_vectors(ids: list[str]) -> None:
    describing.forget(ids)


@shared_task(name="feed.tasks.refresh_trends")
def refresh_trends() -> None:
    trends.refresh(timezone.now())


@shared_task(name="feed.tasks.forget_watches")
def forget_watches() -> None:
    watch.forget(timezone.now())


@shared_task(name="feed.tasks.make_slate")
def make_slate(person: int) -> None:
    slates.refresh(person, timezone.now())


@shared_task(name="feed.tasks.refresh_slates")
def refresh_slates() -> None:
    slates.refresh_stale(timezone.now())


@shared_task(name="feed.tasks.learn")
def learn() -> None:
    from feed.ranking import learning  # with scipy: only in a worker

    learning.learn(timezone.now())


@shared_task(name="feed.tasks.close_votes")
def close_votes() -> None:
    series.close_due(timezone.now())


@shared_task(name="feed.tasks.publish_due")
def publish_due() -> None:
    scheduling.publish_due(timezone.now())


@shared_task(name="feed.tasks.send_digests")
def send_digests() -> None:
    digest.send_due(timezone.now())


@shared_task(name="feed.tasks.push_news")
def push_news(notification: int) -> None:
    from accounts.models import Notification
    from feed import push

    row = Notification.objects.filter(pk=notification).select_related("recipient").first()
    if row is not None:
        push.send(row, timezone.now())


@shared_task(name="feed.tasks.follow_copies")
def follow_copies(post_id: int) -> None:
    moderation.follow_copies(post_id, timezone.now())


@shared_task(name="feed.tasks.run_out_removals")
def run_out_removals() -> None:
    removals.sweep(timezone.now())
