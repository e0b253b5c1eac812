"""Say what is wrong with this host, and what mends it. Ends with 1 when something is."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from config import doctor


class Command(BaseCommand):
    help = "Looks over this host and prints each fault with what mends it."
    requires_system_checks: list[str] = []  # a wrong knob is a finding here

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON array")

    def handle(self, *args: Any, **options: Any) -> None:
        found = doctor.examine()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in found], ensure_ascii=False))
        elif not found:
            self.stdout.write("Nothing is wrong with this host.")
        for finding in [] if options["json"] else found:
            self.stdout.write(f"{finding.code}: {finding.fault}\n    Mend: {finding.fix}")
        if found:
            sys.exit(1)
