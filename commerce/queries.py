"""Reads over several aggregates: the rates that an order line freezes, and what they mean later."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from cameos.models import LikenessUse
from commerce.models import OrderLine, ProductTag
from commerce.splits import Rates


def rates_of(tag: ProductTag | None) -> dict[str, Any]:
    """A snapshot of who earns by `tag` from a sale; without a tag, only the platform beside the merchant."""
    if tag is None:
        return {"creator_bp": 0, "owner_bp": 0, "platform_bp": settings.PLATFORM_RATE_BP, "owners": []}
    agreement = tag.agreement
    return {
        "creator_bp": agreement.creator_rate_bp,
        "owner_bp": agreement.owner_rate_bp,
        "platform_bp": settings.PLATFORM_RATE_BP,
        "creator": agreement.creator_id,
        "owners": depicted_owner_ids(tag),
    }


def depicted_owner_ids(tag: ProductTag) -> list[int]:
    """The people whose live likeness is in the tagged clip, once each."""
    owners = LikenessUse.objects.filter(clip=tag.post.clip_id, state=LikenessUse.State.LIVE)
    return sorted(set(owners.values_list("cameo__owner_id", flat=True)))


def line_rates(line: OrderLine) -> Rates:
    frozen = line.rates
    return Rates(
        creator_bp=frozen["creator_bp"],
        owner_bp=frozen["owner_bp"],
        platform_bp=frozen["platform_bp"],
        creator_id=frozen.get("creator"),
        owner_ids=tuple(frozen["owners"]),
    )
