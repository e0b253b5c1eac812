"""How much may wait: of one person, and on this host. Asked before a request is taken, in this order.

    open at once     requests of one person that are not over        PERSON_OPEN_AT_ONCE
    a preview        one at a time: it goes before everybody's whole clips
    seconds a day    seconds of clip asked for in 24 hours            the plan, or PERSON_SECONDS_A_DAY
    backlog          seconds of work that wait on this host           HOST_BACKLOG_S

What failed or was refused is not counted against the day: nothing was made of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from accounts.models import User
from generation import estimate
from generation.models import Allowance, Generation
from generation.refusals import OverBudget
from generation.states import State

DAY = timedelta(hours=24)
MADE_NOTHING = (State.FAILED, State.REFUSED, State.QUARANTINED, State.CANCELLED)


def check(*, maker: User, seconds: int, is_preview: bool, now: datetime, requests: int = 1) -> None:
    """Raises `OverBudget` with the name of the budget. `seconds` of all `requests` together. In a transaction
    it holds until the transaction is over: requests of one person at the same moment are counted one after
    another."""
    _wait_for_others_of(maker)
    mine = Generation.objects.made_by(maker)
    if mine.still_open().count() + requests > settings.PERSON_OPEN_AT_ONCE:
        raise OverBudget("open_at_once", settings.PERSON_OPEN_AT_ONCE)
    if is_preview and mine.still_open().filter(is_preview=True).exists():
        raise OverBudget("one_preview", 1)
    if seconds_today(maker, now) + seconds > (limit := seconds_a_day(maker, now)):
        raise OverBudget("seconds_a_day", limit)
    if estimate.backlog_s(now) > settings.HOST_BACKLOG_S:
        raise OverBudget("host_backlog", settings.HOST_BACKLOG_S)


def _wait_for_others_of(maker: User) -> None:
    """Locks the person (rows may refer to them meanwhile)."""
    if connection.in_atomic_block:
        list(User.objects.select_for_update(no_key=True).filter(pk=maker.pk).values_list("pk"))


def seconds_a_day(maker: User, now: datetime) -> int:
    plan = Allowance.objects.filter(person=maker, until__gt=now, seconds_a_day__isnull=False).first()
    return plan.seconds_a_day if plan and plan.seconds_a_day is not None else settings.PERSON_SECONDS_A_DAY


def seconds_today(maker: User, now: datetime) -> int:
    """Seconds of clip asked for in the last 24 hours, without what came to nothing."""
    rows = Generation.objects.made_by(maker).filter(created_at__gt=now - DAY)
    return rows.exclude(state__in=MADE_NOTHING).aggregate(total=Sum("seconds"))["total"] or 0
