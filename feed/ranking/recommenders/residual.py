"""What is left of an answer after the means of person and item, told by what is left of the person's others.

`Residual` are factors (explicit alternating least squares), `Neighbours` a linear model from each item to
each other one with an empty diagonal (EASE, Steck 2019, over residuals in the place of ones).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from feed.ranking.log import Floats, Rows
from feed.ranking.recommenders.factors import padded
from feed.ranking.recommenders.linear import frequent

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


class Neighbours:
    """From the person's answers to other items, shrunk the more the rarer two items meet."""

    def __init__(self, ridge: float = 40.0, dropout: float = 0.4, most: int = 3000) -> None:
        self.ridge, self.dropout, self.most = ridge, dropout, most

    def fit(self, person: Rows, item: Rows, rest: Floats, shape: tuple[int, int]) -> Neighbours:
        whole = sparse.csr_matrix((rest, (person, item)), shape=shape, dtype=np.float32)
        self.columns = frequent(whole, self.most)
        self.place = np.full(shape[1], -1, np.int64)
        self.place[self.columns] = np.arange(len(self.columns))
        self.table = whole[:, self.columns].tocsr()
        gram = np.asarray((self.table.T @ self.table).todense(), np.float32)
        spread = float(np.diag(gram).sum() / max(whole.nnz, 1))  # the ridge is told in answers of usual size
        odds = self.dropout / (1.0 - self.dropout)
        gram[np.diag_indices_from(gram)] += self.ridge * max(spread, 1e-6) + odds * np.diag(gram)
        inverse = linalg.inv(gram, overwrite_a=True, check_finite=False)
        self.weights = (-inverse / np.diag(inverse)[None, :]).astype(np.float32)
        np.fill_diagonal(self.weights, 0.0)
        return self

    def scores(self, person: Rows, item: Rows) -> Floats:
        """Shape (pairs,); nought for items outside the `most` met."""
        found = np.zeros(len(person), np.float32)
        place = self.place[item]
        order = np.argsort(person, kind="stable")
        people, first = np.unique(person[order], return_index=True)
        for start in range(0, len(people), 512):
            some = people[start : start + 512]
            scores = np.asarray(self.table[some] @ self.weights, np.float32)
            begin = first[start]
            end = first[start + 512] if start + 512 < len(people) else len(order)
            rows = order[begin:end]
            here = np.searchsorted(some, person[rows])
            found[rows] = np.where(place[rows] >= 0, scores[here, np.maximum(place[rows], 0)], 0.0)
        return found
