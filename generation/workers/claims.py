"""A remote worker's hold on a job: taking it, its heartbeat (which carries stops back), and letting it go.

The lease, the fence, strikes, permits, credits and ends are those of every worker (`generation.queue`); time
is this host's alone, and the worker is told spans, never hours. It gets jobs whose engine it has, that show
no merchant's picture (it is asked for when it is drawn) and nothing that somebody brought, that go on from
clips only where their material travels (words and scene tokens; never films with people in them), and none
that three remote workers let go of.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from cameos import consent
from cameos.consent import ConsentDenied, Permit
from cameos.models import Cameo
from generation import actions, briefing, failures, inform, queue
from generation.engines.base import EngineFailed
from generation.models import Generation, GenerationSource, Preview, RemoteJob, RemotePromise, RemoteWorker
from generation.queue import Claim, LostClaim
from generation.states import FROM_FILMS, State, Verb
from generation.workers import promises
from generation.workers.refusals import ClaimLost, JobCancelled, JobRefused, NoProgress

BEAT_S = 1.0
RECHECK_EVERY = timedelta(minutes=1)
MOST_TRIES = 3
MOST_PICTURE = 60_000
JPEG = b"\xff\xd8\xff"


def take(worker: RemoteWorker, *, engines: Sequence[str], public_key: bytes, now: datetime) -> dict[str, Any]:
    """The job whose turn it is, as the worker is told it; empty where none waits."""
    queue.seen(worker.as_holder, now)
    for _refused in range(5):
        held = queue.claim(worker.as_holder, now, engines=engines, where=_may_travel()) if engines else None
        if held is None:
            return {}
        told = _told(worker, held, public_key, now)
        if told is not None:
            return told
    return {}


def _may_travel() -> Q:
    no_material = GenerationSource.objects.filter(clip__material_path="").values("generation")
    tries = (
        RemoteJob.objects.filter(generation=OuterRef("pk"))
        .order_by()
        .values("generation")
        .annotate(n=Count("pk"))
        .values("n")
    )
    tried = Generation.objects.annotate(n=Coalesce(Subquery(tries), 0)).filter(n__gte=MOST_TRIES).values("pk")
    travels = Q(parent=None) | (Q(engine="native") & ~Q(parent__material_path=""))
    return (
        Q(remote_result=None)
        & ~Q(verb__in=[Verb.PLAY, *FROM_FILMS])
        & Q(how__product__isnull=True, how__footage__isnull=True)
        & travels
        & ~Q(pk__in=no_material)
        & ~Q(pk__in=tried)
    )


def _told(worker: RemoteWorker, held: Claim, public_key: bytes, now: datetime) -> dict[str, Any] | None:
    """The job in words and addresses; None where somebody in it does not agree (which ends it here)."""
    generation = Generation.objects.select_related("maker", "parent").get(pk=held.generation_id)
    try:
        permits = briefing.resume_permits(generation)
        size = briefing.size_of(generation)
        sources = briefing.sources_of(generation)
    except ConsentDenied as denied:
        actions.end_refused(generation, now, stage="consent", denied=denied)
        return None
    except (EngineFailed, OSError) as failed:
        code = failed.code if isinstance(failed, EngineFailed) else "parent_gone"
        actions.end_failed(generation, now, error=code)
        return None
    job = RemoteJob.objects.create(
        worker=worker, generation=generation, fence=held.fence, public_key=public_key,
        claimed_at=now, progressed_at=now, rechecked_at=now,
    )  # fmt: skip
    inform.tell(generation)
    clips = generation.sources()
    return {
        "id": str(generation.public_id),
        "fence": held.fence,
        "label": promises.label(job),
        "lease_s": queue.LEASE.total_seconds(),
        "beat_s": min(BEAT_S, queue.LEASE.total_seconds() / 3),
        "engine": generation.engine,
        "prompt": briefing.with_wishes(generation.prompt, permits),
        "verb": generation.verb,
        "seed": generation.seed,
        "seconds": generation.seconds,
        "size": list(size),
        "smaller": briefing.smaller(generation),
        "how": generation.how,
        "cast": [_member(job, permit, now) for permit in permits],
        "sources": [
            {
                "material": promises.promise(job, RemotePromise.Kind.MATERIAL, now, clip=clip),
                "cast": list(source.cast),
                "at_s": source.at_s,
                "second": source.second,
            }
            for clip, source in zip(clips, sources, strict=True)
        ],
        "result": promises.promise(job, RemotePromise.Kind.RESULT, now),
    }


def _member(job: RemoteJob, permit: Permit, now: datetime) -> dict[str, Any]:
    cameo = permit.cameo
    told: dict[str, Any] = {"name": cameo.name, "key": str(cameo.public_id)}
    if cameo.kind == Cameo.Kind.CHARACTER:
        return told | {"character": cameo.character or {}}
    return told | {"face": promises.promise(job, RemotePromise.Kind.FACE, now, cameo=cameo)}


def beat(
    worker: RemoteWorker,
    public_id: UUID,
    *,
    fence: int,
    step: int,
    steps: int,
    picture: bytes,
    now: datetime,
) -> None:
    """A sign of life: progress in, a longer lease out. Raises why the worker has to stop: `ClaimLost`,
    `JobCancelled`, `JobRefused`, `NoProgress`; after each of them the job is not the worker's any more."""
    job = held_job(worker, public_id, fence, now)
    generation, held = job.generation, Claim(job.generation_id, fence, worker.as_holder)
    queue.seen(worker.as_holder, now)
    if generation.cancel_requested_at is not None:
        _cancelled(job, now)
    if step > generation.step or (step and not generation.steps):
        job.progressed_at = now
    elif now - job.progressed_at > queue.STALL:
        end(job, RemoteJob.Outcome.LOST)
        queue.hand_back(held, now)
        raise NoProgress()
    if now - job.rechecked_at >= RECHECK_EVERY:
        _recheck(job, now)
        job.rechecked_at = now
    job.save(update_fields=["progressed_at", "rechecked_at"])
    try:
        queue.renew(held, now)
        queue.report_step(held, min(step, steps), steps)
    except LostClaim:
        end(job, RemoteJob.Outcome.LOST)
        raise ClaimLost() from None
    if picture.startswith(JPEG) and len(picture) <= MOST_PICTURE:
        Preview.objects.update_or_create(generation=generation, defaults={"jpeg": picture, "step": step})
    generation.step, generation.steps = min(step, steps), steps
    inform.tell(generation)


