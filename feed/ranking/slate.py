"""From scores to an order: who is next to whom, and a chance for what is new.

Greedy, from the top. Each place takes the best score after two published deductions; each fifth place is a
chance for what few have seen: by turns the best of what is younger than a day, the best of all such, and,
from the fifteenth place on, two that are drawn. The order is a function of the rows and the clock, so it can
be replayed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from feed.ranking import features, ranker, sources, steer
from feed.ranking.rows import Array, Catalogue, Item, Viewer
from feed.ranking.sources import KNOWN, LITTLE_SEEN, NEW

CREATOR_APART = 3  # the same creator again within three places costs
CREATOR_COST = 4.0
TOPIC_APART = 2
TOPIC_COST = 0.25
CHANCE_EVERY = 5
BY_SCORE = 2  # the first chances go to the best; of the later ones two of three are drawn


@dataclass(slots=True)  # made by the dozen while somebody waits, as `Event`
class Place:
    """One card of the slate, with what put it there; never changed."""

    item: int
    score: float
    contributions: dict[str, float]
    sources: tuple[str, ...]
    deduction: float = 0.0
    is_chance: bool = False
    # What its place depended on besides the score: creator, topics, chances and draw, AI-made.
    inputs: tuple[int, tuple[str, ...], float, bool] = (0, (), KNOWN, True)


def build(
    viewer: Viewer,
    catalogue: Catalogue,
    now: float,
    limit: int,
    shown: Collection[int] = (),
    weights: ranker.Weights = ranker.BUILT_IN,
    hidden: Collection[int] = (),
) -> list[Place]:
    """At most `limit` places, without the ids in `shown`; those count for the spacing of the first places.
    `hidden` are rows of the catalogue that are not for this viewer."""
    sought = max(100, limit + len(shown) + len(hidden))
    brought = sources.candidates(viewer, catalogue, now, sought)
    table = features.matrix(viewer, catalogue, now)
    steered = steer.contributions(viewer, catalogue)
    scores = ranker.score(table, weights) + steered.sum(axis=1)
    taken_away, gone = steer.taken_away(viewer, catalogue), set(shown)
    taken_away[list(hidden)] = True
    row_of = catalogue.index
    offered = [
        row_of[item] for item in dict.fromkeys(chain.from_iterable(brought.values())) if item not in gone
    ]
    rows = np.array(offered, np.int64)
    rows = rows[~taken_away[rows]]
    before = [row_of[item] for item in list(shown)[-CREATOR_APART:] if item in row_of]
    # The whole number says whether few saw it and whether it is new, the rest is its draw.
    chances = sources.chances_of(catalogue, now) + np.round(0.999 * sources.draws(viewer, catalogue, now), 4)
    worth = _worth_placing(rows, catalogue, scores, chances, limit)
    placed = list(_placed(viewer, catalogue, scores, chances, worth, before, limit, len(gone)))
    chosen = [row for row, _, _ in placed]
    parts = np.hstack([ranker.contributions(table[chosen], weights), steered[chosen]]).tolist()
    names = [*features.NAMES, *[rule.text for rule in viewer.rules]]
    by = _brought_by(brought, catalogue.ids(np.array(chosen, np.int64)))
    return [
        Place(
            item=item.id,
            score=float(scores[row]),
            contributions=dict(zip(names, part, strict=True)),
            sources=tuple(by[item.id]),
            deduction=deduction,
            is_chance=is_chance,
            inputs=_inputs(item, round(float(chances[row]), 4)),
        )
        for (row, deduction, is_chance), part in zip(placed, parts, strict=True)
        for item in [catalogue.items[row]]
    ]


def _brought_by(brought: dict[str, list[int]], items: list[int]) -> dict[int, list[str]]:
    """The sources that brought each of these items."""
    by: dict[int, list[str]] = {item: [] for item in items}
    for name, ids in brought.items():
        for item in by.keys() & ids:
            by[item].append(name)
    return by


def _inputs(item: Item, chances: float) -> tuple[int, tuple[str, ...], float, bool]:
    return item.creator, item.topics, chances, item.is_ai


def replay(places: Sequence[Place], ai_share: float | None = None) -> list[int]:
    """The order again, from what is kept of each place alone: scores, creators, topics, chances.

    A greedy order is its own proof: at each place the winner of all is the winner of those that were placed.
    """
    kept = sorted(places, key=lambda place: place.item)
    catalogue = Catalogue(
        [Item(p.item, p.inputs[0], 0.0, tuple(p.inputs[1]), is_ai=p.inputs[3]) for p in kept]
    )
    chances = np.array([float(place.inputs[2]) for place in kept])
    # Among equals the one that stood first stands first.
    at = {place.item: turn for turn, place in enumerate(places)}
    rows = np.array(sorted(range(len(kept)), key=lambda row: at[kept[row].item]), np.int64)
    scores = np.array([place.score for place in kept])
    viewer = Viewer(ai_share=ai_share)
    return [
        kept[row].item for row, _, _ in _placed(viewer, catalogue, scores, chances, rows, [], len(kept), 0)
    ]


def _worth_placing(
    rows: NDArray[np.int64], catalogue: Catalogue, scores: Array, chances: Array, limit: int
) -> NDArray[np.int64]:
    """The best by score, of the little seen and of the new: nothing else can win a place. Newest first, so
    that among equals the newer wins."""
    ranked = rows[np.argsort(-scores[rows], kind="stable")]
    little, new = (ranked[chances[ranked] >= least] for least in (LITTLE_SEEN, NEW))
    drawn = little[np.argsort(-_draw_of(chances[little]), kind="stable")]
    worth = np.unique(np.r_[ranked[: 6 * limit], little[:limit], new[:limit], drawn[:limit]])
    return worth[np.lexsort((-worth, -catalogue.column("published")[worth]))]


def _placed(
    viewer: Viewer,
    catalogue: Catalogue,
    scores: Array,
    chances: Array,
    rows: NDArray[np.int64],
    before: list[int],
    limit: int,
    place: int,
) -> Iterator[tuple[int, float, bool]]:
    """(row, deduction, is a chance) from the top; `before` are the rows that stand above the first place."""
    chances = chances[rows]
    free, own, chosen = np.ones(len(rows), bool), scores[rows], list(before)
    variety = _Variety(catalogue, rows)
    for row in before:
        variety.place(row)
    everything = viewer.ai_share is None
    for turn in range(place, place + min(limit, len(rows))):
        cost = variety.cost()
        pool = free if everything else steer.in_the_mix(viewer, catalogue, rows, free, chosen)
        is_chance, value = False, own
        if turn % CHANCE_EVERY == CHANCE_EVERY - 1:
            nth = turn // CHANCE_EVERY
            unknown = _unknown(pool, chances, nth)
            if unknown is not None:
                pool, is_chance = unknown, True
                value = _draw_of(chances) if nth >= BY_SCORE and nth % 3 else own
        left = value - cost
        left[~pool] = -np.inf
        best = int(left.argmax())
        free[best] = False
        chosen.append(int(rows[best]))
        variety.place(int(rows[best]))
        yield int(rows[best]), float(cost[best]), is_chance


def _unknown(pool: NDArray[np.bool_], chances: Array, nth: int) -> NDArray[np.bool_] | None:
    """What the nth chance is chosen among; None where it is nothing, or everything is little seen."""
    unknown = pool & (chances >= LITTLE_SEEN)
    if not unknown.any() or (chances[pool] >= LITTLE_SEEN).all():
        return None
    if nth % 3 == 0:
        new = unknown & (chances >= NEW)
        return new if new.any() else unknown
    if nth >= BY_SCORE:
        older = unknown & (chances < NEW)
        return older if older.any() else unknown
    return unknown


def _draw_of(chances: Array) -> Array:
    return chances - np.floor(chances)


class _Variety:
    """What each candidate loses to the places right above."""

    def __init__(self, catalogue: Catalogue, rows: NDArray[np.int64]) -> None:
        self.catalogue = catalogue
        self.creators, self.topics = catalogue.creators[rows], TOPIC_COST * catalogue.topic_table[rows]
        self.until = np.full(len(rows), -1)  # the last place at which its creator is still too near
        self.lately: list[Array] = []  # topics of the places above
        self.next = 0

    def place(self, row: int) -> None:
        """This row of the catalogue stands at the next place."""
        self.until[self.creators == self.catalogue.creators[row]] = self.next + CREATOR_APART
        self.lately = [*self.lately, self.catalogue.topic_table[row]][-TOPIC_APART:]
        self.next += 1

    def cost(self) -> Array:
        if not self.lately:
            return np.zeros(len(self.creators))
        shared = self.lately[0]
        for topics in self.lately[1:]:
            shared = np.maximum(shared, topics)
        return CREATOR_COST * (self.until >= self.next) + self.topics @ shared


def by_popularity(
    catalogue: Catalogue,
    now: float,
    limit: int,
    shown: Collection[int] = (),
    hidden: Collection[int] = (),
) -> list[Place]:
    """The order that is served when ranking fails: what many answered to lately, then the newest."""
    scores = sources.popularity(catalogue, now)
    order = np.lexsort((-catalogue.column("published"), -scores))
    gone, away = set(shown), set(hidden)
    rows = [row for row in order if catalogue.items[row].id not in gone and row not in away][:limit]
    return [
        Place(catalogue.items[row].id, float(scores[row]), {"popular": float(scores[row])}, ("popular",))
        for row in rows
    ]
