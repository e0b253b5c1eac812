"""The guardian link: a teen asks an adult of this host to look after their account.

    nobody --ask (teen)--> asked --yes (adult, step-up)--> in force --end (guardian)------------> nobody
                             |  no, or taken back -> nobody    \\--end (teen)--> three days, told --> nobody

A guardian may tighten three things, and sees these and nothing else: minutes of watching a day, messages
with the guardian alone, and a likeness that stays frozen. No message, clip, draft or history is shown to
them. The teen is told of each change. At eighteen the link has no force any more and is deleted by the
hourly housekeeping. Both ages are what the accounts say of themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import age, social, throttle
from accounts.models import Guardianship, User
from accounts.notifications import notify
from accounts.refusals import Refused
from accounts.signals import casting_stopped

NOTICE = timedelta(days=3)  # between a teen's wish to end the link and its end: somebody may be pressing them
LEAST_MINUTES, MOST_MINUTES = 10, 600
WARDS = 20
URL = "/settings/guardian"


class NoGuardian(Refused):
    code = "guardian_refused"
    message = _("This person cannot be your guardian.")
    hint = _("A guardian is an adult with an account here who is not you and whom nobody of you blocked.")


class OnlyTeens(Refused):
    code = "guardian_only_teens"
    message = _("Only people under 18 have a guardian here.")
    status = 409


class HasGuardian(Refused):
    code = "guardian_there"
    message = _("You asked somebody already.")
    hint = _("End that first, then ask somebody else.")
    status = 409


class LinkOver(Refused):
    code = "guardian_over"
    message = _("You are not their guardian any more.")
    status = 409


class GuardianHolds(Refused):
    code = "guardian_holds"
    message = _("Your guardian wants your likeness to stay frozen.")
    hint = _("Talk to them: they can change that at /settings/guardian.")
    status = 403


@dataclass(frozen=True)
class Limits:
    """What a guardian set for a teen; nothing for everybody else."""

    minutes_a_day: int | None = None
    no_messages: bool = False
    no_casting: bool = False


def of(teen: User) -> Guardianship | None:
    """The teen's link, asked for or in force."""
    return Guardianship.objects.filter(teen=teen).select_related("guardian").first()


def in_force(teen: User, now: datetime) -> Guardianship | None:
    """The link that binds now. An account that erased or closed itself binds nobody."""
    if not _is_known_teen(teen, now):
        return None
    link = of(teen)
    if link is None or link.agreed_at is None or (link.ends_at is not None and link.ends_at <= now):
        return None
    return link if link.guardian.is_active else None


def limits(teen: User, now: datetime) -> Limits:
    link = in_force(teen, now)
    return Limits(link.minutes_a_day, link.no_messages, link.no_casting) if link else Limits()


def is_guardian(guardian: User, teen: User, now: datetime) -> bool:
    link = in_force(teen, now)
    return link is not None and link.guardian_id == guardian.pk


def asked_of(guardian: User) -> list[Guardianship]:
    """Teens who wait for this person's yes, and those they look after, by name."""
    rows = Guardianship.objects.filter(guardian=guardian, teen__is_active=True).select_related("teen")
    return list(rows.order_by("teen__username")[: 2 * WARDS])


@transaction.atomic
def ask(*, teen: User, guardian: User, now: datetime) -> Guardianship:
    """Raises `OnlyTeens`, `HasGuardian`, `NoGuardian`, `throttle.TooMany`: whoever is asked is told."""
    if not _is_known_teen(teen, now):
        raise OnlyTeens()
    throttle.guardian(teen, now)
    Guardianship.objects.filter(teen=teen, ends_at__lte=now).delete()  # over, and not yet swept away
    age_there = age.age_of(guardian, now)
    full = Guardianship.objects.filter(guardian=guardian).count() >= WARDS
    blocked = social.is_blocked_between(teen, guardian)
    if guardian.pk == teen.pk or age_there is None or age_there < age.ADULT or blocked or full:
        raise NoGuardian()
    made, is_new = Guardianship.objects.get_or_create(
        teen=teen, defaults={"guardian": guardian, "asked_at": now}
    )
    if not is_new:
        raise HasGuardian()
    notify(recipient=guardian, kind="guardian_asked", data={"name": teen.name}, url=URL, now=now)
    return made


@transaction.atomic
def agree(*, link: Guardianship, now: datetime) -> None:
    """The adult says yes; the edge asked for a fresh proof."""
    if Guardianship.objects.filter(pk=link.pk, agreed_at=None).update(agreed_at=now):
        notify(
            recipient=link.teen,
            kind="guardian_agreed",
            data={"name": link.guardian.name},
            url=URL,
            now=now,
        )


@transaction.atomic
def set_limits(*, link: Guardianship, wanted: Limits, now: datetime) -> None:
    """What the guardian wants from now on. A likeness that is held is frozen in this transaction. Raises
    `LinkOver` once the link has no force: whoever is grown up is nobody's to freeze."""
    held = Guardianship.objects.select_for_update().select_related("teen", "guardian").get(pk=link.pk)
    if in_force(held.teen, now) is None:
        raise LinkOver()
    held.minutes_a_day = wanted.minutes_a_day
    held.no_messages, held.no_casting = wanted.no_messages, wanted.no_casting
    held.save(update_fields=["minutes_a_day", "no_messages", "no_casting"])
    if wanted.no_casting:
        casting_stopped.send(sender=Guardianship, teen=held.teen, now=now)
    notify(recipient=held.teen, kind="guardian_set", data={"name": held.guardian.name}, url=URL, now=now)


@transaction.atomic
def end(*, link: Guardianship, by: User, now: datetime) -> datetime:
    """When the link ends: at once where the guardian says so or nobody agreed yet, else after the notice."""
    is_teen = by.pk == link.teen_id
    if is_teen and link.agreed_at is not None and _is_known_teen(by, now):
        ends_at = link.ends_at or now + NOTICE
        if Guardianship.objects.filter(pk=link.pk, ends_at=None).update(ends_at=ends_at):
            notify(recipient=link.guardian, kind="guardian_ending", data={"name": by.name}, url=URL, now=now)
        return ends_at
    other = link.guardian if is_teen else link.teen
    link.delete()
    notify(recipient=other, kind="guardian_ended", data={"name": by.name}, url=URL, now=now)
    return now


@transaction.atomic
def stay(*, link: Guardianship) -> None:
    """The teen thought again."""
    Guardianship.objects.filter(pk=link.pk).update(ends_at=None)


def forget(now: datetime) -> int:
    """Links that are over: their notice ran out, or the teen is grown up. How many."""
    gone = Guardianship.objects.filter(ends_at__lte=now).delete()[0]
    grown = [
        link.pk for link in Guardianship.objects.select_related("teen") if not _is_known_teen(link.teen, now)
    ]
    return gone + Guardianship.objects.filter(pk__in=grown).delete()[0]


def _is_known_teen(person: User, now: datetime) -> bool:
    years = age.age_of(person, now)
    return years is not None and years < age.ADULT
