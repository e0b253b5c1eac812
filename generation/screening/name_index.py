"""Finds names in a text in a time that does not grow with how many names there are.

Latin names are kept by the beginnings that are left when the letters that may be wrong are taken away,
Chinese ones by their first two characters and, where one may be wrong, by their last two: only names that
may be meant are compared at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from generation.screening.patterns import CJK

LONG, LONGER = 8, 11  # letters from which one, and two, may be wrong
LONG_CHINESE = 5  # characters from which one may be another
_BEGINNING = 6  # letters; no window that may be misspelt is shorter (`LONG - 1`)

Words = Sequence[tuple[str, int, int]]  # each with its start and end in the text


T = TypeVar("T")


class Index(Generic[T]):
    """What each alias stands for. `aliases`: plain ones (`names.plain`), words with a blank between."""

    def __init__(self, aliases: Iterable[tuple[str, T]]) -> None:
        self._chinese: dict[str, list[tuple[int, str, T]]] = {}
        self._latin: dict[str, list[tuple[int, T]]] = {}
        self._misspelt: dict[str, list[tuple[str, int, int, T]]] = {}
        self._most_words = 0
        for alias, meant in aliases:
            if CJK.search(alias):
                self._add_chinese(alias, meant)
            else:
                self._add_latin(alias.replace(" ", ""), alias.count(" ") + 1, meant)

    def _add_chinese(self, alias: str, meant: T) -> None:
        self._chinese.setdefault(alias[:2], []).append((0, alias, meant))
        if len(alias) >= LONG_CHINESE:
            self._chinese.setdefault(alias[-2:], []).append((len(alias) - 2, alias, meant))

    def _add_latin(self, joined: str, count: int, meant: T) -> None:
        self._most_words = max(self._most_words, count + 1)
        self._latin.setdefault(joined, []).append((count, meant))
        if len(joined) >= LONG:
            entry = (joined, _letters(joined), count, meant)
            for beginning in _thinned(joined[:_BEGINNING], 1 if len(joined) < LONGER else 2):
                self._misspelt.setdefault(beginning, []).append(entry)

    def latin_in(self, words: Words) -> Iterator[tuple[T, int, int]]:
        """What is read, with start and end in the text."""
        for first, (word, start, _) in enumerate(words):
            said, letters = [word], [_letters(word)]
            for other, _, _ in words[first + 1 : first + self._most_words]:
                said.append(said[-1] + other)
                letters.append(letters[-1] | _letters(other))
            for meant, taken in (*self._exactly(said), *self._nearly(said, letters)):
                yield meant, start, words[first + taken - 1][2]

    def _exactly(self, said: list[str]) -> Iterator[tuple[T, int]]:
        """`said`: the first word, the first two run together, and so on. With how many were taken. Divided
        otherwise than the name ("Leo nardo", "Emmawatson"), it has to be long."""
        for taken, letters in enumerate(said, 1):
            for count, meant in self._latin.get(letters, ()):
                if taken == count or (len(letters) >= LONG and abs(taken - count) == 1):
                    yield meant, taken

    def _nearly(self, said: list[str], letters: list[int]) -> Iterator[tuple[T, int]]:
        if len(said[-1]) < LONG - 1:
            return
        tried = set()
        for beginning in _thinned(said[-1][:_BEGINNING], 2):
            for alias, own, count, meant in self._misspelt.get(beginning, ()):
                if alias in tried:
                    continue
                tried.add(alias)
                for taken in (count, count + 1, count - 1):
                    if not 0 < taken <= len(said) or (letters[taken - 1] ^ own).bit_count() > 4:
                        continue  # each of two mistakes takes one letter away and brings one at most
                    if _misspells(said[taken - 1], alias, taken == count):
                        yield meant, taken
                        break

    def chinese_in(self, text: str) -> Iterator[tuple[T, int, int]]:
        """What is read, with start and end in the text."""
        for here in range(len(text)):
            for pair in (text[here], text[here : here + 2]) if here + 1 < len(text) else (text[here],):
                for offset, alias, meant in self._chinese.get(pair, ()):
                    at = here - offset
                    if at >= 0 and _is_at(text[at : at + len(alias)], alias, offset):
                        yield meant, at, at + len(alias)


def _is_at(piece: str, alias: str, offset: int) -> bool:
    if piece == alias:
        return not offset  # found by its beginning already
    if len(alias) < LONG_CHINESE or len(piece) < len(alias) or (offset and piece[:2] == alias[:2]):
        return False
    return sum(a != b for a, b in zip(piece, alias, strict=True)) == 1


@lru_cache(maxsize=1 << 12)
def _thinned(beginning: str, most: int) -> frozenset[str]:
    """The beginning without up to `most` of its letters, never without its first. Two names that are `most`
    mistakes apart have one of these in common."""
    kept = {beginning}
    for at in range(1, len(beginning)):
        one = beginning[:at] + beginning[at + 1 :]
        kept.add(one)
        if most > 1:
            kept.update(one[:other] + one[other + 1 :] for other in range(at, len(one)))
    return frozenset(kept)


def _misspells(said: str, alias: str, exact: bool) -> bool:
    """Whether the letters are the name with a mistake or two. `exact`: in as many words."""
    if said == alias:
        return False  # that is no mistake
    mistakes = (len(alias) >= LONG and exact) + (len(alias) >= LONGER)  # "a small one" is not Stallone
    if not mistakes or said[0] != alias[0] or abs(len(said) - len(alias)) > mistakes:
        return False
    return _distance(said, alias, mistakes) <= mistakes


@lru_cache(maxsize=1 << 14)
def _letters(word: str) -> int:
    """Which letters are in a word, a bit each (rare ones share a bit)."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 63)
    return bits


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
