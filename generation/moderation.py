"""The case that this room files: a prompt that a person has to read before anything is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import cases
from accounts.models import Case, User
from generation import actions
from generation.models import Generation
from generation.screening import Outcome, Verdict
from generation.screening.verdict import rule_title
from generation.states import State


def register() -> None:
    cases.register(
        "held_prompt",
        cases.Handler(
            title=_("Prompt to read"),
            template="generation/_case_held.html",
            decisions=(
                cases.Decision("allow", _("Let it through")),
                cases.Decision("refuse", _("Refuse"), needs_note=True, is_severe=True),
            ),
            apply=apply,
            evidence=evidence,
        ),
    )


def subject_of(case: Case) -> Generation | None:
    public_id = case.subject.rpartition(":")[2]
    return Generation.objects.select_related("maker").filter(public_id=public_id).first()


def evidence(case: Case) -> Mapping[str, Any]:
    generation = subject_of(case)
    rule = rule_title(generation.refusal_rule) if generation else ""
    return {"generation": generation, "rule": rule}


def apply(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    """Carry the decision out, if the prompt still waits (72 hours may have passed, or the maker
    cancelled)."""
    generation = subject_of(case)
    if generation is None or generation.state != State.HELD:
        return
    if decision == "allow":
        actions.release_held(generation=generation, now=now)
    else:
        said = Verdict(Outcome.REFUSE, stage="review", rule="moderator", evidence=note[:400])
        actions.end_refused(generation, now, verdict=said)
