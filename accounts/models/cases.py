"""One item in the moderators' inbox, whichever app files it."""

import uuid

from django.conf import settings
from django.db import models


class Case(models.Model):
    class State(models.TextChoices):
        OPEN = "open"
        DECIDED = "decided"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # `kind` names the handler that the filing app registered with `accounts.cases.register`.
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)  # "<app>.<model>:<public_id>"
    reason = models.CharField(max_length=280)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decision = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=models.Q(state="open"), name="case_open_once"
            )
        ]
