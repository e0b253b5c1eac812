"""Addresses of a person's own that hear their news, and each piece on its way there."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Hook(models.Model):
    """Hears the kinds of news it was made for, until its owner or too many failures stop it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hooks")
    address = models.CharField(max_length=500)
    kinds = models.JSONField(default=list)  # none: every kind
    failures = models.PositiveIntegerField(default=0)  # pieces given up in a row
    stopped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "address"], name="hook_once_an_address")]

    def __str__(self) -> str:
        return str(self.public_id)


class HookPiece(models.Model):
    """WAITING -> TAKEN (an answer of 2xx) or GIVEN_UP (after the last try)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        TAKEN = "taken"
        GIVEN_UP = "given_up"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="pieces")
    kind = models.CharField(max_length=60)
    body = models.TextField()  # JSON, the bytes that are signed
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    answer = models.PositiveSmallIntegerField(default=0)  # the last status; 0: none
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="hook_piece_due")
        ]

    def __str__(self) -> str:
        return str(self.public_id)
