"""What the operator's page of screening shows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from generation.forms import GuardForm, LevelsForm
from generation.models import Appeal, Generation, GuardedName, NameRequest, RedteamRun, ScreeningChange
from generation.screening import names, pictures, redteam
from generation.screening.verdict import rule_title
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
        "rounds": redteam.rounds(),
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
            _("Sexual content in the finished pictures"),
            _(
                "Two frames of each second, at most twelve, by a picture network: what it scores above 80 of "
                "100 is held for a person to look at. How often it is right was not measured here."
            ),
            pictures.path() is not None,
        ),
        (
            _("Violence, hate, drugs, signs and writing in the finished pictures"),
            _(
                "Not checked. The native engine draws from its own world, which holds nothing of the kind; "
                "other engines may show what nobody typed."
            ),
            False,
        ),
        (
            _("What is said by this host's voices"),
            _("The lines of a storyboard are read word for word with the prompt, before they are spoken."),
            True,
        ),
        (
            _("What is heard beyond that"),
            _(
                "What an engine's sound or a film says in English is heard by a machine that mishears much, "
                "and read by the lists: a hit is held for a person to listen. Other languages, noises and "
                "songs are not checked."
            ),
            True,
        ),
        (
            _("Pictures that somebody brings along"),
            _(
                "Opened behind walls and looked at before anything is drawn: everybody in them has to be "
                "cast and to allow it, and what the picture network scores high is held."
            ),
            True,
        ),
    ]


def _named(name: str) -> str:
    """A category or kind of the red-team set as a person reads it."""
    kinds = {
        "borderline": _("At the border"),
        "harmless": _("Harmless, sounds near"),
        "likeness": _("Names that may be shown"),
    }
    return kinds.get(name) or rule_title(name)


def _table(kept: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows by category, with a column a language."""
    table: dict[tuple[str, str], dict[str, Any]] = {}
    for row in redteam.rows_of(kept):
        line = table.setdefault((row.expect, row.name), {"name": _named(row.name), "expect": row.expect})
        line[row.language] = row
    return [table[key] for key in sorted(table)]
