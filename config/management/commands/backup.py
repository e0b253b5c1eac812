"""`manage.py backup FILE`: rows, media, films that people brought, and keys in one portable file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from config import archive


class Command(BaseCommand):
    help = "Writes rows, media and keys into one file that any database restores from."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--without-media", action="store_true", help="media lie on S3, or are copied apart"
        )
        parser.add_argument("--without-keys", action="store_true", help="keys are kept apart")

    def handle(self, *args: Any, **options: Any) -> None:
        manifest = archive.write(
            options["file"],
            with_media=not options["without_media"] and not settings.S3_BUCKET,
            with_footage=not options["without_media"],  # lies in DATA_DIR, also where media lie on S3
            with_keys=not options["without_keys"],
        )
        rows, files = sum(manifest["rows"].values()), len(manifest["files"])
        self.stdout.write(f"{rows} rows and {files} files in {options['file']}.")
        self.stdout.write(f"Keep the journal too, on its own: {settings.JOURNAL_PATH}")
        self.stdout.write(
            "The key files of likenesses are in no backup, so that what is erased is erased there too. "
            "Mirror them each hour, on a mounted disk elsewhere: manage.py mirror_keys /mnt/safe/likeness"
        )
