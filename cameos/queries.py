"""Reads over several rows at once: what a grant leaves uncovered, whom somebody may cast, the owner's
page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import BooleanField, Count, ExpressionWrapper, Prefetch, Q, QuerySet

from accounts.models import User
from cameos import consent, earnings, licences, topics, uses, wording
from cameos import terms as the_terms
from cameos.access import cameos_of
from cameos.consent import Brief, Question
from cameos.earnings import Earned
from cameos.models import (
    Audience,
    Cameo,
    Ending,
    LedgerEntry,
    Licence,
    LikenessGrant,
    LikenessUse,
    PriceCard,
    Purpose,
)
from cameos.models.use import LikenessUseQuerySet
from cameos.topics import Verdict


def uncovered(cameo: Cameo, grant: LikenessGrant | None, now: datetime) -> list[LikenessUse]:
    """Running uses of the cameo by others that this grant would not permit.

    Count and `use_until` concern new clips only. Topics are asked by meaning too, as far as the vector
    process answers; the owner sees every clip and can take down any.
    """
    others = Prefetch("clip__uses", LikenessUse.objects.select_related("cameo__owner"), to_attr="everybody")
    rows = LikenessUse.objects.filter(cameo=cameo, grant__isnull=False).running()
    rows = rows.select_related("cameo__owner", "clip__maker", "permit").prefetch_related(others)
    return [use for use in rows.order_by("-created_at") if not _covers(grant, use, now)]


def _covers(grant: LikenessGrant | None, use: LikenessUse, now: datetime) -> bool:
    if grant is None:
        return False
    clip, permit = use.clip, use.permit
    everybody: list[LikenessUse] = clip.everybody  # type: ignore[attr-defined]  # by the prefetch above
    companions = tuple(other.cameo for other in everybody if other.cameo_id != use.cameo_id)
    brief = Brief(
        clip.prompt,
        companions,
        permit.commercial if permit else False,
        permit.voice if permit else False,
    )
    purpose = permit.purpose if permit else Purpose.GENERATE
    question = Question(use.cameo, clip.maker, purpose, brief, now)
    question.__dict__["grant"] = grant
    if consent.decide(question, again=True) is not None:
        return False
    verdict = topics.judge(clip.prompt, grant)
    if verdict.verdict == Verdict.UNAVAILABLE:
        verdict = topics.judge_words(clip.prompt, grant)
    return verdict.verdict != Verdict.REFUSED


def castable(requester: User, now: datetime, limit: int = 60, purpose: str = Purpose.GENERATE) -> list[Cameo]:
    """Likenesses that this person may cast now: their own first, then people, then drawn characters."""
    grants = LikenessGrant.objects.in_force(now)
    open_to = (
        Q(grants__in=grants.filter(audience=Audience.EVERYONE))
        | Q(grants__in=grants.filter(people__person=requester))
        | Q(grants__in=grants.filter(audience=Audience.CIRCLE), owner__circle__member=requester)
        | Q(grants__in=grants.filter(audience=Audience.MUTUALS), owner__follows__followee=requester)
    )
    rows = Cameo.objects.filter(Q(owner=requester) | open_to, state=Cameo.State.VERIFIED, frozen_at=None)
    candidates = rows.distinct().select_related("owner").order_by("-kind", "name", "pk")[: 3 * limit]
    allowed = [
        c
        for c in candidates
        if consent.may_cast(cameo=c, requester=requester, now=now, purpose=purpose) is None
    ]
    return sorted(allowed, key=lambda cameo: cameo.owner_id != requester.pk)[:limit]


@dataclass(frozen=True)
class Overview:
    """What the owner's page shows about one likeness."""

    cameo: Cameo
    others: list[Cameo]
    sentences: list[str]
    named: list[User]
    covers_nobody: bool
    pending: LikenessGrant | None
    pending_sentences: list[str]
    waiting: list[LikenessUse]
    running_count: int
    ended_count: int
    endings: list[Ending]
    entry_count: int
    price: PriceCard | None
    coming_price: PriceCard | None
    asked_count: int
    earned: list[Earned]


