"""Clips that are made for a series: the gate is asked for that purpose, and nobody is in one who is not in
the series' cast. Whoever keeps series is right of here: they are read by their relation name.

    how["series"] = "…"         what a request says, and a row keeps; one shot again is for the same series
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from cameos.models import Cameo, Purpose
from generation.models import Clip, Generation
from generation.refusals import CannotMake
from generation.states import Verb


def of(maker: User, key: Any) -> Any:
    """A person's own series; None for one that is not there, or another's."""
    try:
        return maker.series.filter(public_id=UUID(str(key)), deleted_at=None).first() if key else None  # type: ignore[attr-defined]
    except ValueError:
        return None


def in_cast(series: Any) -> set[int]:
    """Who may be in its episodes, by their keys in the database."""
    return set(series.cast.filter(left_at=None).values_list("cameo", flat=True))


def settle(
    verb: str, how: Mapping[str, Any], sources: Sequence[Clip], maker: User, people: Iterable[Cameo]
) -> dict[str, str]:
    """What a row keeps of the series that it is made for; nothing for most. Raises `CannotMake` for a series
    that is not the maker's own, and for somebody outside its cast."""
    asked = (
        how.get("series") if verb == Verb.STORYBOARD else _before(sources) if verb == Verb.RETAKE else None
    )
    if not asked:
        return {}
    found = of(maker, asked)
    if found is None:
        raise CannotMake(
            _("The series that this was to be an episode of is not there any more."),
            _("Begin a storyboard without it."),
            code="series_gone",
        )
    here = in_cast(found)
    for cameo in people:
        if cameo.pk not in here:
            raise CannotMake(
                _("%(name)s is not in the cast of this series.") % {"name": cameo.name},
                _("Leave them out, or begin a storyboard without the series."),
                code="not_in_the_cast",
            )
    return {"series": str(found.public_id)}


def _before(sources: Sequence[Clip]) -> Any:
    made_by: Any = getattr(sources[0], "generation", None) if sources else None
    return made_by.how.get("series") if made_by else None


def purpose_of(generation: Generation) -> Purpose:
    """What the gate is asked for."""
    if generation.how.get("series"):
        return Purpose.SERIES
    retake = generation.verb == Verb.RETAKE  # their own storyboard, not somebody's clip
    return Purpose.REMIX if generation.parent_id and not retake else Purpose.GENERATE
