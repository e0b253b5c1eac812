"""The judge that reads sense: encoders tuned for this question (asked of the vector process), and the head of
`head.py`.

It never refuses (it is unsure by nature): what it takes for a harm is held for a person to look at. A
suspicious word of the lists tips the balance where it is close.
"""

from __future__ import annotations

import contextlib
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from generation.screening import head, normalise, spoken, words
from generation.screening.patterns import CJK
from generation.screening.verdict import Outcome, Unjudged, Verdict
from model import text

MOST_PARTS, MOST_CHARACTERS = 12, 400
KEPT = 4096  # scores, a quarter of a MB
PATIENCE_S = 0.5  # more for each text: a long one takes a tenth of a second on a quiet core
Scorer = Callable[[list[str]], NDArray[np.floating]]  # texts -> what `head.Head.scores` gives
_BORDERS = re.compile(r"[.!?;\n。！？；]+")
_WORD = re.compile(r"[^\W_]+")
_HANDLE = re.compile(r"(?<!\w)@([\w.]*\w)")  # "@mia.k" is read as a name, and not as "amia" and "k"


def judge(
    prompt: str,
    strictness: Mapping[str, str] | None = None,
    by: Scorer | None = None,
    allowed_names: Iterable[str] = (),
) -> Verdict:
    """`REVIEW` or `ALLOW`, with the part of the prompt that is nearest to a harm; `by` another judge than
    the shipped one. Where one of `allowed_names` is called by name, real people are the business of their
    permission. Raises `Unjudged` while the vector process is down."""
    strictness = words.levels() if strictness is None else strictness
    parts = parts_of(prompt)
    on = np.array([strictness.get(kind) != "off" for kind in head.KINDS])
    if _calls_one_of(prompt, allowed_names):
        on[head.KINDS.index("real_person")] = False
    plainer = [words.without_idioms(part) or part for part in parts]  # "kill time" must not tell against it
    texts = list(dict.fromkeys([*parts, *plainer]))
    odds, kinds = head.odds((by or _scores)(texts), on)
    found = [
        _found(part, min(float(odds[texts.index(part)]), float(odds[texts.index(plain)])), on, bool(at))
        for at, (part, plain) in enumerate(zip(parts, plainer, strict=True))
    ]
    score, category, part = max(found, default=(-np.inf, "", ""))
    if score < head.HOLD:
        return Verdict(Outcome.ALLOW)
    if part == parts[0] and len(found) > 1 and (clearest := max(found[1:]))[0] > -head.PART_OF_MORE:
        _, category, part = clearest  # the whole is held for this sentence: show that one
    return Verdict(Outcome.REVIEW, rule=category or head.KINDS[kinds[texts.index(part)]], evidence=part)


def _found(part: str, odds: float, on: NDArray[np.bool_], is_sentence: bool) -> tuple[float, str, str]:
    """(score, the category of a suspicious word, the part)."""
    score = odds - head.PART_OF_MORE * is_sentence
    suspected = [category for category, _ in words.suspicious(part) if on[head.KINDS.index(category)]]
    return (score + head.SUSPECT, suspected[0], part) if suspected else (score, "", part)


def _scores(texts: list[str]) -> NDArray[np.floating]:
    """Parts that were asked for a moment ago are not asked again: while somebody types, only the last one
    changes."""
    known = {one: row for one in texts if (row := _kept.get(one)) is not None}
    missing = [one for one in dict.fromkeys(texts) if one not in known]
    if missing:
        try:
            known.update(zip(missing, _asked(missing), strict=True))
        except (text.Unavailable, ValueError) as error:
            raise Unjudged from error  # away, or of another release: wait, and never wave through
        if len(_kept) > KEPT:
            _kept.clear()
        _kept.update(known)
    return np.stack([known[one] for one in texts])


def _asked(texts: list[str]) -> NDArray[np.floating]:
    """The first encoder's scores, and where it is not sure of harmlessness the mean of all."""
    by = head.load()
    patience = text.TIMEOUT_S + PATIENCE_S * len(texts)
    scores = by.scores(0, text.embed_tuned(texts, 0, timeout_s=patience))
    odds, _ = head.odds(scores, np.ones(len(head.KINDS), bool))
    unsure = np.flatnonzero(odds > head.SURE)
    if unsure.size and len(by.weights) > 1:
        again = [texts[at] for at in unsure]
        others = [
            by.scores(n, text.embed_tuned(again, n, timeout_s=patience)) for n in range(1, len(by.weights))
        ]
        scores[unsure] = np.mean([scores[unsure], *others], axis=0)
    return scores


def _calls_one_of(prompt: str, allowed_names: Iterable[str]) -> bool:
    """Whether one is named in whole words, run together or apart: people choose their own names, and "Al"
    must not be called by every alley. One letter is nobody's name here."""
    said = _words(_HANDLE.sub(lambda match: match[1], prompt))
    borders, letters = set(accumulate(map(len, said), initial=0)), "".join(said)
    return any(
        len(name) > 1 and {match.start(), match.start() + len(name)} <= borders
        for name in map("".join, map(_words, allowed_names))
        for match in re.finditer(f"(?={re.escape(name)})", letters)
    )


def _words(said: str) -> list[str]:
    """Latin words, and each Chinese character by itself."""
    return _WORD.findall(CJK.sub(lambda match: f" {match[0]} ", normalise.as_read(said)))


def parts_of(prompt: str) -> list[str]:
    """The beginning of the prompt as it is read, and all of its sentences when there are several (a bad one
    must not drown in ten good ones). What is said to the judge is left out, and a handle is read as
    somebody's name."""
    named = _HANDLE.sub(lambda match: match[1].replace(".", " "), prompt)
    pieces = [spoken.without(normalise.as_read(piece)) for piece in _BORDERS.split(named)]
    pieces = [piece for piece in pieces if piece]
    whole = " ".join(pieces)[:MOST_CHARACTERS]
    return list(dict.fromkeys([whole, *filter(_says_something, _in_lengths(pieces))]))


def _in_lengths(pieces: Iterable[str]) -> list[str]:
    """Sentences, those beyond `MOST_PARTS` strung together, none longer than what is read at once: a harm at
    the end of a long prompt is read, too."""
    short = [part for piece in filter(_says_something, pieces) for part in _cut(piece)]
    short = list(dict.fromkeys(short))
    return [*short[:MOST_PARTS], *_cut(" ".join(short[MOST_PARTS:]))]


def _cut(said: str) -> list[str]:
    return textwrap.wrap(said, MOST_CHARACTERS, break_on_hyphens=False)


def _says_something(piece: str) -> bool:
    """A number or a mark alone ("2", from a list's "2.") has no sense that could be near to anything."""
    return sum(map(str.isalpha, piece)) > 1


_kept: dict[str, NDArray[np.float32]] = {}


def warm_up() -> None:
    """Read the head ahead of the first prompt, and ask the vector process once, if it is there."""
    head.load()
    with contextlib.suppress(Unjudged):
        _scores(["hello"])


def forget() -> None:
    """Drop what was kept (tests that take the vector process away)."""
    _kept.clear()
