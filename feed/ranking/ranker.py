"""The score: published weights times features. Nothing else moves a clip up or down.

The weights are few and readable on purpose: "why this" shows their products, and they add up to the score.
"""

from __future__ import annotations

import numpy as np

from feed.ranking.features import NAMES
from feed.ranking.rows import Array

VERSION = "2026-11-22"

WEIGHTS: dict[str, float] = {
    "popular": 1.0,
    "finished": 1.2,
    "liked_rate": 0.8,
    "fresh": 0.7,
    "followed": 0.8,
    "circle": 1.0,
    "creator": 1.0,
    "topics": 0.9,
    "similar": 0.6,
    "co_watched": 1.0,
    "little_seen": 0.35,
    "seen": -2.5,
}

_VECTOR = np.array([WEIGHTS[name] for name in NAMES])


def contributions(features: Array) -> Array:
    """What each feature adds to each score: shape (items, len(NAMES)); rows sum to `score`."""
    return features * _VECTOR


def score(features: Array) -> Array:
    """Shape (items,)."""
    return contributions(features).sum(axis=1)
