"""A log as columns: who met what, when, and how welcome it was; cleaned once, for the live path and files
alike.

Ids become row numbers; events stand by person and time. Nothing here knows a database or a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float32]
Moments = NDArray[np.float64]
Rows = NDArray[np.int32]

LONGEST_WATCH = 3.0  # watched fractions: beyond three loops more says nothing more
LIKE_BONUS = 1.5  # the same numbers as rows.Event.signal
SKIP_COST = 0.3


@dataclass(frozen=True)
class Attributes:
    """What is known of the people, or of the items: words by name (`tag`, `author`), numbers by name."""

    words: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    numbers: dict[str, Moments] = field(default_factory=dict)  # nan where not known


@dataclass(frozen=True)
class Log:
    """Events by (person, moment, given order); `watch` and `like` are nan where the log is silent."""

    people: list[str]
    items: list[str]
    person: Rows
    item: Rows
    at: Moments
    watch: Floats
    like: Floats
    about_people: Attributes = field(default_factory=Attributes)
    about_items: Attributes = field(default_factory=Attributes)
    has_times: bool = True
    asked: Moments | None = None  # when each of the people without events is asked; None: when the log ends

    @property
    def size(self) -> int:
        return len(self.item)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.people), len(self.items)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each person's events begin; shape (people + 1,)."""
        return np.searchsorted(self.person, np.arange(len(self.people) + 1)).astype(np.int64)

    @property
    def has_watch(self) -> bool:
        return bool(np.isfinite(self.watch).any())

    @property
    def has_likes(self) -> bool:
        """Likes that tell one event from another: a column of ones says nothing."""
        known = self.like[np.isfinite(self.like)]
        return bool(known.size and known.min() < known.max())

    def only(self, kept: NDArray[np.bool_]) -> Log:
        return replace(
            self,
            person=self.person[kept],
            item=self.item[kept],
            at=self.at[kept],
            watch=self.watch[kept],
            like=self.like[kept],
        )

    def welcome(self) -> Floats:
        """How welcome each event was: 1 where the log is silent, else as `rows.Event.signal` counts it."""
        if not (self.has_watch or self.has_likes):
            return np.ones(self.size, np.float32)
        liked = np.nan_to_num(self.like) if self.has_likes else np.zeros(self.size, np.float32)
        if not self.has_watch:
            return (0.3 + 0.7 * liked).astype(np.float32)
        known = np.isfinite(self.watch)
        usual = float(np.mean(np.minimum(self.watch[known], 1.0)))
        watched = np.where(known, np.minimum(np.nan_to_num(self.watch), 1.5), usual)
        return (watched - SKIP_COST + LIKE_BONUS * liked).astype(np.float32)

    def matrix(self) -> sparse.csr_matrix:
        """People by items. An item met twice counts its best meeting; what was not welcome is left out. Made
        once; read only."""
        return self._welcomed

    @cached_property
    def _welcomed(self) -> sparse.csr_matrix:
        weights = self.welcome()
        kept = weights > 0
        people, items = self.shape
        key = self.person[kept].astype(np.int64) * items + self.item[kept]
        order = np.lexsort((-weights[kept], key))
        key, best = key[order], weights[kept][order]
        first = np.r_[True, key[1:] != key[:-1]] if key.size else np.zeros(0, bool)
        rows, columns = np.divmod(key[first], items)
        return sparse.csr_matrix((best[first], (rows, columns)), shape=self.shape, dtype=np.float32)

    def met(self) -> sparse.csr_matrix:
        """People by items: 1 where they met, welcome or not. Made once; read only."""
        return self._met

    @cached_property
    def _met(self) -> sparse.csr_matrix:
        found = sparse.csr_matrix(
            (np.ones(self.size, np.float32), (self.person, self.item)), shape=self.shape
        )
        found.data[:] = 1.0
        return found


def clean(
    *,
    person: Sequence[str],
    item: Sequence[str],
    at: Moments,
    watch: Moments,
    like: Moments,
    people: Sequence[str] = (),
    items: Sequence[str] = (),
    about_people: Attributes | None = None,
    about_items: Attributes | None = None,
) -> Log:
    """A log from columns of equal length.

    `people` and `items` are those known besides the log, in an order that is kept and that the attributes
    follow. Watching is clamped to 0..3, a like to 0..1; what is no number counts as not said. The same
    person, item and moment twice is one event with the best of both.
    """
    who, person_rows = _numbered(people, person)
    what, item_rows = _numbered(items, item)
    has_times = bool(np.isfinite(at).any())
    moments = np.where(np.isfinite(at), at, np.nanmin(at) if has_times else 0.0)
    watched = np.clip(np.where(np.isfinite(watch), watch, np.nan), 0.0, LONGEST_WATCH).astype(np.float32)
    liked = np.clip(np.where(np.isfinite(like), like, np.nan), 0.0, 1.0).astype(np.float32)
    order = np.lexsort((moments, person_rows))
    log = Log(
        who,
        what,
        person_rows[order],
        item_rows[order],
        moments[order],
        watched[order],
        liked[order],
        _padded(about_people, len(who)),
        _padded(about_items, len(what)),
        has_times,
    )
    return _once(log)


def _numbered(known: Sequence[str], seen: Sequence[str]) -> tuple[list[str], Rows]:
    number = {name: row for row, name in enumerate(dict.fromkeys(known))}
    rows = np.fromiter((number.setdefault(name, len(number)) for name in seen), np.int32, len(seen))
    return list(number), rows


def _padded(about: Attributes | None, count: int) -> Attributes:
    about = about or Attributes()
    return Attributes(
        {name: [*values, *[()] * (count - len(values))] for name, values in about.words.items()},
        {name: np.r_[values, np.full(count - len(values), np.nan)] for name, values in about.numbers.items()},
    )


def _once(log: Log) -> Log:
    """One row for the same person, item and moment; the best watching and like of them."""
    order = np.lexsort((np.arange(log.size), log.item, log.at, log.person))
    same = (
        (log.person[order][1:] == log.person[order][:-1])
        & (log.at[order][1:] == log.at[order][:-1])
        & (log.item[order][1:] == log.item[order][:-1])
    )
    if not same.any():
        return log
    group = np.cumsum(np.r_[0, ~same])
    watch, like = np.full(group[-1] + 1, -1.0, np.float32), np.full(group[-1] + 1, -1.0, np.float32)
    np.maximum.at(watch, group, np.nan_to_num(log.watch[order], nan=-1.0))
    np.maximum.at(like, group, np.nan_to_num(log.like[order], nan=-1.0))
    first = order[np.r_[True, ~same]]
    kept = np.zeros(log.size, bool)
    kept[first] = True
    rank = np.empty(log.size, np.int64)
    rank[order] = group
    one = log.only(kept)
    best_watch, best_like = watch[rank[kept]], like[rank[kept]]
    return replace(
        one,
        watch=np.where(best_watch < 0, np.nan, best_watch).astype(np.float32),
        like=np.where(best_like < 0, np.nan, best_like).astype(np.float32),
    )
