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
    if not nevers:
        return np.zeros(len(catalogue.items), bool)
    return np.array([any(_about(rule, item, viewer) for rule in nevers) for item in catalogue.items], bool)


def in_the_mix(
    viewer: Viewer,
    catalogue: Catalogue,
    rows: NDArray[np.int64],
    free: NDArray[np.bool_],
    chosen: Sequence[int],
) -> NDArray[np.bool_]:
    """Which of `rows` the next place is chosen among, so that the share of AI-made clips nears the wanted
    one; a mask as `free`, which is what is left.
    """
    if viewer.ai_share is None:
        return free
    is_ai = catalogue.column("is_ai")
    made = float(is_ai[list(chosen)].sum()) if chosen else 0.0
    want_ai = made + 0.5 <= viewer.ai_share * (len(chosen) + 1)
    pool = free & ((is_ai[rows] > 0) == want_ai)
    return pool if pool.any() else free


def _about(rule: Rule, item: Item, viewer: Viewer) -> bool:
    return applies(
        rule,
        topics=item.topics,
        words=item.words,
        is_known=item.creator in viewer.followed or item.creator in viewer.circle,
        is_little=item.impressions < LITTLE_SEEN,
        is_ai=item.is_ai,
    )
