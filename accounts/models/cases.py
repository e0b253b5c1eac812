"""One item in the moderators' inbox, whichever app files it, and what happened to it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


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
                fields=["kind", "subject"], condition=Q(state="open"), name="case_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | Q(state="decided", decided_at__isnull=False),
                name="case_decided_has_moment",
            ),
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="case_inbox")]


class CaseEvent(models.Model):
    """Filed, filed again, decided: one line each. The database refuses to change or delete it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    # PROTECT, for SET_NULL would be a change: accounts are emptied, not deleted.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=60)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
