"""Reads over several rows at once: what a grant leaves uncovered, whom somebody may cast."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Prefetch, Q

from accounts.models import User
from cameos import consent, topics
from cameos.consent import Brief, Question
from cameos.models import Audience, Cameo, LikenessGrant, LikenessUse, Purpose
from cameos.refusals import Reason
from cameos.topics import Verdict


def uncovered(cameo: Cameo, grant: LikenessGrant | None, now: datetime) -> list[LikenessUse]:
    """Running uses of the cameo by others that this grant would not permit.

    Count and `use_until` concern new clips only. Topics are asked by meaning too, as far as the vector process
    answers; the owner sees every clip and can take down any.
    """
    others = Prefetch("clip__uses", LikenessUse.objects.select_related("cameo__owner"), to_attr="everybody")
    rows = LikenessUse.objects.filter(cameo=cameo, grant__isnull=False).running()
    rows = rows.select_related("cameo__owner", "clip__maker", "permit").prefetch_related(others)
    return [use for use in rows.order_by("-created_at") if not _covers(grant, use, now)]


def _covers(grant: LikenessGrant | None, use: LikenessUse, now: datetime) -> bool:
    if grant is None:
        return False
    clip, permit = use.clip, use.permit
    companions = tuple(other.cameo for other in clip.everybody if other.cameo_id != use.cameo_id)  # type: ignore[attr-defined]
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


def castable(requester: User, now: datetime, limit: int = 60) -> list[Cameo]:
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
    allowed = [c for c in candidates if consent.may_cast(cameo=c, requester=requester, now=now) is None]
    return sorted(allowed, key=lambda cameo: cameo.owner_id != requester.pk)[:limit]


def why_not(cameo: Cameo, requester: User, now: datetime) -> Reason | None:
    """The composer's question before there is a prompt."""
    return consent.may_cast(cameo=cameo, requester=requester, now=now)