def overview(cameo: Cameo, now: datetime) -> Overview:
    """The owner's page about one likeness, but for the list of its uses (`shown_uses`)."""
    in_force = consent.in_force(cameo, now)
    terms = the_terms.of(in_force)
    named = list(User.objects.filter(pk__in=terms.people).order_by("username"))
    pending = LikenessGrant.objects.filter(cameo=cameo).pending(now).first()
    counts = LikenessUse.objects.filter(cameo=cameo).aggregate(
        running=Count("pk", filter=~Q(state=LikenessUse.State.ENDED)),
        ended=Count("pk", filter=Q(state=LikenessUse.State.ENDED)),
    )
    told = wording.sentences(terms, [person.name for person in named], drawn=not cameo.is_person)
    return Overview(
        cameo=cameo,
        others=list(cameos_of(cameo.owner).filter(state=Cameo.State.VERIFIED).exclude(pk=cameo.pk)),
        sentences=told,
        named=named,
        covers_nobody=terms.covers_nobody,
        pending=pending,
        pending_sentences=[sentence for sentence in _sentences(pending) if sentence not in told],
        waiting=list(shown_uses(cameo, now).waiting().order_by("created_at")[:50]),
        running_count=counts["running"],
        ended_count=counts["ended"],
        endings=list(Ending.objects.filter(cameo=cameo).order_by("-pk")[:12]),
        entry_count=LedgerEntry.objects.filter(cameo=cameo).count(),
        price=licences.card_of(cameo, now),
        coming_price=PriceCard.objects.filter(cameo=cameo, effective_at__gt=now).first(),
        asked_count=Licence.objects.filter(cameo=cameo, state=Licence.State.ASKED).count(),
        earned=earnings.of(cameo),
    )


def shown_uses(cameo: Cameo, now: datetime) -> LikenessUseQuerySet:
    """Uses of a likeness with what a thumbnail needs, in a fixed number of queries."""
    rows = LikenessUse.objects.filter(cameo=cameo).select_related("clip__maker", "permit", "cameo")
    public = ExpressionWrapper(_is_public(now), output_field=BooleanField())
    return rows.annotate(is_public=public).prefetch_related("clip__renditions", "clip__post")


def _is_public(now: datetime) -> Q:
    """The clip of a use is shown to others than its maker and the people in it. A published one is not while
    any one of those people hides it."""
    out = Q(clip__post__state="LIVE", clip__post__published_at__lte=now)  # the feed's row, so by its name
    return uses.shown("clip__", now) & out


@dataclass(frozen=True)
class Version:
    """One version of a grant as its owner reads it afterwards."""

    grant: LikenessGrant
    sentences: list[str]
    is_in_force: bool
    until: datetime | None

    @property
    def never_counted(self) -> bool:
        """It was taken back or replaced while it still waited."""
        return self.until is not None and self.until <= self.grant.effective_at


def versions(cameo: Cameo, now: datetime) -> list[Version]:
    """Every version of the owner's permission, newest first, each with the time in which it counted."""
    rows = list(LikenessGrant.objects.filter(cameo=cameo).order_by("-version")[:60])
    current = consent.in_force(cameo, now)
    told: list[Version] = []
    replaced: datetime | None = None
    for grant in rows:
        ends = [moment for moment in (grant.revoked_at, replaced) if moment is not None]
        until = min(ends, default=None)
        told.append(Version(grant, _sentences(grant, as_saved=until is not None), grant == current, until))
        replaced = grant.effective_at if replaced is None else min(replaced, grant.effective_at)
    return told


def reached(ending: Ending, now: datetime) -> LikenessUseQuerySet:
    """What one act took down."""
    return shown_uses(ending.cameo, now).filter(ending=ending)


def licences_of(person: User) -> dict[str, list[Licence]]:
    """What others ask of this person, open ones first, and what they asked of others."""
    rows = Licence.objects.select_related("cameo__owner", "requester")
    answer = rows.filter(cameo__owner=person).order_by("-pk")[:60]
    return {
        "asked": [row for row in answer if row.state == Licence.State.ASKED],
        "answered": [row for row in answer if row.state != Licence.State.ASKED],
        "mine": list(rows.filter(requester=person).order_by("-pk")[:60]),
    }


def existing_count(cameo: Cameo) -> int:
    """How many clips by others a narrowing could reach."""
    return LikenessUse.objects.filter(cameo=cameo, grant__isnull=False).running().count()


def _sentences(grant: LikenessGrant | None, *, as_saved: bool = False) -> list[str]:
    """`as_saved`: with the count that was allowed, and not what was left of it."""
    if grant is None:
        return []
    names = User.objects.filter(granted_likenesses__grant=grant).order_by("username")
    terms = the_terms.of(grant)
    if as_saved:
        terms = replace(terms, count_limit=grant.count_limit)
    return wording.sentences(terms, [person.name for person in names], drawn=not grant.cameo.is_person)


def is_public(use: LikenessUse, now: datetime) -> bool:
    """Whether others than the maker and the people in it see the clip of this use at this moment."""
    return LikenessUse.objects.filter(_is_public(now), pk=use.pk).exists()


def entry_of(use: LikenessUse) -> LedgerEntry | None:
    """The ledger entry of a use; None for rows older than the ledger."""
    return LedgerEntry.objects.filter(entry_id=use.entry_id).first()


def entries_of(cameo: Cameo) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(cameo=cameo).select_related("cameo")
