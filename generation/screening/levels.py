"""How strictly each harm is taken, and the names that are guarded, by the operator's page over the settings.

    what the page says      a row of `HarmLevel`, else
    HARM_LEVELS             of the settings, else
    refuse

Every change is one transaction with a line of the log (`ScreeningChange`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import is_operator
from accounts.models import User
from accounts.refusals import Refused
from generation.models import GuardedName, HarmLevel, ScreeningChange
from generation.screening import names, words
from generation.screening.names import Name

FIXED = ("minors",)


class NotOperator(Refused):
    code = "not_found"
    message = _("There is nothing here for you.")
    status = 404


class BadName(Refused):
    code = "bad_name"
    message = _("That is no name: write letters, with | between spellings.")
    status = 400


class NameThere(Refused):
    code = "name_there"
    message = _("This name is guarded already.")
    status = 409


def current() -> dict[str, str]:
    """The level of every harm and guard."""
    chosen = words.levels()
    for row in HarmLevel.objects.all():
        if row.category in chosen and row.category not in FIXED and row.level in words.LEVELS:
            chosen[row.category] = row.level
    return chosen


def added_names() -> list[Name]:
    """The names that the operator added."""
    return [names.name_of(row.rule, row.names) for row in GuardedName.objects.order_by("pk")]


@transaction.atomic
def set_levels(*, by: User, wanted: Mapping[str, str], now: datetime) -> list[str]:
    """Take these levels from now on. Returns the harms that changed; what is unknown or fixed is left as it
    is. Raises `NotOperator`."""
    _operator(by)
    before, changed = current(), []
    for category, level in wanted.items():
        if category in FIXED or level not in words.LEVELS or before.get(category, level) == level:
            continue
        HarmLevel.objects.update_or_create(category=category, defaults={"level": level})
        _log(by, category, before[category], level, now)
        changed.append(category)
    return changed


@transaction.atomic
def add_name(*, by: User, rule: str, line: str, now: datetime) -> GuardedName:
    """Guard a name. Raises `NotOperator`, `BadName`, `NameThere`."""
    _operator(by)
    return keep_name(by=by, rule=rule, line=line, now=now)


@transaction.atomic
def keep_name(*, by: User, rule: str, line: str, now: datetime) -> GuardedName:
    """The same where a moderator's decision adds it."""
    line = " | ".join(part.strip() for part in line.split("|") if part.strip())[:300]
    try:
        name = names.name_of(rule, line)
    except ValueError as error:
        raise BadName() from error
    if rule not in GuardedName.Rule.values or all(len(alias) < 2 for alias in name.aliases):
        raise BadName()
    row, is_new = GuardedName.objects.get_or_create(names=line, defaults={"rule": rule, "added_at": now})
    if not is_new:
        raise NameThere()
    _log(by, f"+ {line}", "", rule, now)
    return row


@transaction.atomic
def drop_name(*, by: User, name: GuardedName, now: datetime) -> None:
    """Guard it no more. Raises `NotOperator`."""
    _operator(by)
    _log(by, f"- {name.names}", name.rule, "", now)
    name.delete()


def _operator(person: User) -> None:
    if not is_operator(person):
        raise NotOperator()


def _log(by: User, what: str, before: str, after: str, now: datetime) -> None:
    ScreeningChange.objects.create(by=by, what=what, before=before, after=after, at=now)
