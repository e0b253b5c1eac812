"""`manage.py ranker list | learn | rollback`: the weights of the feed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from feed.models import RankerVersion
from feed.ranking import learning, live, versions


class Command(BaseCommand):
    help = "Shows which weights serve, learns new ones from this host's log, or goes back to those before."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("do", choices=["list", "learn", "rollback"])

    def handle(self, *args: Any, do: str, **options: Any) -> None:
        if do == "rollback":
            self.stdout.write(f"Serving: {versions.roll_back(timezone.now())}")
        elif do == "learn":
            made = learning.learn(timezone.now())
            self.stdout.write("Too little to learn from." if made is None else self._line(made))
        else:
            self.stdout.write(f"Serving: {live.serving().version}")
            for row in RankerVersion.objects.order_by("-trained_at"):
                self.stdout.write(self._line(row))

    def _line(self, row: RankerVersion) -> str:
        figures = "  ".join(f"{name} {value}" for name, value in row.figures.items())
        return f"{row.version}  {row.state}  {figures}"
