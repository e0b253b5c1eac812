"""One hostile or merely odd file, and what the intake must do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Task = Literal["picture", "film"]

# What any damaged file may be called: which of them depends on how far the decoder came.
DAMAGED = frozenset(
    {"broken", "unknown_kind", "no_picture_track", "too_small", "too_many_pixels", "codec_not_taken"}
    | {"implausible_length", "too_long", "too_many_frames", "too_many_tracks", "empty", "took_too_much"}
)


@dataclass(frozen=True)
class Case:
    """`reasons` are the refusals that are right; `taken` says whether opening it is right as well."""

    name: str
    task: Task
    make: Callable[[Path], bytes | None]  # the bytes, or None where the maker wrote the path itself
    reasons: frozenset[str] = frozenset()
    taken: bool = False

    def write(self, folder: Path) -> Path:
        path = folder / self.name
        made = self.make(path)
        if made is not None:
            path.write_bytes(made)
        return path


def refused(name: str, task: Task, make: Callable[[Path], bytes | None], *reasons: str) -> Case:
    return Case(name, task, make, frozenset(reasons))


def damaged(name: str, task: Task, make: Callable[[Path], bytes | None]) -> Case:
    """Damage that may also miss what counts: opened or refused by a name, but never anything else."""
    return Case(name, task, make, DAMAGED, taken=True)


def taken(name: str, task: Task, make: Callable[[Path], bytes | None]) -> Case:
    return Case(name, task, make, taken=True)
