"""The operator's page: what the doctor finds on this host, and the way to everything that is decided here."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import operator_only
from accounts.edge import SignedInRequest
from config import doctor


@dataclass(frozen=True)
class Place:
    address: str
    title: str
    words: str


@require_safe
@login_required
@never_cache
def page(request: SignedInRequest) -> HttpResponse:
    """For the operator alone; a 404 for anybody else."""
    operator_only(request.user)
    return render(request, "operate.html", {"findings": doctor.examine(), "parts": _parts()})


def _parts() -> list[tuple[str, list[Place]]]:
    """The pages of an operator, by what they are about."""
    return [
        (
            _("Decide"),
            [
                Place(reverse("accounts:cases"), _("Cases"), _("What people reported, and appeals.")),
                Place(
                    reverse("generation:operate-screening"),
                    _("Screening"),
                    _("What is refused, what a person looks at, and what is let through."),
                ),
                Place(
                    reverse("generation:operate-hosts"),
                    _("Hosts that are believed"),
                    _("From where people may bring their archive."),
                ),
                Place(reverse("feed:ranking-operator"), _("Ranking"), _("Weights, versions, experiments.")),
            ],
        ),
        (
            _("Say"),
            [
                Place(
                    reverse("admin:accounts_announcement_changelist"),
                    _("Announcements"),
                    _("A sentence above every page, in both languages."),
                ),
                Place(
                    reverse("admin:accounts_housepage_changelist"),
                    _("House pages"),
                    _("Terms, privacy, imprint and rules; each version is kept."),
                ),
                Place(
                    reverse("feed:transparency"),
                    _("Transparency"),
                    _("What everybody reads about decisions."),
                ),
            ],
        ),
        (
            _("Allow"),
            [
                Place(
                    reverse("admin:accounts_budget_changelist"),
                    _("Budgets"),
                    _("How often people may do things."),
                ),
                Place(
                    reverse("admin:accounts_user_changelist"), _("People"), _("Roles, and accounts to close.")
                ),
                Place(
                    reverse("admin:accounts_guardianship_changelist"),
                    _("Guardians"),
                    _("Links that somebody presses for can be ended at once."),
                ),
            ],
        ),
        (
            _("Money"),
            [
                Place(reverse("commerce:books"), _("Books"), _("Each night against the payment provider.")),
                Place(
                    reverse("commerce:plans"), _("Plans"), _("What people can have of this host every month.")
                ),
            ],
        ),
    ]
