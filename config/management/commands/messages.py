from typing import Any

from django.core.management import BaseCommand, call_command

LEFT_OUT = [".venv", "var", "tests/*", "static"]


class Command(BaseCommand):
    help = "Gathers every string of the pages into the Chinese catalogue, and compiles what is translated."

    def handle(self, *args: Any, **options: Any) -> None:
        gathering = {"no_location": True, "no_wrap": True, "ignore_patterns": LEFT_OUT}
        call_command("makemessages", locale=["zh_Hans"], **gathering)
        call_command("compilemessages", locale=["zh_Hans"], ignore_patterns=LEFT_OUT)
