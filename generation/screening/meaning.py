"""The judge that reads sense: text vectors and the head of `head.py`.

Vectors alone never refuse (they are unsure by nature): what is nearer to a harm than to what is harmless is
held for a person to look at. A suspicious word of the lists tips the balance where it is close.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from generation.screening import head, normalise, spoken, words
from generation.screening.verdict import Outcome, Unjudged, Verdict
from model import text

MOST_PARTS, MOST_CHARACTERS = 12, 400
KEPT = 4096  # vectors, 6 MB
_BORDERS = re.compile(r"[.!?;。！？；\n]+")
_HANDLE = re.compile(r"(?<!\w)@([\w.]*\w)")  # "@mia.k" is read as a name, and not as "amia" and "k"


def judge(prompt: str, strictness: Mapping[str, str] | None = None, by: head.Head | None = None) -> Verdict:
    """`REVIEW` or `ALLOW`, with the part of the prompt that is nearest to a harm; `by` another head than the
    shipped one. Raises `Unjudged` while the vector process is down."""
    strictness = words.levels() if strictness is None else strictness
    parts = parts_of(prompt)
    plainer = [words.without_idioms(part) or part for part in parts]  # "kill time" must not tell against it
    texts = list(dict.fromkeys([*parts, *plainer]))
    scores, margins = (by or head.load()).scores(_vectors(texts))
    scores = np.minimum(scores[: len(parts)], scores[[texts.index(part) for part in plainer]])
    on = np.array([strictness.get(category) != "off" for category in words.CATEGORIES])
    found = [_found(part, float(scores[at]), margins[at], on) for at, part in enumerate(parts)]
    score, category, part = max(found, default=(-np.inf, "", ""))
    if score < head.HOLD:
        return Verdict(Outcome.ALLOW)
    return Verdict(Outcome.REVIEW, rule=category, evidence=part)


def _found(
    part: str, score: float, margins: NDArray[np.floating], on: NDArray[np.bool_]
) -> tuple[float, str, str]:
    """(score, category, the part). What is nearest to a harm that is switched off counts for nothing, unless
    it has a suspicious word of another."""
    best = int(np.argmax(margins))
    suspected = [category for category, _ in words.suspicious(part) if on[_at(category)]]
    if suspected:
        return score + head.SUSPECT, suspected[0], part
    return (score if on[best] else -np.inf), words.CATEGORIES[best], part


def _at(category: str) -> int:
    return words.CATEGORIES.index(category)


def parts_of(prompt: str) -> list[str]:
    """The whole prompt as it is read, and its sentences when there are several (a bad one must not drown in
    ten good ones). What is said to the judge is left out, and a handle is read as somebody's name."""
    named = _HANDLE.sub(lambda match: match[1].replace(".", " "), prompt)
    pieces = [spoken.without(normalise.as_read(piece)) for piece in _BORDERS.split(named)]
    pieces = [piece for piece in pieces if piece]
    whole = " ".join(pieces)[:MOST_CHARACTERS]
    parts = [whole, *(piece[:MOST_CHARACTERS] for piece in pieces if _says_something(piece))]
    return list(dict.fromkeys(parts))[: MOST_PARTS + 1]


def _says_something(piece: str) -> bool:
    """A number or a mark alone ("2", from a list's "2.") has no sense that could be near to anything."""
    return sum(map(str.isalpha, piece)) > 1


def _vectors(parts: list[str]) -> NDArray[np.float32]:
    """Parts that were asked for a moment ago are not asked again: while somebody types, only the last one
    changes."""
    known = {part: vector for part in parts if (vector := _kept.get(part)) is not None}
    missing = list({part: None for part in parts if part not in known})
    if missing:
        try:
            known.update(zip(missing, text.embed(missing, query=True), strict=True))
        except text.Unavailable as error:
            raise Unjudged from error
        if len(_kept) > KEPT:
            _kept.clear()
        _kept.update(known)
    return np.stack([known[part] for part in parts])


_kept: dict[str, NDArray[np.float32]] = {}


def warm_up() -> None:
    """Read the head ahead of the first prompt, and ask the vector process once, if it is there."""
    head.load()
    with contextlib.suppress(text.Unavailable):
        text.embed(["hello"], query=True)


def forget() -> None:
    """Drop what was kept (tests that take the vector process away)."""
    _kept.clear()
