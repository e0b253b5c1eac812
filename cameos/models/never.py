"""Somebody without an account whom nobody may show: one face vector and nothing else."""

import uuid

from django.db import models


class NeverMe(models.Model):
    """An entry of the never-me registry. No name, no address, no picture, no voice.

    OPEN -> LISTED -> ERASED; one that was never proved (OPEN) is deleted after two days.
    """

    class State(models.TextChoices):
        OPEN = "open"
        LISTED = "listed"
        ERASED = "erased"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    # The face vector, sealed under a key of its own (`cameos.vault`).
    sealed = models.BinaryField(null=True)
    # Of the code that takes the entry off; the code itself is known to the person alone.
    code_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    # What they agreed to before the recording: see `cameos.release`.
    release_version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    country = models.CharField(max_length=2, blank=True)
    text_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    listed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.public_id)
