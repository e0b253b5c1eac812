"""Linear models with a closed form: EASE over what people met, and Onward over the order in which they met
it.

EASE (Steck 2019): B = argmin |X - XB|² + λ|B|² with an empty diagonal. Onward: the ridge regression from
the fading memory of the items so far to the next item; the idea of SLIST (Choi et al. 2021) for whole
histories.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg, sparse

from feed.ranking.log import Floats, Log, Rows
from feed.ranking.recommenders.base import latest

MOST_ITEMS = 8000  # the most met; a dense square of them is 256 MB and a minute on two cores


def frequent(met: sparse.csr_matrix, most: int = MOST_ITEMS) -> np.ndarray:
    """The columns with most entries, in their own order."""
    reach = np.diff(met.tocsc().indptr)
    return np.sort(np.argsort(-reach, kind="stable")[:most])


class Ease:
    """EASE whose ridge grows with how often an item was met (the dropout of EDLAE, Steck 2020)."""

    name = "ease"

    def __init__(self, ridge: float = 100.0, dropout: float = 0.3) -> None:
        self.ridge, self.dropout = ridge, dropout

    def fit(self, log: Log, seed: int) -> None:
        met = latest(log).matrix().copy()
        met.data[:] = 1.0
        self.columns = frequent(met)
        part = met[:, self.columns]
        gram = np.asarray((part.T @ part).todense(), np.float32)
        odds = self.dropout / (1.0 - self.dropout)
        gram[np.diag_indices_from(gram)] += self.ridge + odds * np.diag(gram)
        inverse = linalg.inv(gram, overwrite_a=True, check_finite=False)
        self.weights = (-inverse / np.diag(inverse)[None, :]).astype(np.float32)
        np.fill_diagonal(self.weights, 0.0)

    again = fit

    def scores(self, log: Log, people: Rows) -> Floats:
        found = np.zeros((len(people), log.shape[1]), np.float32)
        found[:, self.columns] = log.matrix()[people][:, self.columns] @ self.weights
        return found


class Onward:
    """From the last items, fading by `decay` a step, to the next one."""

    name = "onward"

    def __init__(
        self, ridge: float = 30.0, decay: float = 0.85, window: int = 20, most: int = MOST_ITEMS
    ) -> None:
        self.ridge, self.decay, self.window, self.most = ridge, decay, window, most

    def fit(self, log: Log, seed: int) -> None:
        log = latest(log)
        self.columns = frequent(log.met(), self.most)
        memory, following = self._pairs(log)
        gram = np.asarray((memory.T @ memory).todense(), np.float32)
        cross = np.asarray((memory.T @ following).todense(), np.float32)
        gram[np.diag_indices_from(gram)] += self.ridge
        self.weights = linalg.solve(gram, cross, assume_a="pos", overwrite_a=True, check_finite=False)
        popularity = np.maximum(np.asarray(following.sum(axis=0)).ravel(), 1.0)
        self.weights = (self.weights / popularity[None, :] ** 0.2).astype(np.float32)

    again = fit

    def scores(self, log: Log, people: Rows) -> Floats:
        found = np.zeros((len(people), log.shape[1]), np.float32)
        found[:, self.columns] = self._memory_now(log, people)[:, self.columns] @ self.weights
        return found

    def _pairs(self, log: Log) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """One row for each event that has one before it: the memory before, and the event's item."""
        rows, columns, values = [], [], []
        for back in range(1, self.window + 1):
            same = log.person[back:] == log.person[:-back]
            rows.append(np.flatnonzero(same) + back)
            columns.append(log.item[:-back][same])
            values.append(np.full(int(same.sum()), self.decay ** (back - 1), np.float32))
        shape = (log.size, log.shape[1])
        memory = sparse.csr_matrix(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape
        )
        wanted = np.flatnonzero(log.welcome() > 0)
        following = sparse.csr_matrix(
            (np.ones(len(wanted), np.float32), (wanted, log.item[wanted])), shape=shape
        )
        return memory[:, self.columns], following[:, self.columns]

    def _memory_now(self, log: Log, people: Rows) -> sparse.csr_matrix:
        starts = log.starts
        rows, columns, values = [], [], []
        for row, one in enumerate(people):
            last = log.item[max(starts[one], starts[one + 1] - self.window) : starts[one + 1]][::-1]
            rows.append(np.full(len(last), row))
            columns.append(last)
            values.append(self.decay ** np.arange(len(last)))
        shape = (len(people), log.shape[1])
        if not rows:
            return sparse.csr_matrix(shape, dtype=np.float32)
        return sparse.csr_matrix(
            (np.concatenate(values).astype(np.float32), (np.concatenate(rows), np.concatenate(columns))),
            shape=shape,
        )
