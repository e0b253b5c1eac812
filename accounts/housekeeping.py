"""What this room holds only for a time, and when it goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session

from accounts import codes, guardians, hooks, idempotency
from accounts.models import Invite, KeptMail, Notification, PersonalAccessToken, SignIn

NEWS_KEPT_FOR = timedelta(days=180)
ENDED_KEPT_FOR = timedelta(days=30)  # tokens and invites that ended, so that their person can still look
MAIL_KEPT_FOR = timedelta(days=1)


def forget(now: datetime) -> dict[str, int]:
    """Delete expired codes, answers, tokens, invites, sessions and old news; returns how many of each."""
    ended = now - ENDED_KEPT_FOR
    tokens = PersonalAccessToken.objects.filter(expires_at__lt=ended)
    revoked = PersonalAccessToken.objects.filter(revoked_at__lt=ended)
    return {
        "codes": codes.forget(now),
        "answers": idempotency.forget(now),
        "tokens": tokens.delete()[0] + revoked.delete()[0],
        "invites": Invite.objects.filter(expires_at__lt=ended).delete()[0],
        "hook_pieces": hooks.forget(now),
        "guardians": guardians.forget(now),
        "sign_ins": _forget_sign_ins(now),
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
        "news": Notification.objects.filter(created_at__lt=now - NEWS_KEPT_FOR).delete()[0],
        "mail": KeptMail.objects.filter(created_at__lt=now - MAIL_KEPT_FOR).delete()[0],
    }


def _forget_sign_ins(now: datetime) -> int:
    oldest = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return SignIn.objects.filter(created_at__lt=oldest).delete()[0]
