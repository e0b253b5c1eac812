from typing import Any

from django.core.management import BaseCommand

from commerce import demo


class Command(BaseCommand):
    help = "Opens the demo's three shops; `load_demo` calls it after the clips are on stage."

    def handle(self, *args: Any, **options: Any) -> None:
        demo.load()
