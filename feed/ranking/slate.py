"""From scores to an order: who is next to whom, and a chance for what is new.

Greedy, from the top. Each place takes the best score after two published deductions; each fifth place goes
to the
best clip that few have seen. The order is a function of the rows and the clock, so it can be replayed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from feed.ranking import features, ranker, sources, steer
from feed.ranking.rows import Array, Catalogue, Viewer

CREATOR_APART = 3  # the same creator again within three places costs
CREATOR_COST = 2.0
TOPIC_APART = 2
TOPIC_COST = 0.25
CHANCE_EVERY = 5
CHANCE_IMPRESSIONS = 20  # fewer than this is "little seen"


@dataclass(frozen=True)
class Place:
    """One card of the slate, with what put it there."""

    item: int
    score: float
    contributions: dict[str, float]
    sources: tuple[str, ...]
    deduction: float = 0.0
    is_chance: bool = False


def build(
    viewer: Viewer, catalogue: Catalogue, now: float, limit: int, shown: Collection[int] = ()
) -> list[Place]:
    """At most `limit` places, without the ids in `shown`; those count for the spacing of the first places."""
    brought = sources.candidates(viewer, catalogue, now)
    table = features.matrix(viewer, catalogue, now)
    steered = steer.contributions(viewer, catalogue)
    scores = ranker.score(table) + steered.sum(axis=1)
    parts = ranker.contributions(table)
    taken_away = steer.taken_away(viewer, catalogue)
    wanted = [item for item in brought if item not in set(shown)]
    open_rows = _worth_placing(
        [row for row in map(catalogue.index.__getitem__, wanted) if not taken_away[row]],
        catalogue,
        scores,
        limit,
    )
    chosen: list[int] = [
        catalogue.index[item] for item in list(shown)[-CREATOR_APART:] if item in catalogue.index
    ]
    places: list[Place] = []
    while open_rows and len(places) < limit:
        pool = steer.in_the_mix(viewer, catalogue, open_rows, chosen)
        row, deduction, is_chance = _next(pool, chosen, catalogue, scores, len(shown) + len(places))
        open_rows.remove(row)
        chosen.append(row)
        item = catalogue.items[row].id
        places.append(
            Place(
                item=item,
                score=float(scores[row]),
                contributions={
                    **dict(zip(features.NAMES, parts[row].tolist(), strict=True)),
                    **dict(zip((rule.text for rule in viewer.rules), steered[row].tolist(), strict=True)),
                },
                sources=tuple(brought[item]),
                deduction=deduction,
                is_chance=is_chance,
            )
        )
    return places


def _worth_placing(rows: list[int], catalogue: Catalogue, scores: Array, limit: int) -> list[int]:
    """The best by score and the best of the little seen: nothing else can win a place."""
    ranked = sorted(rows, key=lambda row: -scores[row])
    little = [row for row in ranked if catalogue.items[row].impressions < CHANCE_IMPRESSIONS]
    return list(dict.fromkeys([*ranked[: 6 * limit], *little[:limit]]))


def _next(
    open_rows: list[int], chosen: list[int], catalogue: Catalogue, scores: Array, place: int
) -> tuple[int, float, bool]:
    costs = {row: _cost(row, chosen, catalogue) for row in open_rows}
    pool, is_chance = open_rows, False
    if place % CHANCE_EVERY == CHANCE_EVERY - 1:
        little = [row for row in open_rows if catalogue.items[row].impressions < CHANCE_IMPRESSIONS]
        if little and len(little) < len(open_rows):
            pool, is_chance = little, True
    best = max(pool, key=lambda row: (scores[row] - costs[row], catalogue.items[row].published, row))
    return best, costs[best], is_chance


def _cost(row: int, chosen: list[int], catalogue: Catalogue) -> float:
    item = catalogue.items[row]
    cost = 0.0
    if any(catalogue.items[other].creator == item.creator for other in chosen[-CREATOR_APART:]):
        cost += CREATOR_COST
    shared = {topic for other in chosen[-TOPIC_APART:] for topic in catalogue.items[other].topics}
    return cost + TOPIC_COST * len(shared.intersection(item.topics))


def by_popularity(catalogue: Catalogue, now: float, limit: int, shown: Collection[int] = ()) -> list[Place]:
    """The order that is served when ranking fails: what many answered to lately, then the newest."""
    scores = sources.popularity(catalogue, now)
    order = np.lexsort((-catalogue.column("published"), -scores))
    rows = [row for row in order if catalogue.items[row].id not in set(shown)][:limit]
    return [
        Place(catalogue.items[row].id, float(scores[row]), {"popular": float(scores[row])}, ("popular",))
        for row in rows
    ]
