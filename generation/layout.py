"""A drawn layout: who and what stands where when a clip begins, as a form or the API says it.

A mark is {what, x, depth, facing}: `what` "person" or a thing's word, x -100 (left edge) to 100, depth
0 (near) to 100 (far), facing "left", "right" or "".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.refusals import CannotMake

PERSON = "person"
THINGS = {  # what can be placed; the words are those of the native engine's world
    "ball": gettext_lazy("a ball"),
    "balloon": gettext_lazy("a balloon"),
    "bird": gettext_lazy("a bird"),
    "butterfly": gettext_lazy("a butterfly"),
    "cake": gettext_lazy("a cake"),
    "cat": gettext_lazy("a cat"),
    "chair": gettext_lazy("a chair"),
    "dog": gettext_lazy("a dog"),
    "gift": gettext_lazy("a gift"),
    "lantern": gettext_lazy("a lantern"),
    "sign": gettext_lazy("a sign"),
    "snowman": gettext_lazy("a snowman"),
    "suitcase": gettext_lazy("a suitcase"),
}
MOST_PEOPLE, MOST_THINGS = 3, 3
WAYS = ("", "left", "right")


def read(given: Any) -> list[dict[str, Any]] | None:
    """Marks as they are kept, clamped into the picture; None where nothing was placed. Raises CannotMake
    (`layout_unreadable`, `layout_too_full`) for what has no sense."""
    if given is None or given == []:
        return None
    if not isinstance(given, list | tuple) or len(given) > 24:
        raise _unreadable()
    marks = [_mark(row) for row in given]
    people = sum(mark["what"] == PERSON for mark in marks)
    if people > MOST_PEOPLE or len(marks) - people > MOST_THINGS:
        raise CannotMake(
            _("At most %(people)d people and %(things)d things can be placed.")
            % {"people": MOST_PEOPLE, "things": MOST_THINGS},
            code="layout_too_full",
        )
    return marks


def _mark(row: Any) -> dict[str, Any]:
    if not isinstance(row, Mapping) or row.get("what") not in (PERSON, *THINGS):
        raise _unreadable()
    facing = row.get("facing") or ""
    if facing not in WAYS:
        raise _unreadable()
    return {
        "what": str(row["what"]),
        "x": _between(-100, row.get("x", 0), 100),
        "depth": _between(0, row.get("depth", 0), 100),
        "facing": facing,
    }


def _between(low: int, value: Any, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _unreadable()
    return round(min(high, max(low, value)))


def _unreadable() -> CannotMake:
    return CannotMake(
        _("This layout cannot be read."),
        _("Each mark says what it is (a person, or one of: %(things)s), and x and depth as numbers.")
        % {"things": ", ".join(THINGS)},
        code="layout_unreadable",
    )
