"""Print how well faces are told apart, and what that means for search among those enrolled here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cameos import search
from cameos.models import NeverMe, Reference


class Command(BaseCommand):
    help = "Prints misses and false matches by distance, with identities, pairs and upper 95 % bounds."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--photos",
            type=Path,
            help="a folder of photographs you may use: name.jpg, name2.jpg … or a subfolder a person",
        )
        parser.add_argument("--enrolled", type=int, help="print thresholds for this many instead")

    def handle(self, *args: Any, photos: Path | None, enrolled: int | None, **options: Any) -> None:
        from cameos import face_curve

        seen = face_curve.look(self._pictures(photos))
        people, missed = {one.person for one in seen}, sum(one.vector is None for one in seen)
        points = face_curve.curve(seen)
        self.stdout.write(
            f"identities {len(people)}   pictures {len(seen)}, in {missed} of them no face was found\n"
            f"pairs of one person {points[0].miss.pairs}   pairs of two {points[0].false_match.pairs}\n"
        )
        self.stdout.write("distance   miss    95 % bound   false match   95 % bound")
        for point in points:
            miss, false = point.miss, point.false_match
            self.stdout.write(
                f"{point.distance:8.2f}  {miss.share:6.3f}   {miss.bound:10.3f}   "
                f"{false.share:11.4f}   {false.bound:10.4f}"
            )
        if len(people) < face_curve.FEWEST:
            self.stdout.write(f"No goal is claimed below {face_curve.FEWEST} identities.")
        self._thresholds(enrolled)

    def _thresholds(self, enrolled: int | None) -> None:
        count = self._enrolled() if enrolled is None else enrolled
        for size in sorted({count, 100, 1_000, 10_000, 100_000}):
            bounds = search.thresholds(size)
            here = "  <- here" if size == count else ""
            self.stdout.write(
                f"{size:7d} enrolled: stop at {bounds.stop:.3f}, hold to {bounds.hold:.3f}{here}"
            )

    @staticmethod
    def _enrolled() -> int:
        faces = Reference.objects.filter(kind=Reference.Kind.FACE_VECTOR, cameo__erased_at=None)
        return faces.count() + NeverMe.objects.filter(state=NeverMe.State.LISTED).count()

    @staticmethod
    def _pictures(folder: Path | None) -> dict[str, list[tuple[str, Any]]]:
        from cameos import face_curve

        pictures = face_curve.read(folder) if folder else face_curve.packaged()
        if not pictures:
            raise CommandError("There are no photographs. Name a folder with --photos.")
        return pictures
