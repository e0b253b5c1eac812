"""Any log from files, ranked by the code that ranks the house: `manage.py rank_offline`.

Reads `user,item,ts,watch,like`, people and items with any attributes; writes `user,rank,item`, or scores of
given pairs. In memory, without a database, the same for the same seed.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from feed.ranking import blend
from feed.ranking.expected import Expected
from feed.ranking.log import Attributes, Floats, Log, Moments, Rows, clean

NUMBERS = {"length_s", "uploaded_at"}
Say = Callable[[str], None]


class BadTable(Exception):
    """A file is not what the command takes; the sentence says which and why."""


@dataclass(frozen=True)
class Table:
    """A CSV as columns by name; a short row is filled with empty cells."""

    path: Path
    columns: dict[str, list[str]]
    length: int

    def words(self, name: str) -> list[str]:
        return self.columns.get(name, [""] * self.length)

    def numbers(self, name: str) -> Moments:
        return np.array([number(cell) for cell in self.words(name)], np.float64)


def read(path: Path, key: Sequence[str]) -> Table:
    """The table with the columns in `key` under those names; raises BadTable where it has none of them."""
    csv.field_size_limit(1_000_000)
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            rows = csv.reader(line.replace("\0", "") for line in lines)
            header = [name.strip().lower() for name in next(rows, [])]
            columns: list[list[str]] = [[] for _ in header]
            for row in rows:
                if any(row):
                    for column, cell in zip(columns, [*row, *[""] * len(header)], strict=False):
                        column.append(cell.strip())
    except (OSError, csv.Error) as error:
        raise BadTable(f"{path}: {error}") from error
    table = Table(path, dict(zip(header, columns, strict=True)), len(columns[0]) if columns else 0)
    if missing := [name for name in key if name not in table.columns]:
        raise BadTable(f"{path} has no column {missing[0]}: its first line is {','.join(header) or 'empty'}")
    return table


def number(cell: str) -> float:
    """A number, or a moment in ISO 8601 as seconds; nan for anything else."""
    try:
        found = float(cell)
    except ValueError:
        return _moment(cell)
    return found if np.isfinite(found) else np.nan


def _moment(cell: str) -> float:
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        return np.nan
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def attributes(table: Table | None, key: str) -> tuple[list[str], Attributes]:
    """(ids, what is said of them): the first row of an id counts."""
    if table is None:
        return [], Attributes()
    first = list({name: row for row, name in reversed(list(enumerate(table.words(key)))) if name}.values())[
        ::-1
    ]
    about = Attributes()
    for name, cells in table.columns.items():
        mine = [cells[row] for row in first]
        if name == key or not any(mine):
            continue
        values = np.array([number(cell) for cell in mine], np.float64)
        said = sum(cell != "" for cell in mine)
        if name in NUMBERS or (np.isfinite(values).sum() >= 0.95 * said and len(set(mine)) > 20):
            about.numbers[name] = values
        else:
            about.words[name] = [_words(cell) for cell in mine]
    return [table.words(key)[row] for row in first], about


def _words(cell: str) -> tuple[str, ...]:
    """`Comedy|Drama`, `a;b` and `a,b` are several words."""
    pieces = (piece.strip().lower() for piece in cell.replace(";", "|").replace(",", "|").split("|"))
    return tuple(dict.fromkeys(piece for piece in pieces if piece))[:20]


def load(events: Path, users: Path | None, items: Path | None, also: Table | None = None) -> tuple[Log, int]:
    """The cleaned log, and how many of its items the catalogue lists (all of them without one)."""
    table = read(events, ("user", "item"))
    people, about_people = attributes(read(users, _key(users, "user")) if users else None, "user")
    catalogue, about_items = attributes(read(items, _key(items, "item")) if items else None, "item")
    whole = [row for row in range(table.length) if table.words("user")[row] and table.words("item")[row]]
    pick: Callable[[Moments], Moments] = lambda column: column[whole] if len(whole) else column[:0]  # noqa: E731
    log = clean(
        person=[table.words("user")[row] for row in whole],
        item=[table.words("item")[row] for row in whole],
        at=pick(table.numbers("ts")),
        watch=pick(table.numbers("watch")),
        like=pick(table.numbers("like")),
        people=people,
        items=catalogue,
        about_people=about_people,
        about_items=about_items,
    )
    return log, len(catalogue) or log.shape[1]


def _key(path: Path, name: str) -> tuple[str]:
    return (name,)


def recommend(log: Log, offered: int, k: int, seed: int, say: Say) -> Iterator[tuple[str, int, str]]:
    """(person, rank from 1, item): the `k` best of the catalogue that each has not met."""
    learnt = blend.learn(log, seed, say=say)
    say(f"cross-check on held-out events: {learnt.report}")
    allowed = np.arange(log.shape[1]) < offered
    for start in range(0, len(log.people), 1024):
        people = np.arange(start, min(start + 1024, len(log.people)), dtype=np.int32)
        items, scores = learnt.top(log, people, k, allowed)
        for person, row, values in zip(people, items, scores, strict=True):
            kept = row[np.isfinite(values)]
            for rank, item in enumerate(kept, start=1):
                yield log.people[person], rank, log.items[item]


def judge(log: Log, slate: Table, seed: int, say: Say) -> Iterator[tuple[str, str, float]]:
    """(person, item, score) for each line of the slate, in its order."""
    pairs = list(zip(slate.words("user"), slate.words("item"), strict=True))
    person = _rows(log.people, [one for one, _ in pairs])
    item = _rows(log.items, [one for _, one in pairs])
    scores = pair_scores(log, person, item, seed, say)
    for (one, what), score in zip(pairs, scores, strict=True):
        yield one, what, float(score)


def pair_scores(log: Log, person: Rows, item: Rows, seed: int, say: Say) -> Floats:
    """Expected welcome where the log says how welcome things were; else the blend's score."""
    if log.has_watch or log.has_likes:
        return Expected().fit(log, seed, say).scores(person, item)
    return blend.learn(log, seed, say=say).pairs(log, person, item)


def _rows(names: list[str], wanted: Sequence[str]) -> NDArray[np.int32]:
    number_of = {name: row for row, name in enumerate(names)}
    return np.fromiter((number_of[name] for name in wanted), np.int32, len(wanted))


def with_strangers(log: Log, slate: Table) -> Log:
    """The log with the people and items that only the slate names."""
    return clean(
        person=[log.people[row] for row in log.person],
        item=[log.items[row] for row in log.item],
        at=log.at if log.has_times else np.full(log.size, np.nan),
        watch=log.watch.astype(np.float64),
        like=log.like.astype(np.float64),
        people=[*log.people, *slate.words("user")],
        items=[*log.items, *slate.words("item")],
        about_people=log.about_people,
        about_items=log.about_items,
    )
