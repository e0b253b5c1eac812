"""The judge that reads letters: word lists, the guard of names, and a few rules that join two lists.

A list entry matches whole words in any *reading* of the prompt (`normalise.readings`), so `k1ll`, `k i l l`
and Cyrillic look-alikes are read as what they look like. Phrases that only sound alike ("kill time") are
masked first.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from generation.screening import normalise
from generation.screening.normalise import Plain
from generation.screening.verdict import Outcome, Verdict

HERE = Path(__file__).parent
CATEGORIES = (
    "minors", "sexual", "self_harm", "hate", "extremism", "violence", "illegal", "harassment", "deception",
)  # the graver first: of two equal verdicts the first is told  # fmt: skip
GUARDS = ("real_person", "character")
MAX_HIDDEN = 3
_CJK = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True)
class WordList:
    refuse: re.Pattern[str]
    review: re.Pattern[str]
    harmless: re.Pattern[str]


@dataclass(frozen=True)
class Name:
    """Somebody (or some character) who is not to be shown, under all their names."""

    rule: str
    pattern: re.Pattern[str]
    plain_names: tuple[str, ...]


def levels() -> dict[str, str]:
    """How strictly the operator takes each category: `refuse`, `review` (everything found is held) or
    `off`."""
    chosen = dict.fromkeys((*CATEGORIES, *GUARDS), "refuse")
    for part in str(settings.HARM_LEVELS).split(","):
        name, _, level = part.strip().partition("=")
        if name in chosen and name != "minors" and level in {"refuse", "review", "off"}:
            chosen[name] = level
    return chosen


def judge(prompt: str, allowed_names: Iterable[str] = ()) -> Verdict:
    """The strictest of what the lists find. `ALLOW` means only that the letters are fine."""
    if normalise.hidden_characters(prompt) > MAX_HIDDEN:
        return Verdict(Outcome.REFUSE, rule="hidden_characters", evidence="")
    found = list(_found(prompt, {n.casefold() for n in allowed_names}))
    return max(found, key=lambda v: v.outcome.strictness, default=Verdict(Outcome.ALLOW))


def _found(prompt: str, allowed_names: set[str]) -> Iterator[Verdict]:
    readings = normalise.readings(prompt)
    for reading in readings:
        yield from _children_and_sex(reading)
    strictness = levels()
    for category in CATEGORIES:
        for reading in readings:
            yield from _listed(category, strictness[category], reading)
    for reading in readings:
        yield from _named(strictness, reading, allowed_names)


def _listed(category: str, level: str, reading: Plain) -> Iterator[Verdict]:
    if level == "off":
        return
    lists = word_lists()[category]
    text = _masked(reading.text, lists.harmless)
    for outcome, pattern in ((Outcome.REFUSE, lists.refuse), (Outcome.REVIEW, lists.review)):
        if match := pattern.search(text):
            taken = outcome if level == "refuse" else Outcome.REVIEW
            yield Verdict(taken, rule=category, evidence=reading.evidence(*match.span()))
            return


def _children_and_sex(reading: Plain) -> Iterator[Verdict]:
    """A word for a child and a word of the sexual list in one prompt: refused, whatever the levels say."""
    child, sexual = word_lists()["child"], word_lists()["sexual"]
    found = child.refuse.search(_masked(reading.text, child.harmless))
    text = _masked(reading.text, sexual.harmless)
    other = sexual.refuse.search(text) or sexual.review.search(text)
    if found and other:
        evidence = f"{reading.evidence(*found.span())} + {reading.evidence(*other.span())}"
        yield Verdict(Outcome.REFUSE, rule="minors", evidence=evidence)


def _named(strictness: dict[str, str], reading: Plain, allowed_names: set[str]) -> Iterator[Verdict]:
    for name in names():
        level = strictness["character" if name.rule == "character" else "real_person"]
        if level == "off" or allowed_names & set(name.plain_names):
            continue
        if match := name.pattern.search(reading.text):
            outcome = Outcome.REFUSE if level == "refuse" else Outcome.REVIEW
            yield Verdict(outcome, stage="people", rule=name.rule, evidence=reading.evidence(*match.span()))


def _masked(text: str, harmless: re.Pattern[str]) -> str:
    return harmless.sub(lambda match: "\x00" * len(match[0]), text)


@cache
def word_lists() -> dict[str, WordList]:
    with (HERE / "words.toml").open("rb") as file:
        table = tomllib.load(file)
    return {
        category: WordList(
            pattern_of(entry.get("refuse", entry.get("words", []))),
            pattern_of(entry.get("review", [])),
            pattern_of(entry["harmless"]),
        )
        for category, entry in table.items()
    }


@cache
def names() -> tuple[Name, ...]:
    """Both shipped lists and the operator's own (`GUARDED_NAMES_PATH`)."""
    files = [("real_person", HERE / "guarded_names.txt"), ("character", HERE / "guarded_characters.txt")]
    if own := str(settings.GUARDED_NAMES_PATH):
        files.append(("real_person", Path(own)))
    return tuple(name for rule, path in files for name in _read_names(rule, path))


def _read_names(rule: str, path: Path) -> Iterator[Name]:
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        deceased = line.startswith("deceased:")
        aliases = [a.strip() for a in line.removeprefix("deceased:").split("|") if a.strip()]
        yield Name(
            "deceased_by_request" if deceased else rule,
            pattern_of(aliases),
            tuple(a.casefold() for a in aliases),
        )


def pattern_of(entries: Iterable[str]) -> re.Pattern[str]:
    """One pattern for a list: Latin entries as whole words (`*`: any ending), Chinese ones anywhere."""
    parts = []
    for entry in entries:
        plain = normalise.readings(entry.removesuffix("*"))[0].text
        body = r"[\s\-_.]+".join(re.escape(word) for word in re.split(r"[\s\-]+", plain.strip()))
        if _CJK.search(plain):
            parts.append(body)
        else:
            parts.append(rf"(?<!\w){body}" + (r"\w*" if entry.endswith("*") else r"(?!\w)"))
    return re.compile("|".join(parts) or r"(?!)")
