"""What a moderator looks at (and hears) where somebody may be shown who did not allow it, or a rule be
broken."""

from __future__ import annotations

from django.db import models


class HeldPictures(models.Model):
    """A few small frames of pictures that were not sealed; gone as soon as the look is over.

    `cameo_ids` as an index has them: negative for an entry of the never-me registry.
    """

    generation = models.OneToOneField(
        "generation.Generation", on_delete=models.CASCADE, related_name="held_pictures"
    )
    frames = models.JSONField(default=list)  # JPEG in base64
    sound = models.BinaryField(default=bytes)  # a few seconds of AAC, where words were held
    cameo_ids = models.JSONField(default=list)
    created_at = models.DateTimeField()
