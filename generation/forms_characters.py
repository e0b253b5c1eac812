"""A character as a form. It only reads; what may be is decided in `characters` and `looks`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from generation import looks

KINDS = (
    (_("A pet or a soft toy"), looks.ANIMALS),
    (_("A toy figure"), looks.MACHINES),
    (_("Somebody invented"), looks.PEOPLE),
)


def _choice(field: str, label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=list(looks.WORDS[field].items()), initial=looks.FIRST[field]
    )


class CharacterForm(forms.Form):
    name = forms.CharField(
        label=_("Its name"),
        help_text=_("A prompt says it: “Mochi dances on the beach”. In English, Chinese or any language."),
        strip=False,
        required=False,  # `characters` says what a name needs
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 60, "required": True}),
    )
    kind = forms.ChoiceField(choices=list(looks.WORDS["kind"].items()), initial=looks.FIRST["kind"])
    hair_colour = _choice("hair_colour", _("Colour of its hair or fur"))
    hair = _choice("hair", _("Hair"))
    skin = _choice("skin", _("Skin"))
    outfit = _choice("outfit", _("Clothes"))
    top = _choice("top", _("Colour above"))
    bottom = _choice("bottom", _("Colour below"))
    accessory = _choice("accessory", _("It wears"))

    def look(self) -> dict[str, str]:
        """What was chosen. Call it on a valid form."""
        return {field: self.cleaned_data[field] for field in looks.WORDS}
