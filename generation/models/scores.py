"""What was measured of a finished clip. The numbers and their units are explained in `generation.scores`."""

from __future__ import annotations

from django.db import models


class ClipScores(models.Model):
    """Null where a number cannot be judged for this clip."""

    clip = models.OneToOneField("generation.Clip", on_delete=models.CASCADE, related_name="scores")
    prompt_match = models.FloatField(null=True)
    identity_match = models.FloatField(null=True)
    flicker = models.FloatField(null=True)
    motion = models.FloatField(null=True)
    sharpness = models.FloatField(null=True)
    physics = models.FloatField(null=True)
    fidelity = models.FloatField(null=True)
    # {"missing": [concepts of the words that are not shown], "probes": {name: [held, of]}}
    details = models.JSONField(default=dict)
