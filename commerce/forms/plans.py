"""What clips and memberships cost."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commerce.actions.extras import TIP_CURRENCIES
from commerce.forms.money import with_money
from commerce.models import Plan
from commerce.money import BadMoney, chargeable


class PostPriceForm(forms.Form):
    """What it costs; an empty field takes the price away."""

    amount = forms.CharField(label=_("Price"), max_length=12, required=False)
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in TIP_CURRENCIES])

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        said = fields.get("amount", "").strip()
        fields["money"] = None
        if said:
            try:
                fields["money"] = chargeable(said, fields.get("currency", ""))
            except BadMoney:
                self.add_error("amount", _("This is no price."))
        return fields


class PlanForm(forms.Form):
    """What somebody offers by the month or year; the operator may offer it for the host."""

    title = forms.CharField(label=_("Name"), max_length=60)
    words = forms.CharField(label=_("What it is for"), max_length=280, required=False)
    amount = forms.CharField(label=_("Price"), max_length=12, initial="5.00")
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in TIP_CURRENCIES])
    every = forms.ChoiceField(label=_("Each"), choices=Plan.Every.choices)
    of_host = forms.BooleanField(label=_("For this host, not for me"), required=False)
    credits = forms.IntegerField(
        label=_("Credits each time (host only)"), min_value=0, max_value=100_000, required=False
    )

    def __init__(self, *args: Any, runs_host: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = self.fields["every"]
        assert isinstance(every, forms.ChoiceField)
        every.choices = [("month", _("month")), ("year", _("year"))]
        if not runs_host:
            del self.fields["of_host"], self.fields["credits"]

    def clean(self) -> dict[str, Any]:
        return with_money(self, "amount", "price")
