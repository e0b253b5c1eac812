"""What the operator's page of screening shows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from generation.forms import GuardForm, LevelsForm
from generation.models import Appeal, Generation, GuardedName, NameRequest, RedteamRun, ScreeningChange
from generation.screening import names, redteam
from generation.states import State

LOGGED = 30


def page(form: LevelsForm, guard: GuardForm) -> dict[str, Any]:
    run = RedteamRun.objects.order_by("-at", "-pk").first()
    sealed = redteam.stored_result()
    shipped = names.shipped()
    return {
        "form": form,
        "guard": guard,
        "names": GuardedName.objects.order_by("names"),
        "shipped": {rule: sum(name.rule == rule for name in shipped) for rule in GuardedName.Rule.values},
        "log": ScreeningChange.objects.select_related("by").order_by("-at", "-pk")[:LOGGED],
        "run": run,
        "run_table": _table(run.figures) if run else [],
        "sealed": sealed,
        "sealed_table": _table(sealed),
        "held_count": Generation.objects.filter(state=State.HELD).count(),
        "appeal_count": Appeal.objects.filter(state=Appeal.State.OPEN).count(),
        "checks": what_is_checked(),
    }


def wishes_of(person: User) -> list[NameRequest]:
    return list(NameRequest.objects.filter(by=person).order_by("-pk")[:20])


def what_is_checked() -> list[tuple[str, str, bool]]:
    """(part of a clip, how it is checked or that it is not, whether it is)."""
    return [
        (
            _("Words of the prompt"),
            _("Lists, names, and the sense by text vectors; English and Chinese. Other languages by names."),
            True,
        ),
        (
            _("Faces in finished clips"),
            _("Compared with everybody who is enrolled here or said never."),
            True,
        ),
        (
            _("What else the pictures show"),
            _(
                "Not checked: this host has no model that judges pictures. The native engine draws from its "
                "own world, which holds nothing of the kind; other engines may show what nobody typed."
            ),
            False,
        ),
        (
            _("What is said and heard in a finished clip"),
            _(
                "Not checked: no transcript is made and no voice is compared. Words that the prompt gives to "
                "be spoken are read."
            ),
            False,
        ),
    ]


def _table(kept: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows by category, with a column a language."""
    table: dict[tuple[str, str], dict[str, Any]] = {}
    for row in redteam.rows_of(kept):
        line = table.setdefault((row.expect, row.name), {"name": row.name, "expect": row.expect})
        line[row.language] = row
    return [table[key] for key in sorted(table)]
