"""Does to shipped clips what the world does to films, and writes what is still found: docs/survival.md."""

from __future__ import annotations

from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from generation.provenance import survival, watermark
from model import video

CLIPS = Path(settings.BASE_DIR) / "feed" / "demo" / "clips"
PAGE = Path(settings.BASE_DIR) / "docs" / "survival.md"
HEAD = """# What survives

Made by `manage.py survival --write` on {day}, over {count} shipped clips and {unseen} unseen ones of
{seconds} s at 720x1280, marked and encoded as the host does it (crf {sealed}), then changed and encoded once
more. The rules were made while looking at the shipped clips; the unseen ones are invented scenes of seeds
that were scored and never tuned on. Found means: the mark's 64 bits were read and are this clip's; the
fingerprint's best match is this clip, among all of them.
The hidden mark changes the pictures by {decibels:.1f} dB (PSNR). By mistake it is found less often than
{bound:.0e} times a file and key (a computed bound, see `docs/algorithms/provenance.md`).

The manifest survives none of these: every one of them writes a new file, and re-encoding drops it. That is
what the mark and the fingerprint are for.

| what was done | mark read | score, least and middle | fingerprint | unseen: mark | unseen: fingerprint |
|---|---|---|---|---|---|
"""
FOOT = """
The score is in standard deviations of what a foreign key would give; at {plain:.0f} a mark counts as found
where nothing was cropped, at {search:.1f} where a crop or a frame has to be searched for.

The fingerprint keeps one picture a second, so a copy whose pictures fall between those (another speed, a late
start) can be missed where much moves. A part that was cut out anywhere is found by its outline down to about
two thirds of a side, a square out of an upright clip often not. The mark finds these.

Not in the table, never measured, and by how the mark is made not expected to survive: turning by more than a
degree, stretching one side only, cutting away more than 40 % of a side, strong blur, painting over, drawing
the picture anew with a model. Whoever has the
key, or many clips with one payload, can take the mark out.
"""


class Command(BaseCommand):
    help = "What is found of a clip after re-encoding, cropping, recording from a screen and so on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clips", type=int, default=12)
        parser.add_argument("--unseen", type=int, default=6)
        parser.add_argument("--seconds", type=int, default=2)
        parser.add_argument("--write", action="store_true", help="write docs/survival.md")

    def handle(self, *args: Any, **options: Any) -> None:
        clips = list(islice(shipped(options["seconds"]), options["clips"]))
        unseen = list(survival.drawn(options["seconds"], options["unseen"]))
        known = survival.known([*clips, *unseen])
        rows = zip(survival.table(clips, known), survival.table(unseen, known), strict=True)
        lines = [_line(row, other) for row, other in rows]
        for line in lines:
            self.stdout.write(line)
        if options["write"]:
            facts = {
                "day": date.today().isoformat(),
                "count": len(clips),
                "unseen": len(unseen),
                "seconds": options["seconds"],
                "sealed": survival.SEALED_CRF,
                "decibels": min(clip.decibels for clip in clips),
                "bound": watermark.FALSE_POSITIVE_BOUND,
            }
            foot = FOOT.format(plain=watermark.PLAIN_SCORE, search=watermark.SEARCH_SCORE)
            PAGE.write_text(HEAD.format(**facts) + "\n".join(lines) + "\n" + foot)


def shipped(seconds: int) -> Any:
    """The clips of the repository, sealed with the table's own key, in the order of their names."""
    for number, path in enumerate(sorted(CLIPS.glob("[a-z]*.mp4"))):
        frames = video.read_frames(path, limit=round(seconds * survival.FPS))
        yield survival.sealed(number, frames)


def _line(row: survival.Row, unseen: survival.Row) -> str:
    scores = sorted(row.scores)
    middle = scores[len(scores) // 2]
    found = f"{row.marks}/{row.clips} | {scores[0]:.1f}, {middle:.1f} | {row.prints}/{row.clips}"
    found += f" | {unseen.marks}/{unseen.clips} | {unseen.prints}/{unseen.clips}"
    return f"| {row.title} | {found} |"
