"""Where candidates come from. Each source is `(viewer, catalogue, now, limit) -> ids`, best first.

To add one: write the function, name it in SOURCES, give it words in explain.py, test it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from feed.ranking.rows import Array, Catalogue, Viewer

DAY = 86_400.0
POPULAR_HALF_LIFE = 3 * DAY
CHANCE_IMPRESSIONS = 20  # fewer than this is "little seen"
KNOWN, LITTLE_SEEN, NEW = 0, 1, 2  # new: little seen and younger than a day

Source = Callable[[Viewer, Catalogue, float, int], list[int]]


def followed(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """Newest by people whom the viewer follows."""
    return _by_people(viewer.followed, viewer, catalogue, limit)


def circle(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """Newest by people whom the viewer lists as close."""
    return _by_people(viewer.circle, viewer, catalogue, limit)


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

    def made() -> Array:
        chances = chances_of(catalogue, now)
        return np.where(chances == KNOWN, 2.0 + catalogue.column("impressions"), chances)

    # Whole numbers less a draw below 1: by the number, and within one by the draw.
    order = catalogue.once("explored", now, made) - draws(viewer, catalogue, now)
    best = np.argpartition(order, limit)[:limit] if limit < len(order) else np.arange(len(order))
    return catalogue.ids(best[np.argsort(order[best])])


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


def candidates(viewer: Viewer, catalogue: Catalogue, now: float, limit: int = 100) -> dict[str, list[int]]:
    """The ids that each source brings."""
    return {name: source(viewer, catalogue, now, limit) for name, source in SOURCES.items()}


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
    count, graph = len(catalogue.items), catalogue.graph
    signals = viewer.met(catalogue)[1].tolist()
    number = graph.numbers.get
    mine = {
        number(event.item, -1): signal
        for event, signal in zip(viewer.history, signals, strict=True)
        if signal > 0
    }
    mine.pop(-1, None)
    if not mine:
        return np.zeros(count)
    known, weights = np.array(list(mine), np.int64), np.array(list(mine.values()))
    me = int(np.searchsorted(graph.people, viewer.id))
    is_there = me < len(graph.people) and graph.people[me] == viewer.id
    fans = graph.fans.sizes.astype(np.float64)  # without the viewer's own answers
    if is_there:
        np.subtract.at(fans, graph.tastes.at(np.array([me]))[1], 1.0)
    at, fan = graph.fans.at(known)
    steps = weights[at] / np.maximum(fans[known][at] * graph.tastes.sizes[fan], 1.0)
    weight_of_fan = np.bincount(fan, steps, len(graph.people))
    if is_there:
        weight_of_fan[me] = 0.0
    reached_fans = np.flatnonzero(weight_of_fan)
    at, item = graph.tastes.at(reached_fans)
    reached = np.bincount(item, weight_of_fan[reached_fans][at], len(graph.numbers))
    reached[known] = 0.0
    return reached[:count] / np.maximum(fans[:count], 1.0) ** beta


def similarity(viewer: Viewer, catalogue: Catalogue) -> Array:
    """Cosine with the mean vector of what the viewer welcomed, minus half of what was refused; shape
    (items,).
    """
    return viewer.once("similarity", catalogue, lambda: _similarity(viewer, catalogue))


def _similarity(viewer: Viewer, catalogue: Catalogue) -> Array:
    rows, signals = (of_each[-200:] for of_each in viewer.met(catalogue))
    told = (rows >= 0) & catalogue.has_vector[rows] if len(catalogue.items) else rows >= 0
    if not told.any():
        return np.zeros(len(catalogue.items))
    signals = signals[told]
    taste = np.where(signals > 0, signals, 0.5 * signals).astype(np.float32) @ catalogue.vectors[rows[told]]
    norm = float(np.linalg.norm(taste))
    return (catalogue.vectors @ (taste / norm)).astype(np.float64) if norm else np.zeros(len(catalogue.items))


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


def by_one_of(people: frozenset[int], viewer: Viewer, catalogue: Catalogue) -> NDArray[np.bool_]:
    """Which items are by one of these people; shape (items,)."""
    name = "followed" if people is viewer.followed else "circle"

    def made() -> NDArray[np.bool_]:
        known = np.array(sorted(people), np.int64)
        place = np.minimum(np.searchsorted(known, catalogue.creators), len(known) - 1)
        return np.asarray(known[place] == catalogue.creators)

    return viewer.once(name, catalogue, made)


def _by_people(people: frozenset[int], viewer: Viewer, catalogue: Catalogue, limit: int) -> list[int]:
    if not people:
        return []
    theirs = by_one_of(people, viewer, catalogue)[catalogue.newest]
    return catalogue.ids(catalogue.newest[theirs][:limit])


def _best(scores: Array, catalogue: Catalogue, limit: int) -> list[int]:
    """The highest scores above zero; among equals the newer id."""
    some = np.flatnonzero(scores > 0)
    if len(some) > limit:
        at = len(some) - limit
        some = some[scores[some] >= np.partition(scores[some], at)[at]]
    return catalogue.ids(some[np.lexsort((-catalogue.column("id")[some], -scores[some]))][:limit])
