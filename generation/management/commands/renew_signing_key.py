"""A new certificate and key for manifests, under this host's own root; files signed before stay trusted."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generation.provenance import signing


class Command(BaseCommand):
    help = "Sign files with a new certificate from now on (the old one is over after three years)."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(f"{signing.renew_leaf()} signs files from now on.")
        except signing.KeysMissing as error:
            raise CommandError(str(error)) from error
