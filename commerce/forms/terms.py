"""Shipping, tax, codes, and the way to a shop's own site."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commerce.forms.money import currency_choices
from commerce.money import BadMoney, chargeable


class LinkForm(forms.Form):
    """A shop that sells at its own site."""

    links_out = forms.BooleanField(label=_("I sell at my own site"), required=False)
    site = forms.CharField(
        label=_("Address of a product there"),
        help_text=_("With {handle} where the product's handle stands. A product file with addresses wins."),
        max_length=300,
        required=False,
    )

    def clean_site(self) -> str:
        site = str(self.cleaned_data["site"]).strip()
        if site and not site.startswith(("https://", "http://")):
            raise forms.ValidationError(_("The address must begin with https:// or http://."))
        return site


class TermsForm(forms.Form):
    """How a shop ships and what tax its prices hold."""

    tax = forms.DecimalField(label=_("Tax, percent"), min_value=0, max_value=50, decimal_places=2, initial=0)


class RateForm(forms.Form):
    title = forms.CharField(label=_("Way of shipping"), max_length=60)
    currency = forms.ChoiceField(label=_("For orders in"), choices=currency_choices)
    fee = forms.CharField(label=_("Costs"), max_length=24)
    free_from = forms.CharField(label=_("Free from goods worth"), max_length=24, required=False)
    days_low = forms.IntegerField(label=_("Days, at least"), min_value=0, max_value=90, initial=2)
    days_high = forms.IntegerField(label=_("Days, at most"), min_value=0, max_value=120, initial=5)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("days_low", 0) > data.get("days_high", 0):
            self.add_error("days_high", _("That is less than the days at least."))
        for name in ("fee", "free_from"):
            if data.get(name) and data.get("currency"):
                try:
                    data[name] = chargeable(data[name], data["currency"]).amount
                except BadMoney:
                    self.add_error(name, _("That is no sum of money."))
        data["free_from"] = data.get("free_from") or None
        return data


class CouponForm(forms.Form):
    code = forms.RegexField(
        r"^[A-Za-z0-9-]{3,24}$", label=_("Code"), help_text=_("3 to 24 letters, digits or hyphens.")
    )
    percent = forms.DecimalField(
        label=_("Percent off"), min_value=1, max_value=100, decimal_places=0, initial=10
    )
    creator = forms.CharField(
        label=_("A creator's own code: whose"), help_text=_("Their name here, without @."), required=False
    )
    creator_rate = forms.DecimalField(
        label=_("Their share, percent"), min_value=0, max_value=90, decimal_places=1, required=False
    )
    uses_left = forms.IntegerField(
        label=_("May be used so often"), min_value=1, max_value=10**6, required=False
    )
    until = forms.DateField(
        label=_("Counts until (UTC)"), required=False, widget=forms.DateInput({"type": "date"})
    )
