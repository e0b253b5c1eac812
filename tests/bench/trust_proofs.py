"""What tests prove, counted: the permission matrix, backups on both databases, the doctor's faults, requests
that schemathesis makes. They run here, and only what ran and passed counts.

matrix_cells            answers that were compared with a declared one (address x role x state)
matrix_wrong            tests of the matrix that failed
addresses_undeclared    addresses without a declaration
restore_equal           a backup comes back row by row, on SQLite and on PostgreSQL
restore_unrevoked       tests in which something came back that a person had taken away since
doctor_found            planted faults that were found, and that what was told mended
http_5xx                operations of the published APIs that answered 5xx to bodies of schemathesis
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import psycopg

from tests.live import ROOT

MATRIX, BACKUP, DOCTOR = "tests/test_matrix.py", "tests/config/test_backup.py", "tests/config/test_doctor.py"
FUZZED = ("tests/commerce/test_agents_fuzzed.py", "tests/security/test_api_fuzzed.py")
REQUESTS = ("test_acp_answers", "test_ucp_answers", "test_our_api")
POSTGRES = "postgres://understudy:understudy@127.0.0.1:5432"
DATABASE = "understudy_proofs"
SPREAD = ("-n", "2", "--dist", "loadscope")


@dataclass(frozen=True)
class Case:
    name: str
    state: str  # passed | failed | skipped
    cells: int


def cases(*files: str, database: str = "") -> list[Case]:
    """What pytest found in these files, test by test."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.xml"
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                f"--junitxml={told}",
                *SPREAD,
                *files,
            ],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": database},
            stdout=sys.stderr,
            check=False,
        )
        rows = ElementTree.parse(told).iter("testcase") if told.exists() else ()  # our own file  # nosec B314
        return [_case(row) for row in rows]


def _case(row: ElementTree.Element) -> Case:
    failed = row.find("failure") is not None or row.find("error") is not None
    state = "failed" if failed else "skipped" if row.find("skipped") is not None else "passed"
    cells = sum(int(p.get("value", 0)) for p in row.iter("property") if p.get("name") == "cells")
    return Case(str(row.get("name")), state, cells)


def figures() -> dict[str, object]:
    files = [MATRIX, BACKUP, DOCTOR, *(name for name in FUZZED if (ROOT / name).exists())]
    rows = cases(*files)
    here = {row.name: row for row in rows}
    matrix = [row for row in rows if row.cells or row.name.startswith("test_every_address")]
    doctor = [row for row in rows if row.name.startswith("test_a_planted_fault")]
    fuzzed = [row for row in rows if row.name.startswith(REQUESTS)]
    restored = "test_what_was_backed_up_comes_back_row_by_row"
    on_postgres = {row.name: row for row in _on_postgres()}
    both = [found.get(restored) for found in (here, on_postgres)]
    unrevoked = [row for found in (here, on_postgres) for row in found.values() if "revoked" in row.name]
    return {
        "matrix_cells": sum(row.cells for row in matrix),
        "matrix_wrong": sum(row.state == "failed" for row in matrix) if matrix else None,
        "addresses_undeclared": sum(
            row.state == "failed" for row in matrix if row.name.startswith("test_every_address")
        ),
        "restore_equal": all(row is not None and row.state == "passed" for row in both),
        "restore_unrevoked": sum(row.state == "failed" for row in unrevoked) if len(unrevoked) > 1 else None,
        "doctor_found": sum(row.state == "passed" for row in doctor),
        "doctor_planted": len(doctor),
        "http_5xx": sum(row.state == "failed" for row in fuzzed) if fuzzed else None,
    }


def _on_postgres() -> list[Case]:
    """The backups again, on a database of our own; nothing where no PostgreSQL answers."""
    try:
        with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True, connect_timeout=3):
            return cases(BACKUP, database=f"{POSTGRES}/{DATABASE}")
    except psycopg.OperationalError:
        return []
