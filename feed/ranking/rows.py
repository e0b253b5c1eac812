"""What ranking is told: items, events and one viewer. Times are seconds since 1970."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from feed.steering import Rule

Array = NDArray[np.float64]
T = TypeVar("T")


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


@dataclass(slots=True)  # made hundreds a slate: a frozen one costs three times as much
class Event:
    """One viewer met one item; never changed. `watched` is the watched fraction, 0 to 1."""

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
    _held: dict[str, tuple[Catalogue, Any]] = field(default_factory=dict, compare=False, repr=False)

    def once(self, name: str, catalogue: Catalogue, make: Callable[[], T]) -> T:
        """What a source and a feature both need of this viewer in one catalogue; made once. Read only."""
        held = self._held.get(name)
        if held is None or held[0] is not catalogue:
            held = self._held[name] = (catalogue, make())
        made: T = held[1]
        return made

    def met(self, catalogue: Catalogue) -> tuple[NDArray[np.int64], Array]:
        """Of each event of the history: the item's row, -1 where this catalogue lacks it, and the signal."""
        return self.once("met", catalogue, lambda: self._met(catalogue))

    def _met(self, catalogue: Catalogue) -> tuple[NDArray[np.int64], Array]:
        row_of = catalogue.index.get
        rows = [row_of(event.item, -1) for event in self.history]
        return np.array(rows, np.int64), np.array([event.signal for event in self.history], np.float64)

    @property
    def known(self) -> bool:
        return bool(self.history or self.followed or self.circle)


@dataclass(frozen=True)
class Spans:
    """Numbers in groups: those of group `n` lie from `starts[n]` to `starts[n + 1]`."""

    starts: NDArray[np.int64]
    values: NDArray[np.int64]

    @classmethod
    def of(cls, group: NDArray[np.int64], values: NDArray[np.int64], groups: int) -> Spans:
        counts = np.bincount(group, minlength=groups)
        return cls(np.r_[0, np.cumsum(counts)], values[np.argsort(group, kind="stable")])

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        return np.diff(self.starts)

    def at(self, groups: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(place in `groups`, number) of everything in these groups."""
        sizes = self.sizes[groups]
        first = np.repeat(self.starts[groups] - np.cumsum(sizes) + sizes, sizes)
        return np.repeat(np.arange(len(groups)), sizes), self.values[first + np.arange(len(first))]


@dataclass(frozen=True)
class Graph:
    """Who welcomed what: by the number of a person in `people` and of an item in `numbers`."""

    people: NDArray[np.int64]
    numbers: dict[int, int]
    fans: Spans  # of each item
    tastes: Spans  # the items of each person


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
    def vectors(self) -> NDArray[np.float32]:
        """Each item's text vector; noughts where it has none. Shape (items, dimensions)."""
        some = next((item.vector for item in self.items if item.vector is not None), np.zeros(1))
        found = [np.zeros_like(some) if item.vector is None else item.vector for item in self.items]
        return np.array(found, np.float32)

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
        fans, what = fan.astype(np.int64), np.array(item, np.int64)
        return Graph(people, numbers, Spans.of(what, fans, len(numbers)), Spans.of(fans, what, len(people)))

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
    def topic_table(self) -> Array:
        """1 where an item has a topic; shape (items, topics)."""
        numbers, rows, topics = self.topics
        table = np.zeros((len(self.items), max(len(numbers), 1)))
        table[rows, topics] = 1.0
        return table

    @cached_property
    def topic_shares(self) -> Array:
        """How often each topic is named, for each item; shape (topics,)."""
        numbers, _, topics = self.topics
        return np.bincount(topics, minlength=max(len(numbers), 1)) / max(len(self.items), 1)

    @cached_property
    def topic_counts(self) -> Array:
        """How many topics each item has, 1 at least; shape (items,)."""
        return np.maximum(self.topic_table.sum(axis=1), 1.0)

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

    def ids(self, rows: NDArray[np.int64]) -> list[int]:
        numbers: list[int] = self._ids[rows].tolist()
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
