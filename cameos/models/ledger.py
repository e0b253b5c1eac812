"""One link in an owner's chain of grants, uses and revocations, and the host's daily head over all chains."""

from django.db import models


class LedgerEntry(models.Model):
    """Append-only: triggers refuse UPDATE and DELETE on both databases."""

    cameo = models.ForeignKey("cameos.Cameo", on_delete=models.PROTECT, related_name="ledger")
    sequence = models.PositiveIntegerField()
    entry_id = models.UUIDField(unique=True)
    kind = models.CharField(max_length=30)
    at = models.DateTimeField()
    # Canonical JSON with pseudonyms and salted commitments: what is hashed and signed.
    body = models.TextField()
    # What the commitments commit to, and their salts, encrypted under the cameo's key.
    details = models.BinaryField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    key_id = models.CharField(max_length=32)
    signature = models.CharField(max_length=128)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cameo", "sequence"], name="ledger_no_fork")]
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"{self.kind} {self.sequence}"


class LedgerHead(models.Model):
    """The signed Merkle root over the tips of all chains at the end of one day. Append-only too."""

    date = models.DateField(unique=True)
    # Where each chain stood: [[pseudonym, sequence, hash], ...] in the order of the leaves.
    tips = models.JSONField()
    root = models.CharField(max_length=64)
    body = models.TextField()
    key_id = models.CharField(max_length=32)
    signature = models.CharField(max_length=128)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.root[:12]}"
