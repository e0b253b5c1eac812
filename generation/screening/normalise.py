"""Brings a prompt to the plain letters that its reader sees, and remembers where each letter came from.

Undone: Unicode look-alikes (Cyrillic a, full-width forms, mathematical letters), accents, direction marks
and other characters without a shape, text turned round by a direction mark, leet (`k1ll`), stretched letters
(`killlll`), letters set apart (`k i l l`, `k.i.l.l`, `杀*人`), traditional characters. Not undone: meaning.
What is said in plain words is for the lists and for the vectors.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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
_CJK_APART = re.compile(r"(?<=[㐀-鿿])[\s._\-*·•~|/\\+^=]+(?=[㐀-鿿])")
_TURNED = re.compile("\u202e([^\u202c\u2069\n]*)")


@dataclass(frozen=True)
class Plain:
    """Plain text, and for each of its characters the place in the original."""

    text: str
    places: tuple[int, ...]
    original: str

    def evidence(self, start: int, end: int) -> str:
        """The words of the original that were read as `text[start:end]`."""
        first, last = sorted((self.places[start], self.places[end - 1]))
        return self.original[first : last + 1]


def plain(original: str) -> str:
    """The first of the readings: no accents, look-alikes or traditional characters, all else as it stands."""
    if original.isascii() and original.isprintable():
        return original.casefold()  # the thousands of listed names are read in a moment
    return _plain(original).text


def readings(original: str) -> list[Plain]:
    """The plain text, and, where they differ, the text with leet undone, stretched letters shortened, and
    letters that were set apart joined. A match in any of them counts."""
    out: dict[str, Plain] = {}
    for plain in (_plain(original), *_turned(original)):
        whole, kept = _joined(plain), _joined(plain, first=1)
        joined = (whole, kept, _unleet(whole), _unleet(kept))
        for reading in (plain, _unleet(plain), _unstretched(_unleet(plain)), *map(_unstretched, joined)):
            out.setdefault(reading.text, reading)
    return list(out.values())


def as_read(original: str) -> str:
    """The one text whose sense is judged: everything undone at once."""
    return " ".join(_unstretched(_unleet(_joined(_plain(original)))).text.split())


def hidden_characters(original: str) -> int:
    """How many characters have no shape of their own but change what is read (controls, direction marks)."""
    return sum(unicodedata.category(c) in {"Cf", "Cc", "Co", "Cn"} and c not in "\n\r\t" for c in original)


def _turned(original: str) -> list[Plain]:
    """What the eye sees of `\\u202e`: the letters behind it the other way round."""
    match = _TURNED.search(original)
    if match is None:
        return []
    start, end = match.span(1)
    order = [*range(start), *range(end - 1, start - 1, -1), *range(end, len(original))]
    turned = _plain("".join(original[i] for i in order))
    return [Plain(turned.text, tuple(order[p] for p in turned.places), original)]


@cache
def _simplified() -> dict[str, str]:
    old, new = Path(__file__).with_name("traditional.txt").read_text(encoding="utf-8").splitlines()
    return dict(zip(old, new, strict=True))


def _plain(original: str) -> Plain:
    simplified = _simplified()
    letters: list[tuple[str, int]] = []
    for place, character in enumerate(original):
        kind = unicodedata.category(character)
        if kind in {"Cf", "Co", "Cn", "Mn"} or (kind == "Cc" and character not in "\n\r\t"):
            continue
        for piece in unicodedata.normalize("NFKD", character).casefold():
            if unicodedata.combining(piece):
                continue
            piece = _LOOKALIKES.get(piece) or simplified.get(piece, piece)
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
    for gap in _CJK_APART.finditer(plain.text):
        drop |= set(range(*gap.span()))
    pairs = zip(plain.text, plain.places, strict=True)
    return _build([pair for i, pair in enumerate(pairs) if i not in drop], plain.original)


def _build(letters: list[tuple[str, int]], original: str) -> Plain:
    return Plain("".join(c for c, _ in letters), tuple(p for _, p in letters), original)
