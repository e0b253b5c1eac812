"""`manage.py remote_worker --host https://clips.example.org --token-file token`: renders for a host somewhere
else. No database is opened here (docs/remote-workers.md)."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation.engines import base as engines


class Command(BaseCommand):
    help = "Render for a host on another machine, under a token that its operator registered."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", required=True, help="the host's address, https://…")
        parser.add_argument("--token-file", default="", help="or UNDERSTUDY_WORKER_TOKEN")
        parser.add_argument("--ca", default="", help="a certificate authority of your own (PEM)")
        parser.add_argument("--engines", default="", help="which of the engines here, by name, with commas")
        parser.add_argument("--once", action="store_true", help="one job, or none")

    def handle(self, *args: Any, **options: Any) -> None:
        from generation.workers import client

        names = [name for name in options["engines"].split(",") if name] or list(engines.entries())
        try:
            token = client.token_in(options["token_file"])
            worker = client.Client(client.Host(options["host"], token, options["ca"]), names)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.over.set())
        try:
            if options["once"]:
                self.stdout.write("rendered one" if worker.one() else "nothing waits")
            else:
                worker.work()
        except client.HostSaysNo as no:
            raise CommandError(f"The host turned this worker away: {no}") from None
        except OSError as error:
            raise CommandError(f"The host does not answer: {error}") from None
