"""A sentence of the operator to everybody."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Announcement(models.Model):
    """Stands at the top of pages from `begins_at` until `ends_at`; nothing in it is about one person."""

    text = models.CharField(_("In English"), max_length=300)
    text_zh = models.CharField(_("In Chinese"), max_length=300, blank=True)
    begins_at = models.DateTimeField(_("From"))
    ends_at = models.DateTimeField(_("Until"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="announcement_has_time"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
