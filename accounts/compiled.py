"""Reads that are written as querysets once and then only run; and the most frequent writes, prepared too.

Building and compiling a queryset costs the web several times what the database takes to answer it. Here it is
done once for each shape: `build(slots)` makes the queryset with a marked value wherever a value will differ,
and each run puts the real values in the marks' places. So the rules of visibility stay written in one place,
as querysets, and a hot page pays only for its statement.

On PostgreSQL the statement is prepared as well, so that the server plans it a few times and not at each page.
A pooler that gives a transaction to any connection forgets prepared statements: `DATABASE_POOLED` says so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

# Values that stand in nobody's query by chance.
_NUMBER = 4_611_686_018_427_300_000
_MOMENT = datetime(1971, 2, 3, 4, 5, 6, tzinfo=UTC)
_WORD = "\x01slot{}\x01"
_HEX = f"{_NUMBER:032x}"[:-4]  # of a public id where a database keeps them as text


@dataclass(frozen=True)
class Someone:
    """Stands for the signed-in viewer while a queryset is built."""

    pk: int = _NUMBER
    is_authenticated: bool = True


VIEWER: Any = Someone()


def number(slot: int) -> int:
    """The mark of whole number `slot` (from 1)."""
    return _NUMBER + slot


def moment(slot: int) -> datetime:
    """The mark of moment `slot`; 0 is now."""
    return _MOMENT.replace(microsecond=slot + 1)


def word(slot: int) -> str:
    """The mark of a word that is looked for inside a text."""
    return _WORD.format(slot)


def public_id(slot: int) -> UUID:
    """The mark of a public id."""
    return UUID(int=_NUMBER + slot)


NOW = moment(0)


@dataclass(frozen=True)
class Values:
    """What is put in the places of the marks in one run."""

    viewer: int | None = None
    now: datetime = NOW
    numbers: Sequence[int] = ()
    moments: Sequence[datetime] = ()
    words: Sequence[str] = ()
    public_ids: Sequence[UUID] = ()


class Prepared:
    """One statement with places for values."""

    def __init__(self, made: QuerySet[Any, Any], alias: str) -> None:
        self.alias = alias
        compiler = made.query.get_compiler(using=alias)
        try:
            self.sql, params = compiler.as_sql()
        except EmptyResultSet:
            self.sql, params = "", ()
        self.compiler = compiler
        self.converters = compiler.get_converters([column[0] for column in compiler.select])
        self.places = [self._place(value) for value in params]
        self.prepared: bytes | None = None
        if self.sql and _prepares(connections[alias]):
            self.prepared, self.fills = _numbered(connections[alias], self.sql, params, self.places)

    def run(self, values: Values) -> list[tuple[Any, ...]]:
        """The rows, converted as the queryset would have."""
        if not self.sql:
            return []
        connection = connections[self.alias]
        # Whoever counts or wraps statements sees Django's own way.
        if self.prepared is None or _is_watched(connection):
            params = [place if fill is None else fill(values) for place, fill in self.places]
            with connection.cursor() as cursor:
                cursor.execute(self.sql, params)
                rows = cursor.fetchall()
        else:
            rows = _execute(connection, self.prepared, [fill(values) for fill in self.fills], fetch=True)
        if not self.converters:
            return rows
        return [tuple(row) for row in self.compiler.apply_converters(rows, self.converters)]

    def _place(self, value: Any) -> tuple[Any, Callable[[Values], Any] | None]:
        adapt = connections[self.alias].ops.adapt_datetimefield_value
        if isinstance(value, int) and _NUMBER <= value < _NUMBER + 10_000:
            slot = value - _NUMBER - 1
            return value, _viewer if slot < 0 else lambda v: v.numbers[slot]
        if isinstance(value, UUID) and _NUMBER <= value.int < _NUMBER + 10_000:
            return value, lambda v, at=value.int - _NUMBER: v.public_ids[at]  # type: ignore[misc]
        if isinstance(value, str) and value.startswith(_HEX) and len(value) == 32:
            return value, lambda v, at=int(value, 16) - _NUMBER: v.public_ids[at].hex  # type: ignore[misc]
        for slot in range(3):
            if value == adapt(moment(slot)) or value == moment(slot):
                if slot == 0:
                    return value, lambda v: adapt(v.now)
                return value, lambda v, at=slot - 1: adapt(v.moments[at])  # type: ignore[misc]
        if isinstance(value, str) and "\x01slot" in value:
            before, rest = value.split("\x01slot", 1)
            at, after = rest.split("\x01", 1)
            escape = connections[self.alias].ops.prep_for_like_query
            return value, lambda v: before + escape(v.words[int(at)]) + after
        return value, None


def _viewer(values: Values) -> Any:
    return values.viewer


PREPARED_FROM = 2  # runs of one statement on one connection


def _prepares(connection: Any) -> bool:
    pooled = connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
    return connection.vendor == "postgresql" and not pooled


def _is_watched(connection: Any) -> bool:
    return bool(connection.queries_logged or connection.execute_wrappers)


def _execute(connection: Any, statement: Any, params: Sequence[Any], *, fetch: bool) -> list[tuple[Any, ...]]:
    """Past Django's cursor, which writes values into the text; the rows, where there are some to fetch."""
    from psycopg import RawCursor

    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    if connection.connection.prepare_threshold is None:  # Django's own statements never ask for it
        connection.connection.prepare_threshold = PREPARED_FROM
    with connection.wrap_database_errors:
        cursor = RawCursor(connection.connection).execute(statement, params)
        return cursor.fetchall() if fetch else []


