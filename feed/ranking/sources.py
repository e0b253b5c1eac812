"""Where candidates come from. Each source is `(viewer, catalogue, now, limit) -> ids`, best first.

To add one: write the function, name it in SOURCES, give it words in explain.py, test it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from feed.ranking.rows import Array, Catalogue, Viewer

DAY = 86_400.0
POPULAR_HALF_LIFE = 3 * DAY
CHANCE_IMPRESSIONS = 20  # fewer than this is "little seen"
KNOWN, LITTLE_SEEN, NEW = 0, 1, 2  # new: little seen and younger than a day

Source = Callable[[Viewer, Catalogue, float, int], list[int]]


def followed(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """Newest by people whom the viewer follows."""
    return _by_people(viewer.followed, catalogue, limit)


def circle(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """Newest by people whom the viewer lists as close."""
    return _by_people(viewer.circle, catalogue, limit)


def fresh(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """Newest of all."""
    return catalogue.ids(catalogue.newest[:limit])


def popular(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """What many answered to lately."""
    scores = popularity(catalogue, now)
    order = catalogue.once("popular order", now, lambda: np.lexsort((-catalogue.column("id"), -scores)))
    best = order[:limit]
    return catalogue.ids(best[scores[best] > 0])


def co_watched(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """A walk: my clips -> who else liked them -> what else they liked."""
    return _best(walk(viewer, catalogue), catalogue, limit)


def similar(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """Nearest in words to what the viewer welcomed."""
    return _best(np.maximum(similarity(viewer, catalogue), 0.0), catalogue, limit)


def onward(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """What people went on to after the clips that the viewer saw last."""
    return _best(leading_on(viewer, catalogue), catalogue, limit)


def exploration(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """What few have seen, drawn anew by the hour and by the viewer: older than a day first (`fresh` brings
    the newer), then the new, then by how few saw it."""
    chances = chances_of(catalogue, now)
    some = np.where(chances == KNOWN, 2.0 + catalogue.column("impressions"), chances)
    return catalogue.ids(np.lexsort((-draws(viewer, catalogue, now), some))[:limit])


def chances_of(catalogue: Catalogue, now: float) -> Array:
    """KNOWN, LITTLE_SEEN or NEW of each item; the same for all viewers."""

    def made() -> Array:
        little = catalogue.column("impressions") < CHANCE_IMPRESSIONS
        new = little & (now - catalogue.column("published") < DAY)
        return little.astype(np.float64) + new.astype(np.float64)

    return catalogue.once("chances", now, made)


def draws(viewer: Viewer, catalogue: Catalogue, now: float) -> Array:
    """A draw of 0 to 1 for each item: the same for a viewer, an item and an hour (splitmix64: Steele, Lea,
    Flood 2014, a hash instead of a generator that would cost more than all else here)."""

    def made() -> Array:
        hour = int(now // 3600)
        mixed = catalogue.column("id").astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= np.uint64((viewer.id * 0xD1B54A32D192ED03 + hour * 0x8CB92BA72F3D8DD7) % 2**64)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        return np.asarray((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11), np.float64) / 2**53

    return viewer.once("draws", catalogue, made)


SOURCES: dict[str, Source] = {
    "followed": followed,
    "circle": circle,
    "fresh": fresh,
    "popular": popular,
    "co_watched": co_watched,
    "similar": similar,
    "onward": onward,
    "exploration": exploration,
}


def candidates(viewer: Viewer, catalogue: Catalogue, now: float, limit: int = 100) -> dict[int, list[str]]:
    """Every candidate's id with the names of the sources that brought it, in a steady order."""
    brought: dict[int, list[str]] = {}
    for name, source in SOURCES.items():
        for item in source(viewer, catalogue, now, limit):
            brought.setdefault(item, []).append(name)
    return brought


def popularity(catalogue: Catalogue, now: float) -> Array:
    """Answers, a comment counting two and a remix three, halved every three days; shape (items,)."""
    return catalogue.once("popularity", now, lambda: _popularity(catalogue, now))


