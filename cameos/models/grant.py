"""What the owner permits, and what the gate decided about one generation."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models


class Audience(models.TextChoices):
    ONLY_ME = "only_me"
    NAMED = "named"
    CIRCLE = "circle"
    MUTUALS = "mutuals"
    EVERYONE = "everyone"


class Purpose(models.TextChoices):
    GENERATE = "generate"
    REMIX = "remix"
    ADVERTISE = "advertise"
    SERIES = "series"
    GOODS = "goods"


class Companions(models.TextChoices):
    """Who may stand beside the person in one clip."""

    ANYONE = "anyone"
    CIRCLE = "circle"
    NOBODY = "nobody"


class LikenessGrantQuerySet(models.QuerySet["LikenessGrant"]):
    def in_force(self, now: datetime) -> "LikenessGrantQuerySet":
        """Versions that have come and are not revoked, newest first: the first of a cameo's counts."""
        return self.filter(effective_at__lte=now, revoked_at=None).order_by("-version")

    def pending(self, now: datetime) -> "LikenessGrantQuerySet":
        return self.filter(effective_at__gt=now, revoked_at=None).order_by("-version")


class LikenessGrant(models.Model):
    """One version of the owner's permission. A change makes a new version; old ones stay readable.

    The grant in force is the newest one whose `effective_at` has come and that is not revoked. Persons named
    in `people` are covered whatever the audience (widening to one person is immediate). `count_limit` counts
    from this version on.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cameo = models.ForeignKey("cameos.Cameo", on_delete=models.PROTECT, related_name="grants")
    version = models.PositiveIntegerField()
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.ONLY_ME)
    purposes = models.JSONField(default=list)
    topics_refused = models.JSONField(default=list)
    refused_words = models.TextField(blank=True)
    commercial = models.BooleanField(default=False)
    voice = models.BooleanField(default=False)
    companions = models.CharField(max_length=10, choices=Companions.choices, default=Companions.ANYONE)
    show_me_first = models.BooleanField(default=True)  # for everyone outside the circle
    minimum_age = models.PositiveSmallIntegerField(default=0)
    use_from = models.DateTimeField(null=True)
    use_until = models.DateTimeField(null=True)  # stops new uses only
    show_until = models.DateTimeField(null=True)  # ends shown uses too
    count_limit = models.PositiveIntegerField(null=True)
    count_taken = models.PositiveIntegerField(default=0)
    wishes = models.CharField(max_length=280, blank=True)
    # True where widening to one named person was let through at once; few of these a day are.
    named_at_once = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = LikenessGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cameo", "version"], name="grant_version_once"),
            models.CheckConstraint(
                condition=models.Q(count_limit=None) | models.Q(count_taken__lte=models.F("count_limit")),
                name="grant_count_kept",
            ),
            models.CheckConstraint(
                condition=models.Q(use_from=None)
                | models.Q(use_until=None)
                | models.Q(use_from__lt=models.F("use_until")),
                name="grant_window_has_length",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cameo_id} v{self.version}"

    @property
    def count_left(self) -> int | None:
        return None if self.count_limit is None else self.count_limit - self.count_taken


class GrantedPerson(models.Model):
    grant = models.ForeignKey(LikenessGrant, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="granted_likenesses"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grant", "person"], name="granted_person_once")]


class PermitRecord(models.Model):
    """What the gate decided, once, for one cameo in one generation."""

    class State(models.TextChoices):
        TAKEN = "taken"  # a count is reserved
        SPENT = "spent"  # the clip was sealed
        RETURNED = "returned"  # refused, failed or cancelled: the count went back

    generation = models.ForeignKey("generation.Generation", on_delete=models.PROTECT, related_name="permits")
    cameo = models.ForeignKey("cameos.Cameo", on_delete=models.PROTECT, related_name="permits")
    grant = models.ForeignKey(LikenessGrant, null=True, on_delete=models.PROTECT, related_name="permits")
    licence = models.ForeignKey("cameos.Licence", null=True, on_delete=models.PROTECT, related_name="permits")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    commercial = models.BooleanField(default=False)
    voice = models.BooleanField(default=False)
    provisional = models.BooleanField()
    unsure_sentence = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.TAKEN)
    # The ledger entry that the use will get, known beforehand so that the clip's manifest can name it.
    use_entry_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    decided_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "cameo"], name="permit_decided_once")]
