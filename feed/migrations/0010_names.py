"""People are found by any part of their name: on PostgreSQL by an index of trigrams, where the server has it."""

from __future__ import annotations

from typing import Any

from django.db import migrations, transaction
from django.db.utils import DatabaseError

COLUMNS = ("username", "display_name")


def make(apps: Any, editor: Any) -> None:
    if editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=editor.connection.alias):
            editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:  # not installed, or not ours to make: names are looked through one by one
        return
    for column in COLUMNS:
        editor.execute(
            f"CREATE INDEX IF NOT EXISTS accounts_user_{column}_trgm ON accounts_user"
            f" USING gin (UPPER({column}::text) gin_trgm_ops)"
        )


def drop(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        for column in COLUMNS:
            editor.execute(f"DROP INDEX IF EXISTS accounts_user_{column}_trgm")


class Migration(migrations.Migration):
    dependencies = [("feed", "0009_removal_clock"), ("accounts", "0003_passkeys_only")]

    operations = [migrations.RunPython(make, drop, elidable=False)]
