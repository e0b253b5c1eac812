"""What the clock does to offers. The beat calls `run`; it takes the moment and may be called at any time.

Each offer is moved by itself: one that cannot be moved now (the provider is away) keeps its state, and the
next beat goes on where this one stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime

from django.db.models import Q, QuerySet

from accounts.refusals import Refused
from commerce import gateways
from commerce.actions.payment import left_of
from commerce.gateways.base import Gateway
from commerce.models import Offer, Order, Pledge
from commerce.offers import letters, pledging, standing
from commerce.offers.making import still_permitted
from commerce.offers.states import (
    ANSWER_WITHIN,
    BY_CARD,
    CHARGING_TAKES,
    DELAY,
    REMINDERS,
    SAMPLING_TAKES,
    Kind,
    NoArrow,
    State,
    move,
)

log = logging.getLogger(__name__)
P = Pledge.State
NOT_PERMITTED = "not_permitted"  # the note of an offer that ended because somebody in its picture said so
TOO_FEW = "too_few"
NO_SAMPLE = "no_sample"


def run(*, now: datetime, gateway: Gateway | None = None) -> int:
    """Every deadline that is over; how many offers were looked at."""
    _lapse_waiting(now, gateway)
    _forget_cards(gateway)
    rows = Offer.objects.exclude(state__in=[State.DRAFT, State.FAILED, State.REFUNDED])
    rows = rows.exclude(~Q(kind=Kind.MADE_TO_ORDER), state=State.DONE)
    offers = list(rows.select_related("product__merchant__owner", "clip").order_by("pk"))
    for offer in offers:
        try:
            _step(offer, now, gateway)
        except (Refused, NoArrow) as error:
            log.warning("offer %s waits: %s", offer.pk, error)
    return len(offers)


def _step(offer: Offer, now: datetime, gateway: Gateway | None) -> None:
    step = STEPS.get(offer.state)
    if step is not None:
        step(offer, now, gateway)
    if offer.state in {State.OPEN, State.CHARGING, State.PRODUCING, State.SHIPPING, State.DONE}:
        dates(offer, now, gateway)


def _lapse_waiting(now: datetime, gateway: Gateway | None) -> None:
    """Cards that nobody left in time; the page is asked once more before the pledge ends."""
    late = Pledge.objects.filter(state=P.WAITING, expires_at__lte=now, order__state=Order.State.PLEDGED)
    for pledge in late.filter(deposit=None).select_related("offer", "order").order_by("pk"):
        pledging.sync(pledge=pledge, now=now, gateway=gateway)
        if pledge.state == P.WAITING:
            pledging.give_up(pledge=pledge, to=P.LAPSED, now=now, gateway=gateway)


def _forget_cards(gateway: Gateway | None) -> None:
    """Cards that should be forgotten by now, and were not because the provider was away."""
    over = Q(state__in=[P.LEFT, P.LAPSED]) | Q(state=P.PAID)
    for pledge in Pledge.objects.filter(over).exclude(payment_method_id="").order_by("pk")[:50]:
        pledging.forget(pledge, gateway or gateways.current())


def _review(offer: Offer, now: datetime, gateway: Gateway | None) -> None:
    if _is_over(offer, now):
        move(offer, State.DRAFT, now, note="nobody_looked")


def _open(offer: Offer, now: datetime, gateway: Gateway | None) -> None:
    if not still_permitted(offer, now):
        to = State.FAILED if offer.kind in BY_CARD else State.REFUNDING
        _end(offer, to, NOT_PERMITTED, now, gateway)
    elif offer.kind in BY_CARD and offer.deadline is not None and offer.deadline <= now:
        if standing.counted(offer) >= offer.threshold:
            move(offer, State.FUNDED, now)
            _funded(offer, now, gateway)
        else:
            _end(offer, State.FAILED, TOO_FEW, now, gateway)


def _funded(offer: Offer, now: datetime, gateway: Gateway | None) -> None:
    move(offer, State.CHARGING, now, due_at=now + CHARGING_TAKES)
    _charging(offer, now, gateway)


def _charging(offer: Offer, now: datetime, gateway: Gateway | None) -> None:
    """Cards are charged, their owners reminded thrice; then it is counted again."""
    for pledge in _pledges(offer, P.SAVED):
        pledging.charge(pledge=pledge, now=now, gateway=gateway)
    _remind(offer, now)
    if _pledges(offer, P.SAVED, P.FAILED).exists() and not _is_over(offer, now):
        return
    for pledge in _pledges(offer, P.SAVED, P.FAILED):
        pledging.give_up(pledge=pledge, to=P.LAPSED, now=now, gateway=gateway)
    paid = sum(pledge.quantity for pledge in _pledges(offer, P.PAID))
    if paid < max(1, offer.threshold) and offer.kind in BY_CARD:
        _end(offer, State.REFUNDING, TOO_FEW, now, gateway)
    elif offer.kind == Kind.CONCEPT:
        move(offer, State.SAMPLING, now, due_at=now + SAMPLING_TAKES)
    else:
        move(offer, State.SHIPPING, now)


def _remind(offer: Offer, now: datetime) -> None:
    began = (offer.due_at or now) - CHARGING_TAKES
    due = sum(1 for after in REMINDERS if began + after <= now)
    for pledge in _pledges(offer, P.FAILED).filter(reminders__lt=due):
        Pledge.objects.filter(pk=pledge.pk).update(reminders=due)
        letters.reminded(pledge, now)


def _sampling(offer: Offer, now: datetime, gateway: Gateway | None) -> None:
    if not still_permitted(offer, now):
        _end(offer, State.REFUNDING, NOT_PERMITTED, now, gateway)
    elif _is_over(offer, now):
        _end(offer, State.REFUNDING, NO_SAMPLE, now, gateway)


def _sample_shown(offer: Offer, now: datetime, gateway: Gateway | None) -> None:
    if not still_permitted(offer, now):
        _end(offer, State.REFUNDING, NOT_PERMITTED, now, gateway)
    elif _is_over(offer, now):
        if _pledges(offer, P.PAID).exists():
            move(offer, State.PRODUCING, now)
        else:
            _end(offer, State.REFUNDING, TOO_FEW, now, gateway)


def _producing(offer: Offer, now: datetime, gateway: Gateway | None) -> None:
    if _all_gone(offer):
        _end(offer, State.REFUNDING, TOO_FEW, now, gateway)


def _shipping(offer: Offer, now: datetime, gateway: Gateway | None) -> None:
    for pledge in _pledges(offer, P.SAVED):  # a deposit that was paid while the others were charged
        pledging.charge(pledge=pledge, now=now, gateway=gateway)
    waiting = _pledges(offer, P.PAID, P.SAVED, P.FAILED).filter(order__sent_at=None)
    if not any(left_of(pledge.order) or pledge.state != P.PAID for pledge in waiting):
        move(offer, State.DONE, now)


def _refunding(offer: Offer, now: datetime, gateway: Gateway | None) -> None:
    """Everybody who paid and has nothing gets everything back; then it is done."""
    for pledge in _pledges(offer, P.WAITING, P.SAVED, P.FAILED, P.PAID):
        if pledge.order.sent_at is None:
            was_paid = pledge.state == P.PAID or pledge.deposit is not None
            pledging.give_up(pledge=pledge, to=P.LEFT if was_paid else P.LAPSED, now=now, gateway=gateway)
    move(offer, State.REFUNDED, now)


def _failed(offer: Offer, now: datetime, gateway: Gateway | None) -> None:
    """Nobody was charged: cards are forgotten."""
    for pledge in _pledges(offer, P.WAITING, P.SAVED, P.FAILED):
        pledging.give_up(pledge=pledge, to=P.LAPSED, now=now, gateway=gateway)


STEPS: dict[str, Callable[[Offer, datetime, Gateway | None], None]] = {
    State.REVIEW: _review,
    State.OPEN: _open,
    State.FUNDED: _funded,
    State.CHARGING: _charging,
    State.SAMPLING: _sampling,
    State.SAMPLE_SHOWN: _sample_shown,
    State.PRODUCING: _producing,
    State.SHIPPING: _shipping,
    State.REFUNDING: _refunding,
}


def _end(offer: Offer, to: str, why: str, now: datetime, gateway: Gateway | None) -> None:
    move(offer, to, now, note=why)
    (_failed if to == State.FAILED else _refunding)(offer, now, gateway)


def _all_gone(offer: Offer) -> bool:
    return not any(left_of(pledge.order) for pledge in _pledges(offer, P.PAID))


# Dates


def dates(offer: Offer, now: datetime, gateway: Gateway | None = None) -> None:
    """A date that was missed is asked about, once; who does not answer within a week gets everything back."""
    unsent = Q(order__sent_at=None) & (
        Q(state=P.PAID, order__state=Order.State.PAID) | Q(state=P.SAVED, deposit__isnull=False)
    )
    late = offer.pledges.filter(unsent, asked_at=None, ships_by__lt=now.date())
    for pledge in late.select_related("order", "offer__product__merchant"):
        later = offer.ships_by if offer.ships_by and offer.ships_by > now.date() else now.date() + DELAY
        _ask(pledge, later, now)
    silent = offer.pledges.filter(unsent, asked_at__lte=now - ANSWER_WITHIN)
    for pledge in silent.select_related("order", "deposit", "offer__product__merchant"):
        pledging.give_up(pledge=pledge, to=P.LEFT, now=now, gateway=gateway)
        letters.left(pledge, now)


def ask_all(offer: Offer, later: date, now: datetime) -> None:
    """The shop named another date: everybody whose own is earlier is asked."""
    rows = offer.pledges.filter(order__sent_at=None, ships_by__lt=later, state__in=[P.PAID, P.SAVED])
    for pledge in rows.select_related("order", "offer__product__merchant"):
        _ask(pledge, later, now)


def _ask(pledge: Pledge, later: date, now: datetime) -> None:
    Pledge.objects.filter(pk=pledge.pk).update(asked_at=now, asked_date=later)
    pledge.refresh_from_db()
    letters.asked(pledge, now)


def _pledges(offer: Offer, *states: str) -> QuerySet[Pledge]:
    rows = offer.pledges.filter(state__in=states).order_by("pk")
    return rows.select_related("order", "deposit", "offer__product__merchant")


def _is_over(offer: Offer, now: datetime) -> bool:
    return offer.due_at is not None and offer.due_at <= now
