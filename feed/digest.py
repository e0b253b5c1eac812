"""News by mail, once a day or a week, for whoever asked, never in their quiet hours."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import notifications
from accounts.models import Notification, User
from feed.models import Preferences
from feed.wellbeing import zone_of

log = logging.getLogger(__name__)
APART = {Preferences.Digest.DAILY: timedelta(days=1), Preferences.Digest.WEEKLY: timedelta(days=7)}
MOST_LINES = 20
SALT = "feed.digest"
SLACK = timedelta(minutes=30)  # the sweep comes by the hour: a mail a day does not slip by an hour a day


def is_quiet(wishes: Preferences, now: datetime) -> bool:
    """Whether it is quiet where they live; 22:00 to 07:00 goes over midnight."""
    if wishes.quiet_from is None or wishes.quiet_until is None:
        return False
    here = now.astimezone(zone_of(wishes.time_zone)).time()
    if wishes.quiet_from <= wishes.quiet_until:
        return wishes.quiet_from <= here < wishes.quiet_until
    return here >= wishes.quiet_from or here < wishes.quiet_until


def send_due(now: datetime) -> int:
    """Mail everybody whose digest is due; returns how many mails. One that can't be sent waits."""
    wanting = Preferences.objects.exclude(digest=Preferences.Digest.NEVER).exclude(person__email="")
    wanting = wanting.filter(person__is_active=True, person__erased_at=None).select_related("person")
    return sum(_send(wishes, now) for wishes in wanting.iterator() if _is_due(wishes, now))


def _is_due(wishes: Preferences, now: datetime) -> bool:
    apart = APART[Preferences.Digest(wishes.digest)]
    return not is_quiet(wishes, now) and (
        wishes.digest_sent_at is None or now - wishes.digest_sent_at >= apart - SLACK
    )


def _send(wishes: Preferences, now: datetime) -> bool:
    rows = Notification.objects.filter(recipient=wishes.person, read_at=None)
    if wishes.digest_sent_at is not None:
        rows = rows.filter(Q(created_at__gt=wishes.digest_sent_at))
    rows = rows.exclude(kind__in=wishes.muted_kinds).order_by("-created_at")
    newest = list(rows[:MOST_LINES])
    if not newest:
        return False
    with translation.override(wishes.person.language):
        stop = f"{settings.SITE_URL}/settings/feed/stop/{stop_token(wishes.person)}"
        context = {
            "person": wishes.person,
            "news": [notifications.read(row) for row in newest],
            "more": rows.count() - len(newest),
            "site": settings.SITE_URL,
            "stop": stop,
        }
        mail = EmailMessage(
            subject=_("What happened on Understudy"),
            body=render_to_string("feed/digest.txt", context),
            to=[wishes.person.email],
            headers={"List-Unsubscribe": f"<{stop}>"},
        )
    try:
        mail.send()
    except OSError as error:
        log.warning("A digest could not be sent: %s", type(error).__name__)
        return False
    Preferences.objects.filter(pk=wishes.pk).update(digest_sent_at=now)
    return True


def stop_token(person: User) -> str:
    """What a mail's link carries: it can end the digest, and nothing else."""
    return signing.dumps(str(person.public_id), salt=SALT)


def person_of(token: str) -> User | None:
    try:
        public_id = signing.loads(token[:500], salt=SALT)
    except signing.BadSignature:
        return None
    return User.objects.filter(public_id=public_id, is_active=True).first()
