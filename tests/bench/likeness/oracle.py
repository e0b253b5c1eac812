"""Thousands of random lives against the oracle: `python -m tests.bench.likeness.oracle [sequences]`.

oracle_violations    lives in which gate or likeness rule differed from the oracle (hypothesis stops at one)
oracle_sequences     lives that were lived      oracle_median_actions   acts in a life, the median
oracle_least_hits    how often the rarest pair of refusal reason and state came up; `oracle_rarest` names it

A pair is a reason and the state of the permit about which it was given: none (asked for the first time),
taken (asked again before sealing), spent (asked again when published), returned. Moves of a use and of a
permit between states are pairs too.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SEQUENCES, STEPS, AT_A_TIME = 2000, 32, 100
LEAST = 20
# Reasons that say no by themselves at each state. The owner's own acts end uses at once, so of what they do
# a published clip meets "use_ended" first; a count or end that was settled is not asked again.
BOTH = ("blocked", "too_young", "audience", "purpose", "commercial", "voice", "companions", "not_yet")
AT_ISSUE = ("not_verified", "frozen", "no_grant", "expired", "shown_long_enough", "count_spent", "topic")
BEFORE_SEALING = ("not_verified", "frozen", "no_grant", "topics_unchecked", "source_ended", "permit_over")
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
    "permit taken -> spent",
    "permit taken -> returned",
]


def measure(sequences: int = SEQUENCES) -> dict[str, Any]:
    """Live them and count; stops at the first difference. Needs `_ground.database`."""
    from django.test import override_settings

    from tests.cameos.lives import LENGTHS, SEEN

    SEEN.clear()
    LENGTHS.clear()
    start, violation, seed = time.monotonic(), None, 0
    with tempfile.TemporaryDirectory() as folder, override_settings(JOURNAL_PATH=Path(folder) / "journal"):
        while len(LENGTHS) < sequences and not violation:
            seed += 1
            violation = first_violation(min(AT_A_TIME, sequences), STEPS, seed=seed)
            _tell(len(LENGTHS), time.monotonic() - start, SEEN)
    hits = {pair: SEEN[pair] for pair in PAIRS}
    rarest = min(hits, key=lambda pair: hits[pair])
    if violation:
        print(violation, file=sys.stderr)
    return {
        "oracle_violations": int(violation is not None),
        "oracle_sequences": len(LENGTHS),
        "oracle_median_actions": statistics.median(LENGTHS) if LENGTHS else 0,
        "oracle_pairs": len(PAIRS),
        "oracle_least_hits": hits[rarest],
        "oracle_rarest": rarest,
        "oracle_s": round(time.monotonic() - start),
    }


def _tell(lives: int, seconds: float, seen: Mapping[str, int]) -> None:
    few = {pair: seen[pair] for pair in PAIRS if seen[pair] < LEAST}
    print(f"{lives} lives in {seconds:.0f} s; still few: {few}", file=sys.stderr, flush=True)


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


def main() -> None:
    from tests.bench.likeness import _ground

    with _ground.database(in_memory=True):
        print(json.dumps(measure(int(sys.argv[1]) if sys.argv[1:] else SEQUENCES)))


if __name__ == "__main__":
    main()
