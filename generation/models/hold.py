"""What the law asks to keep of a clip whose files are gone for everybody else."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class LegalHold(models.Model):
    """ASKED by one moderator, HELD once another one agreed, OVER when it expires, is lifted or is not agreed
    to. `files`: name -> SHA-256 of what was sealed. The key that opens them is not on this host."""

    class State(models.TextChoices):
        ASKED = "ASKED"
        HELD = "HELD"
        OVER = "OVER"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clip = models.ForeignKey("generation.Clip", on_delete=models.PROTECT, related_name="legal_holds")
    state = models.CharField(max_length=5, choices=State.choices, default=State.ASKED)
    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)
    files = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clip"], condition=~Q(state="OVER"), name="one_hold_a_clip"),
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("asked_by")), name="a_hold_takes_two_people"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("asked_at")), name="a_hold_ends"),
        ]

    @property
    def folder(self) -> Path:
        return Path(settings.DATA_DIR) / "holds" / self.public_id.hex

    def is_due(self, now: datetime) -> bool:
        return self.expires_at <= now
