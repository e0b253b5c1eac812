"""What moderation leaves behind for a person: strikes, and their word against a decision."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models


class StrikeQuerySet(models.QuerySet["Strike"]):
    def counting(self, now: datetime) -> Self:
        """Neither lifted nor run out."""
        return self.filter(lifted_at=None, ends_at__gt=now)


class Strike(models.Model):
    """One for a clip that broke a rule; runs out after ninety days, or is lifted by an appeal."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="strikes")
    post = models.ForeignKey("feed.Post", on_delete=models.PROTECT, related_name="strikes")
    reason = models.CharField(max_length=300)
    given_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    objects = StrikeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "post"], name="strike_once")]


class Appeal(models.Model):
    """OPEN -> UPHELD (the decision stands) or GRANTED (the clip is back, the strike lifted). One a clip."""

    class State(models.TextChoices):
        OPEN = "open"
        UPHELD = "upheld"
        GRANTED = "granted"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    post = models.OneToOneField("feed.Post", on_delete=models.PROTECT, related_name="appeal")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="appeals")
    text = models.CharField(max_length=2000, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
