"""`manage.py rank_offline`: rank any log with the ranking of this house. docs/algorithms/ranking.md says
how.
"""

import csv
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

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
        from feed.ranking import offline

        if options["k"] < 1:
            raise CommandError("--k is at least 1.")
        try:
            log, offered = offline.load(options["events"], options["users"], options["items"])
            slate = offline.read(options["slate"], ("user", "item")) if options["slate"] else None
        except offline.BadTable as error:
            raise CommandError(str(error)) from error
        self.say(f"{log.size} events of {log.shape[0]} people with {log.shape[1]} items")
        rows: Iterable[tuple[object, ...]]
        if slate is None:
            header, rows = (
                ("user", "rank", "item"),
                offline.recommend(log, offered, options["k"], options["seed"], self.say),
            )
        else:
            log = offline.with_strangers(log, slate)
            header, rows = ("user", "item", "score"), offline.judge(log, slate, options["seed"], self.say)
        with options["out"].open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)

    def say(self, line: str) -> None:
        self.stderr.write(line)
