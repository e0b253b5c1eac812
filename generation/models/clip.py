"""The finished, sealed, immutable asset."""

import uuid

from django.conf import settings
from django.db import models


class Clip(models.Model):
    class Origin(models.TextChoices):
        GENERATED = "generated"
        UPLOADED = "uploaded"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="clips")
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.GENERATED)
    prompt = models.TextField(blank=True)
    prompt_hidden = models.BooleanField(default=False)
    seed = models.BigIntegerField(null=True)
    engine = models.CharField(max_length=40)
    cast_count = models.PositiveSmallIntegerField(default=0)
    duration_ms = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    mark_payload = models.CharField(max_length=16, blank=True)  # 64 bits in hex
    # What the engine needs to go on from this clip (scene tokens), stored beside the renditions.
    material_path = models.CharField(max_length=160, blank=True)
    sealed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=30, blank=True)
    deleted_at = models.DateTimeField(null=True)
    files_purged_at = models.DateTimeField(null=True)


class Ingredient(models.Model):
    class Relationship(models.TextChoices):
        PARENT = "parent"
        COMPONENT = "component"

    clip = models.ForeignKey(Clip, on_delete=models.PROTECT, related_name="ingredients")
    source = models.ForeignKey(Clip, on_delete=models.PROTECT, related_name="used_in")
    relationship = models.CharField(max_length=10, choices=Relationship.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clip", "source"], name="ingredient_once")]


class Rendition(models.Model):
    class Kind(models.TextChoices):
        MP4_720 = "mp4_720"
        MP4_360 = "mp4_360"
        POSTER = "poster"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clip = models.ForeignKey(Clip, on_delete=models.PROTECT, related_name="renditions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    path = models.CharField(max_length=160)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clip", "kind"], name="rendition_once_a_kind")]


class Fingerprint(models.Model):
    """PDQ of one second of a clip, 256 bits in hex."""

    clip = models.ForeignKey(Clip, on_delete=models.CASCADE, related_name="fingerprints")
    second = models.PositiveSmallIntegerField()
    pdq = models.CharField(max_length=64)
    quality = models.PositiveSmallIntegerField()
