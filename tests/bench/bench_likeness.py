"""`make bench-likeness`: capture, gate, search, ledger and revocation on this machine. No test.

Runs every part of `tests/bench/likeness/` in a process of its own and prints, as the last line, one JSON
object with every figure that they measured. A figure that no part measured is null and stands in `missing`; a
part that failed or took too long stands in `failed`, with its last words above.

gate_decide_us        one decision of the gate, rows and the verdict about the words given
permit_ms             p95 of a whole permit, its receipt committed
visible_to_ratio      the feed's query with the likeness rule against the same without
revoke_hidden_ms      the next read of the feed after revoking 10,000 descendants in 12 levels
revoke_purged_s       from revoking until every file of them is gone
revoke_media_s        from revoking until their media are refused, revoking included
ledger_verify_per_s   entries a second and core, every signature checked
verify_head_per_s     entries a second by Merkle head
face_search_ms        one face among 100,000
face_false_stop       share of clean pictures stopped      face_miss   share of enrolled faces not found
capture_check_s       the whole check of a recording of 6 s
attack_accept         the worst kind of attack but the warped still      attack_accept_warp   that one
genuine_reject        genuine-like recordings sent back, of `capture_sets` (kept of these sources, one fresh)
oracle_violations     differences between the gate and the page, told a second time
mutants_killed        planted faults that the tests found, of 22
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PARTS = Path(__file__).parent / "likeness"
PART_WITHIN_S = 420
# Two thousand lives, where no result about the same sources is kept, take ten minutes of one core.
LONGER_S = {"oracle": 3600}
# Measured when they are named: they give no figure of the list, and take minutes.
ON_REQUEST = ("topics", "voices_in_browser")
FIGURES = (
    "gate_decide_us",
    "permit_ms",
    "visible_to_ratio",
    "revoke_hidden_ms",
    "revoke_purged_s",
    "revoke_media_s",
    "ledger_verify_per_s",
    "verify_head_per_s",
    "face_search_ms",
    "face_false_stop",
    "face_miss",
    "capture_check_s",
    "attack_accept",
    "genuine_reject",
    "attack_accept_warp",
    "oracle_violations",
    "mutants_killed",
)


def main() -> None:
    """All parts, or those named on the command line."""
    started, found, failed = time.monotonic(), dict.fromkeys(FIGURES), []
    for name in sys.argv[1:] or parts():
        measured = run(name)
        found |= measured or {}
        failed += [] if measured else [name]
    missing = [name for name in FIGURES if found[name] is None]
    took = round((time.monotonic() - started) / 60, 1)
    load = round(os.getloadavg()[0], 1)
    print(json.dumps({**found, "missing": missing, "failed": failed, "minutes": took, "load": load}))


def parts() -> list[str]:
    """The modules that have a `main`, but for those on request."""
    files = sorted(path for path in PARTS.glob("*.py") if not path.name.startswith("_"))
    named = [path.stem for path in files if "main" in _functions(path)]
    return [name for name in named if name not in ON_REQUEST]


def _functions(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def run(name: str) -> dict[str, Any] | None:
    """The figures of one part; None where it failed."""
    print(f"-- {name}", file=sys.stderr, flush=True)
    command, within = (
        [sys.executable, "-m", f"tests.bench.likeness.{name}"],
        LONGER_S.get(name, PART_WITHIN_S),
    )
    threads = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}
    try:
        done = subprocess.run(
            command, env=os.environ | threads, stdout=subprocess.PIPE, timeout=within, check=False
        )
    except subprocess.TimeoutExpired:
        print(f"{name} took more than {within} s", file=sys.stderr)
        return None
    lines = done.stdout.decode().strip().splitlines() or [""]
    print("\n".join(lines), file=sys.stderr, flush=True)
    try:
        read = json.loads(lines[-1])
    except ValueError:
        return None
    return read if done.returncode == 0 and isinstance(read, dict) else None


if __name__ == "__main__":
    main()
