"""How a viewer steers their feed: rules that they can read, and what they don't want to see at all."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models

from accounts import compiled
from accounts.social import Viewer


class Steering(models.Model):
    """`rules` as `steering.read` takes them; `ai_share` is the wanted share of AI-made clips in percent."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="steering")
    rules = models.JSONField(default=list)
    muted_words = models.JSONField(default=list)
    hide_ai = models.BooleanField(default=False)
    ai_share = models.PositiveSmallIntegerField(null=True, validators=[MaxValueValidator(100)])
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ai_share__isnull=True) | models.Q(ai_share__lte=100),
                name="ai_share_percent",
            )
        ]

    @classmethod
    def of(cls, viewer: Viewer) -> Steering | None:
        """What this viewer keeps; nothing for most, and for everybody without an account."""
        if viewer.pk is None:
            return None
        names = [field.attname for field in cls._meta.concrete_fields]

        def build() -> models.QuerySet[Steering, Any]:
            return cls.objects.filter(person=compiled.VIEWER.pk).values_list(*names)

        for row in compiled.run("steering", build, compiled.Values(viewer.pk)):
            return cls.from_db("default", names, row)
        return None
