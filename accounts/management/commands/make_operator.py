"""`manage.py make_operator HANDLE`: the first person of a host, or one more operator."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
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
        self.stdout.write(f"{user.username} is an operator. Sign in at {settings.SITE_URL}/login.")
        if options["code"]:
            digits = codes.new_code(email=user.email, purpose=codes.Purpose.LOG_IN, now=timezone.now())
            self.stdout.write(f"Your code, for ten minutes: {digits} (at {settings.SITE_URL}/login/code)")

    def _new(self, options: dict[str, Any]) -> User:
        if not options["email"]:
            raise CommandError("There is no such account. Give --email to make it.")
        try:
            check_handle(options["handle"])
        except ValidationError as wrong:
            raise CommandError(wrong.messages[0]) from None
        user = User(
            username=options["handle"],
            email=codes.normal(options["email"]),
            birth_date=parse_date(options["birth_date"]) if options["birth_date"] else None,
            date_joined=timezone.now(),
        )
        user.set_unusable_password()
        user.save(force_insert=True)
        return user
