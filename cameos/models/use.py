"""One person's likeness in one clip, and what ended it."""

import uuid

from django.db import models


class Ending(models.Model):
    """One act that ended uses, and how far the work that follows it has come.

    started_at (uses are ended) -> files of all their clips gone -> finished_at. The beat runs unfinished ones
    again.
    """

    class Reason(models.TextChoices):
        REVOKED = "revoked"
        FROZEN = "frozen"
        BLOCKED = "blocked"
        NARROWED = "narrowed"
        DELETED = "deleted"
        DECLINED = "declined"
        TIMED_OUT = "timed_out"
        SHOW_UNTIL = "show_until"
        ERASED = "erased"
        REPAIRED = "repaired"
        REFUNDED = "refunded"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cameo = models.ForeignKey("cameos.Cameo", on_delete=models.PROTECT, related_name="endings")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    use_count = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["finished_at"], condition=models.Q(finished_at=None), name="ending_due")
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.public_id}"


class LikenessUseQuerySet(models.QuerySet["LikenessUse"]):
    def running(self) -> "LikenessUseQuerySet":
        return self.exclude(state=LikenessUse.State.ENDED)

    def waiting(self) -> "LikenessUseQuerySet":
        return self.filter(state=LikenessUse.State.PROVISIONAL, approval=LikenessUse.Approval.WAITING)


class LikenessUse(models.Model):
    """PROVISIONAL -> LIVE -> ENDED (and PROVISIONAL -> ENDED); nothing leaves ENDED (a trigger holds that).

    All uses of a clip LIVE, and as many as its `cast_count`: public by the post's own rules. Some
    PROVISIONAL, none ENDED: the maker and depicted people only. Any ENDED: served to nobody. `grant` is null
    only where the owner cast themself (covered by being the owner).
    """

    class State(models.TextChoices):
        PROVISIONAL = "provisional"
        LIVE = "live"
        ENDED = "ended"

    class Approval(models.TextChoices):
        NOT_NEEDED = "not_needed"
        WAITING = "waiting"
        APPROVED = "approved"
        DECLINED = "declined"
        HIDDEN = "hidden"  # by the owner, who may show it again

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clip = models.ForeignKey("generation.Clip", on_delete=models.PROTECT, related_name="uses")
    cameo = models.ForeignKey("cameos.Cameo", on_delete=models.PROTECT, related_name="uses")
    grant = models.ForeignKey(
        "cameos.LikenessGrant", null=True, on_delete=models.PROTECT, related_name="uses"
    )
    permit = models.OneToOneField(
        "cameos.PermitRecord", null=True, on_delete=models.PROTECT, related_name="use"
    )
    # The ledger entry of this use; the same id stands in the clip's manifest.
    entry_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=12, choices=State.choices)
    approval = models.CharField(max_length=12, choices=Approval.choices)
    ended_reason = models.CharField(max_length=30, blank=True)
    ended_at = models.DateTimeField(null=True)
    ending = models.ForeignKey(Ending, null=True, on_delete=models.PROTECT, related_name="uses")
    show_until = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # when the owner got news of it (`cameos.notices`)
    created_at = models.DateTimeField()

    objects = LikenessUseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clip", "cameo"], name="use_once_a_clip")]
        indexes = [
            models.Index(fields=["cameo", "state"]),
            # The likeness rule counts by these two at every read of every clip.
            models.Index(fields=["clip", "state", "show_until"], name="use_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.cameo_id} in {self.clip_id}: {self.state}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.PROVISIONAL and self.approval == self.Approval.WAITING

    @property
    def is_hidden(self) -> bool:
        return self.state == self.State.PROVISIONAL and self.approval == self.Approval.HIDDEN

    @property
    def is_ended(self) -> bool:
        return self.state == self.State.ENDED
