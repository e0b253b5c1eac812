from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.utils.translation import gettext_lazy as _

from feed.models import Post, ReportReason
from feed.rights import MOST_ASKED


class RightsForm(forms.Form):
    """What others may do with a post. `remix_percent` leaves as `remix_share_bp`."""

    allow_remix = forms.BooleanField(label=_("Others may remix it"), required=False, initial=True)
    allow_comments = forms.BooleanField(label=_("Others may comment"), required=False, initial=True)
    allow_download = forms.BooleanField(label=_("Others may download it"), required=False, initial=True)
    allow_tags = forms.BooleanField(
        label=_("Merchants may propose products for it"), required=False, initial=True
    )
    remix_percent = forms.IntegerField(
        label=_("Your share of what remixes of it earn, in %"),
        help_text=_("Of sales and tips that a remix brings its creator; 0 asks for nothing, 30 is the most."),
        required=False,
        initial=0,
        min_value=0,
        max_value=MOST_ASKED // 100,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "step": 5}),
    )

    @staticmethod
    def of(post: Post) -> dict[str, Any]:
        """What stands now, as the form's first values."""
        names = ("allow_remix", "allow_comments", "allow_download", "allow_tags")
        return {name: getattr(post, name) for name in names} | {"remix_percent": post.remix_share_bp // 100}

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        if "remix_percent" in fields:
            fields["remix_share_bp"] = (fields.pop("remix_percent") or 0) * 100
        return fields


class PublishForm(RightsForm):
    caption = forms.CharField(
        label=_("Caption"),
        help_text=_("Say what it is; #tags help people find it."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    owes_seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
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
    reason = forms.ChoiceField(
        label=_("What is wrong?"), choices=[("", _("Choose …")), *ReportReason.choices]
    )
    text = forms.CharField(
        label=_("Anything that helps the moderators"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
