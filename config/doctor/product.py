"""What the rows say is not being done: no operator, no worker, workers that jobs take down, a queue that
nobody sweeps, cases unread."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts import actions, house
from accounts.models import Case
from cameos import vault
from config.doctor import Check, Finding
from generation import queue
from generation.models import Generation, Worker
from generation.states import State

WORKER_AWAY = timedelta(minutes=2)
SWEEP_LATE = timedelta(minutes=5)
CASE_OLD = timedelta(hours=24)
LATELY = timedelta(hours=24)


def operator() -> Iterator[Finding]:
    if not actions.has_operator():
        yield Finding(
            "operator",
            "Nobody is operator here: cases, levels and the admin are out of reach.",
            "Open the address that `manage.py first_run` prints, or run "
            "`manage.py make_operator NAME --email ADDRESS`.",
        )


def workers() -> Iterator[Finding]:
    now = timezone.now()
    waiting = Generation.objects.filter(state=State.QUEUED, queued_at__lt=now - WORKER_AWAY).count()
    if waiting and not Worker.objects.filter(seen_at__gt=now - WORKER_AWAY).exists():
        yield Finding(
            "workers",
            f"{waiting} clips wait and no rendering worker gave a sign of life for two minutes.",
            "Start `manage.py render` (one a GPU, or one on two cores); look at its log if it ends.",
        )


def downed() -> Iterator[Finding]:
    """A worker that is killed by its jobs comes back, and nobody else notices."""
    since = timezone.now() - LATELY
    count = Generation.objects.filter(state=State.QUARANTINED, state_since__gt=since).count()
    if count:
        yield Finding(
            "set_aside",
            f"{count} clips were set aside since yesterday: three workers went down with each of them.",
            "Look into the workers' logs and the system's (was memory short?): smaller sizes, offload or "
            "fewer processes on the machine help. Their makers may press the button once more.",
        )


def sweeping() -> Iterator[Finding]:
    late = queue.overdue(timezone.now() - SWEEP_LATE).count()
    if late:
        yield Finding(
            "sweep",
            f"{late} requests waited longer than they may, and nobody ended them.",
            "Start Celery's beat and a worker of the default queue (docs/hosting.md).",
        )


def cases() -> Iterator[Finding]:
    old = Case.objects.filter(state=Case.State.OPEN, created_at__lt=timezone.now() - CASE_OLD).count()
    if old:
        yield Finding(
            "cases",
            f"{old} cases are open for more than a day; held clips are refused after three.",
            "Read them at /cases, or make somebody moderator in the admin.",
        )


def house_pages() -> Iterator[Finding]:
    missing = house.missing() if settings.SITE_URL.startswith("https://") and not settings.DEMO else []
    if missing:
        yield Finding(
            "house_pages",
            f"This host is open to others and has no page: {', '.join(missing)}.",
            "Write them at /admin, House pages; ask a lawyer what they must say where you host.",
        )


def key_files() -> Iterator[Finding]:
    if missing := vault.without_file():
        yield Finding(
            "key_files",
            f"{missing} likenesses and never-me entries cannot be opened: their key files are missing.",
            f"Mount {settings.KEYS_DIR}, or bring the mirror of its folder `likeness` there.",
        )


CHECKS: tuple[Check, ...] = (operator, workers, downed, sweeping, cases, house_pages, key_files)
