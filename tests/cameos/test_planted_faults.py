"""Twenty faults in gate and likeness rule: each is noticed by a life in which one thing changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cameos import lives_of_clips
from tests.cameos.faults import FAULTS
from tests.cameos.lives_of_change import one_after_another

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_journal(settings: Any, tmp_path: Path) -> Any:
    settings.JOURNAL_PATH = tmp_path / "journal.jsonl"
    lives_of_clips.forget_queries()
    yield
    lives_of_clips.forget_queries()


def test_nothing_is_noticed_where_there_is_no_fault() -> None:
    one_after_another(sorted({fault.change for fault in FAULTS.values()}))


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_noticed(name: str) -> None:
    with FAULTS[name].plant(), pytest.raises(AssertionError):
        one_after_another([FAULTS[name].change])


def test_there_are_twenty_two() -> None:
    assert len(FAULTS) == 22
