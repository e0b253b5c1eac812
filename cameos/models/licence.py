"""What a likeness costs, who asked for it, and what was paid."""

import uuid

from django.conf import settings
from django.db import models


def told(amount: int, currency: str) -> str:
    """A sum in one of the currencies of licences, which all have two decimals."""
    return f"{amount / 100:,.2f} {currency}"


class PriceCard(models.Model):
    """One version of the owner's prices; the newest whose `effective_at` has come counts. Fee 0 is free.

    Money is integer minor units with its currency; `share_bp` are basis points of sales by a clip.
    """

    cameo = models.ForeignKey("cameos.Cameo", on_delete=models.PROTECT, related_name="prices")
    fee = models.PositiveBigIntegerField(default=0)  # for each clip
    currency = models.CharField(max_length=3)
    share_bp = models.PositiveIntegerField(default=0)
    friends_free = models.BooleanField(default=True)  # the owner's circle
    created_at = models.DateTimeField()
    effective_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(share_bp__lte=10_000), name="price_share_at_most_all")
        ]

    @property
    def fee_told(self) -> str:
        return told(self.fee, self.currency)

    @property
    def share_percent(self) -> str:
        return f"{self.share_bp / 100:g}"


class Licence(models.Model):
    """ASKED -> ACCEPTED -> ACTIVE -> ENDED; ASKED -> DECLINED; ASKED, ACCEPTED -> LAPSED or ENDED.

    The sum and the share are those of the day it was asked for. Clips are taken and given back as counts of a
    grant are: by the database.
    """

    class State(models.TextChoices):
        ASKED = "asked"
        ACCEPTED = "accepted"  # waits for the payment
        ACTIVE = "active"
        DECLINED = "declined"
        LAPSED = "lapsed"
        ENDED = "ended"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cameo = models.ForeignKey("cameos.Cameo", on_delete=models.PROTECT, related_name="licences")
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="licences")
    card = models.ForeignKey(PriceCard, on_delete=models.PROTECT, related_name="licences")
    words = models.CharField(max_length=500, blank=True)  # what the requester wants it for
    clip_count = models.PositiveIntegerField()
    clips_taken = models.PositiveIntegerField(default=0)
    fee = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    share_bp = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    payment_reference = models.CharField(max_length=120, blank=True)
    paid = models.PositiveBigIntegerField(default=0)
    back = models.PositiveBigIntegerField(default=0)  # what is owed back of it, or went back
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(clips_taken__lte=models.F("clip_count")), name="licence_count_kept"
            ),
            models.CheckConstraint(condition=models.Q(back__lte=models.F("paid")), name="licence_back_kept"),
            models.UniqueConstraint(
                fields=["payment_reference"],
                condition=~models.Q(payment_reference=""),
                name="licence_payment_once",
            ),
            models.UniqueConstraint(
                fields=["cameo", "requester"],
                condition=models.Q(state__in=["asked", "accepted"]),
                name="licence_one_open_request",
            ),
        ]

    @property
    def total(self) -> int:
        return self.fee * self.clip_count

    @property
    def clips_left(self) -> int:
        return self.clip_count - self.clips_taken

    @property
    def total_told(self) -> str:
        return told(self.total, self.currency)

    @property
    def back_told(self) -> str:
        return told(self.back, self.currency)
