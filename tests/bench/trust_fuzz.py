"""`fuzz_crashes`: of what once crashed a parser, and of what is nearly right, how much still does; and how
many targets crashed in the kept run of `make fuzz`. `fuzz_hours`: how long that was, all together; null
where it was of other parsers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def figures() -> dict[str, object]:
    from tests.fuzz.targets import SEEDS, TARGETS, attempt

    kept = [path for path in (Path(__file__).parent.parent / "fuzz" / "kept").rglob("*") if path.is_file()]
    cases = [(path.parent.name, path.read_bytes()) for path in kept]
    seeds = [(name, seed) for name in TARGETS for seed in SEEDS.get(name, [b""])]
    cases += [(name, seed[:cut]) for name, seed in seeds for cut in range(len(seed) + 1)]
    crashes = 0
    for name, data in cases:
        try:
            attempt(name, data)
        except Exception as error:
            crashes += 1
            print(f"{name}: {type(error).__name__} for {data[:40]!r}")
    told = kept_run()
    return {"fuzz_cases": len(cases), "fuzz_crashes": crashes + told.pop("crashed", 0)} | told


def kept_run() -> dict[str, Any]:
    """What `make fuzz` kept, if it tried these very parsers."""
    from tests.fuzz.__main__ import RESULTS, parsers_hash

    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if kept.get("source") != parsers_hash():
        return {
            "fuzz_hours": None,
            "fuzz": "refused: docs/drills/fuzz.json is of other parsers; run make fuzz",
        }
    rows = kept["targets"].values()
    return {
        "crashed": sum(row["crashed"] for row in rows),
        "fuzz_runs": sum(row["runs"] for row in rows),
        "fuzz_hours": round(len(rows) * kept["seconds_each"] / 3600, 2),
    }
