"""The numbers that the judge of sense decides with, kept in one file (`manage.py train_screening` writes it).

    margin    of each harm: mean similarity to its nearest three examples less that to the nearest three
              harmless ones
    kernel    a support vector machine (Gaussian kernel) over the same examples, harmful against harmless
    score     SCALE * (nearest three of any harm - nearest three harmless) + kernel / 2

Beyond `HOLD` a prompt is held; a word of the lists' `suspect` brings it `SUSPECT` nearer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from generation.screening.words import CATEGORIES

Array = NDArray[np.floating]
NEAREST, SCALE = 3, 20.0
SPREAD, GAMMA, COST = 3.0, 1 / 3, 10.0
HOLD, SUSPECT = 0.03, 0.25


@dataclass(frozen=True)
class Head:
    """`rows` n x 384 unit vectors; `about` n, an index into `CATEGORIES` or -1; `weight` n; `bias` 1."""

    rows: Array
    about: NDArray[np.int8]
    weight: Array
    bias: Array

    def scores(self, vectors: Array) -> tuple[Array, Array]:
        """(one score a text, its margins: texts x categories)."""
        near = vectors @ self.rows.T
        harmless = _nearest(near[:, self.about < 0])
        by_harm = [_nearest(near[:, self.about == at]) - harmless for at in range(len(CATEGORIES))]
        margins = np.stack(by_harm, axis=1)
        kernel = np.exp(-GAMMA * SPREAD**2 * np.maximum(2 - 2 * near, 0)) @ self.weight + self.bias[0]
        return SCALE * (_nearest(near[:, self.about >= 0]) - harmless) + kernel / 2, margins


def _nearest(near: Array) -> Array:
    return np.asarray(np.partition(near, -NEAREST, axis=1)[:, -NEAREST:].mean(axis=1))


def path() -> Path:
    return Path(settings.BASE_DIR) / "model" / "weights" / "screening.safetensors"


def save(head: Head, measured: Mapping[str, Any]) -> None:
    """Write the head that ships, and beside it what cross-validation found."""
    from safetensors.numpy import save_file

    kept: dict[str, NDArray[Any]] = {
        "rows": head.rows.astype(np.float16),
        "about": head.about.astype(np.int8),
        "weight": head.weight.astype(np.float32),
        "bias": head.bias.astype(np.float32),
    }
    said = {"categories": ",".join(CATEGORIES), "measured": json.dumps(dict(measured))}
    save_file(kept, path(), metadata=said)
    load.cache_clear()


@lru_cache(maxsize=1)
def load() -> Head:
    """The head that ships. Raises ValueError where it was trained for other harms than there are."""
    from safetensors import safe_open

    with safe_open(path(), framework="np") as file:
        if file.metadata().get("categories") != ",".join(CATEGORIES):
            raise ValueError("The harms have changed: run `manage.py train_screening`.")
        return Head(
            file.get_tensor("rows").astype(np.float32),
            file.get_tensor("about"),
            file.get_tensor("weight"),
            file.get_tensor("bias"),
        )


def measured() -> dict[str, Any]:
    """What cross-validation found when the head that ships was fitted (`training`)."""
    from safetensors import safe_open

    with safe_open(path(), framework="np") as file:
        return dict(json.loads(file.metadata().get("measured", "{}")))


def fit(rows: Array, about: Sequence[int]) -> Head:
    """A head over judged examples. Only training calls it."""
    from sklearn.svm import SVC

    harmful = np.asarray(about) >= 0
    machine = SVC(C=COST, gamma=GAMMA * SPREAD**2, class_weight="balanced").fit(rows, harmful)
    weight = np.zeros(len(rows), np.float32)
    weight[machine.support_] = machine.dual_coef_[0]
    return Head(np.asarray(rows, np.float32), np.asarray(about, np.int8), weight, machine.intercept_)
