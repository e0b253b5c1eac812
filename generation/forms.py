"""What a page may send. The rules are in `actions.py`; a form only reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from generation import catalogue, offering
from generation.asked import LONGEST_S
from generation.models import Clip, GuardedName
from generation.products import Offered
from generation.screening import MAX_PROMPT, levels
from generation.screening.verdict import rule_title
from generation.states import Verb

MOST_TAKES = 4
WAYS = {"stand": _("On a stand"), "held": _("In a hand"), "worn": _("Printed on clothes")}
SHAPES = {
    "9:16": _("Upright 9:16"),
    "3:4": _("Upright 3:4"),
    "1:1": _("Square 1:1"),
    "4:3": _("Wide 4:3"),
    "16:9": _("Wide 16:9"),
    "21:9": _("Cinema 21:9"),
}


class CastField(forms.MultipleChoiceField):
    """Any value: whether somebody may be cast is the gate's to say."""

    def valid_value(self, value: str) -> bool:
        return True


class ProductField(forms.ChoiceField):
    """Any value: whether somebody may show a product is its shop's to say."""

    def valid_value(self, value: str) -> bool:
        return True


def takes_field() -> forms.TypedChoiceField:
    """How many clips of the same wishes; one where nothing is said."""
    return forms.TypedChoiceField(
        label=_("How many takes?"),
        coerce=int,
        required=False,
        empty_value=1,  # type: ignore[arg-type]  # the stubs know strings only
        choices=[(n, _("one") if n == 1 else n) for n in range(1, MOST_TAKES + 1)],
        help_text=_(
            "The best by its measured scores is shown first; the others stay your drafts. Each asks "
            "everybody cast anew."
        ),
    )


class ShowsProduct(forms.Form):
    """Which product a clip shows, and how. Offered is what its shop lets this person show (`shelf`)."""

    product = ProductField(
        label=_("Show a product"),
        required=False,
        help_text=_("Everybody cast has to allow commercial use of their likeness."),
    )
    way = forms.ChoiceField(label=_("How it is shown"), choices=list(WAYS.items()), required=False)
    shelf: Sequence[Offered] = ()

    def offer(self, shelf: Sequence[Offered]) -> None:
        self.shelf = shelf
        listed: Any = self.fields["product"]
        listed.choices = [("", _("None")), *((one.key, f"{one.title} · {one.shop}") for one in shelf)]

    @property
    def product_gone(self) -> bool:
        """Something was chosen that this person may not show, or not any more."""
        chosen = str(self["product"].value() or "") if "product" in self.fields else ""
        return bool(chosen) and chosen not in {one.key for one in self.shelf}

    def shown(self) -> dict[str, Any]:
        """What `how` says of it."""
        said = self.cleaned_data
        asked = {"id": said.get("product"), "way": said.get("way") or "stand"}
        return {"product": asked} if asked["id"] else {}


