"""Fit the judge of sense anew from `generation/screening/examples.txt`; needs the vector process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generation.screening import head, training
from model import text

AT_A_TIME = 128


class Command(BaseCommand):
    help = "Fits the screening head on its examples and prints what cross-validation finds."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            fitted, found = training.train(_embed)
            found |= training.cross_validated(_embed)
        except text.Unavailable as away:
            raise CommandError("The vector process is away: start it with `make run`.") from away
        head.save(fitted, found)
        self.stdout.write(" ".join(f"{name}={value}" for name, value in found.items()))


def _embed(said: Sequence[str]) -> Any:
    """A few at a time: the vector process answers others in between."""
    known: dict[str, Any] = {}
    for start in range(0, len(said), AT_A_TIME):
        some = list(said[start : start + AT_A_TIME])
        known |= dict(zip(some, text.embed(some, query=True, timeout_s=60), strict=True))
    return [known[one] for one in said]
