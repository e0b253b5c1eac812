"""How old a person is, and what follows from it. An unknown birth date counts as the careful case."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from accounts.models import User

AGE_FLOOR = 13  # nobody younger may sign up; `AGE_FLOOR` in settings can raise it
ADULT = 18


def age_on(birth_date: date, day: date) -> int:
    """Whole years. Somebody born on 29 February has their birthday on 1 March in other years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def age_of(user: User | AnonymousUser, now: datetime) -> int | None:
    """Whole years, or None where we don't know (no account, no date)."""
    birth_date = getattr(user, "birth_date", None)
    return None if birth_date is None else age_on(birth_date, now.date())


def is_teen(user: User | AnonymousUser, now: datetime) -> bool:
    """True for a person under 18, and for an account without a birth date: careful where we don't know."""
    age = age_of(user, now)
    return age is None or age < ADULT


def floor() -> int:
    """The youngest age that may sign up here."""
    return max(AGE_FLOOR, int(getattr(settings, "AGE_FLOOR", AGE_FLOOR)))
