"""What people send, read strictly: numbers, lists, lengths. And what a request is once it has been read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from generation.refusals import CannotMake

SHORTEST_S, LONGEST_S = 1, 120  # of a finished clip; what an engine makes from words may be less


@dataclass(frozen=True)
class Settled:
    """A request that has a shape: words, length of the finished clip, and what stands in `how`."""

    prompt: str
    seconds: int
    how: dict[str, Any]
    drawn: str | None = None  # of the words, those that are to be seen; None: all of them


def as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def number(value: Any, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or isinstance(value, bool):
        raise CannotMake(_("“%(name)s” has to be a number.") % {"name": name}, code="not_a_number")
    return number


def check_lines(lines: Sequence[str], most: int) -> None:
    """Nothing that somebody is to say or read is cut off in the middle."""
    longest = max(map(len, lines), default=0)
    if longest > most:
        raise CannotMake(
            _("A line has %(n)d characters; at most %(most)d fit.") % {"n": longest, "most": most},
            _("Say it shorter, or in two lines."),
            code="line_too_long",
        )


def speakers(names: Iterable[str]) -> str:
    """Names stand in captions: they are judged with what is said, each once."""
    told = ", ".join(dict.fromkeys(filter(None, names)))
    return f" ({told})" if told else ""


def too_long(asked: int, most: int) -> CannotMake:
    return CannotMake(
        _("That would be %(length)d seconds; a clip has at most %(most)d.") % {"length": asked, "most": most},
        _("Start from a shorter clip."),
        code="too_long",
    )
