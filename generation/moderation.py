"""The cases that this room files: a prompt that a person has to read before anything is rendered, and
pictures in which a face may be somebody's who did not allow it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import cases
from accounts.models import Case, User
from cameos.models import Cameo
from generation import actions, appeals, holds, inspecting, offered
from generation.models import Generation, HeldPictures
from generation.screening import Outcome, Verdict, heard, pictures
from generation.screening.verdict import case_reason, rule_title
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
            says=case_reason,
        ),
    )
    cases.register(
        "held_pictures",
        cases.Handler(
            title=_("Pictures to look at"),
            template="generation/_case_pictures.html",
            decisions=(
                cases.Decision("allow", _("Let it through: somebody else, or nothing against a rule")),
                cases.Decision("refuse", _("Refuse"), needs_note=True, is_severe=True),
            ),
            apply=apply_to_pictures,
            evidence=evidence_of_pictures,
            says=case_reason,
        ),
    )
    appeals.register()
    holds.register()


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


def evidence_of_pictures(case: Case) -> Mapping[str, Any]:
    """The frames, and whom they may show: likenesses by name, never-me entries by their number."""
    generation = subject_of(case)
    held = HeldPictures.objects.filter(generation=generation).first() if generation else None
    ids = held.cameo_ids if held else []
    people = Cameo.objects.filter(pk__in=[pk for pk in ids if pk > 0]).select_related("owner").order_by("pk")
    return {
        "generation": generation,
        "is_face": generation is not None and _is_face(generation),
        "is_sound": generation is not None and generation.refusal_stage == heard.STAGE,
        "has_sound": held is not None and bool(held.sound),
        "rule": rule_title(generation.refusal_rule) if generation else "",
        "frames": [f"data:image/jpeg;base64,{frame}" for frame in held.frames] if held else [],
        "people": list(people),
        "never_me_count": sum(pk < 0 for pk in ids),
    }


def _is_face(generation: Generation) -> bool:
    return (
        generation.refusal_rule not in (pictures.RULE, offered.SENT)
        and generation.refusal_stage != heard.STAGE
    )


def apply_to_pictures(*, case: Case, decision: str, moderator: User, note: str, now: datetime) -> None:
    """Carry the decision out, if the pictures still wait; the frames go either way. Raises
    `cases.OwnCase`: whose clip it is does not say that the face is somebody else's."""
    generation = subject_of(case)
    if generation is None or generation.state != State.HELD:
        return
    if decision == "allow" and generation.maker_id == moderator.pk:
        raise cases.OwnCase()
    if decision == "allow":
        inspecting.clear(generation, now)
    else:
        is_face = _is_face(generation)
        rule = "unlisted_face" if is_face else generation.refusal_rule
        evidence = "" if is_face else generation.refusal_evidence
        stage = generation.refusal_stage
        if is_face and stage == offered.STAGE:
            rule = offered.RULE
        said = Verdict(Outcome.REFUSE, stage=stage, rule=rule, evidence=evidence)
        actions.end_refused(generation, now, verdict=said)
        inspecting.forget_frames()
