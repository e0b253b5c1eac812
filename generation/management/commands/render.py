"""A rendering worker without Celery: `manage.py render` (until Ctrl-C), or `--drain` (until nothing
waits)."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from generation import hand


class Command(BaseCommand):
    help = "Render what waits in the queue."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--drain", action="store_true", help="stop when nothing waits")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["drain"]:
            done = 0
            while hand.run_one(hand.worker_name()):
                done += 1
            self.stdout.write(f"{done} rendered")
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: hand.stop())
        hand.start().join()
