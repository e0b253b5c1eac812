"""What is measured of each candidate for one viewer.

Every feature lies in about -1 to 1, so that a weight says how much it matters.
"""

from __future__ import annotations

from collections import defaultdict

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
    "little_seen",  # 1 when nobody saw it yet
    "seen",  # the viewer has seen it already
)
HALF_DAY = 43_200.0
PRIOR = 8.0  # impressions' worth of doubt before a clip's own rates count


def matrix(viewer: Viewer, catalogue: Catalogue, now: float) -> Array:
    """Shape (items, len(NAMES)), rows in the catalogue's order."""
    impressions = catalogue.column("impressions")
    columns = {
        "popular": _against_best(np.log1p(sources.popularity(catalogue, now))),
        "finished": _rate(catalogue.column("watched"), impressions),
        "liked_rate": 4.0 * _rate(catalogue.column("likes"), impressions),
        "fresh": 0.5 ** (np.maximum(now - catalogue.column("published"), 0.0) / (2 * HALF_DAY)),
        "followed": _one_of(catalogue, viewer.followed),
        "circle": _one_of(catalogue, viewer.circle),
        "creator": _creator(viewer, catalogue),
        "topics": _topics(viewer, catalogue),
        "similar": sources.similarity(viewer, catalogue),
        "co_watched": _against_best(sources.walk(viewer, catalogue)),
        "little_seen": 1.0 / np.sqrt(1.0 + impressions),
        "seen": _one_of_ids(catalogue, {event.item for event in viewer.history}),
    }
    stacked = np.stack([columns[name] for name in NAMES], axis=1)
    return np.clip(np.nan_to_num(stacked), -1.5, 1.5)


def _rate(successes: Array, tries: Array) -> Array:
    """A rate against everybody's, shrunk towards it while a clip is little known."""
    tries = np.maximum(tries, successes)
    mean = float(successes.sum() / max(tries.sum(), 1.0))
    return (successes + PRIOR * mean) / (tries + PRIOR) - mean


def _against_best(scores: Array) -> Array:
    best = float(scores.max(initial=0.0))
    return scores / best if best > 0 else scores


def _one_of(catalogue: Catalogue, people: frozenset[int]) -> Array:
    return np.array([float(item.creator in people) for item in catalogue.items])


def _one_of_ids(catalogue: Catalogue, ids: set[int]) -> Array:
    return np.array([float(item.id in ids) for item in catalogue.items])


def _creator(viewer: Viewer, catalogue: Catalogue) -> Array:
    welcome: dict[int, float] = defaultdict(float)
    for event in viewer.history:
        row = catalogue.index.get(event.item)
        if row is not None:
            welcome[catalogue.items[row].creator] += event.signal
    return np.array([np.tanh(welcome[item.creator] / 3.0) for item in catalogue.items])


def _topics(viewer: Viewer, catalogue: Catalogue) -> Array:
    welcome: dict[str, float] = defaultdict(float)
    for event in viewer.history:
        row = catalogue.index.get(event.item)
        for topic in catalogue.items[row].topics if row is not None else ():
            welcome[topic] += event.signal
    return np.array(
        [
            np.tanh(sum(welcome[topic] for topic in item.topics) / (2.0 * max(len(item.topics), 1) ** 0.5))
            for item in catalogue.items
        ]
    )
