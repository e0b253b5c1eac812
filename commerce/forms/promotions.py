"""Red packets, flash prices, and plans for creators."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from commerce.actions import Place
from commerce.forms.money import currency_choices, with_money
from commerce.models import AffiliatePlan, Merchant, Product
from feed.models import Post


class PacketForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=60)
    amount = forms.CharField(label=_("Each is worth"), max_length=12, initial="2.00")
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=10_000, initial=10)
    least = forms.CharField(label=_("For orders of goods worth at least"), max_length=12, required=False)
    until = forms.DateField(label=_("Until the end of (UTC)"), widget=forms.DateInput({"type": "date"}))

    def clean(self) -> dict[str, Any]:
        super().clean()
        with_money(self, "amount", "money")
        return with_money(self, "least", "least_money")

    def words(self) -> dict[str, Any]:
        data = self.cleaned_data
        least = data.get("least_money")
        return {
            "title": data["title"],
            "money": data["money"],
            "count": data["count"],
            "least": least.amount if least else 0,
            "until": datetime.combine(data["until"], time(23, 59), tzinfo=UTC),
        }


class FlashForm(forms.Form):
    """A lower price from now on; `currency` is the variant's and is set before it is read."""

    currency = ""
    price = forms.CharField(label=_("Flash price"), max_length=12)
    hours = forms.IntegerField(label=_("For how many hours"), min_value=1, max_value=168, initial=24)

    def clean(self) -> dict[str, Any]:
        super().clean()
        return with_money(self, "price", "money", self.currency)

    def words(self, now: datetime) -> dict[str, Any]:
        data = self.cleaned_data
        end = now + timedelta(hours=data["hours"])
        return {"price": data["money"].amount, "begins_at": now, "ends_at": end}


class AffiliateForm(forms.Form):
    title = forms.CharField(label=_("Name"), max_length=60)
    creator_rate = forms.DecimalField(
        label=_("Share of the clip's creator, percent"),
        min_value=0,
        max_value=90,
        decimal_places=1,
        initial=10,
    )
    owner_rate = forms.DecimalField(
        label=_("Share of the people in the clip, percent"),
        min_value=0,
        max_value=90,
        decimal_places=1,
        initial=5,
    )
    days = forms.IntegerField(
        label=_("Days that an agreement lasts"),
        help_text=_("Empty: until somebody takes the product off the clip."),
        min_value=1,
        max_value=3650,
        required=False,
    )
    products = forms.CharField(
        label=_("Products"),
        help_text=_("Their handles, one a line; 200 at most."),
        widget=forms.Textarea({"rows": 4}),
        max_length=60_000,
    )

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.merchant = merchant

    def clean_products(self) -> list[Product]:
        handles = {line.strip() for line in str(self.cleaned_data["products"]).splitlines() if line.strip()}
        found = list(self.merchant.products.filter(handle__in=list(handles)[:200], is_live=True))
        unknown = handles - {product.handle for product in found}
        if unknown:
            said = _("Not for sale in your shop: %(handles)s.")
            raise forms.ValidationError(said % {"handles": ", ".join(sorted(unknown))[:200]})
        return found

    def words(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "title": data["title"],
            "creator_rate_bp": int((data["creator_rate"] * 100).quantize(Decimal(1), ROUND_HALF_UP)),
            "owner_rate_bp": int((data["owner_rate"] * 100).quantize(Decimal(1), ROUND_HALF_UP)),
            "days": data["days"] or 0,
            "products": data["products"],
        }


class PinForm(forms.Form):
    """A product of a plan on a clip of one's own; it stands there for the whole clip, low in the picture."""

    what = forms.ChoiceField(label=_("Product"))
    post = forms.ModelChoiceField(Post.objects.none(), label=_("On which clip of yours"))

    def __init__(self, *args: Any, creator: User, plans: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pairs = {
            f"{plan.pk}-{product.pk}": (plan, product)
            for plan in plans[:100]
            for product in plan.products.all()
            if product.is_live
        }
        what, post = self.fields["what"], self.fields["post"]
        assert isinstance(what, forms.ChoiceField) and isinstance(post, forms.ModelChoiceField)
        what.choices = [
            (key, f"{product.title} · {plan.merchant.name} · {plan.creator_rate_bp / 100:g} %")
            for key, (plan, product) in self.pairs.items()
        ]
        post.queryset = Post.objects.filter(creator=creator, state=Post.State.LIVE).order_by("-pk")
        post.label_from_instance = lambda obj: str(obj.caption[:60] or f"{obj.published_at:%Y-%m-%d %H:%M}")  # type: ignore[method-assign]

    def chosen(self) -> tuple[AffiliatePlan, Product, Post]:
        plan, product = self.pairs[self.cleaned_data["what"]]
        return plan, product, self.cleaned_data["post"]

    def place(self, duration_ms: int) -> Place:
        return Place(start_ms=0, end_ms=duration_ms, x=0.7, y=0.7)
