"""A request to make a clip, with its state and the claim of the worker that makes it."""

import uuid

from django.conf import settings
from django.db import models

from generation.states import State, Verb


class Generation(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="generations")
    verb = models.CharField(max_length=10, choices=Verb.choices, default=Verb.TEXT)
    prompt = models.TextField()
    seed = models.BigIntegerField()
    preset = models.CharField(max_length=20, default="standard")
    engine = models.CharField(max_length=40, default="native")
    seconds = models.PositiveSmallIntegerField(default=5)
    aspect = models.CharField(max_length=5, default="9:16")
    parent = models.ForeignKey(
        "generation.Clip", null=True, on_delete=models.PROTECT, related_name="generations_from"
    )
    clip = models.OneToOneField(
        "generation.Clip", null=True, on_delete=models.PROTECT, related_name="generation"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.SCREENING)
    state_since = models.DateTimeField()
    refusal_stage = models.CharField(max_length=20, blank=True)
    refusal_rule = models.CharField(max_length=40, blank=True)
    refusal_evidence = models.CharField(max_length=400, blank=True)
    refusal_suggestion = models.CharField(max_length=400, blank=True)
    error = models.CharField(max_length=40, blank=True)
    credits = models.PositiveIntegerField()
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=30, blank=True)
    # The claim: which worker, until when, and a token that grows with each claim (late writers lose).
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "queued_at"])]


class GenerationCast(models.Model):
    """Somebody the maker asks for, in the order in which they stand in the scene."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="cast")
    cameo = models.ForeignKey("cameos.Cameo", on_delete=models.PROTECT, related_name="cast_in")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "cameo"], name="cast_once"),
            models.UniqueConstraint(fields=["generation", "position"], name="cast_position_once"),
        ]
