"""The finished, sealed, immutable asset, and the one rule about who may see it."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts import social
from cameos import uses
from generation import wordless
from generation.states import Verb

CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".png": "image/png",
    ".avif": "image/avif",
}


def is_visible_to(
    viewer: Any,
    lookup: str = "",
    *,
    now: datetime | None = None,
    post: str = "post__",
    is_paying: bool = False,
) -> Q:
    """The rule, and the only one: pages, API and media ask it at every read. It fails closed.

    Published, with as many live likeness uses as people in it: everybody, but for blocks with the maker, and
    of a paid post whoever has paid (`feed.Entitlement`).
    Else a draft: its maker and the people depicted, as long as no use has ended. Else nobody.
    `lookup` leads from the model to the clip ("" on Clip), `post` to its post: "" on Post itself, which asks
    of live ones alone anyway. With `is_paying` it tells who would see it by paying.
    It stands in the query itself and not in an EXISTS: PostgreSQL makes a join of that, and asks it of every
    clip there is for one page.
    """
    standing = Q(**{f"{lookup}withdrawn_at": None, f"{lookup}deleted_at": None})
    published = uses.shown(lookup, now) & (Q(post__state="LIVE") if post else Q())
    if not is_paying:
        published &= _opened_to(viewer, post)
    if not getattr(viewer, "is_authenticated", False):
        return standing & published
    unblocked = social.unblocked(viewer, f"{lookup}maker_id")
    return standing & ((published & unblocked) | uses.served_to(viewer, lookup, now))


def _opened_to(viewer: Any, post: str) -> Q:
    """Free, or paid for by this viewer."""
    free = Q(**{f"{post}is_paid": False})
    if getattr(viewer, "pk", None) is None:
        return free
    entitlement = apps.get_model("feed", "Entitlement")  # stands to the right, so by its name
    bought = entitlement.objects.filter(person=viewer.pk, ended_at=None)
    return free | Q(**{f"{post}pk__in": bought.values("post")})


class ClipQuerySet(models.QuerySet["Clip"]):
    def standing(self) -> ClipQuerySet:
        """Neither withdrawn nor deleted."""
        return self.filter(withdrawn_at=None, deleted_at=None)

    def visible_to(self, viewer: Any, now: datetime | None = None) -> ClipQuerySet:
        """Those that `is_visible_to` shows."""
        return self.filter(is_visible_to(viewer, now=now))

    def made_by(self, maker: Any) -> ClipQuerySet:
        return self.filter(maker=maker)


class Clip(models.Model):
    """SEALED -> WITHDRAWN (a likeness in it, or in what it was made from, ended) or DELETED (by its maker or
    by somebody depicted). Nothing leads back, and nothing else about a clip ever changes."""

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
    # More than three flashes in a second over a quarter of the picture (WCAG 2.3.1): not published.
    flashes = models.BooleanField(default=False)
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

    objects = ClipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mark_payload"], condition=~Q(mark_payload=""), name="mark_payload_once"
            ),
        ]

    @property
    def is_photo(self) -> bool:
        """Somebody's own picture, brought to begin clips from: everybody in it was cast."""
        made_by = getattr(self, "generation", None)
        return made_by is not None and made_by.verb == Verb.PHOTO

    @property
    def words(self) -> str:
        """What a page shows for the prompt."""
        return wordless.shown(self.prompt)

    @property
    def is_gone(self) -> bool:
        return self.withdrawn_at is not None or self.deleted_at is not None

    def may_be_changed(self) -> bool:
        """What people filmed or photographed is shown as it is: nobody makes it do something else."""
        if self.is_photo:
            return True
        made_by = getattr(self, "generation", None)
        return self.origin == self.Origin.GENERATED and not (made_by is not None and made_by.shows_material)


class Ingredient(models.Model):
    class Relationship(models.TextChoices):
        PARENT = "parent"
        COMPONENT = "component"

    clip = models.ForeignKey(Clip, on_delete=models.PROTECT, related_name="ingredients")
    source = models.ForeignKey(Clip, on_delete=models.PROTECT, related_name="used_in")
    relationship = models.CharField(max_length=10, choices=Relationship.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clip", "source"], name="ingredient_once"),
            models.CheckConstraint(condition=~Q(clip=models.F("source")), name="ingredient_not_itself"),
        ]


class Rendition(models.Model):
    class Kind(models.TextChoices):
        MP4_720 = "mp4_720"
        MP4_360 = "mp4_360"
        POSTER = "poster"
        SPRITE = "sprite"
        POSTER_AVIF = "avif"  # the poster again, a fifth smaller, for browsers that say they read it
        AV1_720 = "av1_720"  # the larger film again, a third smaller, where the operator wants it

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    clip = models.ForeignKey(Clip, on_delete=models.PROTECT, related_name="renditions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    path = models.CharField(max_length=160)
    sha256 = models.CharField(max_length=64, db_index=True)
    bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clip", "kind"], name="rendition_once_a_kind")]

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES.get(PurePosixPath(self.path).suffix, "application/octet-stream")

    @property
    def url(self) -> str:
        return f"/media/{self.public_id}"


class Fingerprint(models.Model):
    """PDQ of one second of a clip, 256 bits in hex; `cut` says how much of the picture it is of
    (`provenance.fingerprint.CUTS`, 0 the whole)."""

    clip = models.ForeignKey(Clip, on_delete=models.CASCADE, related_name="fingerprints")
    second = models.PositiveSmallIntegerField()
    cut = models.PositiveSmallIntegerField(default=0)
    pdq = models.CharField(max_length=64, db_index=True)
    quality = models.PositiveSmallIntegerField()
    outline = models.BinaryField(default=b"")  # `provenance.outline`, of the whole alone

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clip", "second", "cut"], name="fingerprint_once_a_cut")
        ]
