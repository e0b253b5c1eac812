"""The form under the release."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ReleaseForm(forms.Form):
    """A box to tick; where the operator limits countries, also the country."""

    agree = forms.BooleanField(
        label=_("I have read this, I am the person who will be recorded, and I agree."),
        error_messages={"required": _("Without your agreement nothing is recorded.")},
    )

    def __init__(self, *args: Any, countries: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if countries:
            choices = [("", _("Choose")), *((code, code) for code in countries), ("--", _("Another country"))]
            self.fields["country"] = forms.ChoiceField(label=_("The country you live in"), choices=choices)


class NeverMeForm(ReleaseForm):
    """The same for somebody whose age no account says."""

    is_old_enough = forms.BooleanField(error_messages={"required": _("This is needed to be recorded.")})

    def __init__(self, *args: Any, minimum_age: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_old_enough"].label = _("I am at least %(age)d years old.") % {"age": minimum_age}


class CodeForm(forms.Form):
    """The code that takes an entry off the never-me registry."""

    code = forms.CharField(
        label=_("Your code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )
