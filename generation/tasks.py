"""Celery's doors to this room. They carry no work: a wake-up that is lost costs a second."""

from __future__ import annotations

import logging

from celery import shared_task
from celery.signals import worker_process_init, worker_shutting_down
from django.utils import timezone

log = logging.getLogger(__name__)


def wake() -> None:
    """Tell a worker that there is something in the queue. Never fails a request that is committed already:
    with the broker away, workers look by themselves."""
    try:
        render_waiting.delay()
    except Exception as error:  # the broker's driver raises many kinds
        log.warning("no wake-up for workers: %s", type(error).__name__)


@shared_task(name="generation.tasks.render_waiting", ignore_result=True)
def render_waiting() -> None:
    from generation import hand

    hand.wake()


@shared_task(name="generation.tasks.sweep", ignore_result=True)
def sweep() -> None:
    from generation import moving
    from generation.queue import clock
    from generation.sweep import sweep as run

    now = clock()  # this machine's own clock may be an hour off: no lease is over for that
    run(now)
    moving.sweep(now)  # here alone: an archive takes minutes, which a rendering worker has not


@shared_task(name="generation.tasks.clear_orphans", ignore_result=True)
def clear_orphans() -> None:
    """What dead workers left in the storage, hourly; what should be impossible is logged."""
    from generation import orphans
    from generation.queue import clock

    now = clock()
    orphans.clear(now, with_clips=True)
    for orphan in orphans.find(now):
        log.error("orphaned %s: %s", orphan.kind, orphan.what)


@shared_task(name="generation.tasks.open_footage", ignore_result=True)
def open_footage(pk: int) -> None:
    from generation import footage

    footage.open_one(pk, timezone.now())


@shared_task(name="generation.tasks.move", ignore_result=True)
def move(pk: int) -> None:
    from generation import moving

    moving.work(pk, timezone.now())


@shared_task(name="generation.tasks.purge", ignore_result=True)
def purge(clip_ids: list[int]) -> None:
    from generation import purge as files

    files.purge(clip_ids, timezone.now())


@worker_process_init.connect
def _start_hand(**kwargs: object) -> None:
    from generation import hand

    hand.start_in_worker()


@worker_shutting_down.connect
def _stop_hand(**kwargs: object) -> None:
    from generation import hand

    hand.stop()