def _popularity(catalogue: Catalogue, now: float) -> Array:
    answers = catalogue.column("likes") + 2 * catalogue.column("comments") + 3 * catalogue.column("remixes")
    age = np.maximum(now - catalogue.column("published"), 0.0)
    return (answers + 0.5 * catalogue.column("watched")) * 0.5 ** (age / POPULAR_HALF_LIFE)


def walk(viewer: Viewer, catalogue: Catalogue) -> Array:
    """Three steps from the viewer over the log (RP3beta: Christoffel et al. 2015), shape (items,)."""
    return viewer.once("walk", catalogue, lambda: _walk(viewer, catalogue))


def _walk(viewer: Viewer, catalogue: Catalogue, beta: float = 0.4) -> Array:
    scores = np.zeros(len(catalogue.items))
    mine = {event.item: event.signal for event in viewer.history if event.signal > 0}
    if not mine:
        return scores
    graph = catalogue.graph
    others = graph.people[graph.fan] != viewer.id
    fans = np.bincount(graph.item, others, len(graph.numbers))
    tastes = np.bincount(graph.fan, others, len(graph.people))
    weights = np.zeros(len(graph.numbers))
    known = [item for item in mine if item in graph.numbers]
    weights[[graph.numbers[item] for item in known]] = [mine[item] for item in known]
    steps = others * weights[graph.item] / np.maximum(fans[graph.item] * tastes[graph.fan], 1.0)
    weight_of_fan = np.bincount(graph.fan, steps, len(graph.people))
    reached = np.bincount(graph.item, others * weight_of_fan[graph.fan], len(graph.numbers))
    reached[[graph.numbers[item] for item in known]] = 0.0
    return (reached / np.maximum(fans, 1.0) ** beta)[: len(catalogue.items)]


def similarity(viewer: Viewer, catalogue: Catalogue) -> Array:
    """Cosine with the mean vector of what the viewer welcomed, minus half of what was refused; shape
    (items,).
    """
    return viewer.once("similarity", catalogue, lambda: _similarity(viewer, catalogue))


def _similarity(viewer: Viewer, catalogue: Catalogue) -> Array:
    met = [(catalogue.index.get(event.item, -1), event.signal) for event in viewer.history[-200:]]
    met = [(row, signal) for row, signal in met if row >= 0 and catalogue.has_vector[row]]
    if not met:
        return np.zeros(len(catalogue.items))
    signals = np.array([signal if signal > 0 else 0.5 * signal for _, signal in met])
    taste = signals @ catalogue.vectors[[row for row, _ in met]]
    norm = float(np.linalg.norm(taste))
    return catalogue.vectors @ taste / norm if norm else np.zeros(len(catalogue.items))


def leading_on(viewer: Viewer, catalogue: Catalogue) -> Array:
    """How much the viewer's last clips, fading, lead on to each item; shape (items,)."""
    return viewer.once("leading on", catalogue, lambda: _leading_on(viewer, catalogue))


def _leading_on(viewer: Viewer, catalogue: Catalogue, decay: float = 0.85, window: int = 20) -> Array:
    scores = np.zeros(len(catalogue.items))
    ids, rows, weights = catalogue.leads
    if not ids.size:
        return scores
    for back, event in enumerate(reversed(viewer.history[-window:])):
        begin, end = np.searchsorted(ids, [event.item, event.item + 1])
        np.add.at(scores, rows[begin:end], weights[begin:end] * decay**back)
    return np.maximum(scores, 0.0)


def _by_people(people: frozenset[int], catalogue: Catalogue, limit: int) -> list[int]:
    if not people:
        return []
    theirs = np.isin(catalogue.creators[catalogue.newest], list(people))
    return catalogue.ids(catalogue.newest[theirs][:limit])


def _best(scores: Array, catalogue: Catalogue, limit: int) -> list[int]:
    """The highest scores above zero; among equals the newer id."""
    if not scores.any():
        return []
    order = np.lexsort((-catalogue.column("id"), -scores))
    best = order[:limit]
    return catalogue.ids(best[scores[best] > 0])