def _numbered(
    connection: Any,
    sql: str,
    params: Sequence[Any],
    places: Sequence[tuple[Any, Callable[[Values], Any] | None]],
) -> tuple[bytes, list[Callable[[Values], Any]]]:
    """The statement with `$1`, `$2`, … for marks and every other value written out, and what fills the marks.

    One number for each mark, however often it stands there: a page names its viewer twenty times.
    """
    from psycopg import ClientCursor

    connection.ensure_connection()
    writer = ClientCursor(connection.connection)
    pieces = [piece.replace("%%", "%") for piece in sql.split("%s")]
    text, fills, numbers = pieces[0], list[Callable[[Values], Any]](), dict[Any, int]()
    for value, (_, fill), piece in zip(params, places, pieces[1:], strict=True):
        if fill is None:
            text += writer.mogrify("%s", [value])
        else:
            if value not in numbers:
                numbers[value] = len(fills) + 1
                # Of one width: a statement is prepared for each mixture of the types it is given.
                fills.append(_widened(fill) if isinstance(value, int) else fill)
            text += f"${numbers[value]}::{_type(value)}"
        text += piece
    return text.encode(), fills


def _widened(fill: Callable[[Values], Any]) -> Callable[[Values], Any]:
    from psycopg.types.numeric import Int8

    return lambda values: Int8(fill(values))


def _type(mark: Any) -> str:
    if isinstance(mark, int):
        return "bigint"
    return "text" if isinstance(mark, str) else "uuid" if isinstance(mark, UUID) else "timestamptz"


_kept: dict[Hashable, Prepared] = {}
_lock = threading.Lock()


def run(shape: Hashable, build: Callable[[], QuerySet[Any, Any]], values: Values) -> list[tuple[Any, ...]]:
    """The rows of the queryset that `build` makes, compiled once for each `shape`."""
    alias = DEFAULT_DB_ALIAS
    key = (alias, connections[alias].vendor, shape)
    prepared = _kept.get(key)
    if prepared is None:
        with _lock:
            prepared = _kept.get(key) or Prepared(build(), alias)
            if len(_kept) < 500:  # shapes are few; a flood of them would be a mistake, and costs only time
                _kept[key] = prepared
    return prepared.run(values)


# --- Writes ------------------------------------------------------------------------------------------------


def write(sql: str, params: Sequence[Any]) -> None:
    """Run a statement of our own that returns nothing, `%s` for each value; prepared where reads are. For the
    few writes that are as frequent as pages."""
    connection = connections[DEFAULT_DB_ALIAS]
    if not _prepares(connection) or _is_watched(connection):
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
        return
    from psycopg.types.numeric import Int8

    values = [Int8(value) if type(value) is int else value for value in params]
    _execute(connection, _with_numbers(sql), values, fetch=False)


@lru_cache(256)
def _with_numbers(sql: str) -> bytes:
    first, *rest = sql.split("%s")
    return (first + "".join(f"${n}{piece}" for n, piece in enumerate(rest, 1))).replace("%%", "%").encode()
