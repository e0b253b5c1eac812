"""The cast: the people whom the tests are about."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db.backends.sqlite3.base import DatabaseOperations  # type: ignore[attr-defined]

from accounts.models import User
from model import text
from tests import again, once

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.live import Stack

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


_flush = DatabaseOperations.execute_sql_flush


def flush_without_triggers(operations: Any, statements: list[str]) -> None:
    """Tables that refuse DELETE are still emptied between tests that commit (PostgreSQL truncates)."""
    with operations.connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        _flush(operations, statements)
        for _name, sql in triggers:
            cursor.execute(sql)


DatabaseOperations.execute_sql_flush = flush_without_triggers  # type: ignore[method-assign, assignment]


again.watch()
once.look_for_static_files_once()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL and Redis only what they can answer differently (tests/again.py)."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return
    kept = again.kept(items)
    config.hook.pytest_deselected(items=list(set(items) - set(kept)))
    items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    with again.watched(item):
        return (yield)


def person(handle: str, **fields: Any) -> User:
    """Somebody grown up, unless `fields` say otherwise."""
    defaults: dict[str, Any] = {
        "email": f"{handle}@example.test",
        "display_name": handle.title(),
        "birth_date": date(1990, 5, 17),
    }
    return User.objects.create_user(username=handle, **(defaults | fields))


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def alice(db: None) -> User:
    """Owns the likeness."""
    return person("alice")


@pytest.fixture
def bob(db: None) -> User:
    """Makes clips; holds a grant of Alice's where a test says so."""
    return person("bob")


@pytest.fixture
def carol(db: None) -> User:
    """A stranger."""
    return person("carol")


@pytest.fixture
def mallory(db: None) -> User:
    """Blocked where a test says so."""
    return person("mallory")


@pytest.fixture
def mod(db: None) -> User:
    return person("mod", is_moderator=True)


@pytest.fixture
def shop(db: None) -> User:
    """Sells."""
    return person("shop")


@pytest.fixture
def operator(db: None) -> User:
    return person("operator", is_staff=True, is_superuser=True)


@pytest.fixture(scope="session")
def vector_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real vector process, once for all tests."""
    from generation.screening import meaning

    meaning.PATIENCE_S = 30.0  # a machine at the end of its breath is no answer "away"
    address = f"unix:{tmp_path_factory.mktemp('vectors')}/s"
    process = subprocess.Popen(
        [sys.executable, "-m", "model.text", "--listen", address],
        cwd=settings.BASE_DIR,
        env={"OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"},
    )
    until = time.monotonic() + 60
    while not text.is_up(address):
        assert process.poll() is None and time.monotonic() < until, "the vector process did not start"
        time.sleep(0.05)
    yield address
    process.terminate()
    process.wait(10)


@pytest.fixture
def vectors(vector_process: str) -> Iterator[str]:
    text.use(vector_process)
    yield vector_process
    text.use(settings.VECTORS_ADDRESS)


@pytest.fixture
def no_vectors(tmp_path: Path) -> Iterator[None]:
    """The vector process is down."""
    text.use(f"unix:{tmp_path}/nobody")
    yield
    text.use(settings.VECTORS_ADDRESS)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser for the whole session; without Chromium the test is skipped by name."""
    from tests import chromium as debian

    if not debian.found():
        pytest.skip("Chromium is not installed (Debian: apt-get install -y chromium)")
    with debian.launched() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A phone-sized page in a fresh context; a script error or refused content on it fails the test."""
    from tests import chromium as debian

    context = chromium.new_context(viewport=debian.PHONE, has_touch=True)
    page = context.new_page()
    faults = debian.faults_of(page)
    yield page
    context.close()
    assert not faults, faults


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The real product started by `manage.py run`, empty, for tests that need sockets or workers."""
    from tests.live import Stack

    with Stack() as running:
        yield running
