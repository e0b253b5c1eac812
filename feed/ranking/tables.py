"""Tables that other people wrote: CSV of any usual kind as columns under the names that ranking knows.

Separated by commas, tabs, semicolons or bars; `user_id`, `video_id`, `timestamp` and their like go by the
names of this house. Everything is read once, by columns.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from feed.ranking.log import Attributes, Moments

ALIASES: Mapping[str, tuple[str, ...]] = {
    "user": ("user_id", "userid", "uid", "viewer", "viewer_id", "person", "person_id", "visitor_id"),
    "item": (
        *("item_id", "itemid", "iid", "video", "video_id", "videoid", "clip", "clip_id", "movie", "movie_id"),
        *("movieid", "post", "post_id", "photo_id", "product_id", "track_id", "song_id", "asin"),
    ),
    "ts": ("timestamp", "time", "at", "datetime", "time_ms", "date_time", "date"),
    "watch": ("watched", "watch_ratio", "watched_fraction", "watch_fraction", "completion"),
    "like": ("liked", "is_like", "likes"),
    "tag": ("tags", "genre", "genres", "category", "categories", "topic", "topics", "feat"),
    "author": ("author_id", "creator", "creator_id", "uploader", "uploader_id", "artist", "artist_id"),
    "length_s": ("length", "duration", "duration_s", "video_duration", "duration_ms"),
    "uploaded_at": ("upload_time", "uploaded", "created_at", "published_at", "upload_dt"),
}
SEPARATORS = ",\t;|"
SAID = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
NUMBERS = {"length_s", "uploaded_at"}
NAMES = {"author", "tag"}  # however much they look like numbers; so does all that ends in _id
# No moment of a log is later in seconds (the year 5138): beyond stand thousandths, millionths and so on.
LATEST = 1e11


class BadTable(Exception):
    """A file is not what the command takes; the sentence says which and why."""


@dataclass(frozen=True)
class Table:
    """A CSV as columns by name; a short row is filled with empty cells."""

    path: Path
    columns: dict[str, list[str]]
    length: int

    def words(self, name: str) -> list[str]:
        """The column, cells empty where the file lacks it. Ask once, not once a row."""
        column = self.columns.get(name)
        return [""] * self.length if column is None else column

    def numbers(self, name: str) -> Moments:
        if name not in self.columns:
            return np.full(self.length, np.nan)
        return np.array([number(cell) for cell in self.columns[name]], np.float64)


def read(path: Path, key: Sequence[str]) -> Table:
    """The table of events or pairs with the columns in `key`; raises BadTable where one is missing. A file
    with nothing in it is a table without rows.
    """
    header, rows = _cells(path)
    header = _renamed(header, ("user", "item", "ts", "watch", "like"))
    header = _completed(header, key)
    if missing := [name for name in key if header and name not in header]:
        raise BadTable(f"{path} has no column {missing[0]}: its first line is {','.join(header)}")
    return _table(path, header or list(key), rows)


def read_about(path: Path, key: str) -> Table:
    """The table of what is known of people or items. Their id stands under `key`, or one of its other names,
    or `id`, else in the first column.
    """
    header, rows = _cells(path)
    header = _renamed(header, (key, *(("tag", "author", "length_s", "uploaded_at") if key == "item" else ())))
    if key not in header:
        place = header.index("id") if "id" in header else 0
        header[place : place + 1] = [key]
    return _table(path, header, rows)


def _cells(path: Path) -> tuple[list[str], list[list[str]]]:
    """(names in the first line that says anything, rows below that say anything)."""
    csv.field_size_limit(1_000_000)
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            lines = (line.replace("\0", "") for line in file)
            first = next((line for line in lines if line.strip()), "")
            separator = _separator(first)
            header = next(csv.reader([first], delimiter=separator), [])
            rows = [row for row in csv.reader(lines, delimiter=separator) if any(row)]
    except (OSError, csv.Error) as error:
        raise BadTable(f"{path}: {error}") from error
    return [name.strip().lower() for name in header], rows


def _separator(first: str) -> str:
    """What parts the first line into most names; a comma where nothing does."""
    return max(SEPARATORS, key=lambda separator: len(next(csv.reader([first], delimiter=separator), [])))


def _renamed(header: list[str], wanted: Sequence[str]) -> list[str]:
    """The header with the first other name of each wanted column, where the name itself is missing, in its
    place.
    """
    found = list(header)
    for name in wanted:
        other = next((other for other in ALIASES[name] if other in found), None)
        if name not in found and other is not None:
            found[found.index(other)] = name
    return found


def _completed(header: list[str], key: Sequence[str]) -> list[str]:
    """Where one key column is missing and one other column is an id, that is it."""
    missing = [name for name in key if name not in header]
    ids = [place for place, name in enumerate(header) if name.endswith("_id") and name not in key]
    if len(missing) == len(ids) == 1:
        return [missing[0] if place == ids[0] else name for place, name in enumerate(header)]
    return header


def _table(path: Path, header: list[str], rows: list[list[str]]) -> Table:
    """Rows turned into columns; of two columns of one name the first counts."""
    columns: dict[str, list[str]] = {}
    for place, name in enumerate(header):
        if name not in columns:
            columns[name] = [row[place].strip() if place < len(row) else "" for row in rows]
    return Table(path, columns, len(rows))


def number(cell: str) -> float:
    """A number, yes or no as 1 or 0, or a moment in ISO 8601 as seconds; nan for anything else."""
    if not cell:
        return np.nan
    try:
        found = float(cell)
    except ValueError:
        told = SAID.get(cell.lower())
        return _moment(cell) if told is None else told
    return found if np.isfinite(found) else np.nan


def _moment(cell: str) -> float:
    try:
        found = datetime.fromisoformat(cell)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return np.nan


def seconds(moments: Moments) -> Moments:
    """Moments in thousandths, millionths or milliardths of a second, as most of them are, in seconds."""
    known = np.abs(moments[np.isfinite(moments)])
    usual = float(np.median(known)) if known.size else 0.0
    if usual <= LATEST:
        return moments
    return moments / 1000.0 ** np.ceil(np.log(usual / LATEST) / np.log(1000.0))


def attributes(table: Table | None, key: str) -> tuple[list[str], Attributes]:
    """(ids, what is said of them): the first row of an id counts."""
    about = Attributes()
    if table is None:
        return [], about
    first: dict[str, int] = {}
    for row, name in enumerate(table.words(key)):
        if name:
            first.setdefault(name, row)
    for name, cells in table.columns.items():
        mine = [cells[row] for row in first.values()]
        if name == key or not any(mine):
            continue
        values = np.array([number(cell) for cell in mine], np.float64)
        if name in NUMBERS:
            about.numbers[name] = seconds(values) if name == "uploaded_at" else values
        elif _is_number(name, mine, values):
            about.numbers[name] = values
        else:
            about.words[name] = [_words(cell) for cell in mine]
    return list(first), about


def _is_number(name: str, cells: list[str], values: Moments) -> bool:
    """Nearly all of them numbers, and too many of them to be names for a few groups."""
    if name in NAMES or name.endswith("_id"):
        return False
    said = sum(cell != "" for cell in cells)
    return bool(np.isfinite(values).sum() >= 0.95 * said) and len(set(cells)) > 20


def _words(cell: str) -> tuple[str, ...]:
    """`Comedy|Drama`, `a;b`, `a,b` and `[3, 5]` are several words."""
    plain = cell.strip("[](){}").replace(";", "|").replace(",", "|")
    pieces = (piece.strip(" '\"").lower() for piece in plain.split("|"))
    return tuple(dict.fromkeys(piece for piece in pieces if piece))[:20]
