"""Reposts, starter packs and messages."""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts import social
from accounts.social import Viewer


class Repost(models.Model):
    """A person shows a post to those who follow them."""

    post = models.ForeignKey("feed.Post", on_delete=models.CASCADE, related_name="reposts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reposts")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "post"], name="repost_once")]


class StarterPack(models.Model):
    """People whom somebody recommends to follow, behind one link."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="starter_packs"
    )
    title = models.CharField(max_length=80)
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="in_starter_packs")
    created_at = models.DateTimeField()

    def get_absolute_url(self) -> str:
        return f"/packs/{self.public_id}"


class Conversation(models.Model):
    """Between two people (`pair` is their ids, so that there is one), or a small group with a title."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pair = models.CharField(max_length=50, blank=True)
    title = models.CharField(max_length=80, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pair"], condition=~Q(pair=""), name="conversation_pair_once")
        ]

    def get_absolute_url(self) -> str:
        return f"/messages/{self.public_id}"


class Talker(models.Model):
    """ASKED -> IN (accepted) or OUT (declined); IN -> OUT (left); OUT -> IN (writes to the other of two
    again). Nobody who is OUT reads or writes."""

    class State(models.TextChoices):
        ASKED = "asked"
        IN = "in"
        OUT = "out"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="talkers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="talks")
    state = models.CharField(max_length=5, choices=State.choices)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "person"], name="talker_once")]
        indexes = [models.Index(fields=["person", "state"], name="talker_state")]


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, viewer: Viewer) -> Self:
        """What stands, without those of people with a block between them and the viewer."""
        return self.filter(social.unblocked(viewer, "author_id"), deleted_at=None)


class Message(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="messages")
    text = models.CharField(max_length=2000, blank=True)
    post = models.ForeignKey("feed.Post", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["conversation", "-id"], name="message_newest")]
