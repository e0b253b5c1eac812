"""A person of this host, and the edges between people."""

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.handles import check_name, skeleton_expression


class User(AbstractUser):
    """A person. `username` is the public handle; `public_id` is what addresses carry."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # "" where somebody joined by passkey and gave none.
    email = models.EmailField(blank=True)
    display_name = models.CharField(max_length=60, blank=True, validators=[check_name])
    birth_date = models.DateField(null=True, blank=True)
    # Codes by e-mail open nothing then: a second factor, the device's own check, is in each passkey.
    only_passkeys = models.BooleanField(default=False)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="en")
    bio = models.CharField(max_length=280, blank=True)
    invited_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="invited"
    )
    erased_at = models.DateTimeField(null=True, blank=True)
    is_moderator = models.BooleanField(default=False)

    REQUIRED_FIELDS = ["email"]

    class Meta(AbstractUser.Meta):
        constraints = [
            # Two handles that look alike are one: `b0b` can't stand beside `bob`.
            models.UniqueConstraint(skeleton_expression(), name="handle_looks_unique"),
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="email_once_in_any_case"),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def name(self) -> str:
        """What other people read: the display name, or the handle."""
        return self.display_name or self.username


class Invite(models.Model):
    """A code that lets people in and makes inviter and invited follow each other."""

    code = models.CharField(max_length=32, unique=True)
    inviter = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invites")
    uses_left = models.PositiveIntegerField(default=1)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code

    def is_open(self, now: datetime) -> bool:
        return self.uses_left > 0 and now < self.expires_at


class Follow(models.Model):
    follower = models.ForeignKey(User, on_delete=models.CASCADE, related_name="follows")
    followee = models.ForeignKey(User, on_delete=models.CASCADE, related_name="followed_by")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followee"], name="follow_once"),
            models.CheckConstraint(condition=~Q(follower=F("followee")), name="follow_not_self"),
        ]
        indexes = [models.Index(fields=["followee", "follower"], name="follow_back")]


class Block(models.Model):
    blocker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="block_not_self"),
        ]
        indexes = [models.Index(fields=["blocked", "blocker"], name="block_back")]


class Mute(models.Model):
    muter = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mutes")
    muted = models.ForeignKey(User, on_delete=models.CASCADE, related_name="muted_by")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["muter", "muted"], name="mute_once"),
            models.CheckConstraint(condition=~Q(muter=F("muted")), name="mute_not_self"),
        ]


class CircleMember(models.Model):
    """`owner` lists `member` by hand as close; the member is not told."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="circle")
    member = models.ForeignKey(User, on_delete=models.CASCADE, related_name="in_circles_of")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "member"], name="circle_once"),
            models.CheckConstraint(condition=~Q(owner=F("member")), name="circle_not_self"),
        ]
