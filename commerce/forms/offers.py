"""What is sold before it is made."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from commerce.models import Offer
from commerce.offers.gates import SPEC
from generation.models import Clip


def offer_kinds() -> list[tuple[str, Any]]:
    return [
        (Offer.Kind.MADE_TO_ORDER, _("Made to order: so many a week, paid at once")),
        (Offer.Kind.PREORDER, _("Preorder: a deposit now, the rest when it is there")),
        (Offer.Kind.GROUP_BUY, _("Group buy: nobody pays before enough take part")),
        (Offer.Kind.CONCEPT, _("Concept: an AI picture, made only if enough want it")),
    ]


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
