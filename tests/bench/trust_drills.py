"""What `make drill` wrote, and only if it drilled this very source."""

from __future__ import annotations

import json

from tests.drills.__main__ import RESULTS
from tests.drills.hashing import source_hash


def figures() -> dict[str, object]:
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if kept.get("source") != source_hash():
        return {"drills": "refused: docs/drills/results.json is of another source; run make drill"}
    return {name: kept[name] for name in ("drills_failed", "lost", "doubled", "recovery_s")}
