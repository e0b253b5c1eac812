"""Forms of the shop's pages: they parse; the actions decide."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from commerce.actions import Place
from commerce.actions.extras import TIP_CURRENCIES
from commerce.catalog.formats import NAMES
from commerce.catalog.rows import LARGEST_STOCK
from commerce.models import AffiliatePlan, Merchant, Offer, Plan, Product
from commerce.money import CURRENCIES, BadMoney, Money, parse
from commerce.offers.gates import SPEC
from feed.models import Post
from generation.models import Clip


def offer_kinds() -> list[tuple[str, Any]]:
    return [
        (Offer.Kind.MADE_TO_ORDER, _("Made to order: so many a week, paid at once")),
        (Offer.Kind.PREORDER, _("Preorder: a deposit now, the rest when it is there")),
        (Offer.Kind.GROUP_BUY, _("Group buy: nobody pays before enough take part")),
        (Offer.Kind.CONCEPT, _("Concept: an AI picture, made only if enough want it")),
    ]


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


class OfferForm(forms.Form):
    """Everything that an offer of any kind may say; which of it counts says its kind."""

    COUNTS = {
        "clip": ("concept",),
        "ships_by": ("concept", "group_buy", "preorder"),
        "threshold": ("concept", "group_buy"),
        "deadline": ("concept", "group_buy"),
        "deposit": ("preorder",),
        "weekly_capacity": ("made_to_order",),
        "lead_days": ("made_to_order",),
    }

    kind = forms.ChoiceField(label=_("Kind"), choices=offer_kinds)
    clip = forms.ModelChoiceField(
        Clip.objects.none(),
        label=_("Clip of yours that pictures it"),
        required=False,
        help_text=_("For a concept. Everybody in it must permit goods until the last piece is due."),
    )
    size = forms.CharField(label=_("Size"), max_length=120, required=False)
    material = forms.CharField(label=_("Material"), max_length=120, required=False)
    tolerance = forms.CharField(label=_("How much it may differ"), max_length=120, required=False)
    maker = forms.CharField(label=_("Who makes it"), max_length=120, required=False)
    ships_by = forms.DateField(label=_("Sent by"), required=False, widget=forms.DateInput({"type": "date"}))
    threshold = forms.IntegerField(
        label=_("Pieces that must come together"), min_value=1, max_value=100_000, required=False
    )
    deadline = forms.DateField(
        label=_("Until the end of (UTC)"), required=False, widget=forms.DateInput({"type": "date"})
    )
    deposit = forms.DecimalField(
        label=_("Paid at once, percent"), min_value=1, max_value=99, decimal_places=0, required=False
    )
    weekly_capacity = forms.IntegerField(
        label=_("Pieces that you can make in a week"), min_value=1, max_value=100_000, required=False
    )
    lead_days = forms.IntegerField(label=_("Days to make one"), min_value=1, max_value=365, required=False)

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["clip"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Clip.objects.visible_to(owner).filter(maker=owner).order_by("-pk")
        field.label_from_instance = lambda obj: f"{obj.created_at:%Y-%m-%d} · {obj.duration_ms / 1000:g} s"  # type: ignore[method-assign]

    def by_kind(self) -> list[tuple[forms.BoundField, str]]:
        """Each field with the classes of the kinds that it counts for; "" for all of them."""
        return [
            (field, " ".join(f"for-{kind}" for kind in self.COUNTS.get(field.name, ()))) for field in self
        ]

    @staticmethod
    def of(offer: Offer) -> dict[str, Any]:
        return {
            **offer.spec,
            "kind": offer.kind,
            "clip": offer.clip_id,
            "ships_by": offer.ships_by,
            "threshold": offer.threshold or None,
            "deadline": offer.deadline.date() if offer.deadline else None,
            "deposit": offer.deposit_bp // 100 or None,
            "weekly_capacity": offer.weekly_capacity or None,
            "lead_days": offer.lead_days or None,
        }

    def words(self) -> dict[str, Any]:
        """What `offers.making` keeps of it."""
        data = self.cleaned_data
        end = data["deadline"]
        return {
            "kind": data["kind"],
            "clip": data["clip"] if data["kind"] == Offer.Kind.CONCEPT else None,
            "spec": {name: data[name].strip() for name in SPEC},
            "ships_by": data["ships_by"],
            "threshold": data["threshold"] or 0,
            "deadline": datetime.combine(end, time(23, 59), tzinfo=UTC) if end else None,
            "deposit_bp": int(data["deposit"] or 0) * 100,
            "weekly_capacity": data["weekly_capacity"] or 0,
            "lead_days": data["lead_days"] or 0,
        }


class DigitalForm(forms.Form):
    file = forms.FileField(label=_("The file that buyers get"), help_text=_("Up to 200 MB."))


class SampleForm(forms.Form):
    picture = forms.FileField(label=_("Picture of the sample"))
    words = forms.CharField(
        label=_("What differs from the picture, and why"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


class DateForm(forms.Form):
    ships_by = forms.DateField(label=_("Sent by"), widget=forms.DateInput({"type": "date"}))


class CallOffForm(forms.Form):
    words = forms.CharField(label=_("Why"), max_length=500, required=False)


class SentForm(forms.Form):
    carrier = forms.CharField(label=_("Carrier"), max_length=60, required=False)
    tracking = forms.CharField(label=_("Tracking number"), max_length=80, required=False)


class ReturnForm(forms.Form):
    words = forms.CharField(
        label=_("What is wrong with it?"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )


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


class TipForm(forms.Form):
    amount = forms.CharField(label=_("How much"), max_length=12, initial="3.00")
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in TIP_CURRENCIES])
    hidden = forms.BooleanField(label=_("Do not name me among the supporters"), required=False)

    def money(self) -> Money | None:
        try:
            return parse(self.cleaned_data["amount"], self.cleaned_data["currency"])
        except BadMoney:
            return None


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
                fields["money"] = parse(said, fields.get("currency", ""))
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


def with_money(form: forms.Form, amount: str, name: str, currency: str = "") -> dict[str, Any]:
    """The form's data with a sum read into `name`; an error beside the field where it is none."""
    data = form.cleaned_data
    code = currency or data.get("currency")
    if data.get(amount) and code:
        try:
            data[name] = parse(data[amount], code)
        except BadMoney:
            form.add_error(amount, _("That is no sum of money."))
    return data


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
            return parse(self.cleaned_data["amount"], self.currency)
        except BadMoney as error:
            raise forms.ValidationError(_("That is no sum of money.")) from error
