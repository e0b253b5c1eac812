"""An adult who looks after a teen's account, because the teen asked them and they said yes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Guardianship(models.Model):
    """Asked for by the teen; in force from the adult's yes (`agreed_at`) until `ends_at`, an end by either or
    the teen's eighteenth birthday."""

    teen = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="guardianship"
    )
    guardian = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wards")
    minutes_a_day = models.PositiveSmallIntegerField(
        null=True, blank=True
    )  # of watching, at most; null: none
    no_messages = models.BooleanField(default=False)  # but with the guardian
    no_casting = models.BooleanField(default=False)  # the teen's likeness stays frozen
    asked_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)  # the teen asked for the end

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(teen=F("guardian")), name="guardian_not_self"),
        ]

    def __str__(self) -> str:
        return f"{self.guardian} looks after {self.teen}"
