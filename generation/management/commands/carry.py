"""`manage.py carry out|in|trust`: a person moves between two hosts (docs/hosting.md)."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import outbound
from accounts.models import User
from cameos import carried
from generation import carrying


class Command(BaseCommand):
    help = "Writes a person's archive, takes one in, or says which host's archives are believed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        ways = parser.add_subparsers(dest="way", required=True)
        for way, told in (("out", "write the archive of a person"), ("in", "take one in for a person here")):
            one = ways.add_parser(way, help=told)
            one.add_argument("handle")
            one.add_argument("file", type=Path)
        trust = ways.add_parser("trust", help="believe what this host signed")
        trust.add_argument("heads", help="its address, or a file with what its /ledger/heads gave")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["way"] == "trust":
                self.stdout.write(f"Archives of {self.trust(options['heads'])} are believed from now on.")
            elif options["way"] == "out":
                told = carrying.write(
                    user=self.person(options["handle"]), path=options["file"], now=timezone.now()
                )
                self.stdout.write(f"{len(told['files'])} files in {options['file']}.")
            else:
                self.take(options["handle"], options["file"])
        except (carrying.BadArchive, carried.NotBelieved, outbound.OutboundRefused, OSError) as no:
            raise CommandError(str(no)) from None

    def trust(self, where: str) -> str:
        if where.startswith(("https://", "http://")):
            return carried.meet(where)
        return carried.believe(json.loads(Path(where).read_text()))

    def person(self, handle: str) -> User:
        found = User.objects.filter(username=handle, erased_at=None).first()
        if found is None:
            raise CommandError(f"There is nobody here by the name {handle}.")
        return found

    def take(self, handle: str, path: Path) -> None:
        taken = carrying.take(path=path, owner=self.person(handle), now=timezone.now())
        self.stdout.write(f"{len(taken.clips)} clips and {taken.ledgers} ledgers of {taken.host}.")
        for name, why in taken.left_out.items():
            self.stdout.write(f"Left out: {name}: {why}")
