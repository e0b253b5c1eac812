"""`manage.py rank_offline`: rank any log with the ranking of this house. docs/algorithms/ranking.md says
how.
"""

import csv
import os
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Learn from a log in CSV files and write recommendations, or scores of given pairs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--events", type=Path, required=True, help="user,item,ts,watch,like")
        parser.add_argument("--users", type=Path, help="user and any attributes")
        parser.add_argument(
            "--items", type=Path, help="item and any attributes: tag, author, length_s, uploaded_at"
        )
        parser.add_argument("--k", type=int, default=100)
        parser.add_argument(
            "--out", type=Path, required=True, help="user,rank,item; with --slate user,item,score"
        )
        parser.add_argument("--slate", type=Path, help="user,item pairs to score")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["k"] < 1:
            raise CommandError("--k is at least 1.")
        with _whole(options["out"]) as file:
            header, rows = self._ranked(options)
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)

    def _ranked(self, options: dict[str, Any]) -> tuple[tuple[str, ...], Iterable[tuple[object, ...]]]:
        """The first line of what comes out, and the rows below it."""
        from feed.ranking import offline, tables

        try:
            log, offered = offline.load(options["events"], options["users"], options["items"])
            slate = tables.read(options["slate"], ("user", "item")) if options["slate"] else None
        except tables.BadTable as error:
            raise CommandError(str(error)) from error
        self.say(f"{log.size} events of {log.shape[0]} people with {log.shape[1]} items")
        if slate is None:
            return ("user", "rank", "item"), offline.recommend(
                log, offered, options["k"], options["seed"], self.say
            )
        log = offline.with_strangers(log, slate)
        return ("user", "item", "score"), offline.judge(log, slate, options["seed"], self.say)

    def say(self, line: str) -> None:
        self.stderr.write(line)


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    """A file to write that takes the place of `path` when all is written, and leaves it alone otherwise.
    Opened before the work begins: nobody waits ten minutes to hear that a folder cannot be written.
    """
    if path.exists() and not path.is_file() and not path.is_dir():  # a pipe or a terminal
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    path = path.resolve()
    if path.is_dir():
        raise CommandError(f"{path} is a folder.")
    beside = path.with_name(f".{os.getpid()}.part")
    try:
        file = beside.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error
    try:
        with file:
            yield file
        beside.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error}") from error
    finally:
        beside.unlink(missing_ok=True)
