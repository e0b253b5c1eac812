"""Mail that stays here: without a mail server, a demo shows every mail at `/mail` instead of sending it.

Outside demo mode this refuses to take a mail: a code on a page that everybody can open would be no proof of
anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from accounts.models import KeptMail


class NoMailServer(OSError):
    """Neither `EMAIL_HOST` nor demo mode is set."""


class OutboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """One row for each recipient; returns the number of mails."""
        if not settings.DEMO:
            raise NoMailServer(
                "Set EMAIL_HOST (and EMAIL_HOST_USER …), or DEMO=1 for mail on the page /mail."
            )
        now = timezone.now()
        KeptMail.objects.bulk_create(
            KeptMail(recipient=to, subject=str(mail.subject)[:200], body=str(mail.body), created_at=now)
            for mail in email_messages
            for to in mail.recipients()
        )
        return len(email_messages)
