"""One link in an owner's chain of grants, uses and revocations. Append-only (triggers refuse the rest)."""

from django.db import models


class LedgerEntry(models.Model):
    cameo = models.ForeignKey("cameos.Cameo", on_delete=models.PROTECT, related_name="ledger")
    sequence = models.PositiveIntegerField()
    entry_id = models.UUIDField(unique=True)
    kind = models.CharField(max_length=30)
    at = models.DateTimeField()
    body = (
        models.TextField()
    )  # canonical JSON with pseudonyms and salted commitments: what is hashed and signed
    details = models.BinaryField()  # readable details, encrypted under the cameo's key
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    key_id = models.CharField(max_length=32)
    signature = models.CharField(max_length=128)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cameo", "sequence"], name="ledger_no_fork")]
        ordering = ["sequence"]
