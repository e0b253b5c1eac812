"""Lists of words as one pattern, on plain text (`normalise`)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from generation.screening import normalise

CJK = re.compile(r"[㐀-鿿]")


def pattern_of(entries: Iterable[str]) -> re.Pattern[str]:
    """One pattern for a list: Latin entries as whole words (`*`: any ending), Chinese ones anywhere."""
    parts = []
    for entry in entries:
        plain = normalise.plain(entry.removesuffix("*"))
        body = r"[\s\-_.]+".join(re.escape(word) for word in re.split(r"[\s\-]+", plain.strip()))
        if CJK.search(plain):
            parts.append(body)
        else:
            parts.append(rf"(?<!\w){body}" + (r"\w*" if entry.endswith("*") else r"(?!\w)"))
    return re.compile("|".join(parts) or r"(?!)")
