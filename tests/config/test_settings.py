"""Knobs that somebody left empty."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

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


def test_the_address_of_a_file_on_s3_opens_for_half_a_minute(tmp_path: Path) -> None:
    """It is signed here, so nobody is asked; whoever kept it after a withdrawal soon has nothing."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    kept |= {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    s3 = {"S3_BUCKET": "clips", "S3_REGION": "eu-central-1", "S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "b"}
    ask = (
        "import django; django.setup(); from django.core.files.storage import default_storage as s;"
        " print(s.url('clips/a.mp4'))"
    )
    told = subprocess.run(
        [sys.executable, "-c", ask], env=kept | s3, capture_output=True, text=True, check=True
    )
    query = parse_qs(urlsplit(told.stdout.strip()).query)
    assert query.get("X-Amz-Expires", query.get("Expires")) == ["30"]
