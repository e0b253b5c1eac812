"""Matrix factors for implicit answers: iALS (Hu et al. 2008; settings after Rendle et al. 2022)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from feed.ranking.log import Floats, Log, Rows

BATCH = 2048


class Factors:
    name = "factors"

    def __init__(
        self, dimensions: int = 64, unseen: float = 0.1, ridge: float = 0.003, sweeps: int = 8
    ) -> None:
        self.dimensions, self.unseen, self.ridge, self.sweeps = dimensions, unseen, ridge, sweeps

    def fit(self, log: Log, seed: int) -> None:
        met = log.matrix()
        self.items = _start(met.shape[1], self.dimensions, seed)
        self._sweep(met, self.sweeps)

    def again(self, log: Log, seed: int) -> None:
        """Two more sweeps from where the first fit ended."""
        self._sweep(log.matrix(), 2)

    def _sweep(self, met: sparse.csr_matrix, sweeps: int) -> None:
        back = met.T.tocsr()
        for _ in range(sweeps):
            people = self._solve(met, self.items)
            self.items = self._solve(back, people)

    def vectors(self, log: Log, people: Rows) -> Floats:
        """The people's factors given the items': what folding in a new action means. Shape (people,
        dimensions).
        """
        return self._solve(log.matrix()[people], self.items)

    def scores(self, log: Log, people: Rows) -> Floats:
        return self.vectors(log, people) @ self.items.T

    def _solve(self, met: sparse.csr_matrix, other: Floats) -> Floats:
        """Each row's least squares."""
        common = self.unseen * (other.T @ other)
        solved = np.zeros((met.shape[0], self.dimensions), np.float32)
        for rows, vectors, values in padded(met, other):
            left = np.matmul(vectors.transpose(0, 2, 1), vectors) + common
            lengths = np.diff(met.indptr)[rows]
            ridge = self.ridge * (lengths + self.unseen * len(other)) + 1e-4
            left[:, np.arange(self.dimensions), np.arange(self.dimensions)] += ridge[:, None]
            confidence = (values > 0) + values
            right = np.matmul(vectors.transpose(0, 2, 1), confidence[:, :, None])
            solved[rows] = np.linalg.solve(left, right)[:, :, 0]
        return solved


def padded(met: sparse.csr_matrix, other: Floats) -> Iterator[tuple[NDArray[np.int64], Floats, Floats]]:
    """Batches of rows of like length: (rows, vectors B L D of their columns, values B L), noughts behind
    the end.
    """
    lengths = np.diff(met.indptr)
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    at = 0
    while at < len(order):
        width = int(lengths[order[min(at + BATCH, len(order)) - 1]])
        rows = order[at : at + max(1, min(BATCH, 4_000_000 // max(width * other.shape[1], 1)))]
        place = np.arange(int(lengths[rows].max()))[None, :]
        real = place < lengths[rows][:, None]
        place = np.minimum(met.indptr[rows][:, None] + place, met.nnz - 1)
        yield rows, other[met.indices[place]] * real[:, :, None], met.data[place] * real
        at += len(rows)


def _start(count: int, dimensions: int, seed: int) -> Floats:
    draw = np.random.default_rng([seed, 17])
    return (draw.standard_normal((count, dimensions)) * 0.1 / dimensions**0.5).astype(np.float32)
