"""`manage.py measure_engine NAME`: make a few clips with an engine of this host and keep their numbers."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.refusals import Refused
from generation import board
from generation.engines.base import CastMember, EngineFailed, Frame


class Command(BaseCommand):
    help = "Measure an engine on this machine; the page of engines shows it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="native, diffusers or remote")
        parser.add_argument("--clips", type=int, default=len(board.PROMPTS))
        parser.add_argument("--seconds", type=int, help="length of each clip (its shortest)")
        parser.add_argument("--face", type=Path, help="a photo of yourself, to measure likeness; not kept")

    def handle(self, *args: Any, **options: Any) -> None:
        face, resembles = (None, None) if options["face"] is None else _who(options["face"])
        try:
            row = board.measure(
                options["name"],
                now=timezone.now(),
                count=max(1, options["clips"]),
                seconds=options["seconds"],
                face=face,
                resembles=resembles,
                said=self.stdout.write,
            )
        except (EngineFailed, Refused) as error:
            raise CommandError(str(getattr(error, "message", error))) from error
        told = {name: getattr(row, name) for name in board.JUDGED}
        self.stdout.write(
            f"{row.title}: {row.seconds_a_second} s of work a second of clip, {row.memory_mb} MB, {told}"
        )


def _who(path: Path) -> tuple[CastMember, Callable[[Sequence[Frame]], float | None]]:
    """Somebody to cast from a photo, and who knows them again."""
    from PIL import Image

    from cameos import faces

    try:
        photo = np.asarray(Image.open(path).convert("RGB"))
    except OSError as error:
        raise CommandError(f"{path} is no picture: {error}") from error
    found = faces.find(photo)
    if len(found) != 1:
        raise CommandError(f"{path} has to show exactly one face; {len(found)} were found.")
    mesh, truth = faces.mesh(photo, found[0]), faces.embed(photo, found[0])
    kept = io.BytesIO()
    np.savez(kept, crops=photo[None], meshes=np.asarray(mesh.points)[None])

    def resembles(frames: Sequence[Frame]) -> float:
        near = [
            faces.distance(truth, faces.embed(frame, face)) for frame in frames for face in faces.find(frame)
        ]
        return max(0.0, 1 - min(near, default=1.0))

    return CastMember("somebody", key="measured", face=kept.getvalue()), resembles
