"""The numbers that the judge of sense decides with, kept in one file (`manage.py train_screening` writes it).

    space     text vectors lie in a narrow cone: less their mean, turned to their `DIRECTIONS` widest axes,
              each divided by the square root of its spread (half of whitening), and made as long as one
    margin    of each harm: mean similarity to its nearest three examples less that to the nearest three
              harmless ones
    kernel    a support vector machine (Gaussian kernel) over the same examples, harmful against harmless
    score     SCALE * (nearest three of any harm - nearest three harmless) + KERNEL * kernel

Beyond `HOLD` a prompt is held; a word of the lists' `suspect` brings it `SUSPECT` nearer. All these numbers
were chosen where lots that were held out, and examples in folds, cost least.
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
DIRECTIONS, POWER, FLOOR = 200, 0.5, 1e-3
NEAREST, SCALE, KERNEL = 3, 8.5, 0.88
GAMMA, COST = 1.0, 10.0
HOLD, SUSPECT = -0.05, 0.5


@dataclass(frozen=True)
class Head:
    """`centre` 384 and `axes` 384 x 200: the space; `rows` n x 200 unit vectors in it; `about` n, an index
    into `CATEGORIES` or -1; `weight` n; `bias` 1."""

    centre: Array
    axes: Array
    rows: Array
    about: NDArray[np.int8]
    weight: Array
    bias: Array

    def scores(self, vectors: Array) -> tuple[Array, Array]:
        """(one score a text, its margins: texts x categories) of text vectors n x 384."""
        near = _placed(vectors, self.centre, self.axes) @ self.rows.T
        harmless = _nearest(near[:, self.about < 0])
        by_harm = [_nearest(near[:, self.about == at]) - harmless for at in range(len(CATEGORIES))]
        margins = np.stack(by_harm, axis=1)
        kernel = np.exp(GAMMA * np.minimum(2 * near - 2, 0)) @ self.weight + self.bias[0]
        return SCALE * (_nearest(near[:, self.about >= 0]) - harmless) + KERNEL * kernel, margins


def _placed(vectors: Array, centre: Array, axes: Array) -> Array:
    moved = (vectors - centre) @ axes
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9))


def _nearest(near: Array) -> Array:
    return np.asarray(np.partition(near, -NEAREST, axis=1)[:, -NEAREST:].mean(axis=1))


def path() -> Path:
    return Path(settings.BASE_DIR) / "model" / "weights" / "screening.safetensors"


def save(head: Head, measured: Mapping[str, Any]) -> None:
    """Write the head that ships, and beside it what cross-validation found."""
    from safetensors.numpy import save_file

    kept: dict[str, NDArray[Any]] = {
        "centre": head.centre.astype(np.float32),
        "axes": head.axes.astype(np.float32),
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
            file.get_tensor("centre"),
            file.get_tensor("axes"),
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


def fit(vectors: Array, about: Sequence[int]) -> Head:
    """A head over judged examples, text vectors n x 384. Only training calls it."""
    from sklearn.svm import SVC

    vectors = np.asarray(vectors, np.float32)
    centre = vectors.mean(axis=0)
    spread, turned = np.linalg.eigh(np.cov((vectors - centre).T))
    spread, turned = spread[::-1][:DIRECTIONS], turned[:, ::-1][:, :DIRECTIONS]
    axes = (turned * (np.sqrt(np.maximum(spread, 0)) + FLOOR) ** -POWER).astype(np.float32)
    rows = _placed(vectors, centre, axes)
    harmful = np.asarray(about) >= 0
    machine = SVC(C=COST, gamma=GAMMA, class_weight="balanced").fit(rows, harmful)
    weight = np.zeros(len(rows), np.float32)
    weight[machine.support_] = machine.dual_coef_[0]
    return Head(centre, axes, rows.astype(np.float32), np.asarray(about, np.int8), weight, machine.intercept_)
