"""`manage.py mirror_keys FOLDER`: the key files of likenesses, new ones copied and erased ones erased."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from config import mirror


class Command(BaseCommand):
    help = "Mirrors the key files of likenesses into a folder, deletions too; refuses while some are missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="on another disk or machine, mounted here")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            copied, erased = mirror.mirror(options["folder"])
        except mirror.MirrorRefused as refusal:
            raise CommandError(f"Nothing was mirrored. {refusal}") from None
        self.stdout.write(f"{copied} key files copied, {erased} erased in {options['folder']}.")
