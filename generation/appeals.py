"""A maker asks a person to look at a refusal again, and somebody asks that a name be guarded.

    appeal          OPEN --let it through--> GRANTED   the same words of the same maker pass from then on
                         --it stays--------> UPHELD
    name request    a case; *guard it* adds the name to the operator's

What the people in a clip said, and faces in finished pictures, are not for a moderator to overrule. Of a
photograph they may say that what a machine took for a face is nobody's (a statue, a painting, a mask): then
that file passes, unless it plainly shows somebody known here.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import cases, notifications
from accounts.models import Case, User
from accounts.refusals import Refused
from generation.models import Appeal, Footage, Generation, GuardedName, NameRequest
from generation.screening import heard, levels, names
from generation.screening.verdict import case_reason, rule_title
from generation.states import State

STAGES = ("prompt", "people", "review", heard.STAGE)
NOT_CAST = "face_without_grant"  # of a photograph
RULES = ("nsfw_frames", NOT_CAST)  # other faces in finished pictures are no moderator's to lift


class NotAppealable(Refused):
    code = "not_appealable"
    message = _("There is no refusal here that a moderator could lift.")
    hint = _("What the people in a clip allow is theirs to say.")
    status = 409


def may_appeal(generation: Generation) -> bool:
    """Whether a moderator could lift this refusal and was not asked yet."""
    by_stage = generation.refusal_stage in STAGES or generation.refusal_rule in RULES
    is_ours = generation.state == State.REFUSED and by_stage
    if generation.refusal_rule == NOT_CAST and not _brought(generation).exists():
        return False  # there is nothing left to look at, and nothing that could be let through
    return is_ours and not Appeal.objects.filter(generation=generation).exists()


@transaction.atomic
def appeal(*, generation: Generation, by: User, words: str, now: datetime) -> Appeal:
    """Ask a moderator. Raises `NotAppealable`."""
    held = Generation.objects.select_for_update(of=("self",)).get(pk=generation.pk)
    if held.maker_id != by.pk or not may_appeal(held):
        raise NotAppealable()
    row = Appeal.objects.create(generation=held, words=words.strip()[:500], created_at=now)
    if held.refusal_rule == NOT_CAST:  # it waits for who looks, and passes by its id when it is sent again
        _brought(held).update(is_passing=False, used_at=now)
    cases.file(
        kind="prompt_appeal",
        subject=_subject(held),
        reason=f"{held.refusal_rule}: {held.refusal_evidence}",
        filed_by=by,
        now=now,
    )
    return row


def answer(generation: Generation) -> str:
    """What the moderator who decided the appeal wrote to its maker; empty while nobody did."""
    decided = Case.objects.filter(
        kind="prompt_appeal", subject=_subject(generation), state=Case.State.DECIDED
    )
    return decided.order_by("-decided_at").values_list("note", flat=True).first() or ""


def was_granted(generation: Generation) -> bool:
    """Whether a moderator let these very words of this maker through."""
    same = Appeal.objects.filter(generation__maker=generation.maker_id, generation__prompt=generation.prompt)
    same = same.exclude(generation__refusal_rule=NOT_CAST)  # that was about a picture, not about words
    return bool(generation.prompt) and same.filter(state=Appeal.State.GRANTED).exists()


def says_nobody_is_in(generation: Generation) -> bool:
    """Whether a moderator looked at this very photograph of this maker's: nobody in it has to be asked."""
    same = Appeal.objects.filter(
        state=Appeal.State.GRANTED,
        generation__maker=generation.maker_id,
        generation__refusal_rule=NOT_CAST,
        generation__how__footage=generation.how.get("footage", []),
    )
    return bool(generation.how.get("footage")) and same.exists()