class ComposeForm(ShowsProduct):
    """The wishes of the composer. `cast` are public ids of likenesses."""

    prompt = forms.CharField(
        label=_("What happens?"),
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": MAX_PROMPT}),
        help_text=_("Who does what, and where. English or Chinese."),
    )
    seconds = forms.IntegerField(
        label=_("Length in seconds"),
        min_value=1,
        max_value=LONGEST_S,
        widget=forms.NumberInput({"list": "lengths"}),
    )
    aspect = forms.ChoiceField(label=_("Shape"), choices=[])
    engine = forms.ChoiceField(label=_("Engine"), choices=[], required=False)
    seed = forms.IntegerField(
        label=_("Seed"),
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text=_("The same words and seed give the same clip. Leave it empty for a fresh one."),
    )
    takes = takes_field()
    hide_prompt = forms.BooleanField(label=_("Keep the words to yourself"), required=False)
    draft = forms.UUIDField(required=False, widget=forms.HiddenInput)
    remix = forms.UUIDField(required=False, widget=forms.HiddenInput)
    cast = CastField(required=False)

    def __init__(
        self, *args: Any, parent: Clip | None = None, shelf: Sequence[Offered] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer(() if parent else shelf)
        verb = Verb.REMIX if self["remix"].value() else Verb.TEXT
        self.table = offering.engines_for(verb, clip=parent)
        wishes: dict[str, Any] = dict(self.fields)
        shapes = dict.fromkeys(shape for entry in self.table.values() for shape in entry.abilities.sizes)
        wishes["aspect"].choices = [(name, SHAPES.get(name, name)) for name in shapes]
        wishes["engine"].choices = [(name, entry.title) for name, entry in self.table.items()]

    def clean(self) -> dict[str, Any]:
        wishes = super().clean() or {}
        wishes["verb"] = Verb.REMIX if wishes.get("remix") else Verb.TEXT
        wishes["engine"] = wishes.get("engine") or next(iter(self.table), "native")
        wishes["takes"] = wishes.get("takes") or 1
        wishes["how"] = self.shown()
        return wishes

    def abilities(self) -> dict[str, Any]:
        """What each engine can do, for the page to offer no more than that."""
        return {
            name: {
                "seconds": list(entry.abilities.seconds),
                "any_length": entry.abilities.any_length,
                "shapes": list(entry.abilities.sizes),
                "cast": entry.abilities.max_cast,
            }
            for name, entry in self.table.items()
        }


class WorkerForm(forms.Form):
    name = forms.CharField(label=_("Name of the machine"), max_length=60)


class StatementForm(forms.Form):
    """Where this host is and what it earns. An empty number says nothing, which counts as the worst case."""

    country = forms.RegexField(
        r"^[A-Za-z]{2}$",
        label=_("Country in which this host is run"),
        required=False,
        help_text=_("Two letters, such as DE, US or JP."),
    )
    revenue_usd = forms.IntegerField(
        label=_("What its operator earns in a year, in US dollars"),
        required=False,
        min_value=0,
        max_value=10**15,
    )
    monthly_users = forms.IntegerField(
        label=_("People who use it in a month"), required=False, min_value=0, max_value=10**10
    )
    agreed = forms.MultipleChoiceField(
        label=_("Models with a licence or registration of your own"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(row.key, row.title) for row in catalogue.rows().values() if row.has_limits]
        field: Any = self.fields["agreed"]
        field.choices = choices

    @classmethod
    def of(cls, host: catalogue.Stated) -> StatementForm:
        """Filled with what is stated now."""
        return cls(
            initial={
                "country": host.country,
                "revenue_usd": host.revenue_usd,
                "monthly_users": host.monthly_users,
                "agreed": list(host.agreed),
            }
        )

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()


class VerifyForm(forms.Form):
    file = forms.FileField(
        label=_("A clip or a picture"),
        help_text=_(
            "MP4, WebM, MOV, JPEG, PNG, WebP or AVIF, also re-encoded. It is looked at and not kept."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": "video/*,image/*"}),
        allow_empty_file=True,  # whoever looks at it says what to do with an empty one
    )


class LevelsForm(forms.Form):
    """A level for every harm that the operator may choose. `current`: the levels as they are."""

    def __init__(self, *args: Any, current: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("refuse", _("Refuse")), ("review", _("Let a person look")), ("off", _("Let through"))]
        for name, level in current.items():
            if name not in levels.FIXED:
                self.fields[name] = forms.ChoiceField(label=rule_title(name), choices=choices, initial=level)


class HoldForm(forms.Form):
    """Why a clip is kept for the law, and for how long."""

    reason = forms.CharField(
        label=_("Why does the law ask for it?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Authority and file number. Everybody in the clip finds it in their ledger."),
    )
    days = forms.IntegerField(label=_("For how many days?"), min_value=1, max_value=365, initial=90)


class GuardForm(forms.Form):
    """A name to guard, and all its spellings."""

    rule = forms.ChoiceField(label=_("Who it is"), choices=GuardedName.Rule.choices)
    names = forms.CharField(
        label=_("Name and spellings"),
        max_length=300,
        help_text=_("With | between: Jane Roe | Janey Roe | 简罗"),
    )


class NameRequestForm(GuardForm):
    why = forms.CharField(
        label=_("Why you may ask"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Say who you are to them. Please send no documents here."),
    )


class AppealForm(forms.Form):
    words = forms.CharField(
        label=_("What the moderator should know"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
