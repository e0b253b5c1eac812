"""Recordings that a person has to look at, in the moderators' inbox."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import cases
from accounts.models import Case
from cameos import capture_actions, challenge
from cameos.capture_words import for_moderators
from cameos.models import CameoCapture


def register() -> None:
    cases.register(
        "capture",
        cases.Handler(
            title=_("Verification recording"),
            template="cameos/_case_capture.html",
            decisions=(
                cases.Decision("accept", _("It is the person: verify")),
                cases.Decision("again", _("Ask for a new recording")),
                cases.Decision("reject", _("Not a living, single person"), needs_note=True, is_severe=True),
            ),
            apply=capture_actions.apply_decision,
            evidence=_evidence,
        ),
    )


def _evidence(case: Case) -> dict[str, Any]:
    made = CameoCapture.objects.select_related("challenge").filter(public_id=case.subject).first()
    if made is None:
        return {"capture": None}
    asked = challenge.Asked.of(made.challenge.movements, made.challenge.numbers)
    steps = [step for step in challenge.steps(asked) if step.kind not in ("rest", "end")]
    return {
        "capture": made,
        "reasons": for_moderators(made.reasons),
        "asked": [step.sentence for step in steps],
        "checks": made.numbers.items(),
        "is_waiting": made.state == CameoCapture.State.REVIEW,
    }
