"""The guard of names: people who are not to be shown without being cast, people shown no more by request, and
characters that belong to others.

Names are read as people misspell them: letters left out, turned or doubled ("Tayler Swfit"), words run
together or drawn apart ("Leonardo di Caprio"), another transliteration by one character ("斯嘉莉约翰逊"),
marks between the characters. A name of one short word, or of up to four Chinese characters, matches exactly.

A list holds one name a line: aliases with `|` between, and, after ` + `, words of which one has to stand in
the same prompt ("Elsa + frozen | arendelle": other Elsas are nobody's). A line that begins with `+` puts such
words to every name below it, up to a line with nothing but `+`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings

from generation.screening import normalise
from generation.screening.name_index import Index
from generation.screening.normalise import Plain
from generation.screening.patterns import CJK, pattern_of
from generation.screening.verdict import Outcome, Verdict

HERE = Path(__file__).parent
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


@dataclass(frozen=True)
class Name:
    """Somebody (or some character) who is not to be shown, under all their names as plain text."""

    rule: str
    aliases: tuple[str, ...]
    beside: tuple[str, ...] = ()  # it counts only where one of these is said too; none: always

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
            if level == "off" or let_through & set(name.aliases) or not is_meant(name, reading.text):
                continue
            outcome = Outcome.REFUSE if level == "refuse" else Outcome.REVIEW
            yield Verdict(outcome, stage="people", rule=name.rule, evidence=reading.evidence(start, end))


def is_meant(name: Name, text: str) -> bool:
    return not name.beside or _any_of(name.beside).search(text) is not None


@lru_cache(maxsize=1 << 10)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return pattern_of(words)


def plain(name: str) -> str:
    """A name as it is compared: plain letters, one blank between words, none between Chinese ones."""
    words = " ".join(_WORD.findall(normalise.plain(name)))
    return words.replace(" ", "") if CJK.search(words) else words


@cache
def shipped() -> tuple[Name, ...]:
    """Both shipped lists and the operator's file (`GUARDED_NAMES_PATH`)."""
    files = [("real_person", HERE / "guarded_names.txt"), ("character", HERE / "guarded_characters.txt")]
    if own := str(settings.GUARDED_NAMES_PATH):
        files.append(("real_person", Path(own)))
    return tuple(name for rule, path in files for name in _read(rule, path))


def _read(rule: str, path: Path) -> Iterator[Name]:
    shared = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if line.startswith("+"):
            shared = line.removeprefix("+").strip()
        elif line and not line.startswith("#"):
            named = "deceased_by_request" if line.startswith("deceased:") else rule
            yield name_of(named, line.removeprefix("deceased:"), shared)


def name_of(rule: str, line: str, beside: str = "") -> Name:
    """`line`: the name and its aliases, with `|` between, and perhaps ` + ` and the words it counts beside;
    `beside`: more of those. Raises ValueError where there is no name."""
    said, _, own = line.partition(" + ")
    aliases = tuple(dict.fromkeys(alias for part in said.split("|") if (alias := plain(part))))
    if not aliases:
        raise ValueError("no name")
    words = f"{own}|{beside}".split("|")
    return Name(rule, aliases, tuple(word.strip() for word in words if word.strip()))


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


@cache
def _shipped_index() -> Index[Name]:
    return _index_of(shipped())


@lru_cache(maxsize=8)
def _index(names: tuple[Name, ...]) -> Index[Name]:
    return _index_of(names)


def _index_of(names: Sequence[Name]) -> Index[Name]:
    return Index((alias, name) for name in names for alias in name.aliases)
