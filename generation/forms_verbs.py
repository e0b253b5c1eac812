"""One plain form for each way of going on from a clip, and one for a storyboard.

The rules are in `verbs.py` and `actions.py`; a form only reads, and `wishes()` puts what it read into the
words of `showing.request_of`.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from generation import access, footage, layout, offering, products
from generation.engines import base as engines
from generation.forms import SHAPES, CastField, ShowsProduct, takes_field
from generation.models import Clip, Footage
from generation.screening import MAX_PROMPT
from generation.states import Verb

ADDRESS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.I)
MOST_OWN = 40  # clips in a list to choose from
PEOPLE = ((0, _("The first person")), (1, _("The second person")), (2, _("The third person")))


class VerbForm(ShowsProduct):
    """What every way of making has: words, shape, length, seed, people, a product, and how many takes of it.
    Subclasses say which of them they ask for, and what else they need."""

    asks: tuple[str, ...] = ("prompt", "seconds", "aspect", "seed", "cast")
    always: tuple[str, ...] = ("takes", "hide_prompt")

    prompt = forms.CharField(
        label=_("What happens?"),
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": MAX_PROMPT}),
        help_text=_("In English or Chinese. Leave it empty to let it go on as it is."),
    )
    seconds = forms.IntegerField(label=_("Length in seconds"), min_value=5, max_value=60, initial=5)
    aspect = forms.ChoiceField(label=_("Shape"), choices=[])
    seed = forms.IntegerField(label=_("Seed"), required=False, min_value=1, max_value=2**31 - 1)
    takes = takes_field()
    hide_prompt = forms.BooleanField(label=_("Keep the words to yourself"), required=False)
    cast = CastField(required=False)

    def __init__(self, *args: Any, maker: User, verb: str, clip: Clip | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.maker, self.clip = maker, clip
        is_layout = verb == LAYOUT
        self.table = offering.engines_for(Verb.TEXT if is_layout else verb, clip=clip, has_layout=is_layout)
        if len(self.table) > 1:
            titles = [(name, entry.title) for name, entry in self.table.items()]
            self.fields["engine"] = forms.ChoiceField(label=_("Engine"), choices=titles, required=False)
        shapes: Any = self.fields["aspect"]
        drawn = dict.fromkeys(shape for entry in self.table.values() for shape in entry.abilities.sizes)
        shapes.choices = [(name, SHAPES.get(name, name)) for name in drawn or engines.NATIVE.sizes]
        shapes.initial = nearest_shape(clip) if clip else "9:16"
        for name in ("prompt", "seconds", "aspect", "seed", "takes", "hide_prompt", "cast", "product"):
            if name not in (*self.asks, *self.always):
                del self.fields[name]
        if "product" in self.fields:
            self.offer(products.offered(maker, timezone.now(), self["product"].value()))
        else:
            del self.fields["way"]

    def ordered(self) -> VerbForm:
        """With what this way alone asks for at the top, and the rest after it."""
        common = (
            "prompt", "seconds", "aspect", "takes", "engine", "product", "way", "seed", "hide_prompt", "cast",
        )  # fmt: skip
        self.order_fields([*(name for name in self.fields if name not in common), *common])
        return self

    @property
    def engine(self) -> str:
        """The chosen engine, or the first that can do this."""
        chosen = getattr(self, "cleaned_data", {}).get("engine")
        return str(chosen or next(iter(self.table), "native"))

    def how(self) -> dict[str, Any]:
        """What this verb needs besides words (the keys are those of `verbs.RULES`)."""
        return {}

    def further_clips(self) -> list[UUID]:
        return []

    def wishes(self, verb: str) -> dict[str, Any]:
        first = [self.clip.public_id] if self.clip else []
        asked = {name: self.cleaned_data.get(name) for name in (*self.asks, *self.always)}
        asked["engine"] = self.engine
        return asked | {"verb": verb, "clips": [*first, *self.further_clips()], "how": self.how()}


class MomentForm(VerbForm):
    """A clip that begins or ends with a picture of this one."""

    at = forms.FloatField(
        label=_("Which moment? (seconds)"), min_value=0, max_value=120, initial=0, required=False
    )

    def how(self) -> dict[str, Any]:
        return {"at_ms": [round(1000 * (self.cleaned_data.get("at") or 0))]}


class OtherClip(forms.CharField):
    """Another clip: its address or its number, as copied from a page."""

    def clean(self, value: Any) -> UUID | None:
        said = super().clean(value)
        if not said:
            return None
        found = ADDRESS.search(said)
        if found is None:
            raise forms.ValidationError(_("This is no clip’s address. Copy it from the page of the clip."))
        return UUID(found.group())


def own_clips(maker: User, verb: str, but: Clip | None) -> list[tuple[str, str]]:
    """Clips of one's own to choose from, the newest first. Those of the same words are told apart by the
    number that their takes are told apart by."""
    mine = access.clips(maker).filter(maker=maker).order_by("-pk")
    if but is not None:
        mine = mine.exclude(pk=but.pk)
    if all(entry.abilities.needs_material for entry in offering.engines_for(verb).values()):
        mine = mine.exclude(material_path="")  # no engine here goes on from its pictures
    rows = [(clip, clip.words[:60] or "…") for clip in mine[:MOST_OWN]]
    often = Counter(words for _clip, words in rows)
    return [
        (str(clip.public_id), words if often[words] == 1 else f"{words} · {_('seed')} {clip.seed}")
        for clip, words in rows
    ]


_POSES_ALONE = _(
    "With Understudy’s own engine people and place stay those of the first picture: the others give what is "
    "done in it, and how it is filmed."
)


class KeyframesForm(MomentForm):
    """Up to three more pictures, each from this or another clip, with the moment at which it is passed."""

    second = forms.FloatField(
        label=_("Passed at second"), min_value=0, max_value=60, initial=0, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = own_clips(self.maker, Verb.KEYFRAMES, self.clip)
        stays = _POSES_ALONE if "native" in self.table else ""
        for n in (2, 3, 4):
            self.fields[f"own_{n}"] = forms.ChoiceField(
                label=_("Picture %(n)d: from which clip?") % {"n": n},
                choices=[("", _("this one")), *mine],
                required=False,
                help_text=stays if n == 2 else "",
            )
            self.fields[f"clip_{n}"] = OtherClip(label=_("Or the address of somebody’s clip"), required=False)
            self.fields[f"at_{n}"] = forms.FloatField(
                label=_("Which moment? (seconds)"), min_value=0, max_value=120, required=False
            )
            self.fields[f"second_{n}"] = forms.FloatField(
                label=_("Passed at second"), min_value=0, max_value=60, required=False
            )

    def _given(self) -> list[int]:
        """The further pictures that were filled in."""
        fields = self.cleaned_data
        return [n for n in (2, 3, 4) if fields.get(f"second_{n}") is not None]

    def further_clips(self) -> list[UUID]:
        assert self.clip is not None
        said = self.cleaned_data
        chosen = (said.get(f"clip_{n}") or said.get(f"own_{n}") for n in self._given())
        return [UUID(str(clip)) if clip else self.clip.public_id for clip in chosen]

    def how(self) -> dict[str, Any]:
        fields = self.cleaned_data
        moments = [fields.get("at") or 0, *(fields.get(f"at_{n}") or 0 for n in self._given())]
        passed = [fields.get("second") or 0, *(fields[f"second_{n}"] for n in self._given())]
        return {"at_ms": [round(1000 * at) for at in moments], "second": passed}


class ExtendForm(VerbForm):
    asks = ("prompt", "aspect", "seed")

    more_s = forms.IntegerField(label=_("How many seconds more?"), min_value=1, max_value=60, initial=5)
    backwards = forms.TypedChoiceField(
        label=_("Where?"),
        choices=[("", _("After its end")), ("1", _("Before its beginning"))],
        coerce=bool,
        required=False,
    )

    def how(self) -> dict[str, Any]:
        return {"more_s": self.cleaned_data["more_s"], "backwards": bool(self.cleaned_data["backwards"])}


class LoopForm(VerbForm):
    asks, always = ("aspect", "seed"), ("takes",)  # no words of one's own to hide


class ConnectForm(VerbForm):
    asks, always = ("aspect", "seed"), ("takes",)

    own = forms.ChoiceField(label=_("Your clips"), choices=[], required=False)
    other = OtherClip(
        label=_("Or the address of somebody’s clip"),
        required=False,
        help_text=_("Its maker has to let people remix it, and everybody in both clips has to allow it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own: Any = self.fields["own"]
        own.choices = [("", "—"), *own_clips(self.maker, Verb.CONNECT, self.clip)]

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        if not fields.get("own") and not fields.get("other") and not self.errors:
            raise forms.ValidationError(_("Choose the clip that this one leads to."))
        return fields

    def further_clips(self) -> list[UUID]:
        return [self.cleaned_data.get("other") or UUID(self.cleaned_data["own"])]


class EditForm(VerbForm):
    asks = ("prompt", "aspect", "seed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        prompt = self.fields["prompt"]
        prompt.label, prompt.required = _("What changes?"), True
        prompt.help_text = _("Only what you name changes: “at night in the rain, in a green coat”.")


class RecastForm(VerbForm):
    asks = ("prompt", "aspect", "seed", "cast")

    person = forms.TypedChoiceField(label=_("Who is replaced?"), choices=PEOPLE, coerce=int, initial=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        prompt = self.fields["prompt"]
        prompt.label, prompt.help_text = _("Who does the same?"), _("“a panda”. Or cast somebody below.")

    def how(self) -> dict[str, Any]:
        return {"person": self.cleaned_data["person"]}


class PoseForm(VerbForm):
    """A photo that one brought, moved as somebody moves in the clip."""

    asks = ("aspect", "seed", "cast")

    photo = forms.ChoiceField(label=_("Which photo?"), choices=[])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ready = [
            row for row in footage.of(self.maker, Footage.Kind.PHOTO) if row.state == Footage.State.READY
        ]
        photo: Any = self.fields["photo"]
        photo.choices = [(str(row.public_id), row.title) for row in ready]
        where = reverse("generation:promo")
        photo.help_text = format_html(
            '{} <a href="{}">{}</a>',
            _("One person, whole, who is cast below; or a figure that is nobody."),
            where,
            _("Bring a photo first"),
        )

    def how(self) -> dict[str, Any]:
        return {"footage": [self.cleaned_data["photo"]]}


class StillForm(VerbForm):
    asks = ("prompt", "aspect", "seed", "cast", "product")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["prompt"].label, self.fields["prompt"].required = _("What is in the picture?"), True
        self.fields["prompt"].help_text = _("Who does what, and where. English or Chinese.")

    def how(self) -> dict[str, Any]:
        return self.shown()


class LayoutForm(VerbForm):
    """The words, and a place for up to three people and three things. The page draws it as a stage on which
    they are moved; without scripts the same fields are filled in by hand."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["prompt"].label, self.fields["prompt"].required = _("What happens?"), True
        self.fields["prompt"].help_text = _("Who does what, and where. English or Chinese.")
        for n in range(1, layout.MOST_PEOPLE + layout.MOST_THINGS + 1):
            person = n <= layout.MOST_PEOPLE
            place = {"number": n if person else n - layout.MOST_PEOPLE}
            whom = [("person", _("somebody"))] if person else list(layout.THINGS.items())
            self.fields[f"what_{n}"] = forms.ChoiceField(
                label=(_("Person %(number)d") if person else _("Thing %(number)d")) % place,
                choices=[("", "—"), *whom],
                required=False,
                initial="person" if n == 1 else "",
            )
            self.fields[f"x_{n}"] = forms.IntegerField(
                label=_("From left to right"), min_value=-100, max_value=100, required=False,
                initial=(0, -55, 55, 30, -80, 80)[n - 1],
                widget=_slider(-100, 100),
            )  # fmt: skip
            self.fields[f"depth_{n}"] = forms.IntegerField(
                label=_("How far back"), min_value=0, max_value=100, required=False, initial=0,
                widget=_slider(0, 100),
            )  # fmt: skip
            if person:
                self.fields[f"facing_{n}"] = forms.ChoiceField(
                    label=_("Looks"),
                    choices=[("", _("as it comes")), ("left", _("left")), ("right", _("right"))],
                    required=False,
                )

    def rows(self) -> list[dict[str, Any]]:
        """The fields of each mark, for the page."""
        names = ("what", "x", "depth", "facing")
        every = range(1, layout.MOST_PEOPLE + layout.MOST_THINGS + 1)
        return [{k: self[f"{k}_{n}"] for k in names if f"{k}_{n}" in self.fields} for n in every]

    def common(self) -> list[Any]:
        """The fields that every way has."""
        names = ("prompt", "seconds", "aspect", "takes", "engine", "seed", "hide_prompt")
        return [self[name] for name in names if name in self.fields]

    def how(self) -> dict[str, Any]:
        said = self.cleaned_data
        marks = [
            {
                "what": said[f"what_{n}"],
                "x": said.get(f"x_{n}") or 0,
                "depth": said.get(f"depth_{n}") or 0,
                "facing": said.get(f"facing_{n}") or "",
            }
            for n in range(1, layout.MOST_PEOPLE + layout.MOST_THINGS + 1)
            if said.get(f"what_{n}")
        ]
        return {"layout": marks}

    def wishes(self, verb: str) -> dict[str, Any]:
        return super().wishes(Verb.TEXT)


def _slider(low: int, high: int) -> forms.NumberInput:
    return forms.NumberInput(attrs={"type": "range", "min": low, "max": high, "step": 1})


LAYOUT = "layout"  # no verb of its own: words with a layout beside them
FORMS: dict[str, type[VerbForm]] = {
    Verb.IMAGE: MomentForm,
    Verb.LAST: MomentForm,
    Verb.KEYFRAMES: KeyframesForm,
    Verb.EXTEND: ExtendForm,
    Verb.LOOP: LoopForm,
    Verb.CONNECT: ConnectForm,
    Verb.EDIT: EditForm,
    Verb.RECAST: RecastForm,
    Verb.POSE: PoseForm,
    Verb.STILL: StillForm,
    LAYOUT: LayoutForm,
}


def nearest_shape(clip: Clip) -> str:
    """The shape on offer that is most like the clip's own."""
    ratio = clip.width / clip.height

    def away(name: str) -> float:
        width, height = engines.NATIVE.sizes[name]
        return abs(width / height - ratio)

    return min(engines.NATIVE.sizes, key=away)
