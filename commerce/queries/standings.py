"""How an offer stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from commerce.models import (
    Merchant,
    Offer,
    OfferStep,
    Pledge,
    Product,
)
from commerce.offers import standing
from commerce.offers.states import BY_PLEDGE, ENDED


@dataclass(frozen=True)
class Standing:
    """What buyers and the shop see of an offer."""

    count: int
    threshold: int
    spec: list[tuple[str, str]]
    steps: list[OfferStep]
    is_open: bool

    @property
    def percent(self) -> int:
        return min(100, 100 * self.count // self.threshold) if self.threshold else 100


def offer_standing(offer: Offer) -> Standing:
    words = {
        "size": _("Size"),
        "material": _("Material"),
        "tolerance": _("May differ by"),
        "maker": _("Made by"),
    }
    return Standing(
        standing.counted(offer),
        offer.threshold,
        [(words[name], text) for name, text in offer.spec.items() if text and name in words],
        list(offer.steps.order_by("pk")),
        offer.state == Offer.State.OPEN,
    )


def offer_shown(product: Product) -> dict[str, Any]:
    """What a product's page says of its offer; nothing where it lies on a shelf."""
    offer = standing.shown(product)
    if offer is None:
        return {"offer": None, "by_pledge": False, "is_closed": False, "promise": ""}
    by_pledge = offer.kind in BY_PLEDGE
    return {
        "offer": offer,
        "standing": offer_standing(offer),
        "promise": standing.seal(product),
        "by_pledge": by_pledge and offer.state not in ENDED,
        "is_closed": by_pledge and offer.state not in {Offer.State.OPEN, *ENDED},
    }


def offers_of(merchant: Merchant) -> list[tuple[Offer, int]]:
    rows = Offer.objects.filter(product__merchant=merchant).select_related("product").order_by("-pk")[:200]
    counts = dict(
        Pledge.objects.filter(offer__in=[row.pk for row in rows], state__in=standing.COUNTS)
        .values_list("offer")
        .annotate(sum=Sum("quantity"))
    )
    found = [(row, counts.get(row.pk, 0)) for row in rows]
    return sorted(found, key=lambda one: one[0].state in ENDED)


def pledges_of(offer: Offer) -> list[Pledge]:
    rows = offer.pledges.select_related("order__buyer").order_by("-pk")
    return list(rows.exclude(state__in=[Pledge.State.WAITING, Pledge.State.LAPSED])[:200])
