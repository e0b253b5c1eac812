"""`manage.py make_operator HANDLE`: the first person of a host, or one more operator."""

from __future__ import annotations

import os
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts import codes
from accounts.handles import check_handle
from accounts.models import User


class Command(BaseCommand):
    help = "Make an account an operator (superuser and moderator); makes the account when it is not there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("handle")
        parser.add_argument(
            "--email", default="", help="needed for a new account: the code to sign in goes there"
        )
        parser.add_argument(
            "--birth-date", default="", help="YYYY-MM-DD; without it the app treats them as a teen"
        )
        parser.add_argument(
            "--code", action="store_true", help="show a code here, once you asked for one at /login"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["handle"]).first() or self._new(options)
        user.is_staff = user.is_superuser = user.is_moderator = True
        user.save(update_fields=["is_staff", "is_superuser", "is_moderator"])
        site = _address()
        self.stdout.write(
            f"{user.username} is an operator (data in {settings.DATA_DIR}). Sign in at {site}/login."
        )
        if options["code"]:
            digits = codes.new_code(email=user.email, purpose=codes.Purpose.LOG_IN, now=timezone.now())
            self.stdout.write(f"Your code, for ten minutes: {digits} (at {site}/login/code)")

    def _new(self, options: dict[str, Any]) -> User:
        if not options["email"]:
            raise CommandError("There is no such account. Give --email to make it.")
        try:
            check_handle(options["handle"])
            validate_email(options["email"])
        except ValidationError as wrong:
            raise CommandError(wrong.messages[0]) from None
        user = User(
            username=options["handle"],
            email=codes.normal(options["email"]),
            birth_date=_day(options["birth_date"]),
            date_joined=timezone.now(),
        )
        user.set_unusable_password()
        user.save(force_insert=True)
        return user


def _address() -> str:
    """Where this host answers: as set, else as the run command told it last, else the default."""
    told = settings.DATA_DIR / "address"
    return told.read_text().strip() if told.exists() and "SITE_URL" not in os.environ else settings.SITE_URL


def _day(written: str) -> date | None:
    """A birth date as YYYY-MM-DD; nothing written is none. Raises CommandError for anything else."""
    try:
        day = parse_date(written)
    except ValueError:
        day = None
    if written and day is None:
        raise CommandError(
            f"“{written}” is no date. Write the birth date as YYYY-MM-DD, for example 1990-01-31."
        )
    return day
