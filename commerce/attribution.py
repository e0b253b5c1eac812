"""Which touch earned an order line. Pure, first-party, and stated on the product's sheet.

(1) the clip from whose sheet the order was placed; (2) else the last clip with this product whose tag the
buyer tapped within the window; (3) else the creator whose own code was used; (4) else nobody.
Watching alone earns nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ATTRIBUTION_WINDOW = timedelta(days=7)


class Rule(StrEnum):
    SHEET = "sheet"
    TAPPED = "tapped"
    NOBODY = "nobody"
    CODE = "code"  # no clip earned it, and the buyer used a creator's own code


@dataclass(frozen=True)
class Touch:
    """The buyer tapped tag `tag_id` of product `product_id`."""

    tag_id: int
    product_id: int
    at: datetime


@dataclass(frozen=True)
class Attribution:
    rule: Rule
    tag_id: int | None


def attribute(
    *, product_id: int, sheet_tag: Touch | None, touches: Iterable[Touch], now: datetime
) -> Attribution:
    """The rule that holds for one line of `product_id`, and the tag that earned it."""
    if sheet_tag is not None and sheet_tag.product_id == product_id:
        return Attribution(Rule.SHEET, sheet_tag.tag_id)
    recent = [
        touch
        for touch in touches
        if touch.product_id == product_id and now - ATTRIBUTION_WINDOW <= touch.at <= now
    ]
    if recent:
        return Attribution(Rule.TAPPED, max(recent, key=lambda touch: (touch.at, touch.tag_id)).tag_id)
    return Attribution(Rule.NOBODY, None)
