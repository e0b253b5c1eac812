"""What is known without meeting: tags, authors and words of an item against what the viewer welcomed.

The only recommender that has something to say of an item that nobody met, or, by their age or country, of a
person who met nothing.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from feed.ranking.log import Attributes, Floats, Log, Rows

MOST_WORDS = 4000
MOST_CELLS = 20_000_000  # of words by items that stand in memory at once: 80 MB a copy
PRIOR = 5.0


def word_matrix(about: Attributes, count: int, most: int = MOST_WORDS) -> sparse.csr_matrix:
    """Items (or people) by their words, each row of length 1; words that only one has say nothing and
    stay out, and so do all but the `most` frequent.
    """
    names: dict[str, int] = {}
    rows, columns = [], []
    for name, values in about.words.items():
        for row, words in enumerate(values):
            for word in words:
                rows.append(row)
                columns.append(names.setdefault(f"{name}:{word}", len(names)))
    found = sparse.csr_matrix(
        (np.ones(len(rows), np.float32), (rows, columns)), shape=(count, max(len(names), 1))
    )
    found.data[:] = 1.0
    reach = np.asarray(found.sum(axis=0)).ravel()
    kept = np.flatnonzero(reach >= 2)
    kept = kept[np.argsort(-reach[kept], kind="stable")[:most]]
    found = found[:, np.sort(kept)] @ sparse.diags(1.0 / np.sqrt(reach[np.sort(kept)]))
    length = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel())
    return (sparse.diags(1.0 / np.maximum(length, 1e-9)) @ found).tocsr().astype(np.float32)


class Content:
    """Words of the item against the words of what the viewer welcomed."""

    name = "content"

    def fit(self, log: Log, seed: int) -> None:
        self.words = word_matrix(log.about_items, log.shape[1])

    again = fit

    def scores(self, log: Log, people: Rows) -> Floats:
        met = log.matrix()[people]
        taste = met @ self.words
        weight = np.maximum(np.asarray(met.sum(axis=1)).ravel(), 1.0)
        return np.asarray((sparse.diags(1.0 / weight) @ taste @ self.words.T).todense(), np.float32)


class Alike:
    """What people with the same words (age, gender, country) welcomed, shrunk towards everybody's."""

    name = "alike"

    def fit(self, log: Log, seed: int) -> None:
        most = min(MOST_WORDS, max(MOST_CELLS // max(log.shape[1], 1), 1))
        self.words = word_matrix(_with_bands(log.about_people), log.shape[0], most)
        met = log.matrix()
        everybody = np.asarray(met.sum(axis=0)).ravel() / max(met.shape[0], 1)
        counts = np.asarray((self.words.T @ met).todense(), np.float32)
        group = np.asarray(self.words.sum(axis=0)).ravel()[:, None]
        self.shares = np.log((counts + PRIOR * everybody) / (group + PRIOR) + 1e-9) - np.log(everybody + 1e-9)
        self.shares = self.shares.astype(np.float32)

    again = fit

    def scores(self, log: Log, people: Rows) -> Floats:
        return np.asarray(self.words[people] @ self.shares, np.float32)


def _with_bands(about: Attributes) -> Attributes:
    """Numbers (age) as words, in five bands of equally many."""
    words = dict(about.words)
    for name, values in about.numbers.items():
        known = values[np.isfinite(values)]
        if known.size:
            edges = np.quantile(known, [0.2, 0.4, 0.6, 0.8])
            bands = np.searchsorted(edges, values)
            words[f"{name} band"] = [
                (str(band),) if known_here else ()
                for band, known_here in zip(bands, np.isfinite(values), strict=True)
            ]
    return Attributes(words, {})
