"""Credits for making clips, in the books: reserved on request, spent when READY, returned otherwise.

    host:granted --grant--> available --reserve--> reserved --spend--> host:spent
                                ^                     |
                                +------- return ------+

Each posting has a reference made of the generation's id, so that doing it twice does nothing, and spend and
return share one reference: what was spent cannot come back, and what came back cannot be spent.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts import books
from accounts.models import BookTransaction, User
from generation.models import Generation
from generation.refusals import OutOfCredits

log = logging.getLogger(__name__)

CURRENCY = "CRD"
STARTING_GRANT = settings.STARTING_CREDITS


def _available(user: User) -> str:
    return f"credits:user:{user.pk}:available"


def _reserved(user: User) -> str:
    return f"credits:user:{user.pk}:reserved"


def balance(user: User) -> int:
    """Credits that this person can use now. The starting grant counts before it is posted (a look writes
    nothing; the first request posts it)."""
    has_started = BookTransaction.objects.filter(reference=_start(user)).exists()
    return books.balance(_available(user), CURRENCY) + (0 if has_started else STARTING_GRANT)


def grant_start(user: User, now: datetime) -> None:
    """What everybody starts with, once."""
    grant(user, STARTING_GRANT, reference=_start(user), now=now)


def _start(user: User) -> str:
    return f"credits:start:{user.pk}"


def grant(user: User, amount: int, *, reference: str, now: datetime) -> None:
    _move("host:granted", _available(user), amount, reference, "credits_grant", now)


def reserve(generation: Generation, now: datetime) -> None:
    """Set the generation's credits aside. Raises `OutOfCredits`. Locks the account, so that two requests at
    once cannot both use the last credits."""
    maker, reference = generation.maker, f"credits:reserve:{generation.public_id}"
    with transaction.atomic():
        grant_start(maker, now)
        has = books.lock(_available(maker), CURRENCY)
        if has < generation.credits:
            raise OutOfCredits(generation.credits, has)
        _move(_available(maker), _reserved(maker), generation.credits, reference, "credits_reserve", now)


def spend(generation: Generation, now: datetime) -> None:
    _settle(generation, "host:spent", "credits_spend", now)


def give_back(generation: Generation, now: datetime) -> None:
    _settle(generation, _available(generation.maker), "credits_return", now)


def _settle(generation: Generation, target: str, kind: str, now: datetime) -> None:
    reference = f"credits:settle:{generation.public_id}"
    try:
        _move(_reserved(generation.maker), target, generation.credits, reference, kind, now)
    except books.ReferenceTaken:
        log.warning("generation %s was settled the other way before", generation.public_id)


def _move(source: str, target: str, amount: int, reference: str, kind: str, now: datetime) -> None:
    if amount:
        books.post(
            reference=reference,
            kind=kind,
            at=now,
            postings={(source, CURRENCY): -amount, (target, CURRENCY): amount},
        )
