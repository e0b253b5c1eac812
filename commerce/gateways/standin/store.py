"""The stand-in's memory: one SQLite file with objects, kept answers and the outbox of webhooks."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, created REAL NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER, body TEXT);
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, due REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, delivered REAL
);
CREATE TABLE IF NOT EXISTS mischief (name TEXT PRIMARY KEY, value REAL NOT NULL);
"""

Clock = Callable[[], float]


@dataclass(frozen=True)
class Delivery:
    number: int
    event: str
    attempts: int


class Store:
    """Everything is written inside `transaction()`, so that a request happens whole or not at all."""

    def __init__(self, path: Path, clock: Clock = time.time) -> None:
        self.path = path
        self.clock = clock
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connect() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(SCHEMA)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self._connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Session(connection, self.clock)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


class Session:
    """One transaction's view of the store."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self.connection = connection
        self.now = clock()

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_{secrets.token_hex(12)}"

    def put(self, body: dict[str, Any]) -> dict[str, Any]:
        self.connection.execute(
            "INSERT INTO objects (id, kind, created, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (body["id"], body["object"], self.now, json.dumps(body)),
        )
        return body

    def get(self, kind: str, object_id: str) -> dict[str, Any] | None:
        row = self.connection.execute(
            "SELECT body FROM objects WHERE id = ? AND kind = ?", (object_id, kind)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Newest first, as Stripe lists them."""
        rows = self.connection.execute(
            "SELECT body FROM objects WHERE kind = ? ORDER BY created DESC, rowid DESC LIMIT 100", (kind,)
        )
        return [json.loads(row[0]) for row in rows]

    def answer(self, key: str) -> tuple[str, int, str] | None:
        row = self.connection.execute(
            "SELECT request, status, body FROM answers WHERE key = ?", (key,)
        ).fetchone()
        return (row[0], row[1], row[2]) if row else None

    def keep_answer(self, key: str, request: str, status: int, body: str) -> None:
        self.connection.execute("INSERT INTO answers VALUES (?, ?, ?, ?)", (key, request, status, body))

    def emit(self, kind: str, subject: dict[str, Any]) -> None:
        """Record an event and put it into the outbox, with whatever mischief is on."""
        event = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": None,
            "created": int(self.now),
            "data": {"object": subject},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.put(event)
        mischief = self.mischief()
        if mischief["drop"]:
            return
        for copy in range(2 if mischief["duplicate"] else 1):
            due = self.now + mischief["delay_s"] * (copy + 1)
            self.connection.execute("INSERT INTO outbox (event, due) VALUES (?, ?)", (event["id"], due))

    def mischief(self) -> dict[str, float]:
        on = dict(self.connection.execute("SELECT name, value FROM mischief").fetchall())
        return {name: on.get(name, 0.0) for name in ("duplicate", "delay_s", "reorder", "drop")}

    def set_mischief(self, **values: float) -> None:
        self.connection.executemany(
            "INSERT INTO mischief VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            values.items(),
        )

    def due(self) -> list[Delivery]:
        order = "DESC" if self.mischief()["reorder"] else "ASC"
        # Only ASC or DESC is put into the words.
        rows = self.connection.execute(
            "SELECT number, event, attempts FROM outbox WHERE delivered IS NULL AND due <= ? "  # nosec B608
            f"ORDER BY number {order} LIMIT 50",
            (self.now,),
        )
        return [Delivery(*row) for row in rows]

    def delivered(self, number: int) -> None:
        self.connection.execute("UPDATE outbox SET delivered = ? WHERE number = ?", (self.now, number))

    def try_again(self, delivery: Delivery) -> None:
        wait = min(60.0, 0.5 * 2**delivery.attempts)
        self.connection.execute(
            "UPDATE outbox SET attempts = attempts + 1, due = ? WHERE number = ?",
            (self.now + wait, delivery.number),
        )
