"""Rates that an order line freezes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from cameos.models import LikenessUse
from commerce.models import (
    Agreement,
    OrderLine,
    PostPrice,
    ProductTag,
)
from commerce.money import Money
from commerce.splits import Rates
from feed import rights


def rates_of(tag: ProductTag | None) -> dict[str, Any]:
    """A snapshot of who earns by `tag` from a sale; without a tag, only the platform beside the merchant."""
    if tag is None:
        return {"creator_bp": 0, "owner_bp": 0, "platform_bp": settings.PLATFORM_RATE_BP, "owners": []}
    agreement, owners = tag.agreement, depicted_owner_ids(tag)
    return {
        "creator_bp": agreement.creator_rate_bp,
        "owner_bp": agreement.owner_rate_bp,
        "platform_bp": settings.PLATFORM_RATE_BP,
        "creator": agreement.creator_id,
        "owners": owners,
        "owner_bps": _own_parts(agreement, owners),
        "parents": rights.owed(tag.post_id),
    }


def _own_parts(agreement: Agreement, owners: list[int]) -> list[int]:
    """What is each person's where a price card asked for a share of sales when it was agreed: that, or their
    even part of the agreement if that is more. Empty where no card did."""
    asked = {int(person): int(part) for person, part in agreement.owner_shares}
    if not any(asked.get(owner) for owner in owners):
        return []
    even = agreement.owner_rate_bp // len(owners)
    return [max(even, asked.get(owner, 0)) for owner in owners]


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
        owner_bps=tuple(frozen.get("owner_bps", ())),
        parents=tuple((person, part) for person, part in frozen.get("parents", ())),
    )


def platform_percent() -> Decimal:
    return Decimal(settings.PLATFORM_RATE_BP) / 100


def prices_of(use: str, ids: Sequence[int]) -> dict[int, str]:
    """What posts cost, as people read it, by id: for pages of the feed."""
    rows = PostPrice.objects.filter(use=use, post__in=ids).values_list("post_id", "amount", "currency")
    return {post: str(Money(amount, currency)) if amount else _("free") for post, amount, currency in rows}
