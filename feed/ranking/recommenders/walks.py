"""Three steps over the graph of people and items: RP3beta (Christoffel et al. 2015, Paudel et al. 2017)."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from feed.ranking.log import Floats, Log, Rows
from feed.ranking.recommenders.base import latest

NEIGHBOURS = 300


class Walk:
    name = "walk"

    def __init__(self, alpha: float = 0.9, beta: float = 0.5) -> None:
        self.alpha, self.beta = alpha, beta

    def fit(self, log: Log, seed: int) -> None:
        met = latest(log).matrix().copy()
        met.data[:] = 1.0
        people = np.maximum(np.asarray(met.sum(axis=1)).ravel(), 1.0)
        reach = np.maximum(np.asarray(met.sum(axis=0)).ravel(), 1.0)
        to_people = sparse.diags(reach**-self.alpha) @ met.T
        to_items = sparse.diags(people**-self.alpha) @ met
        self.steps = top_rows(to_people.tocsr(), to_items.tocsr(), reach**-self.beta)

    again = fit

    def scores(self, log: Log, people: Rows) -> Floats:
        return np.asarray((log.matrix()[people] @ self.steps).todense(), np.float32)


def top_rows(left: sparse.csr_matrix, right: sparse.csr_matrix, columns: np.ndarray) -> sparse.csr_matrix:
    """left @ right @ diag(columns), without its diagonal, the best NEIGHBOURS of each row, a slice at a
    time.
    """
    slices = []
    for start in range(0, left.shape[0], 512):
        part = np.asarray((left[start : start + 512] @ right).todense(), np.float32) * columns[None, :]
        part[np.arange(len(part)), np.arange(start, start + len(part))] = 0.0
        if part.shape[1] > NEIGHBOURS:
            floor = np.partition(part, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS, None]
            part[part < floor] = 0.0
        slices.append(sparse.csr_matrix(part, dtype=np.float32))
    return sparse.vstack(slices, format="csr") if slices else sparse.csr_matrix(left.shape, dtype=np.float32)
