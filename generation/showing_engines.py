"""What the page of engines shows, and what stands beside an engine where it is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from generation import board, catalogue
from generation.catalogue import Model, Objection
from generation.engines import base as engines
from generation.engines import cloning
from generation.engines.base import Entry
from generation.models import EngineMeasure
from generation.states import Verb


@dataclass(frozen=True)
class Shown:
    """One engine of this host."""

    name: str
    entry: Entry
    model: Model | None
    objection: Objection | None
    measured: EngineMeasure | None

    @property
    def prompt_percent(self) -> int | None:
        match = self.measured.prompt_match if self.measured else None
        return None if match is None else round(100 * match)

    @property
    def read(self) -> str:
        """How its row came about."""
        said = {
            "text": _("compared with the text of the licence"),
            "publisher": _("by the word of its publisher"),
            "report": _("as others report it; please read the text"),
        }
        return said.get(self.model.read_from, "") if self.model else ""

    @property
    def verbs(self) -> list[str]:
        return [str(Verb(verb).label) for verb in Verb if verb in self.entry.abilities.verbs]


@dataclass(frozen=True)
class Bar:
    """One engine's bar in a plot: `width` of 100."""

    title: str
    value: str
    width: float


@dataclass(frozen=True)
class Plot:
    """One measure over all engines."""

    title: str
    meaning: str
    bars: Sequence[Bar]


def shown() -> list[Shown]:
    host, measured = catalogue.stated(), board.latest()
    return [
        Shown(name, entry, catalogue.model_of(name), catalogue.objection_to(name, host), measured.get(name))
        for name, entry in engines.entries().items()
    ]


def page() -> dict[str, Any]:
    return {
        "engines": shown(),
        "voice": cloning.installed(),
        "plots": plots(board.latest()),
        "models": [row for row in catalogue.rows().values() if row.has_limits],
    }


def plots(measured: dict[str, EngineMeasure]) -> list[Plot]:
    """A row of bars for each measure that at least one engine has."""
    columns = [
        ("prompt_match", _("Prompt match"), _("share of the words that is shown; more is better"), "{:.0%}"),
        ("identity_match", _("Likeness"), _("1 is the same picture; more is better"), "{:.2f}"),
        (
            "physics",
            _("Physics"),
            _("share of flights, bounces and steps that hold; more is better"),
            "{:.0%}",
        ),
        ("sharpness", _("Sharpness"), _("share of fine edges; more is better"), "{:.0%}"),
        ("flicker", _("Flicker"), _("share of full white; less is better"), "{:.2%}"),
        ("motion", _("Motion"), _("picture heights a second"), "{:.2f}"),
        (
            "seconds_a_second",
            _("Time"),
            _("seconds of work for a second of clip; less is better"),
            "{:.1f} s",
        ),
        ("memory_mb", _("Memory"), _("the most that was held; less is better"), "{:,.0f} MB"),
    ]
    drawn = []
    for name, title, meaning, told in columns:
        values = {row.title: getattr(row, name) for row in measured.values()}
        known = {who: value for who, value in values.items() if value is not None}
        most = max([1.0 if told == "{:.0%}" else 1e-9, *known.values()], default=1.0)
        bars = [Bar(who, told.format(value), round(100 * value / most, 1)) for who, value in known.items()]
        if bars:
            drawn.append(Plot(title, meaning, bars))
    return drawn


def as_data(row: Shown) -> dict[str, Any]:
    """For the API."""
    can, model = row.entry.abilities, row.model
    return {
        "name": row.name,
        "title": row.entry.title,
        "verbs": sorted(can.verbs),
        "seconds": list(can.seconds),
        "aspects": list(can.sizes),
        "max_cast": can.max_cast,
        "licence": model and {
            "title": model.title,
            "licence": model.licence,
            "url": model.url,
            "excluded": list(model.excluded),
            "revenue_usd": model.revenue_usd,
            "monthly_users": model.monthly_users,
            "memory_gb": model.memory_gb,
            "notices": list(model.notices),
            "conditions": list(model.conditions),
            "read_on": model.read_on,
            "read_from": model.read_from,
        },
        "refused": row.objection
        and {"kind": row.objection.kind, "message": row.objection.message, "clause": row.objection.clause},
        "measured": row.measured
        and {
            "at": row.measured.measured_at,
            "machine": row.measured.machine,
            "clips": row.measured.clips,
            "seconds_a_second": row.measured.seconds_a_second,
            "memory_mb": row.measured.memory_mb,
            **{name: getattr(row.measured, name) for name in board.JUDGED},
        },
    }  # fmt: skip
