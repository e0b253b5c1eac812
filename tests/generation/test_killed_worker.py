"""A worker process that dies in the middle of a rendering loses nothing, and nothing is made twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from accounts import books
from generation import credits
from generation.models import Clip, Generation
from generation.states import State
from generation.sweep import sweep
from tests.conftest import person
from tests.generation.conftest import Ask

Start = Any


def database_url() -> str:
    about = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{about['NAME']}"
    user = f"{about['USER']}:{about['PASSWORD']}" if about["PASSWORD"] else about["USER"]
    return f"postgres://{user}@{about['HOST']}:{about['PORT'] or 5432}/{about['NAME']}"


@pytest.fixture
def start_worker(settings: Any, tmp_path: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[bytes]] = []

    def start(*, stalls: bool) -> subprocess.Popen[bytes]:
        gate = tmp_path / "go"
        if not stalls:
            gate.touch()
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.generation.worker_settings",
            "DATABASE_URL": database_url(),
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
            "KEYS_DIR": str(settings.KEYS_DIR),
            "STALL_UNTIL": str(gate),
            "REDIS_URL": "",
        }
        command = [sys.executable, "manage.py", "render", "--drain"]
        running.append(subprocess.Popen(command, cwd=django_settings.BASE_DIR, env=environment))
        return running[-1]

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


def until(row: Generation, holds: Any, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not holds(row):
        assert time.monotonic() < deadline and process.poll() is None, (row.state, row.step, row.error)
        time.sleep(0.05)
        row.refresh_from_db()


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing(ask: Ask, start_worker: Start) -> None:
    bob = person("bob")
    before = credits.balance(bob)
    generation = ask(bob, engine="stalling", now=timezone.now())
    killed = start_worker(stalls=True)
    until(generation, lambda row: row.step >= 2, killed)
    assert generation.state == State.RENDERING
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    generation.refresh_from_db()
    assert generation.state == State.RENDERING and not Clip.objects.exists()

    assert sweep(timezone.now() + timedelta(minutes=2)).requeued == 1
    second = start_worker(stalls=False)
    assert second.wait(timeout=120) == 0
    generation.refresh_from_db()
    assert (generation.state, generation.attempts) == (State.READY, 2)
    assert Clip.objects.count() == 1
    assert credits.balance(bob) == before - generation.credits and books.unbalanced() == []
