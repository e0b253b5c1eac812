"""What the queue keeps beside the jobs: whose turn it was, what a plan gives, which workers live, and the
last picture of a job in work."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Turn(models.Model):
    """A person's place in the rounds (start-time fair queuing): when their last job began and when their next
    may begin, in turns and not in seconds. One turn costs 1 / weight."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="turn")
    start = models.FloatField(default=0.0, db_index=True)
    finish = models.FloatField(default=0.0)

    class Meta:
        db_table = "generation_rounds"  # an index is named generation_turn


class Allowance(models.Model):
    """What a plan gives a person until a moment: their weight in the rounds and seconds of clip a day."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="allowance"
    )
    plan = models.CharField(max_length=40)
    weight = models.PositiveSmallIntegerField(default=1)
    seconds_a_day = models.PositiveIntegerField(null=True)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=20), name="weight_1_to_20")
        ]


class Worker(models.Model):
    """A rendering worker that gave a sign of life. Estimates count them; nothing leans on the row."""

    name = models.CharField(max_length=80, unique=True)
    seen_at = models.DateTimeField(db_index=True)


class Preview(models.Model):
    """A small picture of the last step of a job in work, for its maker alone; gone when the job is over."""

    generation = models.OneToOneField(
        "generation.Generation", on_delete=models.CASCADE, related_name="preview"
    )
    jpeg = models.BinaryField()
    step = models.PositiveIntegerField()
