"""`manage.py first_run`: where a new host is set up, with the code that opens the page."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import first_run


class Command(BaseCommand):
    help = "Prints the address at which a host without an operator is set up."

    def handle(self, *args: Any, **options: Any) -> None:
        told = settings.DATA_DIR / "address"
        site = (
            told.read_text().strip() if told.exists() and "SITE_URL" not in os.environ else settings.SITE_URL
        )
        self.stdout.write(first_run.address(site) or "This host has an operator; the page is gone.")
