"""Brings a prompt to the plain letters that its reader sees, and remembers where each letter came from.

Undone: Unicode look-alikes (Cyrillic a, full-width forms, mathematical letters), accents, direction marks
and other characters without a shape, leet (`k1ll`), stretched letters (`killlll`) and letters set apart (`k
i l l`, `k.i.l.l`). Not undone: meaning. What is said in plain words is for the lists and for the vectors.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_LOOKALIKES = dict(
    zip(
        "аеорсухіјѕԁԛԝһвнкмтпгзёαβγδεζηικλμνορστυφχωɑɡıℓ",
        "aeopcyxijsdqwhbhkmtnr3eabydezniklmvopotyoxwagil",
        strict=True,
    )
)
_LEET = dict(zip("013456789@$!|+€", "oieasgtbgasilte", strict=True))
_APART = re.compile(r"(?<![^\W_])(?:[^\W_][ ._\-*·]+){2,}[^\W_](?![^\W_])")
_CJK = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True)
class Plain:
    """Plain text, and for each of its characters the place in the original."""

    text: str
    places: tuple[int, ...]
    original: str

    def evidence(self, start: int, end: int) -> str:
        """The words of the original that were read as `text[start:end]`."""
        return self.original[self.places[start] : self.places[end - 1] + 1]


def readings(original: str) -> list[Plain]:
    """The plain text, and, where they differ, the text with leet undone, stretched letters shortened, and
    letters that were set apart joined. A match in any of them counts."""
    plain = _plain(original)
    seen, out = set(), []
    whole, kept = _joined(plain), _joined(plain, first=1)
    joined = (whole, kept, _unleet(whole), _unleet(kept))
    for reading in (plain, _unleet(plain), _unstretched(_unleet(plain)), *map(_unstretched, joined)):
        if reading.text not in seen:
            seen.add(reading.text)
            out.append(reading)
    return out


def hidden_characters(original: str) -> int:
    """How many characters have no shape of their own but change what is read (controls, direction marks)."""
    return sum(unicodedata.category(c) in {"Cf", "Cc", "Co", "Cn"} and c not in "\n\r\t" for c in original)


def _plain(original: str) -> Plain:
    letters: list[tuple[str, int]] = []
    for place, character in enumerate(original):
        if unicodedata.category(character) in {"Cf", "Co", "Cn", "Mn"}:
            continue
        for piece in unicodedata.normalize("NFKD", character).casefold():
            if unicodedata.combining(piece):
                continue
            piece = _LOOKALIKES.get(piece, piece)
            letters.append((" " if piece.isspace() or unicodedata.category(piece) == "Cc" else piece, place))
    return _build(letters, original)


def _unleet(plain: Plain) -> Plain:
    """Digits and signs read as letters, in words that hold letters too: `k1ll`, not `3 dogs` or `1990`."""
    letters = list(zip(plain.text, plain.places, strict=True))
    for word in re.finditer(r"[\w@$!|+€]+", plain.text):
        has_letter = any(c.isascii() and c.isalpha() for c in word[0])
        is_number = re.fullmatch(r"\d+(st|nd|rd|th|s|d|k|x|p|fps|am|pm|m|cm|mm|km|kg)?", word[0])
        if has_letter and not is_number:
            for i in range(word.start(), word.end() - (word[0][-1] in "!|+")):
                letters[i] = (_LEET.get(letters[i][0], letters[i][0]), letters[i][1])
    return _build(letters, plain.original)


def _unstretched(plain: Plain) -> Plain:
    """Three or more of a letter become one."""
    kept: list[tuple[str, int]] = []
    for match in re.finditer(r"(.)\1*", plain.text, re.DOTALL):
        length = 1 if len(match[0]) > 2 and match[1].isalpha() and not _CJK.match(match[1]) else len(match[0])
        kept += [(match[1], plain.places[match.start() + i]) for i in range(length)]
    return _build(kept, plain.original)


def _joined(plain: Plain, first: int = 0) -> Plain:
    """Letters that were set apart as one word. `first`: that many letters stay apart ("a n a k e d" holds
    "a")."""
    drop: set[int] = set()
    for run in _APART.finditer(plain.text):
        between = [i for i in range(run.start(), run.end()) if not plain.text[i].isalnum()]
        drop |= set(between[first:])
    pairs = zip(plain.text, plain.places, strict=True)
    return _build([pair for i, pair in enumerate(pairs) if i not in drop], plain.original)


def _build(letters: list[tuple[str, int]], original: str) -> Plain:
    return Plain("".join(c for c, _ in letters), tuple(p for _, p in letters), original)
