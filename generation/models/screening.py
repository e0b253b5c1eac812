"""What the operator decided about screening, and what it was measured to do."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class HarmLevel(models.Model):
    """How strictly one harm is taken; a harm without a row follows `HARM_LEVELS`."""

    category = models.CharField(max_length=20, unique=True)
    level = models.CharField(max_length=10)


class GuardedName(models.Model):
    """Somebody, or a character, whom the operator guards beside the shipped lists. `names`: aliases with `|`
    between, as a person writes them."""

    class Rule(models.TextChoices):
        REAL_PERSON = "real_person", _("Public figure")
        DECEASED = "deceased_by_request", _("Deceased, by request")
        CHARACTER = "character", _("Character that belongs to somebody")

    rule = models.CharField(max_length=20, choices=Rule.choices)
    names = models.CharField(max_length=300, unique=True)
    added_at = models.DateTimeField()


class ScreeningChange(models.Model):
    """The log of what the operator changed: written once, never changed."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    what = models.CharField(max_length=400)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()


class RedteamRun(models.Model):
    """What the red-team set found at the levels of its moment. `figures`: as `redteam.Score.as_dict`."""

    half = models.CharField(max_length=10)
    set_sha256 = models.CharField(max_length=64)
    levels = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    at = models.DateTimeField()


class Appeal(models.Model):
    """A maker asks a person to look at a refusal again. GRANTED lets the same wishes of the same maker
    through once they ask anew."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for a moderator")
        UPHELD = "upheld", _("The refusal stays")
        GRANTED = "granted", _("Let through")

    generation = models.OneToOneField(
        "generation.Generation", on_delete=models.CASCADE, related_name="appeal"
    )
    words = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)


class NameRequest(models.Model):
    """Somebody asks that a name be guarded: their own, that of somebody who died, or of a character."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="name_requests")
    rule = models.CharField(max_length=20, choices=GuardedName.Rule.choices)
    names = models.CharField(max_length=300)
    why = models.CharField(max_length=500)
    created_at = models.DateTimeField()
