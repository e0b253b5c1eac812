"""Twenty-two faults planted in the gate and in the likeness rule, one at a time; lives must find each.

First the life in which one thing changes that must show it, then those in which every thing does, then random
ones. `python -m tests.bench.likeness.mutants [name…]`

mutants_killed    faults after which a life differed from the oracle, of the 22
mutants_alive     names of those that no life found      mutants_at_once    found by the first life
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MOST_LIVES, AT_A_TIME, STEPS = 200, 20, 32


def measure(names: list[str] | None = None) -> dict[str, Any]:
    """Plant each, and live until a life differs. Needs `_ground.database`."""
    from tests.cameos.faults import FAULTS

    assert not _differs_without_fault(), "the lives differ where no fault is planted"
    found: dict[str, str | None] = {}
    for name in names or FAULTS:
        start = time.monotonic()
        found[name] = found_by(FAULTS[name])
        took = time.monotonic() - start
        print(f"{name}: {found[name] or 'ALIVE'} ({took:.0f} s)", file=sys.stderr, flush=True)
    return {
        "mutants_killed": sum(how is not None for how in found.values()),
        "mutants_planted": len(found),
        "mutants_alive": [name for name, how in found.items() if how is None],
        "mutants_at_once": sum(how == "at once" for how in found.values()),
    }


def _differs_without_fault() -> bool:
    from django.test import override_settings

    from tests.cameos.lives_of_change import CHANGES

    with tempfile.TemporaryDirectory() as folder, override_settings(JOURNAL_PATH=Path(folder) / "journal"):
        return differs(list(CHANGES))


def found_by(fault: Any) -> str | None:
    from django.test import override_settings

    from tests.cameos import lives_of_clips
    from tests.cameos.lives_of_change import CHANGES

    with tempfile.TemporaryDirectory() as folder, override_settings(JOURNAL_PATH=Path(folder) / "journal"):
        with fault.plant():
            lives_of_clips.forget_queries()
            how = (
                "at once"
                if differs([fault.change])
                else "in turn"
                if differs(list(CHANGES))
                else _by_chance()
            )
        lives_of_clips.forget_queries()
    return how


def differs(changes: list[str]) -> bool:
    from tests.cameos.lives_of_change import one_after_another

    try:
        one_after_another(changes)
    except AssertionError:
        return True
    return False


def _by_chance() -> str | None:
    from tests.bench.likeness.oracle import first_violation
    from tests.cameos.lives import LENGTHS

    LENGTHS.clear()
    seed = 0
    while len(LENGTHS) < MOST_LIVES:
        seed += 1
        if first_violation(AT_A_TIME, STEPS, seed=seed):
            return f"by chance, {len(LENGTHS)} lives"
    return None


def main() -> None:
    from tests.bench.likeness import _ground

    with _ground.database(in_memory=True):
        print(json.dumps(measure(sys.argv[1:])))


if __name__ == "__main__":
    main()
