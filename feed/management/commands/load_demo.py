from typing import Any

from django.core.management import BaseCommand, call_command, get_commands
from django.utils import timezone

from feed.demo import load, programme

AFTERWARDS = "load_demo_shops"  # commerce's part, where that room is installed


class Command(BaseCommand):
    help = "Fills a fresh house: drawn characters with owners, forty clips sealed by this host, an audience."

    def handle(self, *args: Any, **options: Any) -> None:
        new = load.load(timezone.now(), self.stdout.write)
        if AFTERWARDS in get_commands():
            call_command(AFTERWARDS)
        self.stdout.write(f"The demo is loaded: {new} new clips. Invite code: {programme.INVITE}")
