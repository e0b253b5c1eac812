"""The judge that reads letters: word lists, and a rule that joins two of them.

A list entry matches whole words in any *reading* of the prompt (`normalise.readings`), so `k1ll`, `k i l l`
and Cyrillic look-alikes are read as what they look like. Phrases that only sound alike ("kill time") are
masked first.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from generation.screening import names, normalise, spoken
from generation.screening.normalise import Plain
from generation.screening.patterns import pattern_of
from generation.screening.verdict import Outcome, Verdict

HERE = Path(__file__).parent
CATEGORIES = (
    "minors", "sexual", "self_harm", "hate", "extremism", "violence", "illegal", "harassment", "deception",
    "danger",
)  # the graver first: of two equal verdicts the first is told  # fmt: skip
GUARDS = ("real_person", "character")
LEVELS = ("refuse", "review", "off")
MAX_HIDDEN = 3


@dataclass(frozen=True)
class WordList:
    refuse: re.Pattern[str]
    suspect: re.Pattern[str]
    harmless: re.Pattern[str]
    grave: re.Pattern[str]  # beside a word for a child


def levels() -> dict[str, str]:
    """How strictly each harm is taken where the operator's page says nothing: `HARM_LEVELS`. `refuse`,
    `review` (everything found is held) or `off`."""
    chosen = dict.fromkeys((*CATEGORIES, *GUARDS), "refuse")
    for part in str(settings.HARM_LEVELS).split(","):
        name, _, level = part.strip().partition("=")
        if name in chosen and name != "minors" and level in LEVELS:
            chosen[name] = level
    return chosen


def judge(
    prompt: str,
    allowed_names: Iterable[str] = (),
    strictness: Mapping[str, str] | None = None,
    more_names: Sequence[names.Name] = (),
) -> Verdict:
    """The strictest of what lists and names find. `ALLOW` means only that the letters are fine. `more_names`:
    those the operator guards beside the shipped ones."""
    if normalise.hidden_characters(prompt) > MAX_HIDDEN:
        return Verdict(Outcome.REFUSE, rule="hidden_characters", evidence="")
    strictness = levels() if strictness is None else strictness
    found = list(_found(prompt, allowed_names, strictness, more_names))
    return max(found, key=lambda v: v.outcome.strictness, default=Verdict(Outcome.ALLOW))


def suspicious(plain: str) -> list[tuple[str, str]]:
    """(category, word) of every category that has a suspicious word in a text that is plain already. What is
    harmless by one list is so for all of them."""
    found = []
    for lists in word_lists().values():
        plain = _masked(plain, lists.harmless)
    for category in CATEGORIES:
        if match := word_lists()[category].suspect.search(plain):
            found.append((category, match[0]))
    return found


def without_idioms(plain: str) -> str:
    """The text without the phrases that hold a listed word and mean something else ("kill time")."""
    for lists in word_lists().values():
        plain = lists.harmless.sub(" ", plain)
    return " ".join(plain.split())


def _found(
    prompt: str, allowed_names: Iterable[str], strictness: Mapping[str, str], more: Sequence[names.Name]
) -> Iterator[Verdict]:
    readings = normalise.readings(prompt)
    for reading in readings:
        yield from _children_and_sex(reading)
    for category in CATEGORIES:
        for reading in readings:
            yield from _listed(category, strictness[category], reading)
    yield from names.judge(readings, allowed_names, strictness, more)
    yield spoken.judge(readings)


def _listed(category: str, level: str, reading: Plain) -> Iterator[Verdict]:
    if level == "off":
        return
    lists = word_lists()[category]
    if match := lists.refuse.search(_masked(reading.text, lists.harmless)):
        taken = Outcome.REFUSE if level == "refuse" else Outcome.REVIEW
        yield Verdict(taken, rule=category, evidence=reading.evidence(*match.span()))


def _children_and_sex(reading: Plain) -> Iterator[Verdict]:
    """A word for a child and a word of the sexual list in one prompt: refused, whatever the levels say."""
    child, sexual = word_lists()["child"], word_lists()["sexual"]
    found = child.refuse.search(_masked(reading.text, child.harmless))
    text = _masked(reading.text, sexual.harmless)
    other = sexual.refuse.search(text) or sexual.grave.search(text)
    if found and other:
        evidence = f"{reading.evidence(*found.span())} + {reading.evidence(*other.span())}"
        yield Verdict(Outcome.REFUSE, rule="minors", evidence=evidence)


def _masked(text: str, harmless: re.Pattern[str]) -> str:
    return harmless.sub(lambda match: "\x00" * len(match[0]), text)


@cache
def word_lists() -> dict[str, WordList]:
    with (HERE / "words.toml").open("rb") as file:
        table = tomllib.load(file)
    return {
        category: WordList(
            pattern_of(entry.get("refuse", entry.get("words", []))),
            pattern_of(entry.get("suspect", [])),
            pattern_of(entry["harmless"]),
            pattern_of(entry.get("with_child", [])),
        )
        for category, entry in table.items()
    }
