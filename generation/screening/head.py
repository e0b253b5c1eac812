"""What the judge of sense decides with, kept in one file (`manage.py train_screening` writes it): the layers
of encoders that were tuned for this question (`model.sense`; the vector process reads those), and a linear
head over each one's vectors, read here.

    scores    vectors (384 numbers a text) @ weight + bias: one for each harm and guard, the last "harmless";
              of several encoders, the mean
    odds      log of what all harms and guards together weigh against harmless

Where the first encoder finds less than `SURE`, the others are not asked: they would not turn it.
Beyond `HOLD` a prompt is held. A sentence out of several has to be `PART_OF_MORE` clearer than the whole, for
what is around it is what tells a joke from a threat; a word of the lists' `suspect` brings `SUSPECT`. All
four were chosen where lots that were held out cost least.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from mmap import mmap
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from generation.screening.words import CATEGORIES, GUARDS

Array = NDArray[np.floating]
KINDS = (*CATEGORIES, *GUARDS)  # and after them "harmless"
HOLD, PART_OF_MORE, SUSPECT = 2.75, 3.0, 0.5
SURE = -2.5


@dataclass(frozen=True)
class Head:
    """For each encoder: `weights` 384 x (kinds, harmless), `biases` kinds and harmless."""

    weights: Array
    biases: Array

    def scores(self, which: int, vectors: Array) -> Array:
        """Texts x (kinds, harmless) of what encoder `which` made of them."""
        return np.asarray(vectors @ self.weights[which] + self.biases[which])


def odds(scores: Array, on: NDArray[np.bool_]) -> tuple[Array, NDArray[np.int64]]:
    """(log odds of harm, the likeliest kind) of each text, of the kinds that are `on`. What is likeliest of a
    kind that is off counts for nothing beside another kind that is clear by itself; minus infinity where no
    kind is on."""
    harms = np.where(on, scores[:, :-1], -np.inf)
    together = np.logaddexp.reduce(harms, axis=1, initial=-np.inf)
    is_off = ~on[scores[:, :-1].argmax(axis=1)]
    return np.where(is_off, harms.max(axis=1), together) - scores[:, -1], harms.argmax(axis=1)


def path() -> Path:
    return Path(settings.BASE_DIR) / "model" / "weights" / "screening.safetensors"


def save(
    head: Head, layers: Sequence[Mapping[str, bytes]], measured: Mapping[str, Any], base: bytes | mmap
) -> None:
    """Write the head that ships, the encoders' layers for the vector process, and what held-out lots got.
    `base`: the packed encoder that the layers belong in."""
    from safetensors.numpy import save_file

    kept: dict[str, NDArray[Any]] = {
        "weights": np.ascontiguousarray(head.weights, np.float32),  # it would be saved as it lies in memory
        "biases": np.ascontiguousarray(head.biases, np.float32),
    }
    for number, tensors in enumerate(layers):
        for name, data in tensors.items():
            kept[f"encoder.{number}.{name}"] = np.frombuffer(data, np.uint8)
    said = {
        "kinds": ",".join(KINDS),
        "measured": json.dumps(dict(measured)),
        "encoders": str(len(layers)),
        "base_sha256": hashlib.sha256(base).hexdigest(),
    }
    save_file(kept, path(), metadata=said)
    load.cache_clear()


@lru_cache(maxsize=1)
def load() -> Head:
    """The head that ships. Raises ValueError where it was trained for other harms than there are."""
    from safetensors import safe_open

    with safe_open(path(), framework="np") as file:
        if file.metadata().get("kinds") != ",".join(KINDS):
            raise ValueError("The harms have changed: run `manage.py train_screening`.")
        return Head(file.get_tensor("weights"), file.get_tensor("biases"))


def measured() -> dict[str, Any]:
    """What lots that were held out got when the head that ships was fitted (`training`)."""
    from safetensors import safe_open

    with safe_open(path(), framework="np") as file:
        return dict(json.loads(file.metadata().get("measured", "{}")))
