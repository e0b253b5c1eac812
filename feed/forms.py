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


class CommentForm(forms.Form):
    text = forms.CharField(label=_("Comment"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 2}))


class ReportForm(forms.Form):
    reason = forms.ChoiceField(label=_("What is wrong?"), choices=ReportReason.choices)
    text = forms.CharField(
        label=_("Anything that helps the moderators"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
