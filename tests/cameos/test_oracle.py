"""Random lives of four people, compared step by step with an oracle written from the page.

Short here, the same every time; `tests/bench/likeness/oracle.py` lives two thousand of them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test as run

from tests.cameos.lives import SEEN
from tests.cameos.lives_of_change import Lives


@pytest.mark.django_db
def test_the_gate_and_the_likeness_rule_do_what_the_page_says(settings: Any, tmp_path: Path) -> None:
    settings.JOURNAL_PATH = tmp_path / "journal.jsonl"
    SEEN.clear()
    run(Lives, settings=SHORT)
    assert SEEN["permit"] and SEEN["permit provisional"] and SEEN["use new -> live"] and SEEN["revoked"], SEEN
    assert sum(name.endswith(" / none") for name in SEEN) >= 4, SEEN
    if os.environ.get("ORACLE_PRINT"):
        print(dict(SEEN))


SHORT = settings(
    max_examples=int(os.environ.get("ORACLE_EXAMPLES", "8")),
    stateful_step_count=int(os.environ.get("ORACLE_STEPS", "30")),
    deadline=None,
    derandomize="ORACLE_EXAMPLES" not in os.environ,
    database=None,
    phases=[Phase.generate, Phase.shrink] if "ORACLE_SHRINK" in os.environ else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
