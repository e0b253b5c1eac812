"""An older release's database is brought up to date: nothing is lost, changed, or shown to more people."""

from __future__ import annotations

import json
import lzma
import os
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.live import FORGET, ROOT

RELEASES = sorted({path.name.partition("-")[0] for path in (ROOT / "tests/data/upgrade").glob("*.xz")})
# Text that a release writes anew about its own tables.
OWN = {"django_migrations", "django_content_type", "auth_permission", "sqlite_sequence", "django_session"}
LOOK = """
import json
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, transaction
from accounts.models import User
from cameos.models import LikenessUse
from feed.models import Post
from generation.models import Clip
refused = []
for rows in (LikenessUse.objects.all(),):
    try:
        with transaction.atomic():
            rows._raw_delete(rows.db)
    except DatabaseError:
        refused.append(rows.model._meta.label)
viewers = {"": AnonymousUser()} | {u.username: u for u in User.objects.all()}
print("TOLD", json.dumps({
    "clips": {name: Clip.objects.visible_to(u).count() for name, u in viewers.items()},
    "refused": refused,
}))
"""
Rows = dict[str, dict[Any, dict[str, Any]]]


def dumped(release: str, kind: str) -> str:
    return lzma.decompress((ROOT / f"tests/data/upgrade/{release}-{kind}.sql.xz").read_bytes()).decode()


class Old:
    """A host with an older release's database; `rows()` by table and id."""

    def __init__(self, folder: Path, url: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in FORGET}
        self.environment = kept | {
            "DATA_DIR": str(folder), "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings",
        }  # fmt: skip

    def manage(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert not done.returncode, done.stderr[-3000:]
        return done.stdout

    def rows(self) -> Rows:
        raise NotImplementedError


class OldSqlite(Old):
    def __init__(self, folder: Path, release: str) -> None:
        super().__init__(folder, "")
        self.path = folder / "understudy.sqlite3"
        with sqlite3.connect(self.path) as connection:
            connection.executescript(dumped(release, "sqlite"))

    def rows(self) -> Rows:
        with sqlite3.connect(self.path) as connection:
            connection.row_factory = sqlite3.Row
            named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = [row["name"] for row in named]
            return {table: _by_id(connection.execute(f'SELECT * FROM "{table}"')) for table in tables}


def _by_id(rows: Any) -> dict[Any, dict[str, Any]]:
    return {dict(row).get("id", number): dict(row) for number, row in enumerate(rows)}


class OldPostgres(Old):
    def __init__(self, folder: Path, release: str, url: str) -> None:
        super().__init__(folder, url)
        self.url = url
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(dumped(release, "postgresql"))  # type: ignore[arg-type]

    def rows(self) -> Rows:
        from psycopg.rows import dict_row

        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            named = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            tables = [row["tablename"] for row in named]
            return {t: _by_id(connection.execute(f'SELECT * FROM public."{t}"')) for t in tables}  # type: ignore[arg-type]


@pytest.fixture(params=RELEASES)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Old]:
    """On the kind of database that the tests run on."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield OldSqlite(tmp_path, request.param)
        return
    parts, name = urlsplit(url), f"understudy_upgrade_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        try:
            yield OldPostgres(tmp_path, request.param, urlunsplit(parts._replace(path=f"/{name}")))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]


def test_an_older_releases_database_is_brought_up_to_date_without_a_loss(old: Old) -> None:
    before = old.rows()
    assert len(before["accounts_user"]) >= 10 and before["generation_clip"] and before["commerce_order"]
    old.manage("migrate", "-v0", "--noinput")
    after = old.rows()
    lost = [
        f"{table} {key}"
        for table, rows in before.items()
        if table not in OWN
        for key in rows
        if key not in after.get(table, {})
    ]
    assert not lost
    changed = [
        f"{table} {key} {column}: {value!r} -> {after[table][key][column]!r}"
        for table, rows in before.items()
        if table not in OWN
        for key, row in rows.items()
        for column, value in row.items()
        if column in after[table][key] and not _same(value, after[table][key][column])
    ]
    assert not changed
    assert "No planned migration operations" in old.manage("migrate", "--plan")
    told = old.manage("shell", "-v0", "-c", LOOK)
    seen = json.loads(next(row for row in told.splitlines() if row.startswith("TOLD"))[5:])
    assert seen["refused"] == ["cameos.LikenessUse"], "a promise of the database was lost on the way"
    # The matrix' world: one clip is public, one is a draft that its maker and the person in it see.
    assert seen["clips"][""] == 1 and max(seen["clips"].values()) == 2


def _same(old: Any, new: Any) -> bool:
    """SQLite writes JSON anew with other spaces."""
    if old == new:
        return True
    try:
        return bool(json.loads(old) == json.loads(new))
    except (TypeError, ValueError):
        return False
