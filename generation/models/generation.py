"""A request to make a clip, with its state and the claim of the worker that makes it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from generation import wordless
from generation.states import FROM_FILMS, OPEN, OVER, WITHOUT_CLIPS, State, Verb, check

if TYPE_CHECKING:
    from generation.models.clip import Clip


class GenerationQuerySet(models.QuerySet["Generation"]):
    def made_by(self, maker: Any) -> GenerationQuerySet:
        return self.filter(maker=maker)

    def still_open(self) -> GenerationQuerySet:
        return self.filter(state__in=OPEN)

    def move(self, row: Generation, after: State, now: datetime, **fields: Any) -> bool:
        """Take the arrow from the row's state to `after`, if the row is still where we think and the claim is
        still ours. Returns False (and changes nothing) when somebody else was faster."""
        check(row.state, after)
        moved = self.filter(pk=row.pk, state=row.state, fence=row.fence).update(
            state=after, state_since=now, **fields
        )
        if moved:
            row.state, row.state_since = after, now
            for name, value in fields.items():
                setattr(row, name, value)
        return bool(moved)


class Generation(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="generations")
    verb = models.CharField(max_length=10, choices=Verb.choices, default=Verb.TEXT)
    prompt = models.TextField()
    seed = models.BigIntegerField()
    preset = models.CharField(max_length=20, default="standard")
    engine = models.CharField(max_length=40, default="native")
    seconds = models.PositiveSmallIntegerField(default=5)
    aspect = models.CharField(max_length=9, default="9:16")
    # The clip that it goes on from; further ones (connect, keyframes) are `more_sources`.
    parent = models.ForeignKey(
        "generation.Clip", null=True, on_delete=models.PROTECT, related_name="generations_from"
    )
    # What a verb needs besides words, settled by `verbs.settle`: moments, direction, shots, who is recast.
    how = models.JSONField(default=dict, blank=True)
    # Takes of the same wishes with other seeds (`batches`); the best by its scores is shown first.
    batch = models.UUIDField(null=True, db_index=True)
    # The words stay with their maker: nobody reads them on the clip.
    hide_prompt = models.BooleanField(default=False)
    # A quick small draft: served before whole clips, and taken in between at a step border of a running one.
    is_preview = models.BooleanField(default=False)
    clip = models.OneToOneField(
        "generation.Clip", null=True, on_delete=models.PROTECT, related_name="generation"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.SCREENING)
    state_since = models.DateTimeField()
    refusal_stage = models.CharField(max_length=20, blank=True)
    refusal_rule = models.CharField(max_length=40, blank=True)
    refusal_evidence = models.CharField(max_length=400, blank=True)
    refusal_suggestion = models.CharField(max_length=400, blank=True)
    error = models.CharField(max_length=40, blank=True)
    # Whom a moderator did not find in held pictures; the same doubt does not hold them again.
    cleared_faces = models.JSONField(default=list, blank=True)
    pictures_cleared = models.BooleanField(default=False)  # ... and whether they found the pictures harmless
    sound_cleared = models.BooleanField(default=False)  # ... and what is said in it
    # Words of the prompt that the engine has no picture for, told before and after rendering.
    told = models.JSONField(default=list, blank=True)
    credits = models.PositiveIntegerField()
    # Seconds until READY that were promised when it was queued: how well we promise is learned from it.
    promised_s = models.FloatField(default=0.0)
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    # Seconds of each stage of the last attempt, e.g. {"render": 12.1, "seal": 0.8}: estimates learn from it.
    stage_seconds = models.JSONField(default=dict, blank=True)
    cancel_requested_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=30, blank=True)
    # The claim: which worker, until when, and a token that grows with each claim (late writers lose).
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "queued_at"], name="generation_turn"),
            models.Index(fields=["maker", "state", "queued_at"], name="generation_in_line"),
            models.Index(fields=["engine", "-finished_at"], name="generation_history"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="READY", clip__isnull=False) | (~Q(state="READY") & Q(clip=None)),
                name="ready_means_a_clip",
            ),
            models.CheckConstraint(
                condition=~Q(state="REFUSED") | ~Q(refusal_rule=""), name="refusal_has_a_name"
            ),
            models.CheckConstraint(
                condition=Q(verb__in=WITHOUT_CLIPS, parent=None)
                | (~Q(verb__in=WITHOUT_CLIPS) & Q(parent__isnull=False)),
                name="what_goes_on_has_a_parent",
            ),
            models.CheckConstraint(condition=Q(step__lte=F("steps")), name="step_within_steps"),
        ]

    def sources(self) -> list[Clip]:
        """The clips that it goes on from, in their order; of a reel those that are cut into it."""
        if self.parent is None and not self.how.get("pieces"):
            return []
        more = self.more_sources.select_related("clip__maker").order_by("position")
        return [*([self.parent] if self.parent else ()), *(row.clip for row in more)]

    @property
    def is_filmed(self) -> bool:
        """Nothing in it is made by a model: somebody filmed or photographed it."""
        return self.verb in FROM_FILMS and not self.how.get("pieces")

    @property
    def shows_material(self) -> bool:
        """It may show what somebody brought, and with it people who were never asked."""
        return self.verb in FROM_FILMS or self.verb == Verb.EXPLAIN and bool(self.how.get("footage"))

    @property
    def words(self) -> str:
        """What a page shows for the prompt."""
        return wordless.shown(self.prompt)

    @property
    def is_board(self) -> bool:
        """Its shots can be taken again, one by one."""
        return self.verb != Verb.EXPLAIN and bool(self.how.get("shots"))

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def percent(self) -> int:
        """How far the rendering is, 0 to 100."""
        if self.state == State.READY:
            return 100
        return 100 * self.step // self.steps if self.steps else 0


class GenerationSource(models.Model):
    """A further clip that a generation goes on from, after its parent."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="more_sources")
    clip = models.ForeignKey("generation.Clip", on_delete=models.PROTECT, related_name="more_generations")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["generation", "position"], name="source_position_once"),
            models.CheckConstraint(condition=Q(position__gte=1), name="the_first_source_is_the_parent"),
        ]


class GenerationCast(models.Model):
    """Somebody the maker asks for, in the order in which they stand in the scene."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="cast")
    cameo = models.ForeignKey("cameos.Cameo", on_delete=models.PROTECT, related_name="cast_in")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["generation", "cameo"], name="cast_once"),
            models.UniqueConstraint(fields=["generation", "position"], name="cast_position_once"),
        ]


class PlayFace(models.Model):
    """The promise of one picture of one face to somebody who plays: given out once, and not after
    `expires_at`. Only the token's hash is kept."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="play_faces")
    cameo = models.ForeignKey("cameos.Cameo", on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
