"""Requests to take a clip down within 48 hours, and the log that proves what was done."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from feed.models.post import Post


class RemovalRequest(models.Model):
    """Somebody says that they, or whom they act for, are in a clip without having agreed."""

    class Outcome(models.TextChoices):
        OPEN = "open"
        REMOVED = "removed"  # a moderator took it down
        OVERDUE = "overdue"  # nobody had looked: the clock took it down
        KEPT = "kept"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    post = models.ForeignKey("feed.Post", on_delete=models.PROTECT, related_name="removals")
    email = models.EmailField(blank=True)  # emptied half a year after the end
    statement = models.CharField(max_length=2000)
    filed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post", "email"], condition=Q(outcome="open"), name="one_open_removal_each"
            ),
            models.CheckConstraint(condition=Q(due_at__gt=models.F("filed_at")), name="removal_has_time"),
        ]
        indexes = [models.Index(fields=["outcome", "due_at"], name="removal_due")]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def is_open(self) -> bool:
        return self.outcome == self.Outcome.OPEN

    def note(self, what: str, now: datetime, post: Post | None = None) -> RemovalEvent:
        return RemovalEvent.objects.create(request=self, what=what, post=post, at=now)


class RemovalEvent(models.Model):
    """One line of the proof. Append-only: the database refuses to change or delete it."""

    class What(models.TextChoices):
        FILED = "filed"
        LATE = "late"
        HIDDEN = "hidden"
        COPY = "copy"
        KEPT = "kept"
        TOLD = "told"

    request = models.ForeignKey(RemovalRequest, on_delete=models.PROTECT, related_name="events")
    what = models.CharField(max_length=8, choices=What.choices)
    post = models.ForeignKey("feed.Post", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
