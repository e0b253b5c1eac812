"""Factors of what is left of an answer after the means of person and item: explicit alternating least
squares.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from feed.ranking.log import Floats, Rows
from feed.ranking.recommenders.factors import padded

DIMENSIONS = 16
SWEEPS = 6


class Residual:
    def __init__(self, ridge: float = 4.0, seed: int = 0) -> None:
        self.ridge, self.seed = ridge, seed

    def fit(self, person: Rows, item: Rows, rest: Floats, shape: tuple[int, int]) -> Residual:
        table = sparse.csr_matrix((rest, (person, item)), shape=shape, dtype=np.float32)
        back = table.T.tocsr()
        draw = np.random.default_rng([self.seed, 23])
        self.items = (draw.standard_normal((shape[1], DIMENSIONS)) * 0.3).astype(np.float32)
        self.people = np.zeros((shape[0], DIMENSIONS), np.float32)
        for _ in range(SWEEPS):
            self.people = self._solve(table, self.items)
            self.items = self._solve(back, self.people)
        return self

    def scores(self, person: Rows, item: Rows) -> Floats:
        return np.einsum("nd,nd->n", self.people[person], self.items[item])

    def _solve(self, table: sparse.csr_matrix, other: Floats) -> Floats:
        solved = np.zeros((table.shape[0], DIMENSIONS), np.float32)
        for rows, vectors, values in padded(table, other):
            left = np.matmul(vectors.transpose(0, 2, 1), vectors)
            left += self.ridge * np.eye(DIMENSIONS, dtype=np.float32)
            right: NDArray[np.float32] = np.matmul(vectors.transpose(0, 2, 1), values[:, :, None])
            solved[rows] = np.linalg.solve(left, right)[:, :, 0]
        return solved
