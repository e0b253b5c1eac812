"""What ranking is told: items, events and one viewer. Times are seconds since 1970."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

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
    # Of the item, where the catalogue may not have it any more: whose it was (0: not said) and its topics.
    creator: int = 0
    topics: tuple[str, ...] = ()

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
    _held: dict[str, tuple[Catalogue, Array]] = field(default_factory=dict, compare=False, repr=False)

    def once(self, name: str, catalogue: Catalogue, make: Callable[[], Array]) -> Array:
        """What a source and a feature both need of this viewer in one catalogue; made once. Read only."""
        held = self._held.get(name)
        if held is None or held[0] is not catalogue:
            held = self._held[name] = (catalogue, make())
        return held[1]

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


@dataclass(frozen=True)
class Onward:
    """Which clip leads on to which: parallel columns of (from id, to id, weight), sorted by `source`."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    weight: Array

    @classmethod
    def read(cls, kept: dict[str, list[tuple[int, float]]]) -> Onward | None:
        """From `{"id": [[id, weight], …]}`, as a version of the ranker keeps it; None without any."""
        triples = sorted((int(source), int(to), float(w)) for source, row in kept.items() for to, w in row)
        if not triples:
            return None
        source, target, weight = zip(*triples, strict=True)
        return cls(np.array(source, np.int64), np.array(target, np.int64), np.array(weight, np.float64))


@dataclass
class Catalogue:
    """The items that may be shown, and what viewers did with them lately. Made once, read by many."""

    items: Sequence[Item]
    log: Sequence[Event] = ()
    onward: Onward | None = None
    index: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.index = {item.id: row for row, item in enumerate(self.items)}

    @cached_property
    def vectors(self) -> Array:
        """Each item's text vector; noughts where it has none. Shape (items, dimensions)."""
        some = next((item.vector for item in self.items if item.vector is not None), np.zeros(1))
        return np.array([np.zeros_like(some) if item.vector is None else item.vector for item in self.items])

    @cached_property
    def has_vector(self) -> NDArray[np.bool_]:
        return np.array([item.vector is not None for item in self.items], bool)

    @cached_property
    def graph(self) -> Graph:
        """Who welcomed what in the log. Items that are not in the catalogue have numbers behind its rows."""
        welcome = [event for event in self.log if event.signal > 0]
        numbers = dict(self.index)
        item = [numbers.setdefault(event.item, len(numbers)) for event in welcome]
        people, fan = np.unique(np.array([event.viewer for event in welcome], np.int64), return_inverse=True)
        return Graph(fan.astype(np.int64), np.array(item, np.int64), people, numbers)

    @cached_property
    def topics(self) -> tuple[dict[str, int], NDArray[np.int64], NDArray[np.int64]]:
        """(number of each topic, rows, topics): one entry for each topic of each item."""
        numbers: dict[str, int] = {}
        pairs = [
            (row, numbers.setdefault(topic, len(numbers)))
            for row, item in enumerate(self.items)
            for topic in item.topics
        ]
        rows = np.array([row for row, _ in pairs], np.int64)
        return numbers, rows, np.array([topic for _, topic in pairs], np.int64)

    @cached_property
    def topic_table(self) -> NDArray[np.bool_]:
        """Shape (items, topics)."""
        numbers, rows, topics = self.topics
        table = np.zeros((len(self.items), max(len(numbers), 1)), bool)
        table[rows, topics] = True
        return table

    @cached_property
    def newest(self) -> NDArray[np.int64]:
        """Rows, newest first."""
        return np.lexsort((-self.column("id"), -self.column("published")))

    @cached_property
    def creators(self) -> NDArray[np.int64]:
        return np.array([item.creator for item in self.items], np.int64)

    @cached_property
    def leads(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
        """`onward` into this catalogue: (ids, rows, weights), sorted by id."""
        if self.onward is None or not len(self.items):
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
        rows = np.array([self.index.get(int(to), -1) for to in self.onward.target], np.int64)
        here = rows >= 0
        return self.onward.source[here], rows[here], self.onward.weight[here]

    def ids(self, rows: Iterable[int]) -> list[int]:
        numbers: list[int] = self._ids[np.fromiter(rows, np.int64)].tolist()
        return numbers

    @cached_property
    def _ids(self) -> NDArray[np.int64]:
        return np.array([item.id for item in self.items], np.int64)

    def once(self, name: str, now: float, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """What is the same for every viewer at one moment; made for the first of them. Read only."""
        if (name, now) not in self._at_once:
            if len(self._at_once) > 20:  # a catalogue is asked at one moment or two
                self._at_once.clear()
            self._at_once[name, now] = made = make()
            return made
        return self._at_once[name, now]

    @cached_property
    def _at_once(self) -> dict[tuple[str, float], NDArray[Any]]:
        return {}

    def column(self, name: str) -> Array:
        """One number of each item; made once."""
        if name not in self._columns:
            self._columns[name] = np.array([getattr(item, name) for item in self.items], dtype=np.float64)
        return self._columns[name]

    @cached_property
    def _columns(self) -> dict[str, Array]:
        return {}
