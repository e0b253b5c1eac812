"""What once crashed a parser of ours does so no more, and neither does what chance and seeds make of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import SEEDS, TARGETS, attempt

KEPT = sorted(path for path in (Path(__file__).resolve().parent / "kept").rglob("*") if path.is_file())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name[:16]}")
def test_what_crashed_once_is_refused_or_read(path: Path) -> None:
    attempt(path.parent.name, path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_nearly_right_is_refused_or_read(name: str) -> None:
    for seed in SEEDS.get(name, [b""]):
        for cut in range(len(seed) + 1):
            attempt(name, seed[:cut])
            attempt(name, seed[:cut] + b"\xff\x00" + seed[cut:])


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=400))
def test_chance_is_refused_or_read(name: str, data: bytes) -> None:
    attempt(name, data)
    attempt(name, (SEEDS.get(name) or [b""])[0] + data)
