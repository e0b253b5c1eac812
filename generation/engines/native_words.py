"""Words of a prompt that the native engine has no picture for. No torch: pages ask it while somebody
types."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from model.scene import words

# Words that point at the parent of a remix and need no picture of their own.
POINTING = frozenset(
    [
        "same",
        "again",
        "instead",
        "still",
        "now",
        "everyone",
        "everybody",
        "everything",
        "version",
        "remix",
        "make",
        "it",
    ]
)


def unknown_words(prompt: str, names: Sequence[str] = ()) -> list[str]:
    """In order, each once; names of the people in the scene are known."""
    known = {part for name in names for part in name.casefold().split()} | {n.casefold() for n in names}
    return [word for word in words.unknown_words(prompt) if word.casefold() not in known | POINTING][:12]


OTHER_SCRIPTS = (
    "HIRAGANA", "KATAKANA", "HANGUL", "CYRILLIC", "ARABIC", "HEBREW", "DEVANAGARI", "THAI", "GREEK",
    "BENGALI", "TAMIL", "ARMENIAN", "GEORGIAN",
)  # fmt: skip
FOREIGN_SHARE, FOREIGN_WORDS = 0.25, 3


def reads(prompt: str, names: Sequence[str] = ()) -> bool:
    """Whether there is anything in the prompt that the engine understands: English or Chinese, and where all
    words are strange, few of them (a single strange word is told by `unknown_words`)."""
    letters = [character for character in prompt if character.isalpha()]
    foreign = sum(unicodedata.name(letter, "").startswith(OTHER_SCRIPTS) for letter in letters)
    if letters and foreign / len(letters) > FOREIGN_SHARE:
        return False
    return bool(words.known_concepts(prompt)) or len(unknown_words(prompt, names)) < FOREIGN_WORDS
