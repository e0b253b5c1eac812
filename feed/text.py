"""What people type under a clip, made safe to stand beside other people's words."""

from __future__ import annotations

import re
import unicodedata

# Marks that turn the writing around or hide: they could make one sentence read as another. Joiners stay,
# since emoji and several scripts need them.
HIDDEN = frozenset("\u200b\u200e\u200f\u061c\u2028\u2029\u2060\ufeff") | {
    chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xE0000, 0xE0080))
}
MOST_MARKS = 3  # combining marks on one letter; Vietnamese and Thai need two, "zalgo" has dozens
MOST_LINES = 12
HASHTAG = re.compile(r"(?<!\w)[#＃](\w{1,60})")
MOST_HASHTAGS = 8


def clean(text: str) -> str:
    """NFC, without hidden or control characters, towers of marks cut to three, blank space tidied."""
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text.replace("\r\n", "\n")):
        category = unicodedata.category(char)
        if char in HIDDEN or (category in {"Cc", "Cs", "Co", "Cn"} and char != "\n"):
            continue
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks <= MOST_MARKS:
            kept.append(char)
    lines = [" ".join(line.split()) for line in "".join(kept).strip().split("\n")]
    tidy = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return "\n".join(tidy.split("\n")[:MOST_LINES])


def hashtags(text: str) -> list[str]:
    """The tags of a caption, lower-cased, each once, in order; digits alone are none."""
    found = (tag.lower() for tag in HASHTAG.findall(text))
    return list(dict.fromkeys(tag for tag in found if not tag.isdigit()))[:MOST_HASHTAGS]
