"""The judge that reads sense: how near a prompt is to sentences that were judged by hand.

Each sentence of `sentences.toml` has a vector. A prompt is compared with the nearest three of each category
and with the nearest three harmless ones; the margin between them decides. Vectors alone never refuse (they
are unsure by nature): a clear margin holds the prompt for a person to look at.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from generation.screening import words
from generation.screening.verdict import Outcome, Unjudged, Verdict
from model import text

SENTENCES = Path(__file__).parent / "sentences.toml"
NEAREST = 3
HOLD_MARGIN = 0.026
FIRST_TIMEOUT_S = 20.0  # the first question of a process asks for the vectors of all sentences


def judge(prompt: str) -> Verdict:
    """`REVIEW` by a clear margin, else `ALLOW`. Raises `Unjudged` while the vector process is down."""
    category, margin, nearest = nearest_category(prompt)
    if margin >= HOLD_MARGIN and words.levels().get(category) != "off":
        return Verdict(Outcome.REVIEW, rule=category, evidence=nearest)
    return Verdict(Outcome.ALLOW)


def nearest_category(prompt: str) -> tuple[str, float, str]:
    """(category, how much nearer it is than what is harmless, the part of the prompt that is nearest)."""
    table = sentences()
    try:
        known = _vectors(_all_sentences())
        parts = _parts(prompt)
        asked = np.asarray(text.embed(parts, query=True))
    except text.Unavailable as error:
        raise Unjudged from error
    near = asked @ known.T
    scores, at = {}, 0
    for name, group in table.items():
        nearest = np.sort(near[:, at : at + len(group)], axis=1)[:, -NEAREST:]
        scores[name] = nearest.mean(axis=1)
        at += len(group)
    harmless = scores.pop("harmless")
    margins = {name: score - harmless for name, score in scores.items()}
    category = max(margins, key=lambda name: float(margins[name].max()))
    part = int(margins[category].argmax())
    return category, float(margins[category][part]), parts[part]


def _parts(prompt: str) -> list[str]:
    """The whole prompt, and its sentences when there are several (a bad one must not drown in ten good
    ones)."""
    pieces = [p.strip() for p in prompt.replace("。", ".").replace("!", ".").replace("\n", ".").split(".")]
    pieces = [p for p in pieces if len(p) > 3][:12]
    return [prompt[:400], *pieces] if len(pieces) > 1 else [prompt[:400]]


@cache
def sentences() -> dict[str, list[str]]:
    with SENTENCES.open("rb") as file:
        return {name: entry["sentences"] for name, entry in tomllib.load(file).items()}


@cache
def _vectors(group: tuple[str, ...]) -> NDArray[np.float32]:
    """The vectors of the judged sentences, asked for once a host: a file in DATA_DIR keeps them for all
    processes."""
    digest = hashlib.sha256("\n".join(group).encode()).hexdigest()[:16]
    kept = Path(settings.DATA_DIR) / "cache" / f"sentences-{digest}.npy"
    try:
        known: NDArray[np.float32] = np.load(kept, allow_pickle=False)
        if known.shape == (len(group), text.DIMENSIONS):
            return known
    except (OSError, ValueError):
        pass  # not there yet, or cut off by a crash: asked for again
    known = np.asarray(text.embed(group, query=True, timeout_s=FIRST_TIMEOUT_S), np.float32)
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.with_suffix(f".{os.getpid()}.tmp")
    with draft.open("wb") as file:
        np.save(file, known)
    draft.replace(kept)
    return known


def warm_up() -> None:
    """Ask for the sentences' vectors ahead of the first prompt, if the vector process is there."""
    with contextlib.suppress(text.Unavailable):
        _vectors(_all_sentences())


def _all_sentences() -> tuple[str, ...]:
    return tuple(sentence for group in sentences().values() for sentence in group)
