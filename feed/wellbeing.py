"""A viewer's own time: what they watched, a budget they set, stops they asked for. Teens begin with both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet, Sum

from accounts import age, compiled, guardians, social
from accounts.models import User
from feed.models import Preferences, Watch
from generation.models import Clip

DAYS = 14
TEEN_MINUTES = 60
TEEN_STOP_EVERY = 20
MOST_EVENTS = 20_000


@dataclass(frozen=True)
class Limits:
    """`minutes` a day and a stop after so many clips; None is none. `is_default`: nobody chose them.
    `by_guardian`: the minutes are the guardian's, and the teen can only choose fewer."""

    minutes: int | None
    stop_every: int | None
    is_default: bool = False
    by_guardian: bool = False


def limits(person: User, now: datetime) -> Limits:
    """What they set; else, for a teen, an hour a day and a stop every twenty clips. A guardian's minutes are
    the most in any case."""
    own = _own_limits(person, now)
    most = guardians.limits(person, now).minutes_a_day if age.is_teen(person, now) else None
    if most is None or (own.minutes is not None and own.minutes <= most):
        return own
    return replace(own, minutes=most, is_default=False, by_guardian=True)


def _own_limits(person: User, now: datetime) -> Limits:
    for minutes, stop_every in compiled.run("limits", _wishes, compiled.Values(person.pk)):
        if minutes is not None or stop_every is not None:
            return Limits(minutes or None, stop_every or None)
    if age.is_teen(person, now):
        return Limits(TEEN_MINUTES, TEEN_STOP_EVERY, is_default=True)
    return Limits(None, None)


def _wishes() -> QuerySet[Preferences, Any]:
    kept = Preferences.objects.filter(person=compiled.VIEWER.pk)
    return kept.values_list("session_minutes", "stop_every")


def zone_of(name: str) -> tzinfo:
    """The zone of that name; UTC for one that nobody knows."""
    return ZoneInfo(name) if name in available_timezones() else UTC


def watched_today_ms(person: User, now: datetime) -> int:
    """Since midnight where the person lives; since their guardian's where the minutes are the guardian's."""
    link = guardians.in_force(person, now) if age.is_teen(person, now) else None
    whose = link.guardian if link is not None and link.minutes_a_day is not None else person
    zone = zone_of(Preferences.of(whose).time_zone)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    watched = Watch.objects.filter(viewer=person, at__gte=midnight).aggregate(ms=Sum("watch_ms"))
    return watched["ms"] or 0


def is_over(viewer: User | AnonymousUser, now: datetime) -> bool:
    """Whether a teen watched as long today as their guardian allows. Nobody else is asked about. The day is
    the guardian's: a teen who moves their own midnight gets no second helping."""
    if not isinstance(viewer, User) or not age.is_teen(viewer, now):
        return False
    most = guardians.limits(viewer, now).minutes_a_day
    return most is not None and watched_today_ms(viewer, now) >= most * 60_000


@dataclass(frozen=True)
class Share:
    name: str
    minutes: float
    percent: int


@dataclass(frozen=True)
class Exposure:
    """Two weeks of a person's own watching."""

    days: list[tuple[date, float]]  # minutes of each day, oldest first
    clips: int
    minutes: float
    skipped_percent: int  # of clips seen less than a fifth of
    ai_percent: int  # of the time
    known_percent: int  # of the time: by people one follows
    topics: list[Share]
    creators: list[Share]


def exposure(person: User, now: datetime) -> Exposure:
    """From the beacons of their own player, which are kept 90 days."""
    zone = zone_of(Preferences.of(person).time_zone)
    rows = list(
        Watch.objects.filter(viewer=person, at__gt=now - timedelta(days=DAYS))
        .order_by("-at")
        .values_list(
            "at",
            "watch_ms",
            "post__clip__duration_ms",
            "post__topics",
            "post__creator__username",
            "post__creator_id",
            "post__clip__origin",
        )[:MOST_EVENTS]
    )
    today, followed = now.astimezone(zone).date(), social.followed_ids(person)
    by_day: Counter[date] = Counter()
    topics: Counter[str] = Counter()
    creators: Counter[str] = Counter()
    total = ai = known = skipped = 0
    for at, ms, length, about, handle, creator, origin in rows:
        by_day[at.astimezone(zone).date()] += ms
        topics.update(dict.fromkeys(about, ms))
        creators[f"@{handle}"] += ms
        total += ms
        ai += ms if origin == Clip.Origin.GENERATED else 0
        known += ms if creator in followed else 0
        skipped += ms < length / 5
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    return Exposure(
        days=[(day, round(by_day[day] / 60_000, 1)) for day in days],
        clips=len(rows),
        minutes=round(total / 60_000, 1),
        skipped_percent=_percent(skipped, len(rows)),
        ai_percent=_percent(ai, total),
        known_percent=_percent(known, total),
        topics=_shares(topics.most_common(10), total),
        creators=_shares(creators.most_common(10), total),
    )


def _shares(counted: Iterable[tuple[str, int]], total: int) -> list[Share]:
    return [Share(name, round(ms / 60_000, 1), _percent(ms, total)) for name, ms in counted]


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0
