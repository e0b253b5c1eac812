"""Keys of legal holds, and what is held: `--make-key`, `--list`, `--open HOLD --key FILE --to FOLDER`,
`--lift HOLD`. Opening is done where the private key is, never in a web process."""

from __future__ import annotations

import base64
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from generation import holds
from generation.models import LegalHold
from generation.workers.sealing import NotForUs


class Command(BaseCommand):
    help = "Makes the key of legal holds, lists them, opens one with its private key, lifts one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--make-key", action="store_true")
        parser.add_argument("--list", action="store_true")
        parser.add_argument("--open", metavar="HOLD")
        parser.add_argument("--lift", metavar="HOLD")
        parser.add_argument("--key", type=Path, metavar="FILE", help="the private key, in base64")
        parser.add_argument("--to", type=Path, metavar="FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["make_key"]:
            private, public = holds.make_key()
            self.stdout.write(f"private key, keep it elsewhere: {private}\nLEGAL_HOLD_KEY={public}")
        elif options["open"]:
            self._open(self._one(options["open"]), options["key"], options["to"])
        elif options["lift"]:
            holds.lift(hold=self._one(options["lift"]), now=timezone.now())
            self.stdout.write("lifted")
        else:
            for hold in LegalHold.objects.select_related("clip").order_by("pk"):
                said = f"{hold.public_id} {hold.state} clip {hold.clip.public_id} until"
                self.stdout.write(f"{said} {hold.expires_at:%Y-%m-%d} {len(hold.files)} files: {hold.reason}")

    def _one(self, name: str) -> LegalHold:
        try:
            return LegalHold.objects.select_related("clip").get(public_id=name)
        except (LegalHold.DoesNotExist, ValueError) as error:
            raise CommandError("There is no such hold.") from error

    def _open(self, hold: LegalHold, key: Path | None, to: Path | None) -> None:
        if key is None or to is None:
            raise CommandError("Name the private key (--key) and where the files go (--to).")
        try:
            files = holds.opened(hold, base64.b64decode(key.read_text().strip()))
        except (NotForUs, OSError, ValueError) as error:
            raise CommandError("This key does not open it, or the sealed files are gone.") from error
        to.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (to / name).write_bytes(data)
        self.stdout.write(f"{len(files)} files")
