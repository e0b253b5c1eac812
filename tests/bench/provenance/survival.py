"""Whether marks are found again in all shipped clips, after the three ways that have a goal of their own."""

from __future__ import annotations

import json
import os
from typing import Any

SHORT_S = 1
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
    found: dict[str, Any] = {
        name: round(row.marks / row.clips, 4) for name, row in zip(NAMES, rows, strict=True)
    }
    print(json.dumps(found | {"mark_clips": rows[0].clips, "mark_psnr": round(min(decibels), 2)}))


if __name__ == "__main__":
    main()
