"""What is measured of each candidate for one viewer.

Every feature lies in about -1 to 1, so that a weight says how much it matters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from feed.ranking import sources
from feed.ranking.rows import Array, Catalogue, Viewer

NAMES = (
    "popular",  # answers lately, against the most popular one
    "finished",  # how much of it people watch, against the average clip
    "liked_rate",  # likes an impression, against the average clip
    "fresh",  # 1 when published now, halved every day
    "followed",  # 1 when the viewer follows the creator
    "circle",  # 1 when the viewer lists the creator as close
    "creator",  # how welcome the creator's clips were to this viewer
    "topics",  # how welcome its topics were to this viewer
    "similar",  # nearness in words to what the viewer welcomed
    "co_watched",  # people who liked what the viewer liked went on to this
    "onward",  # what people went on to after the viewer's last clips
    "little_seen",  # 1 when nobody saw it yet
    "seen",  # the viewer has seen it already
)
HALF_DAY = 43_200.0
MEETING = 0.5  # what meeting a topic at all says: a clip skipped at once counts 0.2, one refused -1.5
PRIOR = 8.0  # impressions' worth of doubt before a clip's own rates count


def matrix(viewer: Viewer, catalogue: Catalogue, now: float) -> Array:
    """Shape (items, len(NAMES)), rows in the catalogue's order."""
    table = catalogue.once("features", now, lambda: _common(catalogue, now)).copy()
    own = {
        "creator": _creator(viewer, catalogue),
        "topics": _topics(viewer, catalogue),
        "similar": sources.similarity(viewer, catalogue),
        "co_watched": _against_best(sources.walk(viewer, catalogue)),
        "onward": _against_best(sources.leading_on(viewer, catalogue)),
        "seen": _seen(_met(viewer, catalogue), catalogue),
    }
    if viewer.followed:
        own["followed"] = _one_of(catalogue, viewer.followed)
    if viewer.circle:
        own["circle"] = _one_of(catalogue, viewer.circle)
    for name, column in own.items():
        table[:, COLUMN[name]] = column
    if not np.isfinite(table).all():
        table = np.nan_to_num(table)
    return np.clip(table, -1.5, 1.5, out=table)


COLUMN = {name: column for column, name in enumerate(NAMES)}


def _common(catalogue: Catalogue, now: float) -> Array:
    """A table as `matrix` gives it, with the features that are the same for every viewer."""
    impressions = catalogue.column("impressions")
    table = np.zeros((len(catalogue.items), len(NAMES)))
    for name, column in {
        "popular": _against_best(np.log1p(sources.popularity(catalogue, now))),
        "finished": _rate(catalogue.column("watched"), impressions),
        "liked_rate": 4.0 * _rate(catalogue.column("likes"), impressions),
        "fresh": 0.5 ** (np.maximum(now - catalogue.column("published"), 0.0) / (2 * HALF_DAY)),
        "little_seen": 1.0 / np.sqrt(1.0 + impressions),
    }.items():
        table[:, COLUMN[name]] = column
    return table


def _rate(successes: Array, tries: Array) -> Array:
    """A rate against everybody's, shrunk towards it while a clip is little known."""
    tries = np.maximum(tries, successes)
    mean = float(successes.sum() / max(tries.sum(), 1.0))
    return (successes + PRIOR * mean) / (tries + PRIOR) - mean


def _against_best(scores: Array) -> Array:
    best = float(scores.max(initial=0.0))
    return scores / best if best > 0 else scores


def _one_of(catalogue: Catalogue, people: frozenset[int]) -> Array:
    return np.isin(catalogue.creators, list(people)).astype(np.float64)


def _met(viewer: Viewer, catalogue: Catalogue) -> tuple[NDArray[np.int64], Array]:
    """(rows, signals) of the viewer's history in this catalogue."""
    found = [(catalogue.index.get(event.item, -1), event.signal) for event in viewer.history]
    found = [pair for pair in found if pair[0] >= 0]
    return np.array([row for row, _ in found], np.int64), np.array([signal for _, signal in found])


def _seen(met: tuple[NDArray[np.int64], Array], catalogue: Catalogue) -> Array:
    seen = np.zeros(len(catalogue.items))
    seen[met[0]] = 1.0
    return seen


def _creator(viewer: Viewer, catalogue: Catalogue) -> Array:
    sums: dict[int, float] = defaultdict(float)
    for creator, _, signal in _known(viewer, catalogue):
        sums[creator] += signal
    if not sums:
        return np.zeros(len(catalogue.items))
    known = np.array(sorted(sums), np.int64)
    welcome = np.array([sums[creator] for creator in known.tolist()])
    place = np.minimum(np.searchsorted(known, catalogue.creators), len(known) - 1)
    return np.tanh(np.where(known[place] == catalogue.creators, welcome[place], 0.0) / 3.0)


def _topics(viewer: Viewer, catalogue: Catalogue) -> Array:
    """How much more of its topics the viewer welcomed than chance would have brought them: of each topic the
    welcome minus what its share of the catalogue would have had of all welcome, in standard deviations of a
    count (Poisson), summed over the clip's topics; 3 of them make 1."""
    numbers, _, of_topic = catalogue.topics
    total, welcome = 0.0, np.zeros(max(len(numbers), 1))
    for _, topics, signal in _known(viewer, catalogue):
        met = signal + MEETING
        total += max(met, 0.0)
        for topic in topics:
            if topic in numbers:
                welcome[numbers[topic]] += met
    if not welcome.any():
        return np.zeros(len(catalogue.items))
    chance = total * np.bincount(of_topic, minlength=len(welcome)) / max(len(catalogue.items), 1)
    beyond = (welcome - chance) / np.sqrt(chance + 1.0)
    table = catalogue.topic_table
    return table @ beyond / (3.0 * np.sqrt(np.maximum(table.sum(axis=1), 1)))


def _known(viewer: Viewer, catalogue: Catalogue) -> Iterator[tuple[int, tuple[str, ...], float]]:
    """(creator, topics, signal) of everything the viewer met, whether or not the catalogue still has it."""
    for event in viewer.history:
        if event.creator:
            yield event.creator, event.topics, event.signal
        elif (row := catalogue.index.get(event.item)) is not None:
            item = catalogue.items[row]
            yield item.creator, item.topics, event.signal
