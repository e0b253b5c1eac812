"""How welcome a given item would be to a given person: trees over counts, affinities, factors and lengths.

For logs that say how long people watched or what they liked. Every feature of a training event is measured
on other events (four folds), so the trees learn how far to trust a mean of three and a mean of three
hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from feed.ranking.log import Floats, Log, Moments, Rows
from feed.ranking.recommenders.residual import Neighbours, Residual
from feed.ranking.tables import NUMBERS

FOLDS = 4
MOST_ROWS = 250_000
LEAST_EVENTS = 50  # below this trees have nothing to learn from
NEW = 0.04  # of the people and of the items of each part
MOST_COLUMNS = 32  # of attributes on each side, in the order of the file
MOST_KINDS = 6  # of them those that are counted together with the other side
SHRINK = 5.0
DAY = 86_400.0


@dataclass(frozen=True)
class Side:
    """What stands beside the log: each item's author and tags as numbers, its length, when it came."""

    author: Rows
    tags: NDArray[np.int32]  # items, at most three; -1 where none
    kinds: NDArray[np.int32]  # items, other words that several share: the first of each
    band: Rows  # of the length
    length: Moments
    uploaded: Moments
    item_numbers: Floats  # items, all other numbers
    person_words: NDArray[np.int32]  # people, attributes
    person_numbers: Floats
    groups: NDArray[np.int32]  # people, attributes: only those with few values

    @classmethod
    def of(cls, log: Log) -> Side:
        people, items = log.shape
        words, numbers = log.about_items.words, log.about_items.numbers
        length = numbers.get("length_s", np.full(items, np.nan))
        known = length[np.isfinite(length)]
        edges = np.quantile(known, np.linspace(0, 1, 9)[1:-1]) if known.size else np.zeros(0)
        kinds = _first_words({name: words[name] for name in words if name not in {"author", "tag"}}, items)
        shared = [column for column in range(kinds.shape[1]) if 2 * kinds[:, column].max(initial=0) < items]
        attributes = _first_words(log.about_people.words, people)
        few = [column for column in range(attributes.shape[1]) if attributes[:, column].max(initial=0) < 64]
        return cls(
            _codes(words.get("author", [()] * items))[:, 0],
            _codes(words.get("tag", [()] * items), 3),
            kinds[:, shared[:MOST_KINDS]],
            np.where(np.isfinite(length), np.searchsorted(edges, np.nan_to_num(length)), -1).astype(np.int32),
            length,
            numbers.get("uploaded_at", np.full(items, np.nan)),
            _stacked({name: numbers[name] for name in numbers if name not in NUMBERS}, items),
            attributes,
            _stacked(log.about_people.numbers, people),
            attributes[:, few[:MOST_KINDS]],
        )


def _first_words(words: Mapping[str, list[tuple[str, ...]]], count: int) -> NDArray[np.int32]:
    """The first word of each attribute as a number; shape (count, at most MOST_COLUMNS)."""
    columns = [_codes(values) for values in list(words.values())[:MOST_COLUMNS]]
    return np.hstack(columns) if columns else np.zeros((count, 0), np.int32)


def _stacked(numbers: Mapping[str, Moments], count: int) -> Floats:
    widest = float(np.finfo(np.float32).max)
    columns = [np.clip(values, -widest, widest) for values in list(numbers.values())[:MOST_COLUMNS]]
    return np.stack(columns, axis=1).astype(np.float32) if columns else np.zeros((count, 0), np.float32)


def _codes(values: list[tuple[str, ...]], width: int = 1) -> NDArray[np.int32]:
    numbers: dict[str, int] = {}
    found = np.full((len(values), width), -1, np.int32)
    for row, words in enumerate(values):
        for column, word in enumerate(words[:width]):
            found[row, column] = numbers.setdefault(word, len(numbers))
    return found


class Means:
    """Mean residual and count of the target by a key, shrunk towards nought."""

    def __init__(self, key: NDArray[np.int64], value: Floats) -> None:
        self.keys, place = np.unique(key, return_inverse=True)
        self.counts = np.bincount(place, minlength=len(self.keys)).astype(np.float64)
        sums = np.bincount(place, value, minlength=len(self.keys))
        self.means = sums / (self.counts + SHRINK)

    def look(self, key: NDArray[np.int64]) -> tuple[Moments, Moments]:
        """(means, counts) at these keys; noughts where a key never came."""
        if not len(self.keys):
            return np.zeros(len(key)), np.zeros(len(key))
        place = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        there = self.keys[place] == key
        return np.where(there, self.means[place], 0.0), np.where(there, self.counts[place], 0.0)


