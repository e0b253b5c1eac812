"""`manage.py docs_site OUT`: the pages of docs/ as a site (for developers: wants `make install-dev`)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from config import docs_site


class Command(BaseCommand):
    help = "Builds the site of docs/ into a folder, which is emptied first."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, nargs="?", default=Path("var/docs"))

    def handle(self, *args: Any, **options: Any) -> None:
        root: Path = settings.BASE_DIR
        count = docs_site.build(root / "docs", root / "static", options["out"])
        self.stdout.write(f"{count} pages in {options['out']}.")
