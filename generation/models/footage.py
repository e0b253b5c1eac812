"""Films and photos that people made themselves and brought here, as material."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Footage(models.Model):
    """ARRIVED -> READY (opened behind walls, measured) or REFUSED (`reason` names why). The file stays as it
    came, is seen by its maker only, and is never served."""

    class State(models.TextChoices):
        ARRIVED = "ARRIVED", _("Being opened")
        READY = "READY", _("Ready")
        REFUSED = "REFUSED", _("Not taken")

    class Kind(models.TextChoices):
        FILM = "film", _("Film")
        PHOTO = "photo", _("Photo")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.FILM)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="footage")
    title = models.CharField(max_length=80)
    name = models.CharField(max_length=32, unique=True)  # of the file: ours, and says nothing
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ARRIVED)
    reason = models.CharField(max_length=40, blank=True)
    seconds = models.FloatField(default=0.0)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    by_model = models.BooleanField(default=False)  # its own manifest says that a model made it
    has_sound = models.BooleanField(default=False)
    # Came with one request of a program: in nobody's list, and erased soon after that request is over.
    is_passing = models.BooleanField(default=False)
    glimpse = models.BinaryField(default=bytes)  # a small JPEG for its maker
    created_at = models.DateTimeField()
    used_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["maker", "sha256"], name="footage_once_a_maker"),
        ]

    @property
    def is_picture(self) -> bool:
        """A photograph, not a film: it lasts no time."""
        return self.kind == self.Kind.PHOTO

    @property
    def path(self) -> Path:
        return Path(settings.DATA_DIR) / "footage" / self.name
