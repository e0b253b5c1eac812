"""What this host knows of its engines: what the operator stated, and what was measured here."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q


class HostStatement(models.Model):
    """One row: where this host is and what it earns, as its operator stated it. Licences are asked by it."""

    country = models.CharField(max_length=2, blank=True, validators=[RegexValidator(r"^[A-Z]{2}$")])
    revenue_usd = models.PositiveBigIntegerField(null=True)
    monthly_users = models.PositiveBigIntegerField(null=True)
    agreed = models.JSONField(default=list, blank=True)  # keys of models with a licence of their own
    stated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_statement_a_host")]


class EngineMeasure(models.Model):
    """One run of `manage.py measure_engine` on this machine. Numbers as in `generation.scores`; null where
    they cannot be judged for this engine."""

    engine = models.CharField(max_length=40, db_index=True)
    title = models.CharField(max_length=80)
    measured_at = models.DateTimeField()
    machine = models.CharField(max_length=120)
    clips = models.PositiveSmallIntegerField()
    failed = models.PositiveSmallIntegerField(default=0)
    clip_seconds = models.FloatField()  # of all clips
    seconds_a_second = models.FloatField()  # of work for one second of clip
    memory_mb = (
        models.PositiveIntegerField()
    )  # the most that was held: GPU where there is one, else the process
    prompt_match = models.FloatField(null=True)
    identity_match = models.FloatField(null=True)
    flicker = models.FloatField(null=True)
    motion = models.FloatField(null=True)
    sharpness = models.FloatField(null=True)
    physics = models.FloatField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["-measured_at"]
