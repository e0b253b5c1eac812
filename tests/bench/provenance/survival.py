"""Whether marks and fingerprints are found again: three ways over all shipped clips, all ways over some of
them and over clips that nothing was tuned on."""

from __future__ import annotations

import json
import os
from itertools import islice
from typing import Any

SHORT_S, LONG_S = 1, 2
TABLE_CLIPS, UNSEEN_CLIPS = 3, 3
NAMES = ("mark_recall_crf28", "mark_recall_half", "mark_recall_480p")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from generation.management.commands.survival import shipped
    from generation.provenance import survival

    asked = [way for way in survival.WAYS if way.title in survival.ASKED_RECALL]
    rows, decibels = [survival.Row(way.title) for way in asked], []
    for clip in shipped(SHORT_S):
        decibels.append(clip.decibels)
        for row, found in zip(rows, survival.table([clip], survival.known([]), asked), strict=True):
            row.clips, row.marks = row.clips + 1, row.marks + found.marks
    some = list(islice(shipped(LONG_S), 0, 7 * TABLE_CLIPS, 7))
    unseen = list(survival.drawn(LONG_S, UNSEEN_CLIPS))
    known = survival.known([*some, *unseen])
    table, other = survival.table(some, known), survival.table(unseen, known)
    found = {name: round(row.marks / row.clips, 4) for name, row in zip(NAMES, rows, strict=True)}
    found |= {
        "mark_clips": rows[0].clips,
        "mark_psnr": round(min(decibels), 2),
        "mark_recall_table": share(table, "marks"),
        "fingerprint_recall": share([*table, *other], "prints"),
        "fingerprint_recall_shipped": share(table, "prints"),
        "mark_recall_unseen": share(other, "marks"),
        "fingerprint_recall_unseen": share(other, "prints"),
        "table_missed": missed(table),
        "unseen_missed": missed(other),
    }
    print(json.dumps(found))


def share(rows: list[Any], what: str) -> float:
    return round(sum(getattr(row, what) for row in rows) / sum(row.clips for row in rows), 4)


def missed(rows: list[Any]) -> dict[str, list[int]]:
    """By way: how many marks and fingerprints were not found."""
    return {
        row.title: [row.clips - row.marks, row.clips - row.prints]
        for row in rows
        if row.marks + row.prints < 2 * row.clips
    }


if __name__ == "__main__":
    main()
