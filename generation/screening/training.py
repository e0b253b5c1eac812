"""Fitting the judge of sense and measuring it. Only `manage.py train_screening` and its test read this."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from generation.screening import head as heads
from generation.screening import normalise
from generation.screening.head import Array, Head
from generation.screening.words import CATEGORIES

EXAMPLES = Path(__file__).with_name("examples.txt")
FOLDS = 5
Embed = Callable[[Sequence[str]], Array]


def examples() -> tuple[list[str], list[int]]:
    """(sentences, what each is about: an index into `CATEGORIES`, or -1 for harmless)."""
    from cameos.topic_training import EXAMPLES as TOPICS
    from model.free_prompts import FREE
    from model.fresh_prompts import FRESH

    said: dict[str, int] = {}
    about = -1
    for line in EXAMPLES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            about = -1 if line == "[harmless]" else CATEGORIES.index(line.strip("[]"))
        elif line and not line.startswith("#"):
            said.setdefault(normalise.as_read(line), about)
    everyday = json.loads(TOPICS.read_text())["none"]
    for prompt in (*everyday, *(prompt for prompt, _ in (*FREE, *FRESH))):
        said.setdefault(normalise.as_read(prompt), -1)
    return list(said), list(said.values())


def measure(rows: Array, about: Sequence[int]) -> dict[str, Any]:
    """Cross-validated over the examples: of the harmful, those held; of the harmless, those held."""
    wanted = np.asarray(about)
    fold = np.random.default_rng(0).permutation(len(wanted)) % FOLDS
    scores = np.zeros(len(wanted))
    for number in range(FOLDS):
        fitted = heads.fit(rows[fold != number], wanted[fold != number].tolist())
        scores[fold == number] = fitted.scores(rows[fold == number])[0]
    held = scores >= heads.HOLD
    return {
        "examples": len(wanted),
        "harmful_held": round(float(held[wanted >= 0].mean()), 3),
        "harmless_held": round(float(held[wanted < 0].mean()), 3),
    }


def train(embed: Embed) -> tuple[Head, dict[str, Any]]:
    said, about = examples()
    rows = np.asarray(embed(said), np.float32)
    return heads.fit(rows, about), measure(rows, about)
