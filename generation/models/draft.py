"""What somebody was about to ask for: the fields of a form of making, kept while they are typed."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation.states import Verb

TITLES: dict[str, str | Promise] = {
    "": _("From words"),
    "layout": _("From a drawn layout"),
    "picture": _("Your picture"),
    "films": _("Your films"),
    "template": _("Template"),
}


class ComposeDraft(models.Model):
    """Fields as the form sends them ({name: value or list}); of a storyboard {"shots": as in `how`,
    "aspect"}; of one shot again {"shot": its number, "take": as a shot in `how`}. `kind` is the form: "" for
    the composer, else the word in its address ("template/" and its key for the filling-in of a template);
    `clip` is what it goes on from. Judged by nobody: it is asked for later, or never."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=60, blank=True)
    clip = models.ForeignKey(
        "generation.Clip", null=True, on_delete=models.CASCADE, related_name="+", db_index=True
    )
    wishes = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["maker", "-updated_at"], name="generation_drafts")]

    def get_absolute_url(self) -> str:
        """Where it is taken up again."""
        return f"{self.page}?draft={self.public_id}"

    @property
    def page(self) -> str:
        """The form that it belongs to."""
        if self.is_storyboard:
            return reverse("generation:storyboard")
        if self.template:
            return _page_of_template(self.template)
        if self.clip is not None and self.kind == Verb.RETAKE:
            return reverse("generation:retake", args=[self.clip.public_id])
        if self.clip is not None and self.kind:
            return reverse("generation:go-on", args=[self.clip.public_id, self.kind])
        return f"{reverse('generation:create')}/{self.kind}" if self.kind else reverse("generation:create")

    @property
    def door(self) -> str:
        """Where a list leads: of what goes on from a clip or fills a template it is asked first whether that
        is still there."""
        if self.clip_id is None and not self.wishes.get("remix") and not self.template:
            return self.get_absolute_url()
        return reverse("generation:take-up", args=[self.public_id])

    @property
    def words(self) -> str:
        if self.is_storyboard:
            return " / ".join(shot["prompt"] for shot in self.wishes["shots"] if shot.get("prompt"))
        told: list[Any] = [self.wishes.get(name) for name in ("prompt", "title", "name", "text", "lines")]
        told.append(self.wishes.get("take", {}).get("prompt"))
        told.append(" / ".join(words for words in self.wishes.get("blanks", {}).values() if words))
        return str(next((words for words in told if words), ""))

    @property
    def form(self) -> str:
        """Which form it is of. (Storyboards kept before drafts had a kind are known by their shots.)"""
        return "storyboard" if self.is_storyboard else self.kind

    @property
    def title(self) -> str:
        """What it is to become."""
        if self.wishes.get("remix"):
            return str(Verb.REMIX.label)
        form = self.form.partition("/")[0]
        return str(TITLES.get(form) or Verb(form).label)

    @property
    def template(self) -> str:
        """The key of the template that it fills, or nothing."""
        kind, _slash, key = self.kind.partition("/")
        return key if kind == "template" else ""

    @property
    def is_storyboard(self) -> bool:
        return bool(self.wishes.get("shots"))


def _page_of_template(key: str) -> str:
    try:
        return reverse("generation:template", args=[uuid.UUID(key)])
    except ValueError:  # one of the host's own
        return reverse("generation:built-in", args=[key])
