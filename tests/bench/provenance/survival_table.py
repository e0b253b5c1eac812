"""Whether marks and fingerprints are found again after all ways of `manage.py survival`, in some shipped
clips and in clips that nothing was tuned on."""

from __future__ import annotations

import json
import os
from itertools import islice
from typing import Any

LONG_S = 2
TABLE_CLIPS, UNSEEN_CLIPS = 3, 3


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from generation.management.commands.survival import shipped
    from generation.provenance import survival

    some = list(islice(shipped(LONG_S), 0, 7 * TABLE_CLIPS, 7))
    unseen = list(survival.drawn(LONG_S, UNSEEN_CLIPS))
    known = survival.known([*some, *unseen])
    table, other = survival.table(some, known), survival.table(unseen, known)
    found = {
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
