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
