"""The gate: whether a likeness may be used, decided in one place, one condition a line.

    permit()   decides for a generation's row, once; reserves the count; writes record and receipt
    resume()   rebuilds a Permit from its record, after recheck
    recheck()  only reads; asks every condition again but count and `use_until` (settled at issue)
    settle()   the clip is sealed: reserved counts are spent      release()  it never will be: counts go back

`permit` and `resume` are the only places that make a `Permit`, and without one no face or voice is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NoReturn

from django.db import transaction
from django.db.models import F, Q

from accounts import social
from accounts.age import age_of
from accounts.models import User
from cameos import ledger, licences, topics
from cameos.models import (
    Audience,
    Cameo,
    Companions,
    Licence,
    LikenessGrant,
    LikenessUse,
    PermitRecord,
    Purpose,
)
from cameos.refusals import ConsentDenied, Reason, Unavailable
from cameos.topic_words import TOPICS
from cameos.topics import TopicVerdict, Verdict

__all__ = [
    "Brief",
    "ConsentDenied",
    "Permit",
    "Reason",
    "Unavailable",
    "in_force",
    "may_cast",
    "permit",
    "recheck",
    "release",
    "resume",
    "settle",
]

# Longer than a generation can wait: 10 minutes screening, 72 h held, 24 h queued.
PERMIT_LIFE = timedelta(days=5)
_PROOF = object()


@dataclass(frozen=True)
class Brief:
    """What is asked for: the words, who else is in it, whether it sells something, whether they speak."""

    prompt: str
    companions: tuple[Cameo, ...] = ()
    commercial: bool = False
    voice: bool = False


@dataclass(frozen=True)
class Permit:
    """Proof that the gate said yes to one cameo in one generation. Only this file can make one."""

    record_id: int
    cameo: Cameo
    grant: LikenessGrant | None
    generation_id: int
    purpose: str
    commercial: bool
    voice: bool
    provisional: bool
    expires_at: datetime
    entry_id: str  # of the ledger entry that the use will get; belongs into the clip's manifest
    proof: InitVar[object] = field(default=None, repr=False)

    def __post_init__(self, proof: object) -> None:
        if proof is not _PROOF:
            raise TypeError("Only cameos.consent makes permits.")

    def __reduce__(self) -> NoReturn:
        raise TypeError("A permit is resumed from its record; it does not travel.")


@dataclass
class Question:
    """One question to the gate, and the facts it turns on, each read once and only when its turn comes."""

    cameo: Cameo
    requester: User
    purpose: str
    brief: Brief
    now: datetime
    verdict: TopicVerdict | None = None

    @cached_property
    def is_owner(self) -> bool:
        return self.cameo.owner_id == self.requester.pk

    @cached_property
    def grant(self) -> LikenessGrant | None:
        return None if self.is_owner else in_force(self.cameo, self.now)

    @cached_property
    def terms(self) -> LikenessGrant:
        """The grant, where the conditions before have made sure that there is one."""
        assert self.grant is not None
        return self.grant

    @cached_property
    def is_blocked(self) -> bool:
        return social.is_blocked_between(self.cameo.owner, self.requester)

    @cached_property
    def is_close(self) -> bool:
        return social.in_circle(self.cameo.owner, self.requester)

    @cached_property
    def is_mutual(self) -> bool:
        return social.are_mutuals(self.cameo.owner, self.requester)

    @cached_property
    def is_named(self) -> bool:
        return self.terms.people.filter(person=self.requester).exists()

    @cached_property
    def is_old_enough(self) -> bool:
        age = age_of(self.requester, self.now)
        return not self.terms.minimum_age or (age is not None and age >= self.terms.minimum_age)

    @cached_property
    def is_covered(self) -> bool:
        audience = self.terms.audience
        if self.is_named or audience == Audience.EVERYONE:
            return True
        if audience == Audience.CIRCLE:
            return self.is_close
        return audience == Audience.MUTUALS and self.is_mutual

    @cached_property
    def are_companions_allowed(self) -> bool:
        rule, owner = self.terms.companions, self.cameo.owner
        others = [other for other in self.brief.companions if other.owner_id != owner.pk]
        if rule == Companions.ANYONE:
            return True
        return (
            not others if rule == Companions.NOBODY else all(social.in_circle(owner, o.owner) for o in others)
        )

    @cached_property
    def licence(self) -> Licence | None:
        """The paid licence that this clip is taken from; None where nothing is to be paid, or was."""
        owes = licences.costs(self.cameo, self.requester, self.now)
        return licences.usable(self.cameo, self.requester) if owes else None

    @cached_property
    def is_paid(self) -> bool:
        return licences.costs(self.cameo, self.requester, self.now) is None or self.licence is not None

    @cached_property
    def is_provisional(self) -> bool:
        """Whether the owner sees the clip first. What the words left unsure is shown whatever the grant
        says."""
        if self.is_owner:
            return False
        unsure = self.verdict is not None and self.verdict.verdict == Verdict.UNSURE
        return unsure or (self.terms.show_me_first and not self.is_close)


@dataclass(frozen=True)
class Condition:
    """`holds` must be true. `asked_of_owner`: also where owners cast themselves. `rechecked`: not only at
    issue."""

    reason: Reason
    holds: Callable[[Question], bool]
    asked_of_owner: bool = False
    rechecked: bool = True


CONDITIONS: tuple[Condition, ...] = (
    Condition(Reason.NOT_VERIFIED, lambda q: q.cameo.is_verified, asked_of_owner=True),
    Condition(Reason.FROZEN, lambda q: not q.cameo.is_frozen, asked_of_owner=True),
    Condition(Reason.BLOCKED, lambda q: not q.is_blocked),
    Condition(Reason.NO_GRANT, lambda q: q.grant is not None),
    Condition(Reason.TOO_YOUNG, lambda q: q.is_old_enough),
    Condition(Reason.AUDIENCE, lambda q: q.is_covered),
    Condition(Reason.PURPOSE, lambda q: q.purpose in q.terms.purposes),
    Condition(Reason.COMMERCIAL, lambda q: q.terms.commercial or not q.brief.commercial),
    Condition(Reason.VOICE, lambda q: q.terms.voice or not q.brief.voice),
    Condition(Reason.COMPANIONS, lambda q: q.are_companions_allowed),
    Condition(Reason.NOT_YET, lambda q: q.terms.use_from is None or q.terms.use_from <= q.now),
    Condition(
        Reason.EXPIRED, lambda q: q.terms.use_until is None or q.now < q.terms.use_until, rechecked=False
    ),
    Condition(Reason.SHOWN_LONG_ENOUGH, lambda q: q.terms.show_until is None or q.now < q.terms.show_until),
    Condition(
        Reason.COUNT_SPENT, lambda q: q.terms.count_left is None or q.terms.count_left > 0, rechecked=False
    ),
    Condition(Reason.UNPAID, lambda q: q.is_paid, rechecked=False),
    Condition(Reason.TOPIC, lambda q: q.verdict is None or q.verdict.verdict != Verdict.REFUSED),
)


def decide(question: Question, *, again: bool = False) -> Reason | None:
    """The first condition that does not hold, or None. `again`: leave out what was settled at issue."""
    for condition in CONDITIONS:
        if question.is_owner and not condition.asked_of_owner:
            continue
        if again and not condition.rechecked:
            continue
        if not condition.holds(question):
            return condition.reason
    return None


def in_force(cameo: Cameo, now: datetime) -> LikenessGrant | None:
    """The grant that counts at this moment: the newest version that has come and is not revoked."""
    return LikenessGrant.objects.filter(cameo=cameo).in_force(now).first()


def may_cast(
    *,
    cameo: Cameo,
    requester: User,
    now: datetime,
    purpose: str = Purpose.GENERATE,
    voice: bool = False,
) -> Reason | None:
    """Why this person may not cast that likeness (with its `voice`), before there is a prompt; None where
    they may."""
    return decide(Question(cameo, requester, purpose, Brief("", voice=voice), now))


def permit(
    *, cameo: Cameo, requester: User, purpose: str, brief: Brief, generation: Any, now: datetime
) -> Permit:
    """Decide, once, whether `requester` may use the likeness in `generation` (a saved row), and record it.

    Asked again for the same row it resumes what it decided. Raises `ConsentDenied` with the condition that
    failed, or `Unavailable` where the words cannot be judged now; then nothing is written. Call it outside of
    a transaction of your own: it asks the vector process before it locks anything.
    """
    while True:
        if PermitRecord.objects.filter(generation=generation, cameo=cameo).exists():
            return resume(generation=generation, cameo=cameo, now=now)
        question = Question(cameo, requester, purpose, brief, now)
        _refuse_unless_none(decide(question), question)
        question.verdict = _judge(question)
        _refuse_unless_none(decide(question), question)
        issued = _issue(question, generation)
        if issued is not None:
            return issued


def resume(*, generation: Any, cameo: Cameo, now: datetime) -> Permit:
    """The permit that was issued for this cameo in this generation, if it still stands. Raises
    `ConsentDenied`."""
    record = _record(generation, cameo)
    if record.state != PermitRecord.State.TAKEN or record.expires_at <= now:
        raise ConsentDenied(Reason.PERMIT_OVER, name=record.cameo.name)
    _recheck(record, now)
    return _permit(record)


def inherit(*, generation: Any, cameo: Cameo, now: datetime) -> Permit:
    """A permit for somebody whom a remix shows because its source does. The maker wrote no words about
    them, so what words alone do not refuse is unsure: the owner sees the clip first, always."""
    if PermitRecord.objects.filter(generation=generation, cameo=cameo).exists():
        return resume(generation=generation, cameo=cameo, now=now)
    question = Question(cameo, generation.maker, Purpose.REMIX, Brief(generation.prompt), now)
    _refuse_unless_none(decide(question), question)
    if not question.is_owner:
        words = topics.judge_words(generation.prompt, question.terms)
        unsure = TopicVerdict(Verdict.UNSURE, sentence=generation.prompt[:400])
        question.verdict = words if words.verdict == Verdict.REFUSED else unsure
    _refuse_unless_none(decide(question), question)
    issued = _issue(question, generation)
    if issued is None:
        raise ConsentDenied(Reason.NO_PERMIT, name=cameo.name)
    return issued


def at_sealing(permit: Permit, now: datetime) -> tuple[LikenessGrant | None, bool]:
    """The grant that covers the clip at this moment, and whether its owner sees it first. Raises
    `ConsentDenied`.

    Stricter of two: what was decided at issue, and what the grant says now. The caller holds the cameo's row.
    """
    record = _records().get(pk=permit.record_id)
    if record.state == PermitRecord.State.RETURNED:
        raise ConsentDenied(Reason.PERMIT_OVER, name=record.cameo.name)
    _recheck(record, now)
    question = Question(record.cameo, record.generation.maker, record.purpose, Brief(""), now)
    return question.grant, record.provisional or question.is_provisional


def recheck(*, generation: Any, now: datetime) -> None:
    """Ask again, for everybody in this generation and only reading. Raises `ConsentDenied` at the first
    no."""
    records = list(_records().filter(generation=generation))
    decided = {record.cameo_id for record in records}
    for cast in generation.cast.select_related("cameo").exclude(cameo__in=decided):
        raise ConsentDenied(Reason.NO_PERMIT, name=cast.cameo.name)
    for record in records:
        if record.state == PermitRecord.State.RETURNED:
            raise ConsentDenied(Reason.PERMIT_OVER, name=record.cameo.name)
        _recheck(record, now)
    sources = {generation.parent_id, *generation.more_sources.values_list("clip", flat=True)} - {None}
    if LikenessUse.objects.filter(clip__in=sources, state=LikenessUse.State.ENDED).exists():
        raise ConsentDenied(Reason.SOURCE_ENDED)


def settle(generation: Any, now: datetime) -> None:
    """The clip is sealed: what was reserved is spent. Doing it twice does no harm."""
    PermitRecord.objects.filter(generation=generation, state=PermitRecord.State.TAKEN).update(
        state=PermitRecord.State.SPENT
    )


@transaction.atomic
def release(generation: Any, now: datetime) -> None:
    """There will be no clip: reserved counts go back to the grants they came from. Twice does no harm."""
    taken = PermitRecord.objects.filter(generation=generation, state=PermitRecord.State.TAKEN)
    for record in taken.select_for_update():
        back = taken.filter(pk=record.pk).update(state=PermitRecord.State.RETURNED)
        if back and record.grant_id:
            LikenessGrant.objects.filter(pk=record.grant_id, count_taken__gt=0).update(
                count_taken=F("count_taken") - 1
            )
        if back and record.licence_id:
            licences.give_back(record.licence_id)


def _issue(question: Question, generation: Any) -> Permit | None:
    """Lock the likeness, decide once more on what is true now, reserve the count and write it all down.

    None where another grant came into force since the words were judged: they must be judged by that one.
    """
    with transaction.atomic():
        cameo = Cameo.objects.select_for_update().get(pk=question.cameo.pk)
        held = Question(
            cameo, question.requester, question.purpose, question.brief, question.now, question.verdict
        )
        _refuse_unless_none(decide(held), held)
        if held.grant != question.grant:
            return None
        _reserve(held)
        record, created = PermitRecord.objects.get_or_create(
            generation=generation,
            cameo=cameo,
            defaults={
                "grant": held.grant,
                "licence": held.licence,
                "purpose": held.purpose,
                "commercial": held.brief.commercial,
                "voice": held.brief.voice,
                "provisional": held.is_provisional,
                "unsure_sentence": _unsure(held.verdict),
                "decided_at": held.now,
                "expires_at": held.now + PERMIT_LIFE,
            },
        )
        if not created:  # another request for the same row was faster, and its count is the one that counts
            transaction.set_rollback(True)
            return None
        _write_receipt(held, record, generation)
        return _permit(record)


def _reserve(question: Question) -> None:
    """Take one from the count; the database decides who gets the last one."""
    if question.grant is None:
        return
    left = Q(count_limit=None) | Q(count_taken__lt=F("count_limit"))
    grant = LikenessGrant.objects.filter(left, pk=question.grant.pk, revoked_at=None)
    if not grant.update(count_taken=F("count_taken") + 1):
        raise ConsentDenied(Reason.COUNT_SPENT, name=question.cameo.name)
    if question.licence is not None and not licences.take(question.licence):
        raise ConsentDenied(Reason.UNPAID, name=question.cameo.name)


def _write_receipt(question: Question, record: PermitRecord, generation: Any) -> None:
    grant = question.grant
    ledger.append(
        cameo=question.cameo,
        kind="permit_issued",
        body={
            "purpose": question.purpose,
            "commercial": question.brief.commercial,
            "voice": question.brief.voice,
            "provisional": record.provisional,
            "grant_version": grant.version if grant else 0,
            "use_entry": str(record.use_entry_id),
        },
        details={
            "requester": str(question.requester.public_id),
            "generation": str(generation.public_id),
            "grant": str(grant.public_id) if grant else "",
        },
        now=question.now,
    )


def _judge(question: Question) -> TopicVerdict:
    if question.is_owner:
        return topics.ALLOWED
    verdict = topics.judge(question.brief.prompt, question.grant)
    if verdict.verdict == Verdict.UNAVAILABLE:
        raise Unavailable()
    return verdict


def _recheck(record: PermitRecord, now: datetime) -> None:
    generation = record.generation
    others = tuple(cast.cameo for cast in generation.cast.select_related("cameo__owner"))
    companions = tuple(cameo for cameo in others if cameo.pk != record.cameo_id)
    brief = Brief(generation.prompt, companions, record.commercial, record.voice)
    question = Question(record.cameo, generation.maker, record.purpose, brief, now)
    _refuse_unless_none(decide(question, again=True), question)
    _refuse_unless_none(None if _is_paid_still(record) else Reason.UNPAID, question)
    question.verdict = _judge_again(question, record)
    _refuse_unless_none(decide(question, again=True), question)


def _is_paid_still(record: PermitRecord) -> bool:
    """The price was settled at issue; only a licence that was paid back meanwhile covers nothing more."""
    return record.licence is None or record.licence.state != Licence.State.ENDED


def _judge_again(question: Question, record: PermitRecord) -> TopicVerdict:
    """The verdict at issue stands while what the owner refuses is the same; new refusals are judged anew."""
    if question.grant is None or (record.grant is not None and _same_refusals(question.grant, record.grant)):
        return topics.ALLOWED
    verdict = topics.judge(question.brief.prompt, question.grant)
    checked = verdict.verdict in (Verdict.ALLOWED, Verdict.REFUSED)
    if not checked and not (verdict.verdict == Verdict.UNSURE and record.provisional):
        raise ConsentDenied(Reason.TOPICS_UNCHECKED, name=question.cameo.name)
    return verdict


def _same_refusals(one: LikenessGrant, other: LikenessGrant) -> bool:
    return one.pk == other.pk or (
        set(one.topics_refused) <= set(other.topics_refused) and one.refused_words == other.refused_words
    )


def _refuse_unless_none(reason: Reason | None, question: Question) -> None:
    if reason is None:
        return
    verdict = question.verdict or topics.ALLOWED
    listed = TOPICS.get(verdict.topic)
    topic = str(listed.label) if listed else verdict.topic
    raise ConsentDenied(reason, name=question.cameo.name, topic=topic, sentence=verdict.sentence)


def _unsure(verdict: TopicVerdict | None) -> str:
    return verdict.sentence[:400] if verdict and verdict.verdict == Verdict.UNSURE else ""


def _record(generation: Any, cameo: Cameo) -> PermitRecord:
    record = _records().filter(generation=generation, cameo=cameo).first()
    if record is None:
        raise ConsentDenied(Reason.NO_PERMIT, name=cameo.name)
    return record


def _records() -> Any:
    return PermitRecord.objects.select_related(
        "cameo__owner", "grant", "licence", "generation__maker"
    ).order_by("pk")


def _permit(record: PermitRecord) -> Permit:
    return Permit(
        record_id=record.pk,
        cameo=record.cameo,
        grant=record.grant,
        generation_id=record.generation_id,
        purpose=record.purpose,
        commercial=record.commercial,
        voice=record.voice,
        provisional=record.provisional,
        expires_at=record.expires_at,
        entry_id=str(record.use_entry_id),
        proof=_PROOF,
    )
