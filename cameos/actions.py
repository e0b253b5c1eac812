"""What an owner does about permission. One function per intention, one transaction each.

A change makes a new version. Narrowing counts at once. Widening needs step-up, is mailed, and waits 24 h,
unless it names one person (three a day at once, so that a stolen session cannot name everybody one by one).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from accounts import guardians, journal, social
from accounts.age import is_teen
from accounts.models import User
from accounts.notifications import notify
from accounts.stepup import StepUpRequired
from cameos import consent, ledger, mails, revocation, topics, uses
from cameos import terms as the_terms
from cameos.models import (
    Audience,
    Cameo,
    Companions,
    Ending,
    GrantedPerson,
    LikenessGrant,
    LikenessUse,
    Purpose,
)
from cameos.queries import uncovered
from cameos.refusals import LikenessGone, NotYours, TermsRefused
from cameos.terms import FIRST, Terms
from cameos.topic_words import TOPICS

WIDENING_WAITS = timedelta(hours=24)
NAMED_AT_ONCE_A_DAY = 3
MOST_PHRASES, MOST_PHRASE_CHARACTERS = 20, 80
MOST_PEOPLE = 500


@transaction.atomic
def save_grant(
    *,
    cameo: Cameo,
    owner: User,
    terms: Terms,
    stepped_up: bool,
    also_existing: bool = True,
    now: datetime,
) -> LikenessGrant:
    """Make `terms` the owner's permission; returns the newest version, which may wait (`effective_at`).

    Raises `StepUpRequired` where they widen and the session has no fresh proof, `TermsRefused` where they
    cannot be. With `also_existing`, a narrowing ends clips that the version in force no longer covers.
    """
    held = _own(cameo, owner)
    old = the_terms.of(consent.in_force(held, now))
    terms = _without_blocked(terms, old, owner)
    _check(terms, owner, now)
    wider = the_terms.widened(old, terms)
    if wider and not stepped_up:
        raise StepUpRequired()
    _drop_pending(held, now)
    at_once = not wider or names_at_once(held, old, terms, now)
    if at_once:
        grant = _write(held, terms, now=now, effective_at=now, named_at_once=bool(wider))
    else:
        _narrow_first(held, old, terms, now)
        grant = _write(held, terms, now=now, effective_at=now + WIDENING_WAITS)
    if the_terms.widened(terms, old):
        _remember_narrower(held, grant, now)
    if also_existing and the_terms.widened(terms, old):
        _end_uncovered(held, now)
    if wider:
        mails.widened(grant, sorted(wider), now)
    return grant


@transaction.atomic
def name_person(*, cameo: Cameo, owner: User, person: User, stepped_up: bool, now: datetime) -> LikenessGrant:
    """Let one more person cast this likeness, under the terms in force; without any, under those that a first
    grant proposes. A wider version that waits goes on waiting."""
    held = _own(cameo, owner)
    pending = LikenessGrant.objects.filter(cameo=held).pending(now).first()
    current = the_terms.of(consent.in_force(held, now))
    if current.covers_nobody and not current.purposes:
        refused = current.topics_refused | FIRST.topics_refused
        current = replace(current, purposes=FIRST.purposes, topics_refused=refused)
    audience = Audience.NAMED if current.audience == Audience.ONLY_ME else current.audience
    terms = replace(current, audience=audience, people=current.people | {person.pk})
    grant = save_grant(
        cameo=held, owner=owner, terms=terms, stepped_up=stepped_up, also_existing=False, now=now
    )
    if pending is not None and grant.effective_at <= now:
        waiting = the_terms.of(pending)
        waiting = replace(waiting, people=waiting.people | {person.pk})
        _write(held, waiting, now=now, effective_at=pending.effective_at)
    return grant


def name_licensee(*, cameo: Cameo, person: User, now: datetime) -> bool:
    """Name somebody who paid for a licence that the owner accepted with a fresh proof, under the terms in
    force. False where none is: then there is nothing to name them in."""
    grant = consent.in_force(cameo, now)
    if grant is None:
        return False
    pending = LikenessGrant.objects.filter(cameo=cameo).pending(now).first()
    is_named = _has_named(grant, person)
    if not is_named:
        _write(cameo, _naming(grant, person), now=now, effective_at=now)
    if pending is not None and not (is_named and _has_named(pending, person)):
        # It goes on waiting, as the newest version, and names them too.
        _write(cameo, _naming(pending, person), now=now, effective_at=pending.effective_at)
    return True


def _has_named(grant: LikenessGrant, person: User) -> bool:
    return grant.people.filter(person=person).exists()


def _naming(grant: LikenessGrant, person: User) -> Terms:
    terms = the_terms.of(grant)
    audience = Audience.NAMED if terms.audience == Audience.ONLY_ME else terms.audience
    return replace(terms, audience=audience, people=terms.people | {person.pk})


@transaction.atomic
def drop_person(
    *, cameo: Cameo, owner: User, person: User, also_existing: bool = True, now: datetime
) -> LikenessGrant:
    """Take one named person off the list, at once."""
    current = the_terms.of(consent.in_force(cameo, now))
    people = current.people - {person.pk}
    audience = Audience.ONLY_ME if current.audience == Audience.NAMED and not people else current.audience
    return save_grant(
        cameo=cameo,
        owner=owner,
        terms=replace(current, audience=audience, people=people),
        stepped_up=False,
        also_existing=also_existing,
        now=now,
    )


@transaction.atomic
def verified(*, cameo: Cameo, assurance: str, now: datetime) -> Cameo:
    """A capture proved the person: the likeness exists, and nobody may cast it yet; frozen where a teen's
    guardian wants that. Nothing leaves ERASED."""
    held = Cameo.objects.select_for_update().get(pk=cameo.pk)
    if held.state == Cameo.State.ERASED:
        raise LikenessGone()
    held.state, held.assurance, held.verified_at = Cameo.State.VERIFIED, assurance, now
    held.save(update_fields=["state", "assurance", "verified_at"])
    ledger.append(
        cameo=held, kind="likeness_verified", body={"assurance": str(assurance)}, details={}, now=now
    )
    if guardians.limits(held.owner, now).no_casting:
        return revocation.freeze(cameo=held, owner=held.owner, now=now)
    return held


@transaction.atomic
def create_character(*, owner: User, name: str, character: dict[str, Any], now: datetime) -> Cameo:
    """A drawn character that somebody owns. It depicts nobody, so nothing is verified, but casting it is
    asked all the same."""
    cameo = Cameo.objects.create(
        owner=owner,
        kind=Cameo.Kind.CHARACTER,
        name=name[:60],
        state=Cameo.State.VERIFIED,
        character=character,
        verified_at=now,
        created_at=now,
    )
    ledger.append(cameo=cameo, kind="likeness_verified", body={"assurance": "drawn"}, details={}, now=now)
    return cameo


@transaction.atomic
def note_moderator(*, clip: Any, moderator: User, reason: str, now: datetime) -> None:
    """A moderator looks at a clip that is not public: everybody in it finds that, and why, in their
    ledger."""
    if not (moderator.is_moderator or moderator.is_superuser) or not reason.strip():
        raise NotYours()
    for use in LikenessUse.objects.filter(clip=clip).select_related("cameo__owner", "clip"):
        ledger.append(
            cameo=use.cameo,
            kind="seen_by_moderator",
            body={"use_entry": str(use.entry_id)},
            details={"clip": str(use.clip.public_id), "reason": reason[:280]},
            now=now,
        )
        notify(
            recipient=use.cameo.owner,
            kind="likeness_seen_by_moderator",
            data={"reason": reason[:280]},
            url="/likeness/ledger",
            now=now,
        )


def _own(cameo: Cameo, owner: User) -> Cameo:
    held = Cameo.objects.select_for_update().filter(pk=cameo.pk, owner=owner).first()
    if held is None:
        raise NotYours()
    if not held.is_verified:
        raise LikenessGone()
    return held


def names_at_once(cameo: Cameo, old: Terms, new: Terms, now: datetime) -> bool:
    """Whether a change that widens counts at once: it names one more person and opens nothing else."""
    if not the_terms.names_one(old, new):
        return False
    today = LikenessGrant.objects.filter(cameo=cameo, named_at_once=True, created_at__gt=now - WIDENING_WAITS)
    return today.count() < NAMED_AT_ONCE_A_DAY


def _drop_pending(cameo: Cameo, now: datetime) -> None:
    """A version that still waited is replaced by the one that comes now."""
    for grant in LikenessGrant.objects.filter(cameo=cameo).pending(now):
        grant.revoked_at = now
        grant.save(update_fields=["revoked_at"])
        ledger.append(
            cameo=cameo, kind="grant_pending_dropped", body={"version": grant.version}, details={}, now=now
        )


def _narrow_first(cameo: Cameo, old: Terms, new: Terms, now: datetime) -> None:
    """What the new terms take away is gone at once, while what they add waits."""
    both = the_terms.meet(old, new)
    if the_terms.widened(both, old):
        _write(cameo, both, now=now, effective_at=now)


def _remember_narrower(cameo: Cameo, grant: LikenessGrant, now: datetime) -> None:
    """Outside the database: a backup that does not know this version must not bring the wider one back."""
    names = {"cameo": str(cameo.public_id), "grant": str(grant.public_id), "at": now.isoformat()}
    journal.append("likeness.narrowed", names)


def _write(
    cameo: Cameo, terms: Terms, *, now: datetime, effective_at: datetime, named_at_once: bool = False
) -> LikenessGrant:
    last = LikenessGrant.objects.filter(cameo=cameo).aggregate(last=Max("version"))["last"] or 0
    grant = LikenessGrant.objects.create(
        cameo=cameo,
        version=last + 1,
        audience=terms.audience,
        purposes=sorted(terms.purposes),
        topics_refused=sorted(terms.topics_refused),
        refused_words=terms.refused_words,
        commercial=terms.commercial,
        voice=terms.voice,
        companions=terms.companions,
        show_me_first=terms.show_me_first,
        minimum_age=terms.minimum_age,
        use_from=terms.use_from,
        use_until=terms.use_until,
        show_until=terms.show_until,
        count_limit=terms.count_limit,
        wishes=terms.wishes,
        named_at_once=named_at_once,
        created_at=now,
        effective_at=effective_at,
    )
    GrantedPerson.objects.bulk_create(GrantedPerson(grant=grant, person_id=pk) for pk in sorted(terms.people))
    _note(grant, terms, now)
    return grant


def _note(grant: LikenessGrant, terms: Terms, now: datetime) -> None:
    named = User.objects.filter(pk__in=terms.people).order_by("pk")
    ledger.append(
        cameo=grant.cameo,
        kind="grant_saved",
        body={
            "version": grant.version,
            "effective_at": grant.effective_at.isoformat(),
            "audience": str(terms.audience),
            "people_count": len(terms.people),
            "purposes": sorted(map(str, terms.purposes)),
            "commercial": terms.commercial,
            "voice": terms.voice,
            "companions": str(terms.companions),
            "show_me_first": terms.show_me_first,
            "minimum_age": terms.minimum_age,
            "use_from": _text(terms.use_from),
            "use_until": _text(terms.use_until),
            "show_until": _text(terms.show_until),
            "count_limit": terms.count_limit,
        },
        details={
            "grant": str(grant.public_id),
            "people": [str(public_id) for public_id in named.values_list("public_id", flat=True)],
            "topics_refused": sorted(terms.topics_refused),
            "refused_words": terms.refused_words,
            "wishes": terms.wishes,
        },
        now=now,
    )


def _text(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _end_uncovered(cameo: Cameo, now: datetime) -> None:
    grant = consent.in_force(cameo, now)
    gone = [use.pk for use in uncovered(cameo, grant, now)]
    rows = LikenessUse.objects.filter(pk__in=gone)
    uses.end_uses(cameo=cameo, uses=rows, reason=Ending.Reason.NARROWED, now=now)
    if grant is not None and grant.show_until is not None:
        longer = Q(show_until=None) | Q(show_until__gt=grant.show_until)
        kept = LikenessUse.objects.filter(longer, cameo=cameo, grant__isnull=False).running()
        kept.update(show_until=grant.show_until)


def _without_blocked(terms: Terms, old: Terms, owner: User) -> Terms:
    """Somebody named who was blocked since, or blocked the owner, is left out: they have nothing of it, and
    must not stand in the way of a change to anything else."""
    gone = terms.people & old.people & social.blocked_ids(owner)
    people = terms.people - gone
    nobody = bool(gone) and not people and terms.audience == Audience.NAMED
    return replace(terms, people=people, audience=Audience.ONLY_ME if nobody else terms.audience)


def _check(terms: Terms, owner: User, now: datetime) -> None:
    """Raises `TermsRefused` with the field that cannot be."""
    _check_words(terms)
    _check_people(terms, owner, now)
    if terms.use_from and terms.use_until and terms.use_from >= terms.use_until:
        raise TermsRefused("use_until", _("The end lies before the start."), _("Choose a later end."))
    for name in ("use_until", "show_until"):
        moment = getattr(terms, name)
        if moment is not None and moment <= now:
            raise TermsRefused(
                name, _("This day is over already."), _("To end everything now, revoke instead.")
            )
    if terms.count_limit is not None and terms.count_limit < 0:
        raise TermsRefused("count_limit", _("A number of clips cannot be below zero."))
    if not 0 <= terms.minimum_age <= 120:
        raise TermsRefused("minimum_age", _("This is no age."))


def _check_words(terms: Terms) -> None:
    _check_known("audience", [terms.audience], Audience.values)
    _check_known("companions", [terms.companions], Companions.values)
    _check_known("purposes", terms.purposes, Purpose.values)
    _check_known("topics_refused", terms.topics_refused, list(TOPICS))
    phrases = topics.phrases_of(terms.refused_words)
    if len(phrases) > MOST_PHRASES or any(len(phrase) > MOST_PHRASE_CHARACTERS for phrase in phrases):
        raise TermsRefused("refused_words", _("Please use at most 20 short phrases, separated by commas."))
    if len(terms.wishes) > 280:
        raise TermsRefused("wishes", _("Please use at most 280 characters."))


def _check_known(field: str, given: Iterable[str], known: list[str]) -> None:
    if set(given) - set(known):
        raise TermsRefused(field, _("This choice does not exist."))


def _check_people(terms: Terms, owner: User, now: datetime) -> None:
    if terms.audience == Audience.NAMED and not terms.people:
        raise TermsRefused("people", _("Nobody is named."), _("Name somebody, or choose “Only me”."))
    if owner.pk in terms.people:
        raise TermsRefused("people", _("You can always cast yourself; you need not be named."))
    if len(terms.people) > MOST_PEOPLE:
        raise TermsRefused("people", _("Please name at most 500 people."))
    if terms.people & social.blocked_ids(owner):
        raise TermsRefused(
            "people", _("One of the people named is blocked."), _("Unblock them first, or leave them out.")
        )
    if terms.audience == Audience.EVERYONE and is_teen(owner, now):
        raise TermsRefused(
            "audience", _("Under 18 a likeness is never open to everyone."), _("Choose a smaller audience.")
        )
