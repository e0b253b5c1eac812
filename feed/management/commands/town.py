"""`manage.py town`: fill an empty database with a simulated town (docs/algorithms/town.md)."""

import time
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from feed.town import fill


class Command(BaseCommand):
    help = "Fill an empty database with people of different tastes, their clips and what they watched."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=1000)
        parser.add_argument("--clips", type=int, default=10_000)
        parser.add_argument("--days", type=int, default=14)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--until", help="the town's last moment, ISO 8601; without it, now")

    def handle(self, *args: Any, people: int, clips: int, days: int, seed: int, **options: Any) -> None:
        if not (20 <= people <= 10_000_000 and 1 <= clips <= 100_000_000 and 1 <= days <= 3650 and seed >= 0):
            raise CommandError(
                "A town has 20 people or more, a clip or more, 1 to 3650 days, and no negative seed."
            )
        if User.objects.exists():
            raise CommandError("There are people in this database already. A town wants an empty one.")
        try:
            until = datetime.fromisoformat(options["until"]) if options["until"] else datetime.now(UTC)
        except ValueError as error:
            raise CommandError(
                "--until is a moment in ISO 8601, such as 2026-11-26T12:00:00+00:00."
            ) from error
        started = time.monotonic()
        now = until if until.tzinfo else until.replace(tzinfo=UTC)
        fill.fill(
            fill.Size(people, clips, days, seed),
            now,
            lambda line: self.stderr.write(f"{time.monotonic() - started:7.1f} s  {line}"),
        )
        self.stdout.write(f"A town of {people} people and {clips} clips, until {now:%Y-%m-%d %H:%M}.")
