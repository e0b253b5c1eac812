from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from feed.demo import make


class Command(BaseCommand):
    help = "Renders the demo's clips with the native engine, for the repository."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slugs", nargs="*", help="only these scenes")
        parser.add_argument("--crf", type=int, default=make.CRF)

    def handle(self, *args: Any, **options: Any) -> None:
        total = make.make(options["slugs"], options["crf"], self.stdout.write)
        self.stdout.write(f"{total / 1024**2:.1f} MB in all")
        if total > make.MOST_BYTES:
            raise CommandError("That is more than the repository carries: raise --crf.")
