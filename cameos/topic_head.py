"""The small head that turns text vectors into "this sentence is about what was refused".

    topic    p = sigmoid(a (v.w + b) + c d + e)
             v: the sentence's vector, centred; w, b: a linear probe of the topic
             d: similarity to the topic's own sentences less similarity to everyday ones
    phrase   p = sigmoid(f s + g m + h n + k)
             s: sentence and phrase; m: sentence and everyday; n: phrase and everyday (one that is near
             everything says little)

Trained by `manage.py train_topics` on `topic_examples.json`, English and Chinese, and kept as safetensors
beside what else ships (`model/weights/topics.safetensors`, 20 kB). At least `SURE`: refused; at least
`UNSURE`: the owner is asked; below: passes. The command prints what cross-validation finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from cameos.topic_words import TOPICS

Array = NDArray[np.floating]
SURE, UNSURE = 0.85, 0.15
PHRASE_SURE, PHRASE_UNSURE = 0.6, 0.04
CODES = tuple(TOPICS)
SPREAD = 8.0  # vectors of one model lie close together: centred and drawn apart for the probe
NEAREST = 40.0


@dataclass(frozen=True)
class Head:
    """`middle` 384; `probe` 384 x topics; `bias` topics; `mix` 3 (a, c, e); `phrase` 4 (f, g, h, k)."""

    middle: Array
    probe: Array
    bias: Array
    mix: Array
    phrase: Array

    def topics(self, vectors: Array, differences: Array) -> Array:
        """Probabilities (sentences x topics); `differences` of the same shape."""
        probed = centred(vectors, self.middle) @ self.probe + self.bias
        return sigmoid(self.mix[0] * probed + self.mix[1] * NEAREST * differences + self.mix[2])

    def phrases(self, similar: Array, plain: Array, common: Array) -> Array:
        """Probabilities (sentences x phrases), of their similarity and of each one's to everyday ones."""
        return sigmoid(phrase_parts(similar, plain, common) @ self.phrase)


def phrase_parts(similar: Array, plain: Array, common: Array) -> Array:
    """... x 4: what a phrase's probability is made of."""
    shape = similar.shape
    parts = (
        NEAREST * (similar - 0.8),
        np.broadcast_to(NEAREST * (plain - 0.8)[:, None], shape),
        np.broadcast_to(NEAREST * (common - 0.8)[None], shape),
        np.ones(shape),
    )
    return np.stack(parts, axis=-1)


def centred(vectors: Array, middle: Array) -> Array:
    return SPREAD * (vectors - middle)


def nearest(rows: Array, vectors: Array, count: int) -> Array:
    """For each vector the mean of its `count` largest similarities among `rows`."""
    return np.asarray(np.sort(vectors @ rows.T, axis=1)[:, -count:].mean(axis=1))


def differences(vectors: Array, anchors: Sequence[Array], everyday: Array) -> Array:
    """Similarity to each topic's sentences less to everyday ones (sentences x topics)."""
    plain = nearest(everyday, vectors, 3)
    return np.stack([nearest(rows, vectors, 2) - plain for rows in anchors], axis=1)


def sigmoid(score: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -30, 30))))


def path() -> Path:
    return Path(settings.BASE_DIR) / "model" / "weights" / "topics.safetensors"


def save(head: Head) -> None:
    from safetensors.numpy import save_file

    kept = {name: np.ascontiguousarray(getattr(head, name), np.float32) for name in Head.__dataclass_fields__}
    save_file(kept, path(), metadata={"topics": ",".join(CODES)})


@lru_cache(maxsize=1)
def load() -> Head:
    """The head that ships. Raises ValueError where it was trained for other topics than there are."""
    from safetensors import safe_open

    with safe_open(path(), framework="np") as file:
        if file.metadata().get("topics") != ",".join(CODES):
            raise ValueError("The topics have changed: run `manage.py train_topics`.")
        return Head(**{name: file.get_tensor(name) for name in Head.__dataclass_fields__})
