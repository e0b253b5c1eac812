"""Forms of the shop's pages: they parse; the actions decide."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commerce.actions import Place
from commerce.actions.extras import TIP_CURRENCIES
from commerce.catalog.formats import NAMES
from commerce.catalog.rows import LARGEST_STOCK
from commerce.models import Merchant, Product
from commerce.money import CURRENCIES, BadMoney, Money, parse

COMMON = ("EUR", "USD", "GBP", "CNY", "JPY")


def currency_choices() -> list[tuple[str, str]]:
    return [(code, code) for code in (*COMMON, *sorted(CURRENCIES - set(COMMON)))]


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


class ProductChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Product) -> str:  # type: ignore[override]
        return obj.title


class TagForm(forms.Form):
    """Where and when a product stands in a clip, and what its maker and the people in it earn."""

    product = ProductChoice(label=_("Product"), queryset=Product.objects.none(), to_field_name="public_id")
    start = forms.DecimalField(label=_("Appears at second"), min_value=0, decimal_places=2, initial=0)
    end = forms.DecimalField(label=_("Until second"), min_value=0, decimal_places=2)
    x = forms.DecimalField(label=_("From the left, percent"), min_value=0, max_value=100, initial=50)
    y = forms.DecimalField(label=_("From the top, percent"), min_value=0, max_value=100, initial=70)
    creator_rate = forms.DecimalField(
        label=_("Share of the clip's creator, percent"),
        min_value=0,
        max_value=90,
        decimal_places=1,
        initial=10,
    )
    owner_rate = forms.DecimalField(
        label=_("Share of the people in the clip, percent"),
        help_text=_("Divided evenly among them. Nobody in it: it stays with you."),
        min_value=0,
        max_value=90,
        decimal_places=1,
        initial=5,
    )

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["product"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = merchant.products.filter(is_live=True).order_by("title")

    def place(self) -> Place:
        data = self.cleaned_data
        return Place(
            start_ms=int(data["start"] * 1000),
            end_ms=int(data["end"] * 1000),
            x=float(data["x"] / 100),
            y=float(data["y"] / 100),
        )

    def basis_points(self, name: str) -> int:
        return int((self.cleaned_data[name] * 100).quantize(Decimal(1), ROUND_HALF_UP))


class OrderForm(forms.Form):
    """What the sheet sends: the choice, and the price that it showed."""

    variant = forms.IntegerField()
    quantity = forms.IntegerField(initial=1)
    seen_amount = forms.IntegerField(min_value=0)
    seen_currency = forms.CharField(max_length=3)
    seen_total = forms.IntegerField(min_value=0, required=False)
    tag = forms.UUIDField(required=False)
    code = forms.CharField(max_length=24, required=False)

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
                    data[name] = parse(data[name], data["currency"]).amount
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
    uses_left = forms.IntegerField(
        label=_("May be used so often"), min_value=1, max_value=10**6, required=False
    )
    until = forms.DateField(
        label=_("Counts until (UTC)"), required=False, widget=forms.DateInput({"type": "date"})
    )


class TipForm(forms.Form):
    amount = forms.CharField(label=_("How much"), max_length=12, initial="3.00")
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in TIP_CURRENCIES])
    hidden = forms.BooleanField(label=_("Do not name me among the supporters"), required=False)

    def money(self) -> Money | None:
        try:
            return parse(self.cleaned_data["amount"], self.cleaned_data["currency"])
        except BadMoney:
            return None


class RefundForm(forms.Form):
    amount = forms.CharField(label=_("Sum to give back"), max_length=24)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_amount(self) -> Money:
        try:
            return parse(self.cleaned_data["amount"], self.currency)
        except BadMoney as error:
            raise forms.ValidationError(_("That is no sum of money.")) from error
