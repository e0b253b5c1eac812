"""Who is paid out, in which batches, and what went to whom for which order."""

import uuid

from django.conf import settings
from django.db import models


class Payee(models.Model):
    """A person's account at the payment provider. Only a ready one is paid."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payee")
    account_id = models.CharField(max_length=120, unique=True)
    is_ready = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    checked_at = models.DateTimeField()


class Transfer(models.Model):
    """Money that is on its way, or went, from one order's payment to one person.

    WAITING (written before the provider is asked, under its key) -> SENT; what the provider refuses for good
    ends FAILED and its sum is available again.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.UUIDField(db_index=True)
    payee = models.ForeignKey(Payee, on_delete=models.PROTECT, related_name="transfers")
    order = models.ForeignKey("commerce.Order", on_delete=models.PROTECT, related_name="transfers")
    role = models.CharField(max_length=10)
    amount = models.PositiveBigIntegerField()
    reversed = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    transfer_id = models.CharField(max_length=120, blank=True)
    error = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reversed__lte=models.F("amount")), name="transfer_reversed_at_most_whole"
            )
        ]


class Reconciliation(models.Model):
    """One night's comparison of our books with the provider's."""

    at = models.DateTimeField()
    orders = models.PositiveIntegerField()
    healed = models.PositiveIntegerField()  # orders whose lost news were found and applied
    differences = models.JSONField(default=list)  # [{"order", "what", "ours", "theirs", "currency"}]
