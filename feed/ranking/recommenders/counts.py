"""Popularity, the baseline that nothing may fall below: over all time, and around the moment of the
viewer.
"""

from __future__ import annotations

import numpy as np

from feed.ranking.log import Floats, Log, Rows

BINS = 128


class Popular:
    """Log of how often an item was welcome, over all time."""

    name = "popular"

    def fit(self, log: Log, seed: int) -> None:
        weights = np.maximum(log.welcome(), 0.0)
        self.counts = np.log1p(np.bincount(log.item, weights, log.shape[1])).astype(np.float32)

    again = fit

    def scores(self, log: Log, people: Rows) -> Floats:
        return np.tile(self.counts, (len(people), 1))


class Recent:
    """The same, weighing what was met near the viewer's last moment: time runs in bins of equally many
    events.

    Nearness halves every `half_life` bins in both directions, as a log of the past has both; the live path
    asks at the end of the log, where only one is left. With the past alone it was no better where the last
    event of each was to be told, nor where all after one moment was.
    """

    name = "recent"

    def __init__(self, half_life: float = 2.0) -> None:
        self.half_life = half_life

    def fit(self, log: Log, seed: int) -> None:
        bins = min(BINS, max(1, log.size // 50))
        self.edges = np.quantile(log.at, np.linspace(0, 1, bins + 1)[1:-1]) if log.size else np.zeros(0)
        counts = np.zeros((len(self.edges) + 1, log.shape[1]))
        np.add.at(counts, (self._bin(log.at), log.item), np.maximum(log.welcome(), 0.0))
        apart = np.abs(np.subtract.outer(np.arange(len(counts)), np.arange(len(counts))))
        near = 0.5 ** (apart / self.half_life) @ counts
        self.counts = np.log1p(near + 0.05 * counts.sum(axis=0)).astype(np.float32)

    again = fit

    def scores(self, log: Log, people: Rows) -> Floats:
        ends = log.starts[people + 1]
        last = np.full(len(people), np.inf) if log.asked is None else log.asked[people]
        has_any = ends > log.starts[people]
        last[has_any] = log.at[ends[has_any] - 1]
        return self.counts[self._bin(last)]

    def _bin(self, at: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.edges, at, side="right")
