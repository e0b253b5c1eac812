"""What ranking keeps: each viewer's slate, the versions of the weights, and what happened to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Slate(models.Model):
    """The order that was made for one viewer. `order` is ids joined by commas; `places` a JSON line each.

    An action of the viewer makes it stale; a page never serves a stale one.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="slate")
    order = models.TextField(blank=True)
    places = models.TextField(blank=True)
    version = models.CharField(max_length=60)
    built_at = models.DateTimeField()
    stale_since = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["stale_since"], condition=Q(stale_since__isnull=False), name="slate_stale")
        ]


class RankerVersion(models.Model):
    """One set of weights, with what it was measured at.

    CANDIDATE -> SERVING (it won) or REFUSED (it did not) ; SERVING -> RETIRED ; RETIRED -> SERVING (rolled
    back to). With none SERVING the built-in weights serve.
    """

    class State(models.TextChoices):
        CANDIDATE = "candidate"
        SERVING = "serving"
        RETIRED = "retired"
        REFUSED = "refused"

    version = models.CharField(max_length=60, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CANDIDATE)
    weights = models.JSONField(default=dict)
    # Which clip leads on to which: {"id": [[id, weight], ...]}.
    neighbours = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    trained_at = models.DateTimeField()
    served_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="serving"), name="one_ranker_serves")
        ]


class RankingNote(models.Model):
    """What happened to ranking, for the operator; changes of what serves are published at /ranking."""

    class Kind(models.TextChoices):
        SERVING = "serving"
        REFUSED = "refused"
        ROLLED_BACK = "rolled_back"
        TOO_LITTLE = "too_little"
        FAILED = "failed"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    version = models.CharField(max_length=60, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(db_index=True)


class Experiment(models.Model):
    """Other weights for a share of the people with an account, for a while. Whoever is in one can see it
    and leave.
    """

    name = models.SlugField(max_length=40, unique=True)
    description = models.CharField(max_length=300)
    share = models.PositiveSmallIntegerField()  # percent
    weights = models.JSONField(default=dict)  # those that differ
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(share__gte=1) & Q(share__lte=100), name="experiment_percent")
        ]


class ExperimentLeft(models.Model):
    """This person does not take part."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="left")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["experiment", "person"], name="experiment_left_once")]