def let_go(worker: RemoteWorker, public_id: UUID, *, fence: int, error: str, now: datetime) -> None:
    """The worker cannot go on. With an `error` that has a sentence the job has failed, credits back; without
    one it goes back into the queue as if it had not been taken (three times; then it is left to this
    host)."""
    job = held_job(worker, public_id, fence, now)
    if job.generation.cancel_requested_at is not None:
        _cancelled(job, now)
    if error and error in failures.codes():
        end(job, RemoteJob.Outcome.FAILED)
        actions.end_failed(job.generation, now, error=error)
    else:
        end(job, RemoteJob.Outcome.GIVEN_BACK)
        queue.hand_back(Claim(job.generation_id, fence, worker.as_holder), now)


def held_job(worker: RemoteWorker, public_id: UUID, fence: int, now: datetime) -> RemoteJob:
    """The worker's claim while it is one. Raises `JobCancelled`, `ClaimLost`."""
    jobs = RemoteJob.objects.filter(worker=worker, generation__public_id=public_id, fence=fence)
    job = jobs.select_related("generation__maker").first()
    if job is None:
        raise ClaimLost()
    if job.outcome == RemoteJob.Outcome.CANCELLED or job.generation.state == State.CANCELLED:
        raise JobCancelled()
    if job.outcome != RemoteJob.Outcome.OPEN or job.generation.fence != fence or job.generation.is_over:
        if job.outcome == RemoteJob.Outcome.OPEN:
            end(job, RemoteJob.Outcome.LOST)
        if job.generation.state == State.REFUSED:
            raise JobRefused()
        raise ClaimLost()
    return job


def end(job: RemoteJob, outcome: str) -> None:
    """The claim is over: whatever it was promised burns with it."""
    job.outcome = outcome
    job.save(update_fields=["outcome"])
    job.promises.filter(used_at=None).update(used_at=job.claimed_at)


def _cancelled(job: RemoteJob, now: datetime) -> None:
    end(job, RemoteJob.Outcome.CANCELLED)
    actions.end_cancelled(job.generation, now)
    raise JobCancelled()


def _recheck(job: RemoteJob, now: datetime) -> None:
    try:
        consent.recheck(generation=job.generation, now=now)
    except ConsentDenied as denied:
        end(job, RemoteJob.Outcome.CANCELLED)
        actions.end_refused(job.generation, now, stage="consent", denied=denied)
        raise JobRefused() from denied
