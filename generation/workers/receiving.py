"""Taking what a remote worker brings, once. Brought twice, late, or for a job that was cancelled: nothing is
stored."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from generation import queue, tasks
from generation.models import RemoteJob, RemotePromise, RemoteResult, RemoteWorker
from generation.queue import Claim
from generation.workers import claims, promises, results
from generation.workers.refusals import BadResult, ClaimLost, JobCancelled

MOST_FILM, MOST_MATERIAL = 512 * 1024 * 1024, 32 * 1024 * 1024


def receive(
    worker: RemoteWorker,
    token: str,
    *,
    film: File[bytes],
    material: File[bytes] | None,
    fps: float,
    now: datetime,
) -> None:
    """Take the result by its address, which burns. 404 as `promises.burn`; `BadResult`; `JobCancelled` for a
    job that somebody cancelled meanwhile."""
    if not 1 <= fps <= 120 or film.size > MOST_FILM or (material and material.size > MOST_MATERIAL):
        raise BadResult()
    if film.read(12)[4:8] != b"ftyp":
        raise BadResult()
    film.seek(0)
    found = promises.burn(worker, token, (RemotePromise.Kind.RESULT,), now)
    job = claims.held_job(worker, found.job.generation.public_id, found.job.fence, now)
    if job.generation.cancel_requested_at is not None:
        with suppress(JobCancelled):
            claims.let_go(worker, job.generation.public_id, fence=job.fence, error="", now=now)
        raise JobCancelled()
    _keep(worker, job, film, material, fps, now)
    tasks.wake()


def _keep(
    worker: RemoteWorker,
    job: RemoteJob,
    film: File[bytes],
    material: File[bytes] | None,
    fps: float,
    now: datetime,
) -> None:
    """Files first, rows last; files without rows are removed."""
    name = f"{results.FOLDER}/{job.generation.public_id}-{job.fence}"
    results.forget(job.generation)
    paths = [default_storage.save(f"{name}.mp4", film)]
    try:
        paths += [default_storage.save(f"{name}.npz", material)] if material else []
        with transaction.atomic():
            if not queue.hand_back(Claim(job.generation_id, job.fence, worker.as_holder), now):
                raise ClaimLost()
            RemoteResult.objects.create(
                generation=job.generation,
                film_path=paths[0],
                material_path=paths[1] if material else "",
                fps=fps,
                created_at=now,
            )
            claims.end(job, RemoteJob.Outcome.UPLOADED)
    except BaseException:
        for path in paths:
            default_storage.delete(path)
        raise
