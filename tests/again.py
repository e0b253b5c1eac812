"""Which tests run a second time, on PostgreSQL and Redis (`make test-services`).

The second run is for what the two services can answer differently. It keeps a test that

- has the database: the mark `django_db`, a fixture that stands on it, or a TestCase of Django's;
- is marked `services` (only there) or `again` (there too);
- stands in a file that names them (`NAMED`): it speaks to them by itself, or starts a process that may.

Every other test proves the same on SQLite, and is left out. Nothing is lost by that: without the database
pytest-django refuses each query, and `make test` fails a left-out test that uses the cache, a channel layer
or the queue (`watch`), for these are Redis in the second run. Emptying the cache is no use of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from channels.layers import InMemoryChannelLayer
from django.core.cache.backends.locmem import LocMemCache
from django.test import SimpleTestCase

DATABASE = {
    "db",
    "transactional_db",
    "live_server",
    "django_db_setup",
    "django_db_reset_sequences",
    "django_db_serialized_rollback",
}
MARKS = {"django_db", "services", "again"}
NAMED = re.compile(
    r"DATABASE_URL|REDIS_URL|psycopg|\bredis\b|manage\.py|worker_settings|connection\.vendor", re.I
)
SHARED: dict[type, tuple[str, ...]] = {
    LocMemCache: ("add", "get", "set", "touch", "incr", "has_key", "delete"),
    InMemoryChannelLayer: ("send", "receive", "group_send", "group_add", "group_discard"),
    Celery: ("send_task", "connection_for_write"),
}
_left_out = ""


def runs_again(item: pytest.Item) -> bool:
    """Whether this test belongs in the run on PostgreSQL and Redis as well."""
    fixtures, owner = getattr(item, "fixturenames", ()), getattr(item, "cls", None)
    return (
        not DATABASE.isdisjoint(fixtures)
        or any(mark.name in MARKS for mark in item.iter_markers())
        or (owner is not None and issubclass(owner, SimpleTestCase))
        or names_services(item.path)
    )


def kept(items: list[pytest.Item]) -> list[pytest.Item]:
    """What the second run runs of these, in their order; where that is none, all of them."""
    return [item for item in items if runs_again(item)] or items


@cache
def names_services(path: Path) -> bool:
    """Whether a file of tests speaks to the services by itself, or of what may."""
    return NAMED.search(path.read_text()) is not None


@contextmanager
def watched(item: pytest.Item) -> Iterator[None]:
    """While a test runs that the second run leaves out, what is Redis there fails it."""
    global _left_out
    _left_out = "" if runs_again(item) else item.nodeid
    try:
        yield
    finally:
        _left_out = ""


def watch() -> None:
    """Puts the watch on cache, channel layer and queue as they are without Redis; once for a process."""
    for kind, names in SHARED.items():
        for name in names:
            setattr(kind, name, _guarded(getattr(kind, name), f"{kind.__name__}.{name}"))


def _guarded(real: Callable[..., Any], what: str) -> Callable[..., Any]:
    @wraps(real)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if _left_out:
            pytest.fail(
                f"{_left_out} uses {what}, which is Redis in `make test-services`, "
                "and that run leaves it out: mark it `again`"
            )
        return real(*args, **kwargs)

    return guarded
