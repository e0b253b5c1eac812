"""From the release to the verdict on a verification recording."""

import uuid

from django.conf import settings
from django.db import models

from cameos.models.cameo import Cameo
from cameos.models.never import NeverMe


def _one_of(first: str, second: str) -> models.Q:
    """Exactly one of two keys is set."""
    return models.Q(**{f"{first}__isnull": True, f"{second}__isnull": False}) | models.Q(
        **{f"{first}__isnull": False, f"{second}__isnull": True}
    )


class ReleaseAgreement(models.Model):
    """The owner agreed to one version of the written release, and may withdraw that."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="release_agreements"
    )
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    country = models.CharField(max_length=2, blank=True)  # asked only where the operator limits countries
    text_sha256 = models.CharField(max_length=64)
    agreed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)


class Challenge(models.Model):
    """What a recording must contain; single use, recording must start within 60 s of it.

    Of an account (`user`), or of somebody without one (`never_me`).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="challenges"
    )
    never_me = models.ForeignKey(NeverMe, null=True, on_delete=models.CASCADE, related_name="challenges")
    nonce = models.CharField(max_length=43, unique=True)
    movements = models.JSONField()  # e.g. ["left", "up", "right"]; a blink is always asked
    numbers = models.JSONField()  # e.g. [4, 17, 9], spoken digit by digit
    issued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=_one_of("user", "never_me"), name="challenge_of_one")]


class Upload(models.Model):
    """A resumable upload (tus 1.0). The file's name on disk is ours; unfinished ones go after 24 h."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="uploads"
    )
    never_me = models.ForeignKey(NeverMe, null=True, on_delete=models.CASCADE, related_name="uploads")
    purpose = models.CharField(max_length=20)
    size = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    path = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=_one_of("owner", "never_me"), name="upload_of_one")]


class CameoCapture(models.Model):
    """One recording and what the server thought of it."""

    class State(models.TextChoices):
        CHECKING = "checking"
        VERIFIED = "verified"
        RETRY = "retry"
        REVIEW = "review"
        ACCEPTED = "accepted"  # by a moderator; the worker gathers the references now
        REJECTED = "rejected"

    UNDECIDED = (State.CHECKING, State.REVIEW, State.ACCEPTED)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cameo = models.ForeignKey(Cameo, null=True, on_delete=models.PROTECT, related_name="captures")
    never_me = models.ForeignKey(NeverMe, null=True, on_delete=models.CASCADE, related_name="captures")
    challenge = models.OneToOneField(Challenge, on_delete=models.PROTECT, related_name="capture")
    upload = models.OneToOneField(Upload, null=True, on_delete=models.SET_NULL, related_name="capture")
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKING)
    reasons = models.JSONField(default=list)
    numbers = models.JSONField(default=dict)
    picture_hashes = models.JSONField(default=dict)  # `cameos.spoofs.Fingerprint`: what recognises it again
    # What the person cannot do, if a human shall decide.
    human_note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=_one_of("cameo", "never_me"), name="capture_of_one")]

    @property
    def is_sent_back(self) -> bool:
        """By the check or by a moderator: the person may record again."""
        return self.state in (self.State.RETRY, self.State.REJECTED)

    @property
    def holder(self) -> Cameo | NeverMe:
        """Whose key seals what is kept of it."""
        found = self.cameo or self.never_me
        assert found is not None  # The database keeps that promise.
        return found
