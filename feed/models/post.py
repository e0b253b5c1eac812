"""A published clip with its caption."""

import uuid

from django.conf import settings
from django.db import models


class Hashtag(models.Model):
    name = models.CharField(max_length=60, unique=True)


class Post(models.Model):
    class State(models.TextChoices):
        LIVE = "LIVE"
        HIDDEN = "HIDDEN"
        WITHDRAWN = "WITHDRAWN"
        DELETED = "DELETED"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clip = models.OneToOneField("generation.Clip", on_delete=models.PROTECT, related_name="post")
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posts")
    caption = models.CharField(max_length=500, blank=True)
    hashtags = models.ManyToManyField(Hashtag, related_name="posts", blank=True)
    topics = models.JSONField(default=list)
    vector = models.BinaryField(null=True)  # text vector of caption and prompt, 384 float32
    state = models.CharField(max_length=10, choices=State.choices, default=State.LIVE)
    allow_remix = models.BooleanField(default=True)
    allow_comments = models.BooleanField(default=True)
    allow_tags = models.BooleanField(default=True)
    like_count = models.PositiveIntegerField(default=0)
    comment_count = models.PositiveIntegerField(default=0)
    remix_count = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "-published_at", "-id"])]
