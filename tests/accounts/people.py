"""What the tests of this room do again and again."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import invites, stepup
from accounts.models import Invite, User

NEWCOMER = {
    "handle": "nina",
    "name": "Nina",
    "birth_date": "1995-02-03",
    "language": "en",
    "email": "nina@example.test",
}


def signed_in(user: User, *, fresh: bool = False) -> Client:
    """A browser of this person; `fresh` when they have just confirmed that it is them."""
    client = Client()
    client.force_login(user)
    if fresh:
        session = client.session
        stepup.mark(session, timezone.now())
        session.save()
    return client


def newest_code() -> str:
    """The six digits in the newest mail."""
    found = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found.group()


def invite_of(user: User, now: datetime | None = None, uses: int = 1) -> Invite:
    return invites.make(inviter=user, uses=uses, now=now or timezone.now())


def text_of(response: Any) -> str:
    return str(response.content.decode())
