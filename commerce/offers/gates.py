"""What an offer must have before it opens, and what must still be true while it runs. Pure but for the gate
of likeness, which is asked, never decided here."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time, timedelta

from accounts import books
from cameos import consent
from cameos.models import LikenessUse, Purpose
from cameos.refusals import ConsentDenied
from commerce.models import Offer
from commerce.offers.states import BY_CARD, Kind
from commerce.refusals import OfferIncomplete, PersonNotForGoods

SPEC = ("size", "material", "tolerance", "maker")
SHORTEST, LONGEST = timedelta(days=1), timedelta(days=60)
MOST_PIECES = 100_000


def require_complete(offer: Offer, now: datetime) -> None:
    """Raise OfferIncomplete with the name of the first thing that is missing, or PersonNotForGoods."""
    missing = _missing(offer, now)
    if missing:
        raise OfferIncomplete(missing)
    require_people(offer, now)


def _missing(offer: Offer, now: datetime) -> str:
    if not offer.product.variants.exists():
        return "variant"
    if offer.kind == Kind.MADE_TO_ORDER:
        return "" if offer.weekly_capacity and offer.lead_days else "capacity"
    if offer.ships_by is None or offer.ships_by <= now.date():
        return "ships_by"
    if offer.kind == Kind.CONCEPT and not all(offer.spec.get(name) for name in SPEC):
        return "spec"
    if offer.kind == Kind.PREORDER:
        return "" if offer.deposit_bp else "deposit"
    return _threshold_missing(offer, now)


def _threshold_missing(offer: Offer, now: datetime) -> str:
    if not 1 <= offer.threshold <= MOST_PIECES:
        return "threshold"
    if offer.deadline is None or not now + SHORTEST <= offer.deadline <= now + LONGEST:
        return "deadline"
    return "" if offer.ships_by and offer.ships_by > offer.deadline.date() else "ships_by"


def require_people(offer: Offer, now: datetime) -> None:
    """Everybody in the picture permits goods by its maker: now, and still when the last piece is due.

    Raises PersonNotForGoods. A picture of nobody asks nobody.
    """
    if offer.clip is None:
        return
    until = _last_day(offer, now)
    uses = offer.clip.uses.select_related("cameo__owner")
    for use in uses:
        if use.state != LikenessUse.State.LIVE:
            raise PersonNotForGoods(use.cameo.name, "")
        for moment in (now, until):
            reason = consent.decide(
                consent.Question(
                    use.cameo,
                    offer.product.merchant.owner,
                    Purpose.GOODS,
                    consent.Brief("", commercial=True),
                    moment,
                )
            )
            if reason is not None:
                raise PersonNotForGoods(
                    use.cameo.name, str(ConsentDenied(reason, name=use.cameo.name).message)
                )


def _last_day(offer: Offer, now: datetime) -> datetime:
    ends = [now]
    if offer.kind in BY_CARD and offer.deadline is not None:
        ends.append(offer.deadline)
    if offer.ships_by is not None:
        ends.append(datetime.combine(offer.ships_by, time.max, tzinfo=UTC))
    return max(ends)


def frozen(offer: Offer) -> str:
    """The hash of everything that a buyer relies on."""
    return hashlib.sha256(
        books.canonical(
            {
                "offer": str(offer.public_id),
                "product": str(offer.product.public_id),
                "kind": offer.kind,
                "spec": offer.spec,
                "ships_by": offer.ships_by.isoformat() if offer.ships_by else "",
                "threshold": offer.threshold,
                "deadline": offer.deadline.isoformat() if offer.deadline else "",
                "deposit_bp": offer.deposit_bp,
                "lead_days": offer.lead_days,
                "prices": [
                    [variant.sku, variant.price, variant.currency]
                    for variant in offer.product.variants.order_by("sku")
                ],
            }
        ).encode()
    ).hexdigest()
