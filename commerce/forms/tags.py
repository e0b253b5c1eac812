"""Where a product stands in a clip, and who earns what."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from commerce.actions import Place
from commerce.models import Merchant, Product


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
    until = forms.DateField(
        label=_("Last day of the agreement (UTC)"),
        help_text=_("Empty: until one of you takes the product off the clip."),
        required=False,
        widget=forms.DateInput({"type": "date"}),
    )

    OFFERED = 200  # products in the list; more are found by their name

    def __init__(self, *args: Any, merchant: Merchant, named: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["product"]
        assert isinstance(field, forms.ModelChoiceField)
        live = merchant.products.filter(is_live=True).order_by("title", "pk")
        rows = list((live.filter(title__icontains=named) if named else live)[: self.OFFERED + 1])
        self.is_long = bool(named) or len(rows) > self.OFFERED
        chosen = self.data.get("product") if self.is_bound else None
        if chosen and chosen not in {str(row.public_id) for row in rows[: self.OFFERED]}:
            rows = [*_by_id(live, chosen), *rows]
        field.queryset = live
        assert isinstance(field.widget, forms.Select)
        field.widget.choices = [("", "–"), *((row.public_id, row.title) for row in rows[: self.OFFERED])]

    def place(self) -> Place:
        data = self.cleaned_data
        return Place(
            start_ms=int(data["start"] * 1000),
            end_ms=int(data["end"] * 1000),
            x=float(data["x"] / 100),
            y=float(data["y"] / 100),
        )

    def ends_at(self) -> datetime | None:
        last = self.cleaned_data["until"]
        return datetime.combine(last, time.max, tzinfo=UTC) if last else None

    def basis_points(self, name: str) -> int:
        return int((self.cleaned_data[name] * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _by_id(products: QuerySet[Product], public_id: str) -> list[Product]:
    try:
        return list(products.filter(public_id=public_id))
    except ValidationError:
        return []
