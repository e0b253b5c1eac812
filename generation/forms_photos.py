"""Bringing photos, and making clips of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generation import bringing, explaining, filming, offering
from generation.asked import LONGEST_S
from generation.engines import base as engines
from generation.engines.base import Entry
from generation.forms import SHAPES, CastField
from generation.forms_films import MOST_AT_ONCE, Films, FilmsField
from generation.models import Footage
from generation.screening import MAX_PROMPT
from generation.states import Verb

MOVES = [
    ("closer", _("Closer")),
    ("away", _("Further away")),
    ("left", _("To the left")),
    ("right", _("To the right")),
    ("up", _("Upwards")),
]
MUSIC = [("", _("None")), ("calm", _("Calm")), ("lively", _("Lively; cuts fall on its beat"))]


class BringPhotosForm(forms.Form):
    use_required_attribute = False  # it stands in one form with what is made of the photos

    photos = FilmsField(
        label=_("Photos"),
        widget=Films(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif"}),
        help_text=_("JPEG, PNG, WebP or AVIF, at most 40 megapixels and 30 MB each. Up to eight at once."),
    )

    def clean_photos(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["photos"]
        if not files:
            raise forms.ValidationError(_("Choose at least one photo."))
        if len(files) > MOST_AT_ONCE:
            raise forms.ValidationError(_("Bring at most eight photos at once."))
        return files


class PhotosForm(forms.Form):
    """What every clip of photos asks. `many`: more than one of them may be chosen."""

    many = True

    footage = forms.MultipleChoiceField(
        label=_("Photos, in this order"), required=False, widget=forms.CheckboxSelectMultiple
    )
    aspect = forms.ChoiceField(label=_("Shape"), choices=[])
    music = forms.ChoiceField(label=_("Music"), required=False, choices=MUSIC)
    cast = CastField(required=False)

    @property
    def engine(self) -> str:
        """What makes the clip."""
        return filming.ENGINE

    def __init__(self, *args: Any, photos: Sequence[Footage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wishes: dict[str, Any] = dict(self.fields)
        ready = [row for row in photos if row.state == Footage.State.READY]
        wishes["footage"].choices = [(str(row.public_id), row.title) for row in ready]
        wishes["aspect"].choices = [(name, SHAPES.get(name, name)) for name in engines.STUDIO.sizes]


class ExplainForm(PhotosForm):
    """A text that is told in pictures."""

    verb = Verb.EXPLAIN

    title = forms.CharField(label=_("Title"), required=False, max_length=bringing.TITLE)
    text = forms.CharField(
        label=_("Text or transcript"),
        strip=False,
        max_length=4 * explaining.MOST_TEXT,  # what is too long is refused with a sentence, and stays here
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_(
            "An article, notes, or what was said in a podcast, with or without times and names. Its own "
            "sentences are read aloud; where it is too long, those that say most of it are chosen."
        ),
    )
    seconds = forms.TypedChoiceField(
        label=_("Length at most"),
        coerce=int,
        initial=60,
        choices=[(30, _("Half a minute")), (60, _("One minute")), (90, _("A minute and a half")),
                 (120, _("Two minutes"))],
    )  # fmt: skip
    voice = forms.ChoiceField(
        label=_("Voice"),
        required=False,
        choices=[
            ("", _("A stock voice, where this host has one: English alone")),
            ("none", _("Captions alone")),
        ],
        help_text=_(
            "A text in any other language, Chinese too, becomes a clip with captions and no voice: choose "
            "music for it below."
        ),
    )
    draw = forms.BooleanField(
        label=_("Without photos: draw pictures of sentences that this host has pictures for"), required=False
    )

    def how(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {name: said[name] for name in ("title", "text", "voice", "draw", "music")}


class PictureForm(PhotosForm):
    """A clip that begins from one picture: an engine makes what is on it move, or a camera goes over it."""

    many = False

    prompt = forms.CharField(
        label=_("What happens?"),
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": MAX_PROMPT}),
        help_text=_("What moves on the picture, or who does what in front of it."),
    )
    move = forms.ChoiceField(label=_("Where does the camera go?"), required=False, choices=MOVES)
    seconds = forms.IntegerField(label=_("Length in seconds"), min_value=1, max_value=LONGEST_S, initial=5)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = offering.engines_for(Verb.OWN)
        self.can_move = bool(offering.movers())
        kinds = offering.from_a_picture()
        self.fields["engine"] = forms.ChoiceField(
            label=_("What becomes of it?"),
            choices=[(name, _what_becomes(name, self.table)) for name in kinds],
            required=False,
            initial=kinds[0],
        )

    @property
    def engine(self) -> str:
        return str(self["engine"].value() or self.fields["engine"].initial)

    @property
    def verb(self) -> Verb:
        return Verb.PAN if self.engine == filming.ENGINE else Verb.OWN

    def clean_footage(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["footage"]
        if len(chosen) != 1:
            raise forms.ValidationError(_("Choose one picture."))
        return chosen

    def how(self) -> dict[str, Any]:
        return {"move": self.cleaned_data["move"]} if self.verb == Verb.PAN else {}


def _what_becomes(engine: str, table: Mapping[str, Entry]) -> str:
    if engine not in table:
        return gettext("A camera goes over it; nothing on it moves")
    if table[engine].abilities.needs_material:
        return gettext("Paper people act in front of it")
    return gettext("%(engine)s makes it move") % {"engine": table[engine].title}


class PromoForm(PhotosForm):
    """A clip about a product."""

    verb = Verb.PROMO

    name = forms.CharField(
        label=_("What is it called?"),
        required=False,
        max_length=dict(bringing.PROMO_WORDS)["name"],
        help_text=_("Written over the first picture and the last."),
    )
    lines = forms.CharField(
        label=_("What should people know?"),
        required=False,
        max_length=bringing.MOST_PROMO_LINES * (bringing.PROMO_LINE + 2),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One short sentence a line, at most six; each is written over a picture."),
    )
    call = forms.CharField(
        label=_("Last line"),
        required=False,
        max_length=dict(bringing.PROMO_WORDS)["call"],
        help_text=_("What people can do: “In the shop from Friday”."),
    )
    seconds = forms.IntegerField(
        label=_("Length in seconds"),
        min_value=bringing.PROMO_S[0],
        max_value=bringing.PROMO_S[1],
        initial=12,
    )
    product = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def how(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {
            "name": said["name"],
            "call": said["call"],
            "lines": said["lines"].splitlines(),
            "music": said["music"],
        } | ({"product": {"id": str(said["product"])}} if said["product"] else {})
