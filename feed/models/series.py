"""A story in episodes: its bible, its locked cast, its order, the votes on what comes next, and who has paid
for which episode."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Block
from accounts.social import Viewer


class SeriesQuerySet(models.QuerySet["Series"]):
    def visible_to(self, viewer: Viewer) -> Self:
        """Those that have begun, and one's own, without those of people with a block between them and the
        viewer. What of the episodes may be seen says `Post.objects.visible_to`."""
        begun = Q(locked_at__isnull=False)
        rows = self.filter(deleted_at=None, creator__is_active=True, creator__erased_at=None)
        if viewer.pk is None:
            return rows.filter(begun)
        rows = rows.filter(begun | Q(creator=viewer.pk))
        either = Q(blocker=viewer.pk, blocked=OuterRef("creator_id")) | Q(
            blocker=OuterRef("creator_id"), blocked=viewer.pk
        )
        return rows.filter(~Exists(Block.objects.filter(either)))


class Series(models.Model):
    """The cast is locked by the first episode: from then on people only leave it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="series")
    title = models.CharField(max_length=80)
    teaser = models.CharField(max_length=280, blank=True)
    bible = models.TextField(max_length=4000, blank=True)  # the creator's own notes: shown to nobody else
    created_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "series"
        indexes = [models.Index(fields=["creator", "-id"], name="series_newest")]

    def get_absolute_url(self) -> str:
        return f"/series/{self.public_id}"


class SeriesCast(models.Model):
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="cast")
    cameo = models.ForeignKey("cameos.Cameo", on_delete=models.CASCADE, related_name="in_series")
    position = models.PositiveSmallIntegerField()
    left_at = models.DateTimeField(null=True)  # written out: in no episode from then on

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "cameo"], name="series_cast_once")]
        ordering = ("position", "pk")


class Episode(models.Model):
    """A post's place in its series. Whether it is to be seen is the post's own rule."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="episodes")
    post = models.OneToOneField("feed.Post", on_delete=models.PROTECT, related_name="episode")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=80)
    cliffhanger = models.CharField(max_length=200, blank=True)  # what is open when it ends
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "number"], name="episode_number_once")]
        ordering = ("number",)


class Ballot(models.Model):
    """What happens next, by vote: OPEN -> DECIDED, TIED or UNVOTED at `closes_at`; TIED -> DECIDED by the
    creator, among those that are level. Nothing else leads on."""

    class State(models.TextChoices):
        OPEN = "open"
        DECIDED = "decided"
        TIED = "tied"
        UNVOTED = "unvoted"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="ballots")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="ballots")
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    question = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    winner = models.ForeignKey("feed.BallotOption", null=True, on_delete=models.PROTECT, related_name="+")
    is_tie_broken = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series"], condition=Q(state="open"), name="ballot_one_open")
        ]
        indexes = [models.Index(fields=["state", "closes_at"], name="ballot_due")]


class BallotOption(models.Model):
    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="options")
    position = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=200)
    vote_count = models.PositiveIntegerField(null=True)  # counted when the vote closes

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ballot", "position"], name="ballot_option_once")]
        ordering = ("position",)


class BallotVote(models.Model):
    """One a person, which they may change until it closes."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="votes")
    option = models.ForeignKey(BallotOption, on_delete=models.CASCADE, related_name="votes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="votes")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ballot", "person"], name="ballot_vote_once")]


class EntitlementQuerySet(models.QuerySet["Entitlement"]):
    def standing(self) -> Self:
        return self.filter(ended_at=None)


class Entitlement(models.Model):
    """Somebody may see a paid post. The one rule of who sees what reads it
    (`generation.models.is_visible_to`); whoever took the payment writes it. GRANTED -> ended (the payment
    went back); nothing leads back, a second purchase is a second row."""

    post = models.ForeignKey("feed.Post", on_delete=models.PROTECT, related_name="entitlements")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="entitlements"
    )
    reference = models.CharField(max_length=80, unique=True)  # of the payment: granting twice is once
    granted_at = models.DateTimeField()
    ended_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)

    objects = EntitlementQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["person", "post"], name="entitlement_of")]
