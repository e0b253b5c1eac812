"""The journal outside the database: on the disk before the commit, replayed after a restore."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from accounts import journal


@pytest.fixture
def path(tmp_path: Path, settings: Any) -> Path:
    settings.JOURNAL_PATH = tmp_path / "kept" / "journal.jsonl"
    return settings.JOURNAL_PATH


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    monkeypatch.setitem(journal._handlers, "test", rows.append)
    return rows


def test_what_was_appended_is_replayed_in_order(path: Path, seen: list[dict[str, Any]]) -> None:
    journal.append("test", {"n": 1})
    journal.append("test", {"n": 2})
    assert journal.replay() == 2
    assert seen == [{"n": 1}, {"n": 2}]


def test_only_the_host_may_read_it(path: Path, seen: list[dict[str, Any]]) -> None:
    journal.append("test", {})
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_a_line_torn_by_a_crash_neither_stops_nor_spoils_the_next(
    path: Path, seen: list[dict[str, Any]]
) -> None:
    journal.append("test", {"n": 1})
    with path.open("ab") as file:
        file.write(b'{"at": "2026-11-2')
    journal.append("test", {"n": 2})
    assert journal.replay() == 2
    assert seen == [{"n": 1}, {"n": 2}]


def test_an_unknown_kind_stops_the_replay_before_it_starts(
    path: Path, seen: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(journal._handlers, "passing", lambda payload: None)
    journal.append("test", {"n": 1})
    journal.append("passing", {})
    monkeypatch.delitem(journal._handlers, "passing")
    with pytest.raises(journal.UnknownKind):
        journal.replay()
    assert seen == []


def test_a_kind_that_nobody_replays_is_not_written(path: Path) -> None:
    with pytest.raises(journal.UnknownKind):
        journal.append("nobody", {})
    assert not path.exists()


def test_a_disk_that_refuses_is_an_error_for_the_caller(path: Path, seen: list[dict[str, Any]]) -> None:
    path.mkdir(parents=True)
    with pytest.raises(OSError):
        journal.append("test", {})
