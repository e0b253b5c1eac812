"""The viewer's own rules in the slate: terms of the score, and what is taken away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from feed.ranking.rows import Array, Catalogue, Item, Viewer
from feed.steering import NEVER, Rule, applies

LITTLE_SEEN = 20  # impressions; the slate's own number


def contributions(viewer: Viewer, catalogue: Catalogue) -> Array:
    """What each rule adds to each score; shape (items, rules)."""
    table = np.zeros((len(catalogue.items), len(viewer.rules)))
    for column, rule in enumerate(viewer.rules):
        for row, item in enumerate(catalogue.items):
            if _about(rule, item, viewer):
                table[row, column] = rule.amount
    return table


def taken_away(viewer: Viewer, catalogue: Catalogue) -> NDArray[np.bool_]:
    """Which items a rule of "never" names; shape (items,)."""
    nevers = [rule for rule in viewer.rules if rule.amount <= NEVER]
    return np.array([any(_about(rule, item, viewer) for rule in nevers) for item in catalogue.items], bool)


def in_the_mix(viewer: Viewer, catalogue: Catalogue, rows: list[int], chosen: Sequence[int]) -> list[int]:
    """The rows among which the next place is chosen so that the share of AI-made clips nears the wanted
    one.
    """
    if viewer.ai_share is None:
        return rows
    made = sum(catalogue.items[row].is_ai for row in chosen)
    want_ai = made + 0.5 <= viewer.ai_share * (len(chosen) + 1)
    pool = [row for row in rows if catalogue.items[row].is_ai == want_ai]
    return pool or rows


def _about(rule: Rule, item: Item, viewer: Viewer) -> bool:
    return applies(
        rule,
        topics=item.topics,
        words=item.words,
        is_known=item.creator in viewer.followed or item.creator in viewer.circle,
        is_little=item.impressions < LITTLE_SEEN,
        is_ai=item.is_ai,
    )
