"""What ranking is told: items, events and one viewer. Times are seconds since 1970."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from feed.steering import Rule

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Item:
    """One post. `impressions` and `watched` (sum of watched fractions, each at most 1) are everybody's."""

    id: int
    creator: int
    published: float
    topics: tuple[str, ...] = ()
    vector: Array | None = None
    likes: int = 0
    comments: int = 0
    remixes: int = 0
    impressions: int = 0
    watched: float = 0.0
    words: str = ""  # caption and prompt in small letters, for rules about words
    is_ai: bool = True


@dataclass(frozen=True)
class Event:
    """One viewer met one item. `watched` is the watched fraction, 0 to 1."""

    viewer: int
    item: int
    at: float
    watched: float
    liked: bool = False
    refused: bool = False  # not interested, or reported

    @property
    def signal(self) -> float:
        """How welcome it was: -2 refused, about -0.3 skipped at once, 0.7 watched through, +1.5 with a
        like.
        """
        if self.refused:
            return -2.0
        return self.watched - 0.3 + (1.5 if self.liked else 0.0)


@dataclass(frozen=True)
class Viewer:
    """For whom we rank. `id` 0 is anybody without an account; `history` is oldest first."""

    id: int = 0
    followed: frozenset[int] = frozenset()
    circle: frozenset[int] = frozenset()
    history: tuple[Event, ...] = ()
    rules: tuple[Rule, ...] = ()
    ai_share: float | None = None  # the wanted share of AI-made clips, 0 to 1

    @property
    def known(self) -> bool:
        return bool(self.history or self.followed or self.circle)


@dataclass(frozen=True)
class Graph:
    """One entry a welcome event: the number of its fan (in `people`) and of its item (`numbers` by id)."""

    fan: NDArray[np.int64]
    item: NDArray[np.int64]
    people: NDArray[np.int64]
    numbers: dict[int, int]


@dataclass
class Catalogue:
    """The items that may be shown to this viewer, and what other viewers did with them lately."""

    items: Sequence[Item]
    log: Sequence[Event] = ()
    index: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.index = {item.id: row for row, item in enumerate(self.items)}

    @cached_property
    def vectors(self) -> Array:
        """Each item's text vector; noughts where it has none. Shape (items, dimensions)."""
        some = next((item.vector for item in self.items if item.vector is not None), np.zeros(1))
        return np.stack([np.zeros_like(some) if item.vector is None else item.vector for item in self.items])

    @cached_property
    def graph(self) -> Graph:
        """Who welcomed what in the log. Items that are not in the catalogue have numbers behind its rows."""
        welcome = [event for event in self.log if event.signal > 0]
        numbers = dict(self.index)
        item = [numbers.setdefault(event.item, len(numbers)) for event in welcome]
        people, fan = np.unique(np.array([event.viewer for event in welcome], np.int64), return_inverse=True)
        return Graph(fan.astype(np.int64), np.array(item, np.int64), people, numbers)

    def ids(self, rows: Iterable[int]) -> list[int]:
        return [self.items[row].id for row in rows]

    def column(self, name: str) -> Array:
        return np.array([getattr(item, name) for item in self.items], dtype=np.float64)
