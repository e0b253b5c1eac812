"""What a series is asked by its creator: its words and cast, an episode, a vote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cameos.models import Cameo
from feed.models import Post, Series

DAYS = ((1, _("1 day")), (3, _("3 days")), (7, _("7 days")), (14, _("14 days")))


class SeriesForm(forms.Form):
    """`cast`: who may be chosen; None once it is locked, and then it is not asked."""

    title = forms.CharField(label=_("Title"), max_length=80)
    teaser = forms.CharField(
        label=_("What it is about"), max_length=280, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    bible = forms.CharField(
        label=_("Bible"),
        help_text=_("Who they are, where it plays, what must never happen. Only you see it."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    cast = forms.MultipleChoiceField(
        label=_("Cast"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, cast: Sequence[Cameo] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(cameo.public_id): cameo for cameo in cast or ()}
        if not self.people:
            del self.fields["cast"]
        else:
            field: Any = self.fields["cast"]
            field.choices = [(key, cameo.name) for key, cameo in self.people.items()]
        self.is_locked = cast is None

    @staticmethod
    def of(series: Series) -> dict[str, Any]:
        cast = series.cast.filter(left_at=None).values_list("cameo__public_id", flat=True)
        return {
            "title": series.title,
            "teaser": series.teaser,
            "bible": series.bible,
            "cast": [str(public_id) for public_id in cast],
        }

    def wishes(self) -> dict[str, Any]:
        fields = dict(self.cleaned_data)
        chosen = [self.people[key] for key in fields.pop("cast", [])]
        return fields if self.is_locked else fields | {"cast": chosen}


class EpisodeForm(forms.Form):
    post = forms.ModelChoiceField(
        label=_("Clip"),
        queryset=Post.objects.none(),
        to_field_name="public_id",
        empty_label=None,
    )
    title = forms.CharField(label=_("Title of the episode"), max_length=80)
    cliffhanger = forms.CharField(
        label=_("What is open when it ends"),
        help_text=_("The cliff-hanger: the next episode begins from it."),
        max_length=200,
        required=False,
    )

    def __init__(self, *args: Any, posts: QuerySet[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["post"]
        field.queryset = posts
        field.label_from_instance = label_of


def label_of(post: Post) -> str:
    seconds = round(post.clip.duration_ms / 1000)
    words = (post.caption or post.clip.words).split("\n")[0][:60] or "–"
    return f"{words} · {seconds} s · {post.published_at:%Y-%m-%d}"


class BallotForm(forms.Form):
    question = forms.CharField(label=_("What do you ask?"), max_length=200)
    ways = forms.CharField(
        label=_("Ways on"),
        help_text=_("Two to five, one a line."),
        max_length=1200,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    days = forms.TypedChoiceField(label=_("Open for"), choices=DAYS, coerce=int, initial=3)

    def wishes(self, now: datetime) -> dict[str, Any]:
        fields = self.cleaned_data
        return {
            "question": fields["question"],
            "options": fields["ways"].splitlines()[:20],
            "closes_at": now + timedelta(days=fields["days"]),
        }
