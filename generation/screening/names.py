"""The guard of names: people who are not to be shown without being cast, people shown no more by request, and
characters that belong to others.

Names are read as people misspell them: letters left out, turned or doubled ("Tayler Swfit"), words run
together or drawn apart ("Leonardo di Caprio"), another transliteration by one character ("斯嘉莉约翰逊"),
marks between the characters. A name of one short word, or of up to four Chinese characters, matches exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings

from generation.screening import normalise
from generation.screening.normalise import Plain
from generation.screening.patterns import CJK, pattern_of
from generation.screening.verdict import Outcome, Verdict

HERE = Path(__file__).parent
LONG, LONGER = 8, 11  # letters from which one, and two, may be wrong
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


@dataclass(frozen=True)
class Name:
    """Somebody (or some character) who is not to be shown, under all their names as plain text."""

    rule: str
    aliases: tuple[str, ...]

    @property
    def title(self) -> str:
        return self.aliases[0]


def judge(
    readings: Sequence[Plain],
    allowed: Iterable[str],
    strictness: Mapping[str, str],
    more: Sequence[Name] = (),
) -> Iterator[Verdict]:
    """A verdict for each guarded name that is read. `allowed`: names of the people who are cast (and of the
    maker); `more`: those the operator added."""
    let_through = {plain(name) for name in allowed}
    for reading in readings:
        for name, start, end in _spotted(reading, more):
            level = strictness["character" if name.rule == "character" else "real_person"]
            if level == "off" or let_through & set(name.aliases):
                continue
            outcome = Outcome.REFUSE if level == "refuse" else Outcome.REVIEW
            yield Verdict(outcome, stage="people", rule=name.rule, evidence=reading.evidence(start, end))


def plain(name: str) -> str:
    """A name as it is compared: plain letters, one blank between words, none between Chinese ones."""
    words = " ".join(_WORD.findall(normalise.readings(name)[0].text))
    return words.replace(" ", "") if CJK.search(words) else words


@cache
def shipped() -> tuple[Name, ...]:
    """Both shipped lists and the operator's file (`GUARDED_NAMES_PATH`)."""
    files = [("real_person", HERE / "guarded_names.txt"), ("character", HERE / "guarded_characters.txt")]
    if own := str(settings.GUARDED_NAMES_PATH):
        files.append(("real_person", Path(own)))
    return tuple(name for rule, path in files for name in _read(rule, path))


def _read(rule: str, path: Path) -> Iterator[Name]:
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            named = "deceased_by_request" if line.startswith("deceased:") else rule
            yield name_of(named, line.removeprefix("deceased:"))


def name_of(rule: str, line: str) -> Name:
    """`line`: the name and its aliases, with `|` between. Raises ValueError where there is none."""
    aliases = tuple(dict.fromkeys(alias for part in line.split("|") if (alias := plain(part))))
    if not aliases:
        raise ValueError("no name")
    return Name(rule, aliases)


def _spotted(reading: Plain, more: Sequence[Name]) -> Iterator[tuple[Name, int, int]]:
    text = _masked(reading.text)
    words = [(match[0], *match.span()) for match in _WORD.finditer(text)]
    for index in (_shipped_index(), *([_index(tuple(more))] if more else [])):
        if CJK.search(text):
            yield from index.chinese_in(text)
        yield from index.latin_in(words)


def _masked(text: str) -> str:
    return _otherwise().sub(lambda match: "\x00" * len(match[0]), text)


@cache
def _otherwise() -> re.Pattern[str]:
    lines = (HERE / "guarded_otherwise.txt").read_text(encoding="utf-8").splitlines()
    words = (word.strip() for line in lines if not line.startswith("#") for word in line.split("|"))
    return pattern_of(word for word in words if word)


class _Index:
    """Names by what they begin with: a prompt's windows are compared with few."""

    def __init__(self, names: Sequence[Name]) -> None:
        self.latin: dict[str, list[tuple[str, int, Name]]] = {}
        self.chinese: list[tuple[str, Name]] = []
        for name in names:
            for alias in name.aliases:
                if CJK.search(alias):
                    self.chinese.append((alias, name))
                else:
                    joined = alias.replace(" ", "")
                    entry = (joined, alias.count(" ") + 1, name)
                    self.latin.setdefault(joined[0], []).append(entry)

    def latin_in(self, words: Sequence[tuple[str, int, int]]) -> Iterator[tuple[Name, int, int]]:
        for first, (word, start, _) in enumerate(words):
            for alias, count, name in self.latin.get(word[0], ()):
                for taken in {count, count + 1, max(1, count - 1)}:
                    window = words[first : first + taken]
                    if len(window) == taken and _same(window, alias, exact=taken == count):
                        yield name, start, window[-1][2]
                        break

    def chinese_in(self, text: str) -> Iterator[tuple[Name, int, int]]:
        for alias, name in self.chinese:
            at = text.find(alias)
            if at < 0 and len(alias) >= 5:
                at = _one_wrong(text, alias)
            if at >= 0:
                yield name, at, at + len(alias)


@cache
def _shipped_index() -> _Index:
    return _Index(shipped())


@lru_cache(maxsize=8)
def _index(names: tuple[Name, ...]) -> _Index:
    return _Index(names)


def _same(window: Sequence[tuple[str, int, int]], alias: str, *, exact: bool) -> bool:
    """Whether the words read as the name. Run together or drawn apart, they have to be long."""
    said = "".join(word for word, _, _ in window)
    if said == alias:
        return exact or len(alias) >= LONG
    mistakes = (len(alias) >= LONG and exact) + (len(alias) >= LONGER)  # "a small one" is not Stallone
    if not mistakes or abs(len(said) - len(alias)) > mistakes:
        return False
    if (_letters(said) ^ _letters(alias)).bit_count() > 2 * mistakes:
        return False  # each mistake takes one letter away and brings one at most
    return _distance(said, alias, mistakes) <= mistakes


@lru_cache(maxsize=1 << 14)
def _letters(word: str) -> int:
    """Which letters are in a word, a bit each (rare ones share a bit)."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 63)
    return bits


def _one_wrong(text: str, alias: str) -> int:
    """Where the alias stands with one character replaced, or -1."""
    for at in range(len(text) - len(alias) + 1):
        if text[at] == alias[0] or text[at + 1] == alias[1]:
            wrong = sum(a != b for a, b in zip(text[at : at + len(alias)], alias, strict=True))
            if wrong == 1:
                return at
    return -1


def _distance(one: str, other: str, most: int) -> int:
    """Letters inserted, left out, replaced or swapped with their neighbour; anything beyond `most` is
    `most + 1`."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
