"""What people answer to a post."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import social
from accounts.social import Viewer


class Like(models.Model):
    post = models.ForeignKey("feed.Post", on_delete=models.CASCADE, related_name="likes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="likes")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "person"], name="like_once")]


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, viewer: Viewer) -> Self:
        """Comments that stand, without those of people with a block between them and the viewer."""
        comments = self.filter(deleted_at=None)
        if viewer.pk is None:
            return comments
        return comments.filter(social.unblocked(viewer, "author_id"))


class Comment(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    post = models.ForeignKey("feed.Post", on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comments")
    text = models.CharField(max_length=1000)
    reply_to = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="replies")
    is_pinned = models.BooleanField(default=False)  # by the creator of the clip: one at the top
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["post", "-created_at", "-id"])]


class CommentEdit(models.Model):
    """What a comment said before."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="edits")
    text = models.CharField(max_length=1000)
    at = models.DateTimeField()  # until when it said so


class NotInterested(models.Model):
    """The viewer wants less like this; it counts against the post's topics and creator for this viewer
    alone.
    """

    post = models.ForeignKey("feed.Post", on_delete=models.CASCADE, related_name="not_interested")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="not_interested"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "person"], name="not_interested_once")]


class ReportReason(models.TextChoices):
    NOT_MY_PERMISSION = "not_my_permission", _("I am in it and did not allow it")
    SOMEBODY_ELSE = "somebody_else", _("It shows somebody who did not allow it")
    MINOR = "minor", _("It harms or sexualises a minor")
    SEXUAL = "sexual", _("Sexual content")
    VIOLENCE = "violence", _("Violence or gore")
    HATE = "hate", _("Hate against a group")
    HARASSMENT = "harassment", _("Bullying or harassment")
    SELF_HARM = "self_harm", _("Suicide or self-harm")
    DANGEROUS = "dangerous", _("A dangerous act or dare")
    DRUGS = "drugs", _("Drugs or weapons")
    DECEPTION = "deception", _("It passes for real and misleads")
    POLITICS = "politics", _("It manipulates an election or public debate")
    SCAM = "scam", _("Scam or fraud")
    SPAM = "spam", _("Spam")
    COPYRIGHT = "copyright", _("It uses my work")
    PRIVACY = "privacy", _("It shows private information")
    PRODUCT = "product", _("A tagged product is fake or forbidden")
    OTHER = "other", _("Something else")


class Report(models.Model):
    post = models.ForeignKey("feed.Post", on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reports")
    reason = models.CharField(max_length=30, choices=ReportReason.choices)
    text = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "reporter"], name="report_once")]
