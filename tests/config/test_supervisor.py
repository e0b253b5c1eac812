"""What the keeper of the processes does with its children."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from config.supervisor import Child, Supervisor

TELL_NICE = [sys.executable, "-c", "import os; print(os.nice(0))"]
GROUP = Path("/proc/self/autogroup")


def test_a_child_that_may_wait_steps_back_from_those_that_people_wait_for(tmp_path: Path) -> None:
    keeper = Supervisor(tmp_path, lambda _line: None)
    for name, nice in (("web", 0), ("render", 7)):
        keeper.start(Child(name, TELL_NICE, nice=nice, once=True))
    for child in keeper.children:
        assert child.process is not None
        assert child.process.wait(30) == 0

    told = {name: int((tmp_path / f"{name}.log").read_text()) for name in ("web", "render")}
    assert told == {"web": os.nice(0), "render": min(19, os.nice(0) + 7)}


@pytest.mark.skipif(not GROUP.exists(), reason="a kernel that does not weigh sessions")
def test_its_whole_session_steps_back_where_the_kernel_weighs_sessions(tmp_path: Path) -> None:
    keeper = Supervisor(tmp_path, lambda _line: None)
    keeper.start(Child("render", ["cat", str(GROUP)], nice=7, once=True))
    process = keeper.children[0].process
    assert process is not None
    assert process.wait(30) == 0
    assert (tmp_path / "render.log").read_text().endswith(" nice 7\n")
