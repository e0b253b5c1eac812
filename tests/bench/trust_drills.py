"""What `make drill` wrote, and only if it drilled this very source."""

from __future__ import annotations

import json

from tests.drills.__main__ import RESULTS
from tests.drills.hashing import source_hash

NAMES = (
    *("drills_failed", "lost", "doubled", "recovery_s"),
    *("load_errors", "feed_p95_ratio", "rss_growth"),
)


def figures() -> dict[str, object]:
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if kept.get("source") != source_hash():
        return {"drills": "refused: docs/drills/results.json is of another source; run make drill"}
    load = kept.get("load", {})
    told = {f"load_{name}": load[name] for name in ("generator_cpu_s", "wall_s", "requests_per_s") if load}
    return {name: kept[name] for name in NAMES} | {"drills_run": len(kept["drills"])} | told
