"""`manage.py worker_token NAME`: registers a worker on another machine and shows its token once; `--revoke
NAME` ends it, `--list` names them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from generation.workers import tokens
from generation.workers.refusals import NameTaken


class Command(BaseCommand):
    help = "Register, revoke or list workers on other machines."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("--revoke", action="store_true")
        parser.add_argument("--list", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        name, now = options["name"], timezone.now()
        if options["list"]:
            for worker in tokens.registered():
                self.stdout.write(f"{worker.name}\tlast seen {worker.seen_at or 'never'}")
        elif not name:
            raise CommandError("Give the worker a name.")
        elif options["revoke"]:
            found = tokens.registered().filter(name=name).first()
            if found is None or not tokens.revoke(worker=found, now=now):
                raise CommandError("No such worker is registered.")
            self.stdout.write(f"{name} is revoked; its jobs went back into the queue.")
        else:
            try:
                _worker, secret = tokens.register(name=name, by=None, now=now)
            except NameTaken as taken:
                raise CommandError(str(taken.message)) from None
            self.stdout.write(secret)
