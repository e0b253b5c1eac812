"""The score: published weights times features. Nothing else moves a clip up or down.

The weights are few and readable on purpose: "why this" shows their products, and they add up to the score.
The built-in ones serve a host that has learnt none of its own yet (`learning.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from feed.ranking.features import NAMES
from feed.ranking.rows import Array

VERSION = "2026-11-26.2"
STRONGEST = 4.0  # no weight that is learnt or tried out counts more

WEIGHTS: dict[str, float] = {
    "popular": 0.7,
    "finished": 4.0,
    "liked_rate": 0.7,
    "fresh": 0.1,
    "followed": 0.4,
    "circle": 0.6,
    "creator": 0.25,
    "topics": 0.7,
    "similar": 0.4,
    "co_watched": 0.3,
    "onward": 0.4,
    "little_seen": -0.4,
    "seen": -8.0,
}


@dataclass(frozen=True)
class Weights:
    """A published set. A name that a set from another version lacks counts nothing."""

    version: str = VERSION
    values: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)

    @cached_property
    def vector(self) -> Array:
        return np.array([self.values.get(name, 0.0) for name in NAMES])


BUILT_IN = Weights()


def contributions(features: Array, weights: Weights = BUILT_IN) -> Array:
    """What each feature adds to each score: shape (items, len(NAMES)); rows sum to `score`."""
    return features * weights.vector


def score(features: Array, weights: Weights = BUILT_IN) -> Array:
    """Shape (items,)."""
    return features @ weights.vector
