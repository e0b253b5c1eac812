"""Wrap every likeness's key under a new host key; the data itself stays as it is."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cameos import hostkey, vault


class Command(BaseCommand):
    help = "Make a new host key for likeness data and wrap every data key under it. Safe to repeat."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--ledger", action="store_true", help="also sign ledgers with a new key from now on"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{vault.rotate()} likeness keys are wrapped under the new host key.")
        self.stdout.write("The old one may be deleted from KEYS_DIR/host once older backups are gone.")
        if options["ledger"]:
            self.stdout.write(
                f"Ledgers are signed with the key {hostkey.rotate(timezone.now())} from now on."
            )
