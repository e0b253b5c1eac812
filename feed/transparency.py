"""What moderation did in a year, counted from its own rows: for the public, and for laws that ask for it.

No number is about one person. `notices`: what people and programs filed, by kind. `by_machine`: what went
without a person deciding. `statements`: decisions of which somebody got the reasons.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from django.core.cache import cache
from django.db.models import Count

from accounts.models import Case, CaseEvent
from feed.models import Appeal, RemovalRequest, Strike
from generation.models import Generation, LegalHold
from generation.states import State

KEPT_S = 3600
FIRST_YEAR = 2025
HIDDEN_BY_REPORTS = "hidden until somebody has looked"
Outcome = RemovalRequest.Outcome


@dataclass(frozen=True)
class Notices:
    """Cases of one kind that were filed in the year."""

    kind: str
    filed: int
    open: int
    decisions: dict[str, int]
    median_hours: float | None  # from filing to decision


def report(year: int) -> dict[str, Any]:
    """Everything of one calendar year (UTC), at most an hour old."""
    key = f"transparency:{year}"
    try:
        kept = cache.get(key)
    except Exception:  # noqa: BLE001  each cache backend has errors of its own, and all mean the same here
        return _counted(year)
    if kept is None:
        kept = _counted(year)
        cache.set(key, kept, KEPT_S)
    return dict(kept)


def years(now: datetime) -> list[int]:
    """Years that there is a report of, newest first."""
    oldest = Case.objects.order_by("created_at").values_list("created_at", flat=True).first()
    first = max(FIRST_YEAR, (oldest or now).astimezone(UTC).year)
    return list(range(now.astimezone(UTC).year, min(first, now.astimezone(UTC).year) - 1, -1))


def _counted(year: int) -> dict[str, Any]:
    begins, ends = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    span = {"gte": begins, "lt": ends}

    def within(field: str) -> dict[str, datetime]:
        return {f"{field}__{name}": value for name, value in span.items()}

    removals = RemovalRequest.objects.filter(**within("filed_at"))
    refused = Generation.objects.filter(state=State.REFUSED, **within("created_at"))
    appeals = Appeal.objects.filter(**within("created_at"))
    return {
        "year": year,
        "notices": [asdict(row) for row in _notices(Case.objects.filter(**within("created_at")))],
        "by_machine": {
            "hidden_after_reports": CaseEvent.objects.filter(
                action=HIDDEN_BY_REPORTS, **within("at")
            ).count(),
            "taken_down_by_the_clock": removals.filter(outcome=Outcome.OVERDUE).count(),
            "requests_refused": dict(
                refused.order_by()
                .values_list("refusal_stage")
                .annotate(n=Count("pk"))
                .order_by("refusal_stage")
            ),
        },
        "removals": {
            "asked": removals.count(),
            "removed": removals.filter(outcome__in=[Outcome.REMOVED, Outcome.OVERDUE]).count(),
            "kept": removals.filter(outcome=Outcome.KEPT).count(),
            "longest_hours": _longest(removals),
        },
        "appeals": dict(Counter(appeals.values_list("state", flat=True))),
        "strikes": Strike.objects.filter(**within("given_at")).count(),
        "statements": Case.objects.filter(decision__in=["hide", "strike"], **within("decided_at")).count(),
        "legal_holds": LegalHold.objects.filter(**within("asked_at")).count(),
    }


def _notices(rows: Any) -> list[Notices]:
    by_kind: dict[str, list[Case]] = {}
    for row in rows.order_by("kind", "pk").iterator(chunk_size=2000):
        by_kind.setdefault(row.kind, []).append(row)
    return [_of_kind(kind, found) for kind, found in by_kind.items()]


def _of_kind(kind: str, found: list[Case]) -> Notices:
    hours = [(row.decided_at - row.created_at).total_seconds() / 3600 for row in found if row.decided_at]
    return Notices(
        kind=kind,
        filed=len(found),
        open=sum(row.state == Case.State.OPEN for row in found),
        decisions=dict(Counter(row.decision for row in found if row.decision)),
        median_hours=round(median(hours), 1) if hours else None,
    )


def _longest(removals: Any) -> float | None:
    taken = removals.exclude(ended_at=None).values_list("filed_at", "ended_at")
    hours = [(ended - filed).total_seconds() / 3600 for filed, ended in taken]
    return round(max(hours), 1) if hours else None
