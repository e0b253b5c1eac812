"""What a remote worker is given once, by an address that burns: a face of somebody cast, what a clip kept for
going on. Each is asked anew at the moment when it is given out, and sealed for that claim alone.

The loaders of `cameos.references` are the only source of faces; voices are not sent.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.http import Http404

from cameos import consent, references
from cameos.consent import ConsentDenied
from cameos.models import Cameo
from generation import actions, store
from generation.models import Clip, Generation, RemoteJob, RemotePromise, RemoteWorker
from generation.states import State
from generation.workers import sealing
from generation.workers.refusals import JobCancelled, JobRefused

LIFE = timedelta(seconds=60)
RESULT_LIFE = timedelta(hours=24)  # the lease says earlier when it is over


def promise(
    job: RemoteJob, kind: str, now: datetime, *, cameo: Cameo | None = None, clip: Clip | None = None
) -> str:
    """The address's secret part."""
    token = secrets.token_urlsafe(32)
    life = RESULT_LIFE if kind == RemotePromise.Kind.RESULT else LIFE
    RemotePromise.objects.create(
        job=job, kind=kind, cameo=cameo, clip=clip, token_hash=_hash(token), expires_at=now + life
    )
    return token


def burn(worker: RemoteWorker, token: str, kinds: tuple[str, ...], now: datetime) -> RemotePromise:
    """The promise behind an address, this once. 404 for one that is unknown, used, late, another worker's,
    or of a claim that is over."""
    held = RemotePromise.objects.filter(
        Q(job__generation__fence=F("job__fence")),
        token_hash=_hash(token),
        kind__in=kinds,
        expires_at__gt=now,
        job__worker=worker,
        job__outcome=RemoteJob.Outcome.OPEN,
        job__generation__state=State.RENDERING,
    )
    found = held.filter(used_at=None).select_related("job__generation__maker", "cameo__owner", "clip").first()
    if found is None or not RemotePromise.objects.filter(pk=found.pk, used_at=None).update(used_at=now):
        raise Http404
    return found


def give(worker: RemoteWorker, token: str, now: datetime) -> bytes:
    """What was promised, sealed for its claim. 404 as `burn`; `JobRefused` where somebody does not agree at
    this moment (which ends the job), `JobCancelled`."""
    found = burn(worker, token, (RemotePromise.Kind.FACE, RemotePromise.Kind.MATERIAL), now)
    job = found.job
    generation: Generation = job.generation
    if generation.cancel_requested_at is not None:
        raise JobCancelled()
    try:
        consent.recheck(generation=generation, now=now)
        data = _read(found, generation, now)
    except (ConsentDenied, references.NotPermitted, references.NoReference) as no:
        _refuse(generation, no, now)
        raise JobRefused() from no
    return sealing.seal_for(bytes(job.public_key), data, label(job))


def label(job: RemoteJob) -> str:
    """What a sealed answer is bound to: this claim, and none other."""
    return f"{job.generation.public_id}:{job.fence}"


def _read(found: RemotePromise, generation: Generation, now: datetime) -> bytes:
    if found.kind == RemotePromise.Kind.FACE:
        assert found.cameo is not None
        return references.load_face(consent.resume(generation=generation, cameo=found.cameo, now=now))
    assert found.clip is not None
    return store.read(found.clip.material_path)


def _refuse(generation: Generation, no: Exception, now: datetime) -> None:
    if isinstance(no, ConsentDenied):
        actions.end_refused(generation, now, stage="consent", denied=no)
    else:
        actions.end_failed(generation, now, error="likeness_gone")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
