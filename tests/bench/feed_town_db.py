"""`make town-db`: two databases on PostgreSQL, a town and a small one (10,000 clips), made anew.

What stands in TOWN_URL and its name with `_small` is dropped first.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from urllib.parse import urlsplit, urlunsplit

import psycopg

OWN = "postgres://understudy:understudy@127.0.0.1:5432/understudy_town"
SMALL = ("--people", "1000", "--clips", "10000")


def address(small: bool = False) -> str:
    """Where the town is, or the small one beside it."""
    return os.environ.get("TOWN_URL", OWN) + ("_small" if small else "")


def environment(small: bool = False) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": address(small)}


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the towns that make bench-feed measures in.")
    parser.add_argument("--people", default="20000")
    parser.add_argument("--clips", default="200000")
    parser.add_argument("--days", default="14")
    parser.add_argument("--seed", default="1")
    given = parser.parse_args()
    wanted = ("--people", given.people, "--clips", given.clips, "--days", given.days, "--seed", given.seed)
    for small, size in ((True, (*SMALL, "--days", given.days, "--seed", given.seed)), (False, wanted)):
        started = time.monotonic()
        make(address(small))
        for command in (("migrate", "-v0"), ("town", *size)):
            subprocess.run([sys.executable, "manage.py", *command], env=environment(small), check=True)
        print(f"{address(small).rpartition('/')[2]}: {time.monotonic() - started:.0f} s")


def make(url: str) -> None:
    """An empty database of that name."""
    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')


if __name__ == "__main__":
    main()
