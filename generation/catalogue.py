"""What the licences of models ask of the operator, and whether this host may run one.

The rows are data (`catalogue.toml`): territories, revenue, users, registration, notices, memory. The operator
states where the host is and what it earns, on the page of engines or in settings; a model that this does not
allow is refused with the clause, for every request and by every worker. What is not stated counts as the
worst case, so that nothing is run on a guess.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from generation.engines import families
from generation.models import HostStatement
from generation.refusals import CannotMake

EU_MEMBERS = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"


@dataclass(frozen=True)
class Model:
    """One row. `clause`: where its licence says so, by the kind of limit."""

    key: str
    title: str
    licence: str
    url: str
    engine: str = "diffusers"
    classes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    revenue_usd: int | None = None
    monthly_users: int | None = None
    register: bool = False
    memory_gb: int = 0
    notices: tuple[str, ...] = ()
    clause: Mapping[str, str] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    read_on: date | None = None
    read_from: str = ""  # text, publisher, report: see the head of the table

    @property
    def has_limits(self) -> bool:
        return bool(self.excluded or self.revenue_usd or self.monthly_users or self.register)

    @property
    def limits(self) -> tuple[str, str]:
        """Revenue and users from which on another licence is needed, as people read them."""
        revenue = f"${self.revenue_usd:,}" if self.revenue_usd else ""
        return revenue, f"{self.monthly_users:,}" if self.monthly_users else ""

    @property
    def strictness(self) -> int:
        return sum(map(bool, (self.excluded, self.revenue_usd, self.monthly_users, self.register)))


@dataclass(frozen=True)
class Stated:
    """What the operator said of this host. None and "": nothing was said. `agreed`: keys of models for which
    they registered, or hold a licence of their own."""

    country: str = ""
    revenue_usd: int | None = None
    monthly_users: int | None = None
    agreed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Objection:
    """Why a model may not run here. `kind`: territory, revenue, users, register."""

    kind: str
    message: str
    clause: str
    hint: str


OF_THE_HOUSE = {"studio": "native"}  # the cutting room draws nothing: it has no row beside our own code's


@lru_cache(maxsize=1)
def rows() -> dict[str, Model]:
    with (Path(__file__).parent / "catalogue.toml").open("rb") as file:
        table: dict[str, dict[str, Any]] = tomllib.load(file)
    return {key: _row(key, row) for key, row in table.items()}


def _row(key: str, row: dict[str, Any]) -> Model:
    lists = ("classes", "names", "excluded", "notices", "conditions")
    values: dict[str, Any] = {name: tuple(v) if name in lists else v for name, v in row.items()}
    return Model(key=key, **values)


def stated() -> Stated:
    """What was stated on the page; before that, what settings say."""
    row = HostStatement.objects.first()
    if row is not None:
        return Stated(row.country, row.revenue_usd, row.monthly_users, tuple(row.agreed))
    return Stated(
        settings.OPERATOR_COUNTRY.upper(),
        settings.OPERATOR_REVENUE_USD,
        settings.OPERATOR_MONTHLY_USERS,
        tuple(settings.OPERATOR_LICENCES),
    )


def model_of(engine: str) -> Model | None:
    """The row of what stands behind an engine of this host; None where it is not in the catalogue."""
    engine = OF_THE_HOUSE.get(engine, engine)
    if engine == "diffusers" and settings.DIFFUSERS_FOLDER:
        return _of_folder(settings.DIFFUSERS_FOLDER)
    return next((row for row in rows().values() if row.engine == engine != "diffusers"), None)


def _of_folder(name: str) -> Model | None:
    """By the operator's own word (`"model"` in understudy.json), by the folder's name, else the strictest of
    its class: a guess must not allow more than the licence."""
    try:
        place = families.place_of(name)
        class_name, told = families.class_of(place), families.wishes_of(place)["model"]
    except families.BadFolder:
        return None
    if told in rows():
        return rows()[told]
    alike = [row for row in rows().values() if class_name in row.classes]
    where = f"{name} {place}".lower()

    def closeness(row: Model) -> tuple[int, int]:
        return row.strictness, max((len(part) for part in row.names if part in where), default=0)

    named = [row for row in alike if closeness(row)[1]]
    return max(named or alike, key=closeness, default=None)


def objection(model: Model, host: Stated) -> Objection | None:
    """The first thing that speaks against running a model here. A licence of one's own (`agreed`) settles
    revenue, users and registration; a territory that is excluded needs it too."""
    if model.key in host.agreed or not model.has_limits:
        return None
    own = _("With a licence of your own for it, say so on the page of engines.")
    border = model.clause.get("territory", "")
    if model.excluded and not host.country:
        unsaid = _("It is not stated in which country this host is.")
        return Objection("territory", unsaid, border, _("State it on the page of engines."))
    places = {host.country, *(["EU"] if host.country in EU_MEMBERS.split() else [])}
    if places & set(model.excluded):
        outside = _("The licence of %(model)s grants nothing in this country (%(country)s).")
        outside = outside % {"model": model.title, "country": host.country}
        return Objection("territory", outside, border, own)
    for kind, limit, is_stated in (
        ("revenue", model.revenue_usd, host.revenue_usd),
        ("users", model.monthly_users, host.monthly_users),
    ):
        if limit and (is_stated is None or is_stated >= limit):
            return Objection(kind, _above(kind, model, limit, is_stated), model.clause.get(kind, ""), own)
    if model.register and (host.revenue_usd is None or host.revenue_usd > 0):
        unknown = _("Commercial use of %(model)s has to be registered with its publisher.")
        return Objection("register", unknown % {"model": model.title}, model.clause.get("register", ""), own)
    return None


def _above(kind: str, model: Model, limit: int, is_stated: int | None) -> str:
    if is_stated is None:
        return {
            "revenue": _("It is not stated what the operator of this host earns in a year."),
            "users": _("It is not stated how many people use this host in a month."),
        }[kind]
    sentence = {
        "revenue": _("The licence of %(model)s ends at a revenue of $%(limit)s a year."),
        "users": _("The licence of %(model)s ends at %(limit)s users a month."),
    }[kind]
    return sentence % {"model": model.title, "limit": f"{limit:,}"}


def objection_to(engine: str, host: Stated | None = None) -> Objection | None:
    """What speaks against an engine of this host; nothing where its model is not in the catalogue."""
    model = model_of(engine)
    return objection(model, host or stated()) if model is not None and model.has_limits else None


def refuse(engine: str) -> None:
    """Raises `CannotMake("engine_not_licensed")` with the clause."""
    found = objection_to(engine)
    if found is not None:
        message = f"{found.message} ({found.clause})" if found.clause else found.message
        raise CannotMake(message, found.hint, code="engine_not_licensed")


def allowed(names: Mapping[str, Any]) -> list[str]:
    """Which of these engines may run here."""
    host = stated()
    return [name for name in names if objection_to(name, host) is None]


def notices(engine: str) -> tuple[str, ...]:
    """What has to be shown wherever the engine's clips are made and shown."""
    model = model_of(engine)
    return model.notices if model is not None else ()
