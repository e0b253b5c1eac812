"""Whether marks and fingerprints are found again: three ways over all shipped clips, all ways over some."""

from __future__ import annotations

import json
import os
from itertools import islice

SHORT_S, LONG_S = 1, 2
TABLE_CLIPS = 5
ASIDE = "Cropped by 20 % of each side, off the middle"
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
    some = list(islice(shipped(LONG_S), 0, 5 * TABLE_CLIPS, 5))
    table = survival.table(some, survival.known(some))
    inside = [row for row in table if row.title != ASIDE]
    (aside,) = [row for row in table if row.title == ASIDE]
    found = {name: round(row.marks / row.clips, 4) for name, row in zip(NAMES, rows, strict=True)}
    found |= {
        "mark_clips": rows[0].clips,
        "mark_psnr": round(min(decibels), 2),
        "mark_recall_table": round(sum(r.marks for r in table) / sum(r.clips for r in table), 4),
        "fingerprint_recall": round(sum(r.prints for r in inside) / sum(r.clips for r in inside), 4),
        "fingerprint_recall_aside": round(aside.prints / aside.clips, 4),
        "table_missed": {
            row.title: [row.clips - row.marks, row.clips - row.prints]
            for row in table
            if row.marks + row.prints < 2 * row.clips
        },
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
