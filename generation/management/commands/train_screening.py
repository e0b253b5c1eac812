"""Fit the judge of sense anew from `generation/screening/examples.txt`; needs the vector process."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generation.screening import head, training
from model import text


class Command(BaseCommand):
    help = "Fits the screening head on its examples and prints what cross-validation finds."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            fitted, found = training.train(lambda said: text.embed(said, query=True, timeout_s=60))
        except text.Unavailable as away:
            raise CommandError("The vector process is away: start it with `make run`.") from away
        head.save(fitted)
        self.stdout.write(" ".join(f"{name}={value}" for name, value in found.items()))
