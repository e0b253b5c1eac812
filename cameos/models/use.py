"""One person's likeness in one clip."""

import uuid

from django.db import models


class LikenessUse(models.Model):
    """PROVISIONAL -> LIVE -> ENDED (and PROVISIONAL -> ENDED); nothing leaves ENDED.

    All uses of a clip LIVE, and as many as its `cast_count`: public by the post's own rules. Some
    PROVISIONAL, none ENDED: the maker and depicted people only. Any ENDED: served to nobody.
    `grant` is null only where the owner cast themself (covered by being the owner).
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

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clip = models.ForeignKey("generation.Clip", on_delete=models.PROTECT, related_name="uses")
    cameo = models.ForeignKey("cameos.Cameo", on_delete=models.PROTECT, related_name="uses")
    grant = models.ForeignKey(
        "cameos.LikenessGrant", null=True, on_delete=models.PROTECT, related_name="uses"
    )
    state = models.CharField(max_length=12, choices=State.choices)
    approval = models.CharField(max_length=12, choices=Approval.choices)
    ended_reason = models.CharField(max_length=30, blank=True)
    ended_at = models.DateTimeField(null=True)
    show_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clip", "cameo"], name="use_once_a_clip")]
        indexes = [models.Index(fields=["cameo", "state"])]
