"""A playable clip: at one moment the viewer chooses how it goes on, among clips that are there already."""

from __future__ import annotations

from django.db import models


class BranchPoint(models.Model):
    """One a post; clips that it leads to may have one of their own, and so on."""

    post = models.OneToOneField("feed.Post", on_delete=models.CASCADE, related_name="branch_point")
    at_ms = models.PositiveIntegerField()
    question = models.CharField(max_length=120)


class BranchWay(models.Model):
    """A way on. Whether it is offered is the rule of the post that it leads to."""

    point = models.ForeignKey(BranchPoint, on_delete=models.CASCADE, related_name="ways")
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=60)
    target = models.ForeignKey("feed.Post", on_delete=models.CASCADE, related_name="reached_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["point", "position"], name="branch_way_once"),
            models.UniqueConstraint(fields=["point", "target"], name="branch_target_once"),
        ]
        ordering = ("position",)
