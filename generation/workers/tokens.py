"""Tokens of remote workers: registered and revoked by the operator, shown once, kept as a digest."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from generation import queue
from generation.models import RemoteJob, RemotePromise, RemoteWorker
from generation.queue import Claim
from generation.workers.refusals import NameTaken, TokenInUse

PREFIX = "uw_"
SILENT = timedelta(seconds=60)  # then another process may speak with the token


def digest(secret: str) -> str:
    """SHA-256 is enough: the secret has 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def registered() -> QuerySet[RemoteWorker]:
    return RemoteWorker.objects.filter(revoked_at=None).order_by("name")


def register(*, name: str, by: User | None, now: datetime) -> tuple[RemoteWorker, str]:
    """The worker and its token, which nobody can show again. Raises `NameTaken`."""
    secret = PREFIX + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            worker = RemoteWorker.objects.create(
                name=name.strip()[:60] or "worker", digest=digest(secret), registered_by=by, created_at=now
            )
    except IntegrityError:
        raise NameTaken() from None
    return worker, secret


@transaction.atomic
def revoke(*, worker: RemoteWorker, now: datetime) -> bool:
    """From now on its token opens nothing, what was promised to it is burnt, and its jobs go back into the
    queue. False when it was revoked before."""
    if not RemoteWorker.objects.filter(pk=worker.pk, revoked_at=None).update(revoked_at=now):
        return False
    RemotePromise.objects.filter(job__worker=worker, used_at=None).update(used_at=now)
    for job in RemoteJob.objects.filter(worker=worker, outcome=RemoteJob.Outcome.OPEN):
        queue.hand_back(Claim(job.generation_id, job.fence, worker.as_holder), now)
    open_jobs = RemoteJob.objects.filter(worker=worker, outcome=RemoteJob.Outcome.OPEN)
    open_jobs.update(outcome=RemoteJob.Outcome.LOST)
    return True


def find(secret: str) -> RemoteWorker | None:
    """The registered worker of this token."""
    if not secret.startswith(PREFIX):
        return None
    return registered().filter(digest=digest(secret)).first()


def seen(worker: RemoteWorker, now: datetime) -> None:
    RemoteWorker.objects.filter(pk=worker.pk).update(seen_at=now)


def present(
    worker: RemoteWorker, *, instance: str, engines: list[str], clock_off_s: float, now: datetime
) -> None:
    """A sign of life of one running process. Raises `TokenInUse` while another one lives."""
    free = Q(instance=instance) | Q(instance="") | Q(seen_at=None) | Q(seen_at__lt=now - SILENT)
    mine = RemoteWorker.objects.filter(free, pk=worker.pk, revoked_at=None)
    if not mine.update(instance=instance, seen_at=now, engines=engines, clock_off_s=clock_off_s):
        raise TokenInUse()
    worker.instance = instance
