"""What a page may send. The rules are in `actions.py`; a form only reads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from generation.engines import base as engines
from generation.screening import MAX_PROMPT
from generation.states import Verb


class CastField(forms.MultipleChoiceField):
    """Any value: whether somebody may be cast is the gate's to say."""

    def valid_value(self, value: str) -> bool:
        return True


class ComposeForm(forms.Form):
    """The wishes of the composer. `cast` are public ids of likenesses."""

    prompt = forms.CharField(
        label=_("What happens?"),
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": MAX_PROMPT}),
        help_text=_("Who does what, and where. English or Chinese."),
    )
    seconds = forms.TypedChoiceField(label=_("Length"), coerce=int, choices=[])
    aspect = forms.ChoiceField(label=_("Shape"), choices=[])
    engine = forms.ChoiceField(label=_("Engine"), choices=[], required=False)
    seed = forms.IntegerField(
        label=_("Seed"),
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text=_("The same words and seed give the same clip. Leave it empty for a fresh one."),
    )
    remix = forms.UUIDField(required=False, widget=forms.HiddenInput)
    cast = CastField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        table = engines.entries()
        can = table[next(iter(table))].abilities
        wishes: dict[str, Any] = dict(self.fields)
        wishes["seconds"].choices = [(n, _("%(n)d seconds") % {"n": n}) for n in can.seconds]
        shapes = {"9:16": _("Upright 9:16"), "16:9": _("Wide 16:9"), "1:1": _("Square 1:1")}
        wishes["aspect"].choices = [(name, shapes.get(name, name)) for name in can.sizes]
        wishes["engine"].choices = [(name, entry.title) for name, entry in table.items()]

    def clean(self) -> dict[str, Any]:
        wishes = super().clean() or {}
        wishes["verb"] = Verb.REMIX if wishes.get("remix") else Verb.TEXT
        wishes["engine"] = wishes.get("engine") or next(iter(engines.entries()))
        return wishes


class WorkerForm(forms.Form):
    name = forms.CharField(label=_("Name of the machine"), max_length=60)


class VerifyForm(forms.Form):
    file = forms.FileField(
        label=_("A clip or a picture"),
        help_text=_("MP4, WebM, MOV, JPEG, PNG or WebP, also re-encoded. It is looked at and not kept."),
        widget=forms.ClearableFileInput(attrs={"accept": "video/*,image/*"}),
    )
