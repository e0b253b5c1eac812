"""One way of a person between two hosts: their archive being written here, or being taken in."""

from __future__ import annotations

import secrets
import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def _name() -> str:
    return secrets.token_hex(16)


class Move(models.Model):
    """WAITING -> WORKING (a worker writes or reads the file) -> DONE | FAILED (`why` says it). The file lies
    in the data folder under a name of ours; of an archive that came in it goes when it was read."""

    class Way(models.TextChoices):
        OUT = "out", _("Out")
        IN = "in", _("In")

    class State(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        WORKING = "WORKING", _("In work")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="moves")
    way = models.CharField(max_length=3, choices=Way.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    name = models.CharField(max_length=32, default=_name, unique=True)
    size = models.PositiveBigIntegerField(default=0)
    told = models.JSONField(default=dict)  # out: files; in: host, clips, ledgers, left_out
    why = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(state__in=["WAITING", "WORKING"]),
                name="move_one_at_a_time",
            ),
        ]

    @property
    def path(self) -> Path:
        return Path(settings.DATA_DIR) / "moves" / self.name
