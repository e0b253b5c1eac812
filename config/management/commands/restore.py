"""`manage.py restore FILE`: a backup into an empty host; what people took away since is taken away again."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.utils import timezone

from accounts import journal
from cameos import revocation, vault
from cameos.models import Cameo
from config import archive


class Command(BaseCommand):
    help = "Restores a backup into an empty host, then replays the journal before anything is served."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="only read it and compare every byte")
        parser.add_argument(
            "--journal-lost", action="store_true", help="go on without one, and freeze every likeness"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                manifest = archive.check(options["file"])
                self.stdout.write(f"Whole: {sum(manifest['rows'].values())} rows.")
                return
            self.refuse_without_journal(options["journal_lost"])
            call_command("migrate", verbosity=0, interactive=False)
            archive.read(options["file"])
        except (archive.BadArchive, archive.NotEmpty) as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"Restored. {journal.replay()} lines of the journal were done again.")
        if shut := vault.without_file():
            self.stderr.write(
                f"{shut} likenesses and never-me entries stay shut: their key files are not in "
                f"{settings.KEYS_DIR}/likeness. Bring its mirror there; no backup has them."
            )
        if options["journal_lost"]:
            self.stdout.write(
                f"{self.freeze_all()} likenesses are frozen until their owners open them again."
            )

    def refuse_without_journal(self, lost: bool) -> None:
        if not Path(settings.JOURNAL_PATH).exists() and not lost:
            raise CommandError(
                f"There is no journal at {settings.JOURNAL_PATH}. Bring it there: without it, likenesses "
                "that people took back since this backup would be shown again. If it is lost, say "
                "--journal-lost: every likeness is then frozen until its owner opens it again."
            )

    def freeze_all(self) -> int:
        now, frozen = timezone.now(), 0
        for cameo in Cameo.objects.filter(state=Cameo.State.VERIFIED, frozen_at=None).select_related("owner"):
            revocation.freeze(cameo=cameo, owner=cameo.owner, now=now)
            frozen += 1
        return frozen
