"""Knobs that somebody left empty."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ASK = (
    "import django; django.setup(); from django.db import connection as c;"
    " print(c.vendor, c.settings_dict['NAME'])"
)


@pytest.mark.parametrize("said", [None, ""])
def test_an_empty_database_url_is_none(tmp_path: Path, said: str | None) -> None:
    """`DATABASE_URL=` in an .env file means SQLite, not a PostgreSQL database without a name."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    asked = kept | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    asked |= {} if said is None else {"DATABASE_URL": said}
    told = subprocess.run([sys.executable, "-c", ASK], env=asked, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["sqlite", str(tmp_path / "understudy.sqlite3")]
