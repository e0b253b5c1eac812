"""Sums and currencies as fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commerce.money import CURRENCIES, BadMoney, chargeable

COMMON = ("EUR", "USD", "GBP", "CNY", "JPY")


def currency_choices() -> list[tuple[str, str]]:
    return [(code, code) for code in (*COMMON, *sorted(CURRENCIES - set(COMMON)))]


def with_money(form: forms.Form, amount: str, name: str, currency: str = "") -> dict[str, Any]:
    """The form's data with a sum read into `name`; an error beside the field where it is none."""
    data = form.cleaned_data
    code = currency or data.get("currency")
    if data.get(amount) and code:
        try:
            data[name] = chargeable(data[amount], code)
        except BadMoney:
            form.add_error(amount, _("That is no sum of money."))
    return data
