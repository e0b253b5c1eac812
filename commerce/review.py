"""Concepts that wait for a moderator: a picture of what does not exist yet, and what buyers rely on."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import cases
from accounts.models import Case
from commerce.models import Offer
from commerce.offers import making


def register() -> None:
    cases.register(
        making.CASE,
        cases.Handler(
            title=_("Concept that somebody wants to sell"),
            template="commerce/_case_concept.html",
            decisions=(
                cases.Decision("open", _("Open it")),
                cases.Decision("back", _("Back to the shop"), needs_note=True),
            ),
            apply=making.decide_review,
            evidence=_evidence,
        ),
    )


def _evidence(case: Case) -> dict[str, Any]:
    rows = Offer.objects.select_related("product__merchant", "clip")
    return {"offer": rows.filter(public_id=case.subject).first()}
