"""Thousands of random lives against the oracle: `python -m tests.bench.likeness.oracle [sequences]`.

oracle_violations    lives in which gate or likeness rule differed from the oracle (hypothesis stops at one)
oracle_sequences     lives that were lived      oracle_median_actions   acts in a life, the median
oracle_least_hits    how often the rarest pair of refusal reason and state came up; `oracle_rarest` names it

A pair is a reason and the state of the permit about which it was given: none (asked for the first time),
taken (asked again before sealing), spent (asked again when published), returned. Moves of a use and of a
permit between states are pairs too. Pairs that chance left out are met in lives in which one drawn change
follows another.

Two thousand lives take ten minutes of one core, so processes share them, and the result is kept
in `kept/oracle.json` with its day and a hash of the sources that it speaks of. While they stay, running
this part says what is kept and lives `AGAIN` fresh lives; a number of sequences lives them all again.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

SEQUENCES, STEPS, AT_A_TIME, AGAIN = 2000, 32, 100, 60
LEAST = 20
ROOT = Path(__file__).parents[3]
KEPT = Path(__file__).parent / "kept" / "oracle.json"
SOURCES = (
    *(f"cameos/{name}.py" for name in ("actions", "consent", "licences", "revocation", "terms", "uses")),
    *(f"tests/cameos/{name}.py" for name in ("lives", "lives_of_change", "lives_of_clips", "oracle")),
    "tests/bench/likeness/oracle.py",
)
# Reasons that say no by themselves at each state. The owner's own acts end uses at once, so of what they do
# a published clip meets "use_ended" first; a count or end that was settled is not asked again.
BOTH = ("blocked", "too_young", "audience", "purpose", "commercial", "voice", "companions", "not_yet")
AT_ISSUE = (
    "not_verified",
    "frozen",
    "no_grant",
    "expired",
    "shown_long_enough",
    "count_spent",
    "unpaid",
    "topic",
)
BEFORE_SEALING = (
    "not_verified",
    "frozen",
    "no_grant",
    "topics_unchecked",
    "source_ended",
    "permit_over",
    "unpaid",
)
WHEN_PUBLISHED = ("use_ended", "waiting_for_approval", "topics_unchecked", "permit_over", "topic")
PAIRS = [
    *(f"{reason} / none" for reason in (*BOTH, *AT_ISSUE, "no_permit", "unavailable")),
    *(f"{reason} / taken" for reason in (*BOTH, *BEFORE_SEALING, "shown_long_enough", "topic")),
    *(f"{reason} / spent" for reason in (*BOTH, *WHEN_PUBLISHED, "shown_long_enough")),
    "permit_over / returned",
    "use_over / live",
    "use_over / ended",
    "use new -> live",
    "use new -> provisional",
    "use provisional -> live",
    "use provisional -> ended",
    "use live -> ended",
    "use live -> hidden",
    "use hidden -> live",
    "use hidden -> ended",
    "use_over / hidden",
    "permit taken -> spent",
    "permit taken -> returned",
]


def measure(sequences: int, processes: int) -> dict[str, Any]:
    """Live them in so many processes, and count."""
    start = time.monotonic()
    share = -(-sequences // processes)
    shares = [_begin(share, 1000 * number) for number in range(1, processes + 1)]
    told = [json.loads(process.communicate()[0].decode().strip().splitlines()[-1]) for process in shares]
    seen: Counter[str] = sum((Counter(one["seen"]) for one in told), Counter())
    lengths = [length for one in told for length in one["lengths"]]
    hits = {pair: seen[pair] for pair in PAIRS}
    rarest = min(hits, key=lambda pair: hits[pair])
    for one in told:
        print(one["violation"] or "no difference", file=sys.stderr)
    return {
        "oracle_violations": sum(one["violation"] is not None for one in told),
        "oracle_sequences": len(lengths),
        "oracle_median_actions": statistics.median(lengths) if lengths else 0,
        "oracle_pairs": len(PAIRS),
        "oracle_least_hits": hits[rarest],
        "oracle_rarest": rarest,
        "oracle_s": round(time.monotonic() - start),
    }


def _begin(lives: int, seed: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.bench.likeness.oracle", "--share", str(lives), str(seed)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def share(lives: int, seed: int) -> dict[str, Any]:
    """One process's part: random lives, then what chance left out. Stops at the first difference. Needs
    `_ground.database`."""
    from django.test import override_settings

    from tests.cameos.lives import LENGTHS, SEEN

    SEEN.clear()
    LENGTHS.clear()
    start, violation = time.monotonic(), None
    with tempfile.TemporaryDirectory() as folder, override_settings(JOURNAL_PATH=Path(folder) / "journal"):
        while len(LENGTHS) < lives and not violation:
            seed += 1
            violation = first_violation(min(AT_A_TIME, lives), STEPS, seed=seed)
            few = [pair for pair in PAIRS if SEEN[pair] < LEAST]
            took = time.monotonic() - start
            print(f"{len(LENGTHS)} lives in {took:.0f} s; still few: {few}", file=sys.stderr, flush=True)
        rng, tries = Random(seed), 0
        while lives >= AT_A_TIME and not violation and tries < 40 and _is_short(SEEN):
            violation, tries = _in_turn(rng), tries + 1
    return {"violation": violation, "seen": dict(SEEN), "lengths": list(LENGTHS)}


def _is_short(seen: Counter[str]) -> bool:
    return any(seen[pair] < LEAST for pair in PAIRS)


def _in_turn(rng: Random) -> str | None:
    """A life of changes in a drawn order."""
    from tests.cameos.lives_of_change import CHANGES, one_after_another

    try:
        one_after_another(rng.sample(sorted(CHANGES), 8))
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:2000]
    return None


def first_violation(sequences: int, steps: int, *, seed: int) -> str | None:
    """Live up to `sequences` lives; the first difference as text, or None where there is none."""
    import hypothesis
    from hypothesis import HealthCheck, Phase, Verbosity, settings
    from hypothesis.stateful import run_state_machine_as_test as run

    from tests.cameos.lives_of_change import Lives

    how = settings(
        max_examples=sequences,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run(hypothesis.seed(seed)(Lives), settings=how)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:2000]
    return None


def fingerprint() -> str:
    """Of the sources that the result speaks of."""
    whole = hashlib.sha256()
    for name in SOURCES:
        whole.update((ROOT / name).read_bytes())
    return whole.hexdigest()[:16]


def kept() -> dict[str, Any] | None:
    """What was measured last, if it was about these sources."""
    if not KEPT.exists():
        return None
    found: dict[str, Any] = json.loads(KEPT.read_text())
    return found if found.pop("sources") == fingerprint() else None


def keep(found: dict[str, Any], sources: str) -> None:
    """`sources` is the fingerprint from before the lives: files that changed meanwhile make it void."""
    KEPT.parent.mkdir(exist_ok=True)
    day = datetime.now(UTC).date().isoformat()
    KEPT.write_text(json.dumps({**found, "oracle_day": day, "sources": sources}, indent=2) + "\n")


def main() -> None:
    if sys.argv[1:2] == ["--share"]:
        from tests.bench.likeness import _ground

        with _ground.database(in_memory=True):
            print(json.dumps(share(int(sys.argv[2]), int(sys.argv[3]))))
        return
    known = None if sys.argv[1:] else kept()
    if known is not None:
        fresh = measure(AGAIN, 1)
        violations = known["oracle_violations"] + fresh["oracle_violations"]
        print(
            json.dumps({**known, "oracle_violations": violations, "oracle_again": fresh["oracle_sequences"]})
        )
        return
    sequences = int(sys.argv[1]) if sys.argv[1:] else SEQUENCES
    one_at_a_time = "DATABASE_URL" in os.environ  # a server's test database has one name
    sources = fingerprint()
    found = measure(sequences, 1 if one_at_a_time else os.cpu_count() or 1)
    if sequences >= SEQUENCES:
        keep(found, sources)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
