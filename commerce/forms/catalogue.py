"""A shop's name, its product files and its shelf."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commerce.catalog.formats import NAMES
from commerce.catalog.rows import LARGEST_STOCK
from commerce.forms.money import currency_choices


class ShopForm(forms.Form):
    name = forms.CharField(label=_("Name of the shop"), max_length=80, min_length=2)


def kind_choices() -> list[tuple[str, Any]]:
    return [("", _("Look at the file")), *NAMES.items()]


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Product file"),
        help_text=_("Shopify, WooCommerce, Google Merchant (TSV or XML) or an agentic feed; up to 200 MB."),
        allow_empty_file=True,
    )
    kind = forms.ChoiceField(label=_("Format"), choices=kind_choices, required=False)
    currency = forms.ChoiceField(
        label=_("Currency of its prices"),
        choices=currency_choices,
        help_text=_("Counts where a price does not say its own."),
    )


class SourceForm(forms.Form):
    url = forms.URLField(label=_("Address of the product file"), max_length=2000, assume_scheme="https")
    currency = forms.ChoiceField(label=_("Currency of its prices"), choices=currency_choices)
    every_hours = forms.IntegerField(
        label=_("Fetch every so many hours"), min_value=1, max_value=720, initial=24
    )


class StockForm(forms.Form):
    """A count, or nothing where nobody counts."""

    stock = forms.IntegerField(min_value=0, max_value=LARGEST_STOCK, required=False)


class DigitalForm(forms.Form):
    file = forms.FileField(label=_("The file that buyers get"), help_text=_("Up to 200 MB."))