@transaction.atomic
def ask_to_guard(*, by: User, rule: str, line: str, why: str, now: datetime) -> NameRequest:
    """Ask that a name be guarded. Raises `levels.BadName`, `levels.NameThere`."""
    try:
        names.name_of(rule, line)
    except ValueError as error:
        raise levels.BadName() from error
    if rule not in GuardedName.Rule.values:
        raise levels.BadName()
    if GuardedName.objects.filter(names=line.strip()).exists():
        raise levels.NameThere()
    row = NameRequest.objects.create(
        by=by, rule=rule, names=line.strip()[:300], why=why[:500], created_at=now
    )
    cases.file(
        kind="name_request",
        subject=f"generation.namerequest:{row.pk}",
        reason=f"{row.get_rule_display()}: {row.names}",
        filed_by=by,
        now=now,
    )
    return row


def register() -> None:
    cases.register(
        "prompt_appeal",
        cases.Handler(
            title=_("Refusal to look at again"),
            template="generation/_case_appeal.html",
            decisions=(
                cases.Decision("grant", _("Let these words through"), needs_note=True),
                cases.Decision("uphold", _("The refusal stays"), needs_note=True, is_severe=True),
            ),
            apply=_decide,
            evidence=_appeal_evidence,
            says=case_reason,
        ),
    )
    cases.register(
        "name_request",
        cases.Handler(
            title=_("Name to guard"),
            template="generation/_case_name.html",
            decisions=(
                cases.Decision("guard", _("Guard it")),
                cases.Decision("refuse", _("Do not guard it"), needs_note=True, is_severe=True),
            ),
            apply=_decide_name,
            evidence=lambda case: {"wish": _wish(case)},
        ),
    )


def _appeal_evidence(case: Case) -> Mapping[str, Any]:
    row = _appeal(case)
    if row is None:
        return {"appeal": None, "generation": None, "rule": ""}
    rule = rule_title(row.generation.refusal_rule)
    shown = _photographs(row.generation) if row.generation.refusal_rule == NOT_CAST else []
    return {"appeal": row, "generation": row.generation, "rule": rule, "photos": shown}


def _photographs(generation: Generation) -> list[str]:
    """Small pictures of what was brought, as addresses that hold them."""
    rows = _brought(generation)
    glimpses = [base64.b64encode(bytes(row.glimpse)).decode() for row in rows if row.glimpse]
    return [f"data:image/jpeg;base64,{glimpse}" for glimpse in glimpses]


def _brought(generation: Generation) -> QuerySet[Footage]:
    names = generation.how.get("footage", [])
    return Footage.objects.filter(maker=generation.maker_id, public_id__in=names)


def _subject(generation: Generation) -> str:
    return f"generation.generation:{generation.public_id}"


def _appeal(case: Case) -> Appeal | None:
    public_id = case.subject.rpartition(":")[2]
    rows = Appeal.objects.select_related("generation__maker")
    return rows.filter(generation__public_id=public_id).first()


def _decide(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    row = _appeal(case)
    if row is None:
        return
    row.state = Appeal.State.GRANTED if decision == "grant" else Appeal.State.UPHELD
    row.decided_at = now
    row.save(update_fields=["state", "decided_at"])
    notifications.notify(
        recipient=row.generation.maker,
        kind="prompt_appeal_granted" if decision == "grant" else "prompt_appeal_upheld",
        data={"prompt": row.generation.prompt[:60], "note": note[:200]},
        url=f"/generations/{row.generation.public_id}",
        now=now,
    )


def _wish(case: Case) -> NameRequest | None:
    key = case.subject.rpartition(":")[2]
    return NameRequest.objects.select_related("by").filter(pk=key).first() if key.isdigit() else None


def _decide_name(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    wish = _wish(case)
    if wish is None:
        return
    if decision == "guard":
        levels.keep_name(by=moderator, rule=wish.rule, line=wish.names, now=now)
    notifications.notify(
        recipient=wish.by,
        kind="name_guarded" if decision == "guard" else "name_not_guarded",
        data={"names": wish.names[:80], "note": note[:200]},
        url="/names",
        now=now,
    )
