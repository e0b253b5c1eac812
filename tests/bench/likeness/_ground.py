"""Ground to measure on: the product's settings with a database and keys of its own, gone afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def database(*, in_memory: bool = False) -> Iterator[None]:
    """Django with an empty migrated database: SQLite as a host has it, or in memory where the database is
    not what is measured. With DATABASE_URL set, a test database there."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    default: dict[str, Any] = settings.DATABASES["default"]
    if in_memory and default["ENGINE"].endswith("sqlite3"):
        default["TEST"]["NAME"] = "file:bench?mode=memory&cache=shared"
    setup_test_environment(debug=False)
    kept = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(kept, verbosity=0)
        from django.test.utils import teardown_test_environment

        teardown_test_environment()
