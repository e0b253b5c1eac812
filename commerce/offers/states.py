"""The arrows of an offer. What is not drawn cannot happen; every state that waits runs out at `due_at`.

made to order   DRAFT -> OPEN -> DONE
preorder        DRAFT -> OPEN -> CHARGING -> SHIPPING -> DONE
group buy       DRAFT -> OPEN -> FUNDED -> CHARGING -> SHIPPING -> DONE
                           +-> FAILED
concept         DRAFT -> REVIEW -> OPEN -> FUNDED -> CHARGING -> SAMPLING -> SAMPLE_SHOWN -> PRODUCING
                  ^--------+         +-> FAILED                                 -> SHIPPING -> DONE
from where somebody has paid:  REFUNDING -> REFUNDED
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from commerce.models import Offer, OfferStep, Product

State, Kind = Offer.State, Offer.Kind

ARROWS: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.REVIEW, State.OPEN}),
    State.REVIEW: frozenset({State.DRAFT, State.OPEN}),
    State.OPEN: frozenset({State.FAILED, State.FUNDED, State.CHARGING, State.DONE, State.REFUNDING}),
    State.FUNDED: frozenset({State.CHARGING, State.FAILED}),
    State.CHARGING: frozenset({State.SAMPLING, State.SHIPPING, State.REFUNDING}),
    State.SAMPLING: frozenset({State.SAMPLE_SHOWN, State.REFUNDING}),
    State.SAMPLE_SHOWN: frozenset({State.PRODUCING, State.REFUNDING}),
    State.PRODUCING: frozenset({State.SHIPPING, State.REFUNDING}),
    State.SHIPPING: frozenset({State.DONE, State.REFUNDING}),
    State.REFUNDING: frozenset({State.REFUNDED}),
}
# Which of the arrows a kind uses beyond those of all.
ONLY: dict[str, frozenset[str]] = {
    Kind.MADE_TO_ORDER: frozenset({State.OPEN, State.DONE, State.REFUNDING, State.REFUNDED}),
    Kind.PREORDER: frozenset(
        {State.OPEN, State.CHARGING, State.SHIPPING, State.DONE, State.REFUNDING, State.REFUNDED}
    ),
    Kind.GROUP_BUY: frozenset(State) - {State.REVIEW, State.SAMPLING, State.SAMPLE_SHOWN, State.PRODUCING},
    Kind.CONCEPT: frozenset(State),
}
ENDED = frozenset({State.FAILED, State.DONE, State.REFUNDED})
BY_CARD = frozenset({Kind.GROUP_BUY, Kind.CONCEPT})  # nothing is paid before it is sure to happen
BY_PLEDGE = frozenset({Kind.PREORDER, Kind.GROUP_BUY, Kind.CONCEPT})

CHARGING_TAKES = timedelta(days=7)
REMINDERS = (timedelta(days=1), timedelta(days=3), timedelta(days=5))
SAMPLING_TAKES = timedelta(days=60)
SAMPLE_SHOWN_FOR = timedelta(hours=72)
ANSWER_WITHIN = timedelta(days=7)  # a missed date: silence for so long means refund
DELAY = timedelta(days=30)  # what a missed date is moved by where the shop named no other
CARD_WITHIN = timedelta(minutes=31)
DRAWN_WITHIN = timedelta(days=14)  # a review that nobody does goes back to the shop


class NoArrow(RuntimeError):
    """The offer does not stand where this arrow begins: somebody was faster, or it is a mistake of ours."""


@transaction.atomic
def move(offer: Offer, to: str, now: datetime, *, note: str = "", due_at: datetime | None = None) -> Offer:
    """Along one drawn arrow, once, with its step written down and everybody concerned told."""
    if to not in ARROWS.get(offer.state, frozenset()) or (to != State.DRAFT and to not in _allowed(offer)):
        raise NoArrow(f"{offer.kind}: {offer.state} -> {to}")
    moved = Offer.objects.filter(pk=offer.pk, state=offer.state).update(
        state=to, changed_at=now, note=note[:500] or offer.note, due_at=due_at
    )
    if not moved:
        raise NoArrow(f"{offer.kind}: no longer {offer.state}")
    OfferStep.objects.create(offer=offer, state=to, at=now)
    offer.refresh_from_db()
    if offer.kind == Kind.CONCEPT and to in {State.FAILED, State.REFUNDED}:
        # It was never made: it leaves the shelf.
        Product.objects.filter(pk=offer.product_id).update(is_live=False)
    from commerce.offers import letters  # its templates ask for much that this table does not need

    letters.moved(offer, now)
    return offer


def _allowed(offer: Offer) -> frozenset[str]:
    return ONLY[offer.kind]
