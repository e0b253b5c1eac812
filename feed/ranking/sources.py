"""Where candidates come from. Each source is `(viewer, catalogue, now, limit) -> ids`, best first.

To add one: write the function, name it in SOURCES, give it words in explain.py, test it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from feed.ranking.rows import Array, Catalogue, Item, Viewer

DAY = 86_400.0
POPULAR_HALF_LIFE = 3 * DAY

Source = Callable[[Viewer, Catalogue, float, int], list[int]]


def followed(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """Newest by people whom the viewer follows."""
    return _newest([item for item in catalogue.items if item.creator in viewer.followed], limit)


def circle(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """Newest by people whom the viewer lists as close."""
    return _newest([item for item in catalogue.items if item.creator in viewer.circle], limit)


def fresh(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """Newest of all."""
    return _newest(list(catalogue.items), limit)


def popular(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """What many answered to lately."""
    return _best(popularity(catalogue, now), catalogue, limit)


def co_watched(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """A walk: my clips -> who else liked them -> what else they liked."""
    return _best(walk(viewer, catalogue), catalogue, limit)


def similar(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """Nearest in words to what the viewer welcomed."""
    return _best(np.maximum(similarity(viewer, catalogue), 0.0), catalogue, limit)


def exploration(viewer: Viewer, catalogue: Catalogue, now: float, limit: int) -> list[int]:
    """Least seen of all; the draw among equals changes by the hour and by the viewer."""
    draw = np.random.default_rng([viewer.id, int(now // 3600)]).random(len(catalogue.items))
    order = np.lexsort((draw, catalogue.column("impressions")))
    return catalogue.ids(order[:limit])


SOURCES: dict[str, Source] = {
    "followed": followed,
    "circle": circle,
    "fresh": fresh,
    "popular": popular,
    "co_watched": co_watched,
    "similar": similar,
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
    answers = catalogue.column("likes") + 2 * catalogue.column("comments") + 3 * catalogue.column("remixes")
    age = np.maximum(now - catalogue.column("published"), 0.0)
    return (answers + 0.5 * catalogue.column("watched")) * 0.5 ** (age / POPULAR_HALF_LIFE)


def walk(viewer: Viewer, catalogue: Catalogue, beta: float = 0.4) -> Array:
    """Three steps from the viewer over the log (RP3beta: Christoffel et al. 2015), shape (items,)."""
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
    scores = np.zeros(len(catalogue.items))
    taste = np.zeros(0)
    for event in viewer.history[-200:]:
        row = catalogue.index.get(event.item)
        vector = catalogue.items[row].vector if row is not None else None
        if vector is not None:
            taste = taste if taste.size else np.zeros_like(vector)
            taste = taste + (event.signal if event.signal > 0 else 0.5 * event.signal) * vector
    norm = float(np.linalg.norm(taste)) if taste.size else 0.0
    if norm == 0.0:
        return scores
    return catalogue.vectors @ taste / norm


def _newest(items: list[Item], limit: int) -> list[int]:
    return [item.id for item in sorted(items, key=lambda item: (-item.published, -item.id))[:limit]]


def _best(scores: Array, catalogue: Catalogue, limit: int) -> list[int]:
    """The highest scores above zero; among equals the newer id."""
    order = np.lexsort((-catalogue.column("id"), -scores))
    return catalogue.ids(row for row in order[:limit] if scores[row] > 0)
