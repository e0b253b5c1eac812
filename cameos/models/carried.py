"""Ledgers that somebody brought along from another host."""

from django.conf import settings
from django.db import models


class CarriedLedger(models.Model):
    """A whole ledger file of another host, as that host signed it. It is proof of what was granted and used
    there; nothing here is allowed by it."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="carried_ledgers"
    )
    host = models.CharField(max_length=200)
    principal = models.UUIDField()  # the pseudonym under which that host knew the likeness
    file = models.TextField()  # JSON, for `static/verify_ledger.py`
    carried_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "principal"], name="carried_ledger_once")]

    def __str__(self) -> str:
        return f"{self.principal} of {self.host}"
