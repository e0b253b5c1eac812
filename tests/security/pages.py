"""Reads the tables of docs/security/, so that a test can hold a page and the code together."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def text(name: str) -> str:
    return (ROOT / "docs" / "security" / f"{name}.md").read_text()


def table(name: str, first_heading: str) -> list[list[str]]:
    """The cells of the rows of the table whose first column is called `first_heading`."""
    rows: list[list[str]] = []
    inside = False
    for line in text(name).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if cells and cells[0] == first_heading:
            inside = True
        elif inside and not cells:
            break
        elif inside and not set("".join(cells)) <= {"-", ":"}:
            rows.append(cells)
    assert rows, f"docs/security/{name}.md has no table of {first_heading}"
    return rows
