"""Bringing films, and cutting them into a clip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from generation import offering
from generation.engines import base as engines
from generation.forms import SHAPES, CastField
from generation.models import Footage
from generation.screening import MAX_PROMPT
from generation.states import Verb

MOST_AT_ONCE = 8
ACCEPTED = "video/mp4,video/quicktime,video/webm,image/jpeg,image/png,image/webp,application/zip"


class Films(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilmsField(forms.FileField):
    """Several files of one field."""

    widget = Films

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilmsField, self).clean(one, initial) for one in given]


class BringForm(forms.Form):
    films = FilmsField(
        label=_("Films and pictures from your phone or camera"),
        widget=Films(attrs={"accept": ACCEPTED}),
        help_text=_(
            "MP4, MOV or WebM, at most two minutes and 400 MB each; JPEG, PNG or WebP. Up to eight at once, "
            "or a zip of films: another app's export, for example."
        ),
    )

    def clean_films(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["films"]
        if not files:
            raise forms.ValidationError(_("Choose at least one film."))
        if len(files) > MOST_AT_ONCE:
            raise forms.ValidationError(_("Bring at most eight films at once."))
        return files


class CutForm(forms.Form):
    """What becomes of the chosen films."""

    footage = forms.MultipleChoiceField(
        label=_("Films, in this order"), required=False, widget=forms.CheckboxSelectMultiple
    )
    prompt = forms.CharField(
        label=_("What is the clip about?"),
        required=False,
        max_length=MAX_PROMPT,
        help_text=_("A line that goes with the clip. It changes nothing in the pictures."),
    )
    verb = forms.ChoiceField(
        label=_("What becomes of them?"),
        choices=[
            (Verb.REEL, _("The best moments, cut together")),
            (Verb.FILM, _("One film, as it is")),
            (Verb.PHOTO, _("One picture, as it is, to begin a clip from")),
        ],
    )
    seconds = forms.IntegerField(label=_("Length in seconds"), min_value=5, max_value=120, initial=15)
    aspect = forms.ChoiceField(label=_("Shape"), choices=[])
    music = forms.ChoiceField(
        label=_("Music"),
        required=False,
        choices=[
            ("", _("None: only what was recorded")),
            ("calm", _("Calm")),
            ("lively", _("Lively; cuts fall on its beat")),
        ],
    )
    fade = forms.BooleanField(label=_("Fade from one to the next"), required=False)
    steady = forms.BooleanField(label=_("Hold shaky pictures still"), required=False, initial=True)
    steady_film = forms.BooleanField(  # of one film as it is: what is held is cropped
        label=_("Hold shaky pictures still (cuts at most a sixteenth off the edges)"), required=False
    )
    words = forms.CharField(
        label=_("Pieces to cut in between: what should be seen?"),
        required=False,
        max_length=200,
        help_text=_("Clips without people that others offer (B-roll), found by what they mean."),
    )
    pieces = CastField(required=False)
    cast = CastField(required=False)

    def __init__(self, *args: Any, films: Sequence[Footage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ready = [row for row in films if row.state == Footage.State.READY]
        choices: Any = self.fields["footage"]
        choices.choices = [(str(row.public_id), row.title) for row in ready]
        if not offering.movers():  # nothing here could begin from it
            ways: Any = self.fields["verb"]
            ways.choices = [*ways.choices[:-1], (Verb.PHOTO, _("One picture, as it is"))]
        shapes: Any = self.fields["aspect"]
        shapes.choices = [(name, SHAPES.get(name, name)) for name in engines.STUDIO.sizes]

    def how(self) -> dict[str, Any]:
        said = self.cleaned_data
        steady = "steady_film" if said.get("verb") == Verb.FILM else "steady"
        return {"music": said.get("music"), "fade": said.get("fade"), "steady": said.get(steady)}
