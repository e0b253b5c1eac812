"""What somebody was about to ask for: the composer's fields, kept while they are typed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class ComposeDraft(models.Model):
    """Fields as the form sends them ({name: value or list}); of a storyboard {"shots": as in `how`,
    "aspect"}. Judged by nobody: it is asked for later, or
    never."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    wishes = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["maker", "-updated_at"], name="generation_drafts")]

    def get_absolute_url(self) -> str:
        """Where it is taken up again."""
        page = "/create/storyboard" if self.is_storyboard else "/create"
        return f"{page}?draft={self.public_id}"

    @property
    def words(self) -> str:
        if self.is_storyboard:
            return " / ".join(shot["prompt"] for shot in self.wishes["shots"] if shot.get("prompt"))
        return str(self.wishes.get("prompt", ""))

    @property
    def is_storyboard(self) -> bool:
        return bool(self.wishes.get("shots"))
