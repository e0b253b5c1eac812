"""Celery's doors into the shop."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from commerce import actions, letters, unlocking
from commerce.actions import memberships, promotions
from commerce.agents import news
from commerce.catalog import fetching
from commerce.models import CatalogImport
from commerce.offers import course

log = logging.getLogger(__name__)


@shared_task
def release_holds() -> None:
    """End unpaid orders whose reservation is over; the beat asks each half minute."""
    actions.release_holds(now=timezone.now())


@shared_task
def tell_agents() -> None:
    """News of orders for the agents that placed them."""
    news.send_due(now=timezone.now())


@shared_task
def send_letters() -> None:
    """Receipts and news of parcels for buyers."""
    letters.send_due(now=timezone.now())


@shared_task
def run_offers() -> None:
    """Deadlines of offers and of flash prices."""
    now = timezone.now()
    course.run(now=now)
    promotions.run_flash(now=now)


@shared_task
def note_prices() -> None:
    """What everything costs by now, for true reference prices."""
    promotions.note_prices(now=timezone.now())


@shared_task
def move_money() -> None:
    """What is owed back goes first; shares whose return window is over become payable, go out, and come back
    where they must."""
    now = timezone.now()
    unlocking.owe_for_gone(now)
    actions.send_back(now=now)
    actions.mature(now=now)
    actions.pay_out(now=now)
    actions.recover(now=now)
    actions.send_back(now=now)


@shared_task
def reconcile() -> None:
    """Hold our books against the provider's, each night."""
    now = timezone.now()
    actions.reconcile(now=now)
    memberships.follow_all(now=now)


@shared_task
def read_file(pk: int) -> None:
    """Find out what a large product file would do."""
    run = CatalogImport.objects.select_related("merchant").filter(pk=pk).first()
    if run is not None and run.state == CatalogImport.State.READING:
        actions.dry_run(run)


@shared_task
def write_file(pk: int) -> None:
    """Write a large product file."""
    run = CatalogImport.objects.select_related("merchant").filter(pk=pk).first()
    if run is not None and run.state == CatalogImport.State.WRITING:
        actions.apply_file(run=run, now=timezone.now())


@shared_task
def bring_files() -> None:
    """Fetch what is due of merchants' addresses, and go on with files whose wake-up was lost."""
    now = timezone.now()
    fetching.sources(now=now)
    late = CatalogImport.objects.filter(created_at__lte=now - timedelta(minutes=2))
    for pk in late.filter(state=CatalogImport.State.READING).values_list("pk", flat=True):
        _alone(read_file, pk)
    lost = CatalogImport.objects.filter(created_at__lte=now - timedelta(minutes=30))
    for pk in lost.filter(state=CatalogImport.State.WRITING).values_list("pk", flat=True):
        _alone(write_file, pk)


def _alone(door: Callable[[int], None], pk: int) -> None:
    """A file that breaks its reader waits for the next beat; the files behind it do not."""
    try:
        door(pk)
    except Exception:
        log.exception("a product file could not be gone on with: %s", pk)


@shared_task
def bring_pictures() -> None:
    fetching.pictures(now=timezone.now())
