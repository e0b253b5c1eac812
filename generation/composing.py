"""What the composer shows before anything is asked for: whom one may cast, what it costs, what cannot be
shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from cameos import consent, queries
from cameos.models import Cameo, Purpose
from cameos.refusals import ConsentDenied, Reason
from generation import credits, estimate, screening, verbs
from generation.engines import base as engines
from generation.estimate import Estimate
from generation.models import Clip
from generation.screening import Outcome
from generation.screening.verdict import rule_title
from generation.states import Verb


@dataclass(frozen=True)
class Choice:
    """Somebody in the picker: castable, or with the rule that says no."""

    cameo: Cameo
    rule: str = ""
    hint: str = ""
    chosen: bool = False

    @property
    def may(self) -> bool:
        return not self.rule


@dataclass(frozen=True)
class Check:
    """The answer while typing. `verdict` is "unchecked" while the vectors are down, and never "allow"
    then."""

    verdict: str
    title: str
    evidence: str
    suggestion: str
    unknown_words: list[str]
    estimate: dict[str, Any]
    balance: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def picker(
    requester: User,
    wanted: Sequence[str],
    now: datetime,
    purpose: str = Purpose.GENERATE,
    *,
    only_people: bool = False,
) -> list[Choice]:
    """Those who may be cast, and those who were asked for by their address and may not be, with the rule.
    `only_people`: for what was filmed or photographed, where nobody who is drawn can be found."""
    may = queries.castable(requester, now, purpose=purpose)
    if only_people:
        may = [cameo for cameo in may if cameo.kind != Cameo.Kind.CHARACTER]
    there = {cameo.pk for cameo in may}
    choices = [Choice(cameo, chosen=str(cameo.public_id) in wanted) for cameo in may]
    asked = Cameo.objects.filter(public_id__in=_uuids(wanted)).exclude(pk__in=there).select_related("owner")
    for cameo in asked.exclude(state=Cameo.State.PENDING):
        reason = consent.may_cast(cameo=cameo, requester=requester, now=now, purpose=purpose)
        if reason is not None:
            denied = ConsentDenied(reason, name=cameo.name)
            choices.append(Choice(cameo, rule=str(denied.message), hint=str(denied.hint)))
    return choices


def inherited(parent: Clip | None, requester: User, now: datetime) -> list[Choice]:
    """The people whom a remix keeps, and whether each allows remixing."""
    if parent is None:
        return []
    choices = []
    for use in parent.uses.select_related("cameo__owner").order_by("pk"):
        reason = consent.may_cast(cameo=use.cameo, requester=requester, now=now, purpose=Purpose.REMIX)
        if reason is None:
            choices.append(Choice(use.cameo, chosen=True))
        else:
            denied = ConsentDenied(reason, name=use.cameo.name)
            choices.append(Choice(use.cameo, rule=str(denied.message), hint=str(denied.hint)))
    return choices


def asked_cast(public_ids: Sequence[str]) -> list[Cameo]:
    """The likenesses that a clip is asked for with, in the order asked; what is no address is passed over.
    Raises `ConsentDenied` (`not_verified`) where an address is nobody's: absent, erased and not verified yet
    are said alike, and no clip is made, or paid for, without somebody who was wanted in it."""
    found = [cameo for cameo in chosen_cast(public_ids) if cameo.is_verified]
    if len(found) < len(set(_uuids(public_ids))):
        raise ConsentDenied(Reason.NOT_VERIFIED, name=_("Somebody you chose"))
    return found


def chosen_cast(public_ids: Sequence[str]) -> list[Cameo]:
    """The likenesses asked for, in the order asked. Unknown addresses are left out: the gate judges the
    rest."""
    rows = Cameo.objects.filter(public_id__in=_uuids(public_ids)).select_related("owner")
    by_id = {str(cameo.public_id): cameo for cameo in rows}
    return [by_id[key] for key in dict.fromkeys(str(UUID(p)) for p in _uuids(public_ids)) if key in by_id]


def priced(
    *, maker: User, seconds: int, engine: str, verb: str = Verb.TEXT, takes: int = 1, now: datetime
) -> Estimate:
    """What all takes of so many seconds cost together, and until when the last of them is there."""
    one = estimate.estimate(maker=maker, seconds=seconds, engine=engine, now=now, verb=verb)
    more = takes - 1
    return replace(
        one,
        credits=one.credits * takes,
        compute_s=round(one.compute_s * takes, 1),
        watt_hours=round(one.watt_hours * takes, 3),
        wait_s_low=round(one.wait_s_low + more * one.compute_s * 0.7),
        wait_s_high=round(one.wait_s_high + more * one.compute_s * 1.5),
    )


def check(
    *,
    maker: User,
    prompt: str,
    seconds: int,
    engine: str,
    cast: Sequence[Cameo],
    verb: str = Verb.TEXT,
    clips: Sequence[Clip] = (),
    how: Mapping[str, Any] | None = None,
    takes: int = 1,
    now: datetime,
) -> Check:
    """What would happen, without asking for it: nothing is stored. Raises `CannotMake("too_long")`."""
    names = [maker.name, *(cameo.name for cameo in cast)]
    judged = screening.begin_check(prompt, names)
    seconds = verbs.length(verb, clips, how or {}, seconds)
    guess = priced(maker=maker, seconds=seconds, engine=engine, verb=verb, takes=takes, now=now)
    told = engines.unknown_words(engine, prompt, names) if prompt.strip() else []
    common: dict[str, Any] = {
        "unknown_words": told,
        "estimate": asdict(guess),
        "balance": credits.balance(maker),
    }
    verdict = judged()
    if verdict is None:
        title = _("Not checked yet") if prompt.strip() else ""
        return Check("unchecked", title, "", "", **common)
    title = {
        Outcome.ALLOW: _("Nothing speaks against it"),
        Outcome.REVIEW: _("A person will read it first"),
        Outcome.REFUSE: _("This would be refused"),
    }[verdict.outcome]
    if verdict.outcome is Outcome.REFUSE:
        common["unknown_words"] = []  # the refusal is what has to be read
    if verdict.rule:
        title = f"{title}: {rule_title(verdict.rule)}"
    suggestion = verdict.suggestion if verdict.rule else ""
    return Check(str(verdict.outcome), title, verdict.evidence, suggestion, **common)


def _uuids(values: Sequence[str]) -> list[str]:
    good = []
    for value in values:
        try:
            good.append(str(UUID(str(value))))
        except ValueError:
            continue
    return good
