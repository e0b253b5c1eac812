"""Other weights for some people, in the open: who is in one can see it, and leave."""

from __future__ import annotations

import hashlib
import math
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts import compiled
from accounts.models import User
from accounts.social import Viewer
from feed import slates
from feed.models import Experiment, ExperimentLeft
from feed.ranking.features import NAMES
from feed.ranking.ranker import STRONGEST, Weights
from feed.refusals import BadExperiment


def running() -> list[Experiment]:
    """Those that nobody has ended, the oldest first."""
    names = [field.attname for field in Experiment._meta.concrete_fields]

    def build() -> QuerySet[Experiment, Any]:
        return Experiment.objects.filter(ended_at=None).order_by("pk").values_list(*names)

    rows = compiled.run("experiments", build, compiled.Values())
    return [Experiment.from_db("default", names, row) for row in rows]


def of(viewer: Viewer, among: list[Experiment] | None = None) -> Experiment | None:
    """The experiment that this viewer is in: the first that runs, drew them, and that they have not left.
    `among`: those that run, where they were read already."""
    if viewer.pk is None:
        return None
    drawn = [one for one in (running() if among is None else among) if _draws(one, viewer.pk)]
    if not drawn:
        return None
    left = ExperimentLeft.objects.filter(person=viewer.pk, experiment__in=drawn)
    gone = set(left.values_list("experiment_id", flat=True))
    return next((one for one in drawn if one.pk not in gone), None)


def weights_of(viewer: Viewer, served: Weights, among: list[Experiment] | None = None) -> Weights:
    """What this viewer's slate is weighed by; the version names the experiment after a plus."""
    mine = of(viewer, among)
    if mine is None:
        return served
    return Weights(f"{served.version}+{mine.name}", {**served.values, **mine.weights})


def _draws(experiment: Experiment, person: int) -> bool:
    """The same answer for a person as long as it runs, and independent of other experiments."""
    digest = hashlib.sha256(f"{experiment.pk}:{person}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < experiment.share


@transaction.atomic
def start(*, name: str, description: str, share: int, weights: dict[str, Any], now: datetime) -> Experiment:
    """Begin one. Raises BadExperiment for a name twice, a share out of 1 to 100, or odd weights."""
    fits = bool(weights) and all(
        key in NAMES and isinstance(value, int | float) and math.isfinite(value) and abs(value) <= STRONGEST
        for key, value in weights.items()
    )
    if not fits or not 1 <= share <= 100 or not name or not description:
        raise BadExperiment()
    if Experiment.objects.filter(name=name).exists():
        raise BadExperiment()
    made = Experiment.objects.create(
        name=name, description=description, share=share, weights=weights, started_at=now
    )
    slates.touch_all(now)
    return made


@transaction.atomic
def stop(*, experiment: Experiment, now: datetime) -> None:
    if Experiment.objects.filter(pk=experiment.pk, ended_at=None).update(ended_at=now):
        slates.touch_all(now)


@transaction.atomic
def leave(*, experiment: Experiment, person: User, now: datetime) -> None:
    """This person's feed goes back to everybody's weights at the next page."""
    ExperimentLeft.objects.get_or_create(experiment=experiment, person=person, defaults={"created_at": now})
    slates.touch([person.pk], now)
