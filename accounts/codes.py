"""Six digits by e-mail: ten minutes, five tries, one use, kept as a keyed digest.

An address that has no account gets a row too, whose code nobody knows, and a mail that says so: neither the
page nor the clock tells who has an account here.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import EmailCode, User
from accounts.refusals import Refused

GOOD_FOR = timedelta(minutes=10)
Purpose = EmailCode.Purpose


class CodeWrong(Refused):
    code = "code_wrong"
    message = gettext_lazy("This code is wrong.")
    hint = gettext_lazy("Compare it with the newest mail from us.")


class CodeExpired(Refused):
    code = "code_expired"
    message = gettext_lazy("This code is older than ten minutes, or was used.")
    hint = gettext_lazy("Ask for a new one.")


class TriesSpent(Refused):
    code = "code_tries_spent"
    message = gettext_lazy("This code was tried too often.")
    hint = gettext_lazy("Ask for a new one.")


class MailAway(Refused):
    code = "mail_away"
    message = gettext_lazy("The mail could not be sent just now.")
    hint = gettext_lazy("Try again in a few minutes, or use a passkey.")
    status = 503


def issue(*, email: str, purpose: str, now: datetime) -> None:
    """Send a code, or a mail that says why there is none. Older codes of the same purpose end. Raises
    `MailAway`.
    """
    email = normal(email)
    digits = new_code(email=email, purpose=purpose, now=now)
    has_account = User.objects.filter(email__iexact=email, is_active=True).exists()
    subject, body = _mail(purpose, has_account, digits)
    try:
        EmailMessage(subject=subject, body=body, to=[email]).send()
    except OSError:
        raise MailAway() from None


@transaction.atomic
def new_code(*, email: str, purpose: str, now: datetime) -> str:
    """A fresh code for an address, not yet sent. For the operator's command, which shows it on the
    terminal.
    """
    digits = f"{secrets.randbelow(1_000_000):06d}"
    salt = secrets.token_hex(16)
    EmailCode.objects.filter(email=normal(email), purpose=purpose).delete()
    EmailCode.objects.create(
        email=normal(email),
        purpose=purpose,
        salt=salt,
        digest=_digest(salt, digits),
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    return digits


def check(*, email: str, purpose: str, digits: str, now: datetime) -> None:
    """Use the code up. Raises `CodeWrong`, `CodeExpired` or `TriesSpent`.

    Call it outside a transaction: a wrong try is counted by a commit, which a rollback must not undo.
    """
    refusal = _try(normal(email), purpose, "".join(digits.split()), now)
    if refusal is not None:
        raise refusal


@transaction.atomic
def _try(email: str, purpose: str, digits: str, now: datetime) -> Refused | None:
    row = EmailCode.objects.select_for_update().filter(email=email, purpose=purpose).order_by("-pk").first()
    if row is None:
        return CodeWrong()
    if row.used_at is not None or now >= row.expires_at:
        return CodeExpired()
    if row.tries_left == 0:
        return TriesSpent()
    row.tries_left -= 1
    is_right = hmac.compare_digest(row.digest, _digest(row.salt, digits))
    row.used_at = now if is_right else None
    row.save(update_fields=["tries_left", "used_at"])
    if is_right:
        return None
    return CodeWrong() if row.tries_left else TriesSpent()


def forget(now: datetime) -> int:
    """Delete what can't be used any more; returns how many."""
    return EmailCode.objects.filter(expires_at__lt=now - timedelta(hours=1)).delete()[0]


def normal(email: str) -> str:
    """One writing for one mailbox, as far as that can be known: no spaces around it, small letters."""
    return email.strip().lower()


def _digest(salt: str, digits: str) -> str:
    """Keyed by the host's secret: six digits alone would be guessed from a stolen table in no time."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{salt}:{digits}".encode(), hashlib.sha256).hexdigest()


def _mail(purpose: str, has_account: bool, digits: str) -> tuple[str, str]:
    if purpose in {Purpose.SIGN_UP, Purpose.NEW_EMAIL} and has_account:
        return (
            _("You already have an account"),
            _("Somebody wanted to join Understudy with this address. It already has an account here.")
            + f"\n\n{settings.SITE_URL}/login\n",
        )
    if purpose == Purpose.LOG_IN and not has_account:
        return (
            _("No account with this address"),
            _("Somebody wanted to sign in to Understudy with this address. It has no account here.")
            + f"\n\n{settings.SITE_URL}/join\n",
        )
    return (
        _("Your code: %(code)s") % {"code": digits},
        _(
            "Your code for Understudy is %(code)s\n\n"
            "It works once, for ten minutes. Never give it to anybody: we don't ask for it."
        )
        % {"code": digits}
        + "\n",
    )
