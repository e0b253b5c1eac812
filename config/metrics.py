"""Figures for Prometheus at `/metrics`: how long the queue is, who works on it, what came of it.

Counted from the rows when asked, so every web process tells the same. Open to this machine itself, and to
whoever shows `METRICS_TOKEN`; for everybody else there is nothing here. No figure is about a person.
"""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Case
from generation.models import Appeal, Generation, Worker
from generation.states import OPEN, State
from model import text

LOCAL = {"127.0.0.1", "::1"}
ALIVE = timedelta(minutes=1)
DAY = timedelta(hours=24)
Labels = dict[str, str]


class Page:
    """Prometheus' text format: a help and a type line once a name, then its values."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def gauge(self, name: str, told: str, values: Iterator[tuple[Labels, float]] | float) -> None:
        self.lines += [f"# HELP understudy_{name} {told}", f"# TYPE understudy_{name} gauge"]
        rows = iter([({}, float(values))]) if isinstance(values, int | float) else values
        for labels, value in rows:
            shown = ",".join(f'{key}="{_escaped(label)}"' for key, label in labels.items())
            self.lines.append(f"understudy_{name}{f'{{{shown}}}' if shown else ''} {value:.12g}")

    def __str__(self) -> str:
        return "\n".join(self.lines) + "\n"


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not may_read(request):
        raise Http404
    return HttpResponse(str(page(timezone.now())), content_type="text/plain; version=0.0.4; charset=utf-8")


def may_read(request: HttpRequest) -> bool:
    """This machine without a proxy between, or the token."""
    wanted = settings.METRICS_TOKEN
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    if wanted and kind == "Bearer" and hmac.compare_digest(shown.encode(), wanted.encode()):
        return True
    through_proxy = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.META.get("REMOTE_ADDR") in LOCAL and not through_proxy


def page(now: datetime) -> Page:
    told = Page()
    told.gauge("generations", "Requests that are open, by state.", _open())
    told.gauge("queue_age_seconds", "How long the oldest waiting request has waited, by state.", _ages(now))
    told.gauge("ended_24h", "Requests that ended in the last 24 hours, by how.", _ended(now))
    alive = Worker.objects.filter(seen_at__gt=now - ALIVE).count()
    told.gauge("workers", "Rendering workers that gave a sign of life within a minute.", alive)
    told.gauge("cases_open", "Cases that wait for a moderator, by kind.", _cases())
    told.gauge("appeals_open", "Appeals that wait.", Appeal.objects.filter(state=Appeal.State.OPEN).count())
    told.gauge("vectors_up", "1 while the vector process answers.", text.is_up(settings.VECTORS_ADDRESS))
    free = shutil.disk_usage(_there(settings.DATA_DIR)).free
    told.gauge("disk_free_bytes", "Free where DATA_DIR lies.", free)
    return told


def queue_age_s(now: datetime) -> float:
    """How long the oldest clip in the queue has waited; 0 without one."""
    oldest = Generation.objects.filter(state=State.QUEUED).aggregate(at=Min("queued_at"))["at"]
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def _open() -> Iterator[tuple[Labels, float]]:
    counted = dict(Generation.objects.filter(state__in=OPEN).values_list("state").annotate(n=Count("pk")))
    for state in sorted(OPEN):
        yield {"state": str(state)}, counted.get(state, 0)


def _ages(now: datetime) -> Iterator[tuple[Labels, float]]:
    yield {"state": "QUEUED"}, queue_age_s(now)
    for state in (State.SCREENING, State.HELD):
        oldest = Generation.objects.filter(state=state).aggregate(at=Min("state_since"))["at"]
        yield {"state": str(state)}, max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def _ended(now: datetime) -> Iterator[tuple[Labels, float]]:
    recent = Generation.objects.filter(finished_at__gt=now - DAY).values("state", "error")
    for row in recent.annotate(n=Count("pk")).order_by("state", "error"):
        yield {"state": row["state"], "error": row["error"]}, row["n"]


def _cases() -> Iterator[tuple[Labels, float]]:
    waiting = Case.objects.filter(state=Case.State.OPEN).values("kind")
    for row in waiting.annotate(n=Count("pk")).order_by("kind"):
        yield {"kind": row["kind"]}, row["n"]


def _there(path: Path) -> Path:
    return next(folder for folder in (Path(path), *Path(path).parents) if folder.exists())


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