class Table:
    """Every feature of pairs, measured on one set of events."""

    def __init__(self, log: Log, target: Floats, side: Side, seed: int) -> None:
        self.side = side
        self.mean = float(target.mean()) if target.size else 0.0
        person, item = log.person.astype(np.int64), log.item.astype(np.int64)
        centred = (target - self.mean).astype(np.float32)
        self.of_item = Means(item, centred)
        rest = (centred - self.of_item.look(item)[0]).astype(np.float32)
        self.of_person = Means(person, rest)
        rest = (rest - self.of_person.look(person)[0]).astype(np.float32)
        self.by_key = {name: Means(key, rest) for name, key in self._keys(person, item).items()}
        self.lately = self._lately(log, rest)
        self.squares = Means(item, (centred**2).astype(np.float32))
        self.factors = Residual(seed=seed).fit(log.person, log.item, rest, log.shape)
        self.neighbours = Neighbours().fit(log.person, log.item, rest, log.shape)
        self.newest = float(log.at.max()) if log.size else 0.0
        self.last = np.full(log.shape[0], self.newest)
        np.maximum.at(self.last, log.person, log.at)

    def features(self, person: Rows, item: Rows, at: Moments | None) -> Floats:
        side, who, what = self.side, person.astype(np.int64), item.astype(np.int64)
        moment = self.last[person] if at is None else at
        item_mean, item_count = self.of_item.look(what)
        person_mean, person_count = self.of_person.look(who)
        columns = [item_mean, np.log1p(item_count), person_mean, np.log1p(person_count)]
        columns += [self.squares.look(what)[0], self.lately[person]]
        total = item_mean + person_mean
        for name, key in self._keys(who, what).items():
            mean, count = self.by_key[name].look(key)
            columns += [mean, np.log1p(count)]
            total = total + mean if name.startswith("person") else total
        predicted = self.factors.scores(person, item)
        near = self.neighbours.scores(person, item)
        columns += [predicted, total + predicted, near, total + near]
        columns += [np.log1p(side.length[item]), (moment - side.uploaded[item]) / DAY]
        told = (side.item_numbers[item], side.person_words[person], side.person_numbers[person])
        found = np.concatenate([np.stack(columns, axis=1).astype(np.float32), *told], axis=1)
        return np.nan_to_num(found, nan=-999.0).astype(np.float32)

    def usual(self, person: Rows, item: Rows) -> Floats:
        """What the means of item and person alone lead one to expect."""
        found = self.mean + self.of_item.look(item.astype(np.int64))[0]
        return (found + self.of_person.look(person.astype(np.int64))[0]).astype(np.float32)

    def _keys(self, person: NDArray[np.int64], item: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        """What is counted together: each side's own groups, and the person with each of them."""
        side = self.side
        keys = {"author": side.author[item].astype(np.int64), "band": side.band[item].astype(np.int64)}
        for name, codes in (("tag", side.tags), ("kind", side.kinds)):
            for column in range(codes.shape[1]):
                keys[f"{name}{column}"] = codes[item, column].astype(np.int64)
        for name, key in list(keys.items()):
            keys[f"person {name}"] = np.where(key < 0, -1, person * 1_000_003 + key)
        for column in range(side.groups.shape[1]):
            keys[f"group{column}"] = item * 1009 + side.groups[person, column]
        return keys

    def _lately(self, log: Log, rest: Floats) -> Floats:
        """The person's mood: the mean residual of their latest ten."""
        from_the_end = log.starts[1:][log.person] - np.arange(log.size)
        late = from_the_end <= 10
        sums = np.bincount(log.person[late], rest[late], minlength=log.shape[0])
        counts = np.bincount(log.person[late], minlength=log.shape[0])
        return (sums / (counts + SHRINK)).astype(np.float32)


class Expected:
    """Fits on a whole log; then says how welcome pairs would be, in units of `Log.welcome`."""

    def fit(self, log: Log, seed: int, say: Callable[[str], None] = lambda line: None) -> Expected:
        """Of each part some people and items are measured as if nobody had met them, so that the trees learn
        what attributes say of newcomers.
        """
        target, side = log.welcome(), Side.of(log)
        self.trees: list[HistGradientBoostingRegressor] = []
        self.table = Table(log, target, side, seed)
        if log.size < LEAST_EVENTS:
            return self
        draw = np.random.default_rng([seed, 11])
        fold = draw.integers(0, FOLDS, log.size)
        rows, values = [], []
        for this in range(FOLDS):
            others, own = fold != this, np.flatnonzero(fold == this)
            own = np.sort(draw.permutation(own)[: MOST_ROWS // FOLDS])
            others &= ~(_drawn(log.person, draw) | _drawn(log.item, draw))
            table = Table(log.only(others), target[others], side, seed)
            rows.append(
                table.features(log.person[own], log.item[own], log.at[own] if log.has_times else None)
            )
            values.append(target[own])
            say(f"measured part {this + 1} of {FOLDS}")
        features, wanted = np.concatenate(rows), np.concatenate(values)
        self.trees = [_trees(seed + turn).fit(features, wanted) for turn in range(2)]
        return self

    def scores(self, person: Rows, item: Rows) -> Floats:
        if not self.trees:
            return self.table.usual(person, item)
        found = []
        for start in range(0, len(person), 200_000):
            part = slice(start, start + 200_000)
            features = self.table.features(person[part], item[part], None)
            found.append(np.mean([trees.predict(features) for trees in self.trees], axis=0))
        return np.concatenate(found).astype(np.float32) if found else np.zeros(0, np.float32)


def _drawn(rows: Rows, draw: np.random.Generator) -> NDArray[np.bool_]:
    """The events of a drawn NEW of the people, or of the items."""
    chosen: NDArray[np.bool_] = (draw.random(int(rows.max(initial=0)) + 1) < NEW)[rows]
    return chosen


def _trees(seed: int) -> HistGradientBoostingRegressor:
    return HistGradientBoostingRegressor(
        max_iter=300,
        learning_rate=0.06,
        max_leaf_nodes=24,
        min_samples_leaf=60,
        l2_regularization=5.0,
        max_features=0.5,
        early_stopping=True,
        validation_fraction=0.12,
        n_iter_no_change=15,
        random_state=seed,
    )
