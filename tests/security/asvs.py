"""OWASP ASVS 5.0, levels 1 and 2: for each requirement the tests that fail without its control, or the
feature we do not have that makes it not apply. `python -m tests.security.asvs` writes docs/security/asvs.md.
"""

from __future__ import annotations

import ast
import csv
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "security" / "asvs.md"

# A line: id file::test …  (file without `test_` and `.py`, in tests/ or tests/security/), or: id - what is
# not there
ROWS = (ROOT / "tests" / "security" / "asvs.txt").read_text()


def wanted() -> list[tuple[str, str]]:
    """(id, level) of every requirement of levels 1 and 2."""
    with (ROOT / "tests" / "data" / "asvs" / "ids.csv").open() as file:
        return [(row["id"], row["level"]) for row in csv.DictReader(file)]


@cache
def rows() -> dict[str, str]:
    lines = [line.partition(" ") for line in ROWS.strip().splitlines()]
    assert len({name for name, _, _ in lines}) == len(lines), "an id stands twice"
    return {name: told for name, _, told in lines}


def tests_of(told: str) -> list[tuple[Path, str]]:
    """The file and name of each test of a row; none where a feature is not there."""
    if told.startswith("- "):
        return []
    return [(_file(reference.partition("::")[0]), reference.partition("::")[2]) for reference in told.split()]


def _file(short: str) -> Path:
    folder, _, name = short.rpartition("/")
    if not folder and not (ROOT / "tests" / f"test_{name}.py").exists():
        folder = "security"
    return ROOT / "tests" / folder / f"test_{name}.py"


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def share() -> float:
    """Of all requirements, how many have a test."""
    return sum(bool(tests_of(told)) for told in rows().values()) / len(wanted())


def page() -> str:
    tested = sum(bool(tests_of(told)) for told in rows().values())
    lines = [
        "# OWASP ASVS 5.0, levels 1 and 2",
        "",
        "Written by `python -m tests.security.asvs` from `tests/security/asvs.txt`; a test holds both",
        "together and looks that each test named here exists. The requirements stand at https://github.com/OWASP/ASVS.",
        f"Of {len(wanted())}, {tested} have a test that fails without their control ({share():.0%});",
        f"the other {len(wanted()) - tested} are about something this product does not have. None is open.",
        "Where a requirement asks for documentation, the test holds the page against the code; where it asks",
        "something of the proxy or the process manager, it reads `docs/hosting/`, which a host may change.",
        "",
        "| id | level | test, or what is not there |",
        "|---|---|---|",
    ]
    for name, level in wanted():
        told = rows()[name]
        found = tests_of(told)
        said = "<br>".join(f"`{path.relative_to(ROOT / 'tests')}` {test}" for path, test in found)
        lines.append(f"| {name} | {level} | {said or 'not there: ' + told[2:]} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
