"""Print what the red-team set finds: block and over-block by category, language and half.

The open part is scored at the levels of this host and kept for the operator's page; of the sealed half the
stored result is printed. `--seal FILE` writes down the hash of a half that nobody who tunes has seen,
`--break-seal FILE` scores it, once, and `--open-up` adds it to what may be read.
"""

from __future__ import annotations

import subprocess
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from generation.models import RedteamRun
from generation.screening import Unjudged, levels, redteam


class Command(BaseCommand):
    help = "Scores the open part of the red-team set and prints the stored result of the sealed half."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seal", type=Path, metavar="FILE", help="write down the hash of a new half")
        parser.add_argument("--open-up", action="store_true", help="let the scored half be read")
        parser.add_argument("--break-seal", type=Path, metavar="FILE", help="score the sealed half, once")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["seal"]:
                self.stdout.write(f"sealed {redteam.seal(options['seal'])}; commit it")
                return
            if options["open_up"]:
                redteam.open_up()
                self.stdout.write("opened; commit it")
                return
        except redteam.Broken as broken:
            raise CommandError(str(broken)) from broken
        if options["break_seal"]:
            self._break(options["break_seal"])
        try:
            run = score_open_half()
        except Unjudged as away:
            raise CommandError("The vector process is away: start it with `make run`.") from away
        self._print("open part, at the levels of this host", run.set_sha256, run.figures)
        if stored := redteam.stored_result():
            title = f"sealed half, scored once on {stored['on']} at commit {stored['commit'][:12]}"
            self._print(title, stored["set_sha256"], stored)
        elif redteam.sealed_hash():
            self.stdout.write(f"sealed half: not scored yet (sha256 {redteam.sealed_hash()})")
        for number, earlier in enumerate(redteam.rounds(), 1):
            rates = {name: earlier[name] for name in ("block_rate", "over_block")}
            title = f"round {number}, scored once on {earlier['on']} at commit {earlier['commit'][:12]}"
            self._print(title, earlier["set_sha256"], rates)

    def _print(self, title: str, digest: str, figures: dict[str, Any]) -> None:
        self.stdout.write(f"{title} (sha256 {digest[:16]}…)")
        for line in redteam.lines(figures):
            self.stdout.write(f"  {line}")

    def _break(self, file: Path) -> None:
        commit = _git("rev-parse", "HEAD")
        if _git("status", "--porcelain", "--untracked-files=no"):
            raise CommandError("Commit first: the result names the commit that it is of.")
        try:
            redteam.break_seal(file, commit=commit, on=timezone.now().date().isoformat())
        except redteam.Broken as broken:
            raise CommandError(str(broken)) from broken


def score_open_half() -> RedteamRun:
    """Raises `Unjudged` while the vectors are down."""
    strictness = levels.current()
    rows = redteam.score(redteam.read(redteam.OPEN), strictness, levels.added_names())
    return RedteamRun.objects.create(
        half="open",
        set_sha256=redteam.sha256(redteam.OPEN),
        levels=strictness,
        figures=redteam.figures(rows),
        at=timezone.now(),
    )


def _git(*words: str) -> str:
    done = subprocess.run(  # argv, no shell; the git of whoever runs it  # nosec B603 B607
        ["git", *words], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
