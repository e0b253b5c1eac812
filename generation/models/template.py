"""The structure of a clip without its people, products and words: to be filled with one's own."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from generation.models.clip import Clip


class ClipTemplateQuerySet(models.QuerySet["ClipTemplate"]):
    def visible_to(self, viewer: Any) -> ClipTemplateQuerySet:
        """Those of clips that the viewer may see, shared ones of published clips that may be remixed, and
        one's own. A clip that is withdrawn takes its templates with it."""
        shown = Clip.objects.visible_to(viewer)
        remixable = shown.filter(post__state="LIVE", post__allow_remix=True)
        shared = Q(is_shared=True, source__in=remixable.values("pk"))
        rows = self.filter(deleted_at=None)
        if not viewer.is_authenticated:
            return rows.filter(shared)
        return rows.filter(shared | Q(maker=viewer.pk, source__in=shown.values("pk")))


class ClipTemplate(models.Model):
    """`shots`: as in a storyboard's `how`, but `cast` holds numbers of slots and prompts hold blanks in
    square brackets, like `[product]`. `product` is the public id of the product that its maker had in mind,
    of another room; empty for none."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="templates")
    source = models.ForeignKey(Clip, on_delete=models.PROTECT, related_name="templates")
    title = models.CharField(max_length=80)
    shots = models.JSONField(default=list)
    aspect = models.CharField(max_length=10, default="9:16")
    product = models.CharField(max_length=40, blank=True)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects = ClipTemplateQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["maker", "-id"], name="template_newest")]

    def get_absolute_url(self) -> str:
        return f"/templates/{self.public_id}"
