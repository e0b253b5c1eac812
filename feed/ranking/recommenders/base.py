"""The shape of a recommender, and arithmetic that several of them need."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from feed.ranking.log import Floats, Log, Rows

MOST_EVENTS = 400  # of one person: the latest; more say little new and cost the square


class Recommender(Protocol):
    """Learns once from a log; then scores by that log or a longer one of the same people and items."""

    name: str

    def fit(self, log: Log, seed: int) -> None: ...

    def again(self, log: Log, seed: int) -> None:
        """Learn from the log with what was held out of the first one: the settings stay."""

    def scores(self, log: Log, people: Rows) -> Floats:
        """Shape (people, items): higher is more likely next; any scale."""


def latest(log: Log, most: int = MOST_EVENTS) -> Log:
    """The log with only the latest `most` events of each person."""
    from_the_end = log.starts[1:][log.person] - np.arange(log.size)
    return log if not log.size or from_the_end.max() <= most else log.only(from_the_end <= most)


def standard(scores: Floats) -> Floats:
    """Each row with mean 0 and deviation 1; a row that tells nothing becomes zeros."""
    centred = scores - scores.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    return np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-9).astype(np.float32)


def best(scores: Floats, k: int) -> NDArray[np.int64]:
    """The `k` best columns of each row, best first; among equals the lower column. Shape (rows, k)."""
    k = min(k, scores.shape[1])
    steady = scores - np.arange(scores.shape[1], dtype=np.float32) * np.float32(1e-12)
    top = np.argpartition(-steady, k - 1, axis=1)[:, :k] if k < scores.shape[1] else None
    if top is None:
        return np.argsort(-steady, axis=1, kind="stable")
    top.sort(axis=1)
    return np.take_along_axis(
        top, np.argsort(-np.take_along_axis(steady, top, axis=1), axis=1, kind="stable"), axis=1
    )
