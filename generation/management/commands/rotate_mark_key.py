"""Adds a key for the hidden mark; the older ones are still asked when a file is looked at."""

from typing import Any

from django.core.management.base import BaseCommand

from generation.provenance import mark_keys


class Command(BaseCommand):
    help = "Mark clips with a new key from now on."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{mark_keys.rotate()} marks new clips from now on.")
