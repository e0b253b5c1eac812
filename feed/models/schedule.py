"""A clip that its maker wants published at a moment of their own."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Scheduled(models.Model):
    """WAITING -> PUBLISHED, REFUSED (the gate said no at that moment) or CANCELLED. A clip has one at most;
    asking again writes over it."""

    class State(models.TextChoices):
        WAITING = "WAITING"
        PUBLISHED = "PUBLISHED"
        REFUSED = "REFUSED"
        CANCELLED = "CANCELLED"

    clip = models.OneToOneField("generation.Clip", on_delete=models.CASCADE, related_name="scheduled")
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="scheduled")
    caption = models.CharField(max_length=500, blank=True)
    allow_remix = models.BooleanField(default=True)
    allow_comments = models.BooleanField(default=True)
    allow_tags = models.BooleanField(default=True)
    allow_download = models.BooleanField(default=True)
    remix_share_bp = models.PositiveSmallIntegerField(default=0)
    owes_seen = models.PositiveIntegerField(null=True)  # what its parents asked for when it was put off
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=60, blank=True)  # the refusal's name
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "at"], name="feed_scheduled_due")]

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING
