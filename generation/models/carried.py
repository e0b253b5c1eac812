"""Clips that somebody brought along from another host."""

from django.db import models


class CarriedClip(models.Model):
    """Where a clip was made that was not made here, and what its manifest says it came from.

    Its files are byte for byte those of that host, with that host's manifest in them. A clip that shows
    people has no uses here (a likeness is verified on each host), so the likeness rule shows it to nobody.
    """

    clip = models.OneToOneField("generation.Clip", on_delete=models.PROTECT, related_name="carried")
    host = models.CharField(max_length=200)
    ancestors = models.JSONField(default=list)  # public ids on that host, nearest first
    ledger_entries = models.JSONField(default=list)  # of the receipts, as the manifest names them
    carried_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.clip_id} of {self.host}"
