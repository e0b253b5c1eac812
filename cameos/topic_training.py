"""Fitting the topic head and measuring it. Only `manage.py train_topics` and the bench read this."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from cameos import topic_head as heads
from cameos.topic_head import Array, Head
from cameos.topic_words import EVERYDAY, TOPICS

FOLDS, SEED = 5, 0
DECAY, STEPS, RATE = 1e-3, 150, 1.0
EXAMPLES = Path(__file__).with_name("topic_examples.json")
Embed = Callable[[Sequence[str]], Array]


@dataclass
class Examples:
    """Sentences with the topic or phrase that they are about (-1: none), as vectors."""

    anchors: list[Array]
    everyday: Array
    said: Array
    about: Array
    wanted: Array
    phrase_said: Array
    phrase_about: Array

    @cached_property
    def unseen(self) -> Array:
        """For each sentence the scores of probes that were fitted without its fold."""
        return _unseen(self, _middle(self))


def examples(embed: Embed) -> Examples:
    kept = json.loads(EXAMPLES.read_text())
    topics = [(text, at) for at, code in enumerate(heads.CODES) for text in kept["topics"][code]]
    none = [(text, -1) for text in kept["none"]]
    about_phrases = [(text, at) for at, texts in enumerate(kept["phrases"].values()) for text in texts]
    return Examples(
        anchors=[embed(topic.sentences) for topic in TOPICS.values()],
        everyday=embed(EVERYDAY),
        said=embed([text for text, _ in topics + none]),
        about=np.array([at for _, at in topics + none]),
        wanted=embed(list(kept["phrases"])),
        phrase_said=embed([text for text, _ in about_phrases + none]),
        phrase_about=np.array([at for _, at in about_phrases + none]),
    )


def fit(data: Examples) -> Head:
    """Probes on everything; their mixture on scores that no probe had seen."""
    middle = _middle(data)
    probe, bias = _probes(data, np.ones(len(data.about), bool), middle)
    mix = _mixture(data, data.unseen)
    return Head(middle, probe, bias, mix, _phrase_weights(data, np.ones(len(data.wanted), bool)))


def measure(data: Examples) -> dict[str, Any]:
    """Cross-validated: sentences of topics by five folds, phrases by leaving one out."""
    scores = data.unseen
    mix = _mixture(data, scores)
    differing = heads.differences(data.said, data.anchors, data.everyday)
    found = heads.sigmoid(mix[0] * scores + mix[1] * heads.NEAREST * differing + mix[2])
    phrases = np.stack([_left_out(data, at) for at in range(len(data.wanted))], axis=1)
    return {
        "topic_examples": len(data.about),
        **_told("topic", found, _one_hot(data.about, len(data.anchors)), heads.SURE, heads.UNSURE),
        "phrase_examples": len(data.phrase_about),
        **_told(
            "phrase",
            phrases,
            _one_hot(data.phrase_about, len(data.wanted)),
            heads.PHRASE_SURE,
            heads.PHRASE_UNSURE,
        ),
    }


def _told(name: str, found: Array, about: Array, sure: float, unsure: float) -> dict[str, float]:
    """Of sentences about something refused: refused, asked, missed. Of all other pairs: refused, asked."""
    yes, no = found[about == 1], found[about == 0]
    return {
        f"{name}_refused": round(float((yes >= sure).mean()), 3),
        f"{name}_asked": round(float(((yes >= unsure) & (yes < sure)).mean()), 3),
        f"{name}_missed": round(float((yes < unsure).mean()), 3),
        f"{name}_falsely_refused": round(float((no >= sure).mean()), 4),
        f"{name}_falsely_asked": round(float(((no >= unsure) & (no < sure)).mean()), 4),
    }


def _middle(data: Examples) -> Array:
    return np.asarray(np.concatenate([data.said, data.everyday, *data.anchors]).mean(axis=0))


def _one_hot(about: Array, count: int) -> Array:
    return np.asarray(about[:, None] == np.arange(count)[None], float)


def _probes(data: Examples, chosen: Array, middle: Array) -> tuple[Array, Array]:
    """One logistic probe a topic, by gradient descent with weight decay."""
    count = len(data.anchors)
    anchors = [np.tile(np.eye(count)[at], (len(rows), 1)) for at, rows in enumerate(data.anchors)]
    rows = np.concatenate([data.said[chosen], data.everyday, *data.anchors])
    right = np.concatenate(
        [_one_hot(data.about[chosen], count), np.zeros((len(data.everyday), count)), *anchors]
    )
    inputs = heads.centred(rows, middle)
    heavier = np.where(right > 0, np.sqrt((1 - right.mean(0)) / right.mean(0)), 1.0)
    probe, bias = np.zeros((inputs.shape[1], count)), np.full(count, -2.5)
    for _ in range(STEPS):
        error = (heads.sigmoid(inputs @ probe + bias) - right) * heavier
        probe -= RATE * (inputs.T @ error / len(inputs) + DECAY * probe)
        bias -= RATE * error.mean(0)
    return probe, bias


def _unseen(data: Examples, middle: Array) -> Array:
    fold = _folds(data.about)
    scores = np.zeros((len(data.about), len(data.anchors)))
    for number in range(FOLDS):
        probe, bias = _probes(data, fold != number, middle)
        scores[fold == number] = heads.centred(data.said[fold == number], middle) @ probe + bias
    return scores


def _folds(about: Array) -> Array:
    rng, fold = np.random.default_rng(SEED), np.zeros(len(about), int)
    for code in np.unique(about):
        rows = rng.permutation(np.flatnonzero(about == code))
        fold[rows] = np.arange(len(rows)) % FOLDS
    return fold


def _mixture(data: Examples, scores: Array) -> Array:
    differing = heads.differences(data.said, data.anchors, data.everyday)
    parts = np.stack([scores.ravel(), heads.NEAREST * differing.ravel(), np.ones(scores.size)], axis=1)
    return _logistic(parts, _one_hot(data.about, len(data.anchors)).ravel(), weight=3.0)


def _phrase_weights(data: Examples, chosen: Array) -> Array:
    parts = _phrase_inputs(data)[:, chosen]
    right = _one_hot(data.phrase_about, len(data.wanted))[:, chosen]
    return _logistic(parts.reshape(-1, parts.shape[-1]), right.ravel(), weight=3.0)


def _left_out(data: Examples, at: int) -> Array:
    """What each sentence gets for one phrase from a head that was fitted without it."""
    weights = _phrase_weights(data, np.arange(len(data.wanted)) != at)
    return heads.sigmoid(_phrase_inputs(data)[:, at] @ weights)


def _phrase_inputs(data: Examples) -> Array:
    plain = heads.nearest(data.everyday, data.phrase_said, 3)
    common = heads.nearest(data.everyday, data.wanted, 3)
    return heads.phrase_parts(data.phrase_said @ data.wanted.T, plain, common)


def _logistic(inputs: Array, right: Array, *, weight: float, steps: int = 60) -> Array:
    """Newton's steps; `weight` of a sentence that is about it against one that is not."""
    weights, scale = np.zeros(inputs.shape[1]), np.where(right > 0, weight, 1.0)
    for _ in range(steps):
        p = heads.sigmoid(inputs @ weights)
        slope = inputs.T @ ((p - right) * scale) + 1e-3 * weights
        bend = (inputs * (p * (1 - p) * scale)[:, None]).T @ inputs + 1e-3 * np.eye(len(weights))
        weights -= np.linalg.solve(bend, slope)
    return weights
