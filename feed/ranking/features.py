"""What is measured of each candidate for one viewer.

Every feature lies in about -1 to 1, so that a weight says how much it matters.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

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
        "seen": _seen(viewer, catalogue),
    }
    if viewer.followed:
        own["followed"] = sources.by_one_of(viewer.followed, viewer, catalogue).astype(np.float64)
    if viewer.circle:
        own["circle"] = sources.by_one_of(viewer.circle, viewer, catalogue).astype(np.float64)
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


def _seen(viewer: Viewer, catalogue: Catalogue) -> Array:
    seen = np.zeros(len(catalogue.items) + 1)  # the last place takes what this catalogue lacks
    seen[viewer.met(catalogue)[0]] = 1.0
    return seen[:-1]


def _creator(viewer: Viewer, catalogue: Catalogue) -> Array:
    sums: dict[int, float] = {}
    for creator, _, signal in _known(viewer, catalogue):
        sums[creator] = sums.get(creator, 0.0) + signal
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
    numbers = catalogue.topics[0]
    total, welcome = 0.0, [0.0] * max(len(numbers), 1)
    for _, topics, signal in _known(viewer, catalogue):
        met = signal + MEETING
        if met > 0:
            total += met
        for topic in topics:
            if topic in numbers:
                welcome[numbers[topic]] += met
    if not any(welcome):
        return np.zeros(len(catalogue.items))
    chance = total * catalogue.topic_shares
    beyond = (np.array(welcome) - chance) / np.sqrt(chance + 1.0)
    return catalogue.topic_table @ beyond / (3.0 * np.sqrt(catalogue.topic_counts))


def _known(viewer: Viewer, catalogue: Catalogue) -> list[tuple[int, tuple[str, ...], float]]:
    """(creator, topics, signal) of everything the viewer met, whether or not the catalogue still has it."""
    return viewer.once("known", catalogue, lambda: list(_each_known(viewer, catalogue)))


def _each_known(viewer: Viewer, catalogue: Catalogue) -> Iterator[tuple[int, tuple[str, ...], float]]:
    rows, signals = viewer.met(catalogue)
    for event, row, signal in zip(viewer.history, rows.tolist(), signals.tolist(), strict=True):
        if event.creator:
            yield event.creator, event.topics, signal
        elif row >= 0:
            item = catalogue.items[row]
            yield item.creator, item.topics, signal
