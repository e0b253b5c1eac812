"""Words of a prompt that the native engine has no picture for. No torch: pages ask it while somebody
types."""

from __future__ import annotations

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
