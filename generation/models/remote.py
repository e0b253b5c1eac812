"""Workers on other machines: who they are, which jobs they hold, and what was promised to them once."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class RemoteWorker(models.Model):
    """A machine that the operator registered. Of its token only a digest is kept."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    # Which running process speaks with this token: a second one is turned away while the first lives.
    instance = models.CharField(max_length=40, blank=True)
    seen_at = models.DateTimeField(null=True)
    # Its clock minus ours. Nothing leans on it; the operator reads it.
    clock_off_s = models.FloatField(default=0.0)
    engines = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(revoked_at=None), name="remote_worker_name_once"
            )
        ]

    @property
    def as_holder(self) -> str:
        """The name under which it holds claims."""
        return f"remote:{self.public_id}"


class RemoteJob(models.Model):
    """One claim of a remote worker, and how it ended."""

    class Outcome(models.TextChoices):
        OPEN = "open"
        UPLOADED = "uploaded"
        GIVEN_BACK = "given_back"
        FAILED = "failed"
        CANCELLED = "cancelled"
        LOST = "lost"  # its lease ran out, or its token was revoked

    worker = models.ForeignKey(RemoteWorker, on_delete=models.CASCADE, related_name="jobs")
    generation = models.ForeignKey(
        "generation.Generation", on_delete=models.CASCADE, related_name="remote_jobs"
    )
    fence = models.PositiveIntegerField()
    # X25519, made for this claim in the worker's memory: only it opens what is sent for this claim.
    public_key = models.BinaryField(max_length=32)
    claimed_at = models.DateTimeField()
    progressed_at = models.DateTimeField()
    rechecked_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.OPEN)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "fence"], name="remote_claim_once")]


class RemotePromise(models.Model):
    """One thing that is given out, or taken in, once, and not after `expires_at`. Only the hash of its
    address is kept."""

    class Kind(models.TextChoices):
        FACE = "face"
        MATERIAL = "material"
        RESULT = "result"

    job = models.ForeignKey(RemoteJob, on_delete=models.CASCADE, related_name="promises")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    cameo = models.ForeignKey("cameos.Cameo", null=True, on_delete=models.CASCADE, related_name="+")
    clip = models.ForeignKey("generation.Clip", null=True, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class RemoteResult(models.Model):
    """What a remote worker rendered, until a worker of this host has inspected, marked and sealed it."""

    generation = models.OneToOneField(
        "generation.Generation", on_delete=models.CASCADE, related_name="remote_result"
    )
    film_path = models.CharField(max_length=160)
    material_path = models.CharField(max_length=160, blank=True)
    fps = models.FloatField()
    created_at = models.DateTimeField()
