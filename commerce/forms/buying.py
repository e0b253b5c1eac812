"""Ordering, sending, returning and giving back; tips."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commerce.actions.extras import TIP_CURRENCIES
from commerce.money import CURRENCIES, BadMoney, Money, chargeable


class OrderForm(forms.Form):
    """What the sheet sends: the choice, and the price that it showed."""

    variant = forms.IntegerField()
    quantity = forms.IntegerField(initial=1)
    seen_amount = forms.IntegerField(min_value=0)
    seen_currency = forms.CharField(max_length=3)
    seen_total = forms.IntegerField(min_value=0, required=False)
    tag = forms.UUIDField(required=False)
    code = forms.CharField(max_length=24, required=False)
    seen_promise = forms.CharField(max_length=16, required=False)

    def clean_seen_promise(self) -> str | None:
        """None where the page did not say."""
        return str(self.cleaned_data["seen_promise"]) if "seen_promise" in self.data else None

    def clean_seen_currency(self) -> str:
        code = str(self.cleaned_data["seen_currency"])
        if code not in CURRENCIES:
            raise forms.ValidationError(_("Unknown currency."))
        return code

    def seen(self) -> Money:
        return Money(self.cleaned_data["seen_amount"], self.cleaned_data["seen_currency"])


class SentForm(forms.Form):
    carrier = forms.CharField(label=_("Carrier"), max_length=60, required=False)
    tracking = forms.CharField(label=_("Tracking number"), max_length=80, required=False)


class ReturnForm(forms.Form):
    words = forms.CharField(
        label=_("What is wrong with it?"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )


class TipForm(forms.Form):
    amount = forms.CharField(label=_("How much"), max_length=12, initial="3.00")
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in TIP_CURRENCIES])
    hidden = forms.BooleanField(label=_("Do not name me among the supporters"), required=False)

    def money(self) -> Money | None:
        try:
            return chargeable(self.cleaned_data["amount"], self.cleaned_data["currency"])
        except BadMoney:
            return None


class AddressForm(forms.Form):
    """Where a parcel goes, in the words of ACP's Address."""

    name = forms.CharField(label=_("Name"), max_length=120)
    line_one = forms.CharField(label=_("Street and number"), max_length=120)
    line_two = forms.CharField(label=_("More (optional)"), max_length=120, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=_("Town"), max_length=80)
    state = forms.CharField(label=_("Region (optional)"), max_length=80, required=False)
    country = forms.RegexField(r"^[A-Za-z]{2}$", label=_("Country"), help_text=_("Two letters: DE, US, CN …"))

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()


class RefundForm(forms.Form):
    amount = forms.CharField(label=_("Sum to give back"), max_length=24)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_amount(self) -> Money:
        try:
            return chargeable(self.cleaned_data["amount"], self.currency)
        except BadMoney as error:
            raise forms.ValidationError(_("That is no sum of money.")) from error
