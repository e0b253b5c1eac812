"""Who may use somebody else's clip in clips of their own, beside whoever lets everybody remix."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models


class BrollLicenceQuerySet(models.QuerySet["BrollLicence"]):
    def standing(self) -> Self:
        return self.filter(ended_at=None)


class BrollLicence(models.Model):
    """GRANTED -> ended (the payment went back). It holds for as long as its holder may see the clip: a
    withdrawn likeness or a clip that is gone leaves nothing to use (`generation.actions.remixable`)."""

    post = models.ForeignKey("feed.Post", on_delete=models.PROTECT, related_name="broll_licences")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="broll_licences"
    )
    reference = models.CharField(max_length=120, unique=True)  # of the payment: granting twice is once
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = BrollLicenceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["holder", "post"], name="broll_licence_of")]
