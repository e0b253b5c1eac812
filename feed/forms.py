from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.utils.translation import gettext_lazy as _

from feed.models import ReportReason


class PublishForm(forms.Form):
    caption = forms.CharField(
        label=_("Caption"),
        help_text=_("Say what it is; #tags help people find it."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    allow_remix = forms.BooleanField(label=_("Others may remix it"), required=False, initial=True)
    allow_comments = forms.BooleanField(label=_("Others may comment"), required=False, initial=True)
    allow_tags = forms.BooleanField(
        label=_("Merchants may propose products for it"), required=False, initial=True
    )

    at = forms.DateTimeField(
        label=_("Publish it later, at"),
        help_text=_("Empty: at once. Everybody in it is asked anew at that moment."),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    zone = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """`at` in the zone that the browser told; in this host's own where it told none."""
        fields = super().clean() or {}
        at, name = fields.get("at"), fields.pop("zone", "")
        if at is not None and name:
            try:
                fields["at"] = at.replace(tzinfo=ZoneInfo(name))
            except (ZoneInfoNotFoundError, ValueError, OSError):
                self.add_error("at", _("This time zone is not known here."))
        return fields


class CommentForm(forms.Form):
    text = forms.CharField(label=_("Comment"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 2}))
    reply_to = forms.UUIDField(required=False, widget=forms.HiddenInput)


class ReportForm(forms.Form):
    reason = forms.ChoiceField(label=_("What is wrong?"), choices=ReportReason.choices)
    text = forms.CharField(
        label=_("Anything that helps the moderators"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
