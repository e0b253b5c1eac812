"""Personal access tokens: made once, shown once, kept as a digest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import notifications, throttle
from accounts.models import PersonalAccessToken, User
from accounts.refusals import Refused

PREFIX = "us_"
LONGEST = timedelta(days=365)
# `last_used_at` is news for a person, not a log: one write in five minutes is enough.
USED_AGAIN_AFTER = timedelta(minutes=5)

# What a token may be given. Nothing here widens a likeness grant, moves money or closes an account: those
# need step-up.
SCOPES: dict[str, str | Promise] = {
    "me:read": _("Read your profile, follows and notifications"),
    "me:write": _("Change your profile, follow, block and mute"),
    "me:move": _("Take everything of yours to another host, and bring it in here"),
    "clips:read": _("Read clips, posts and generations that you can see"),
    "clips:write": _("Make, cancel and delete clips"),
    "posts:write": _("Publish, like, comment and report"),
    "messages:read": _("Read your messages"),
    "messages:write": _("Write messages in your name"),
    "likeness:read": _("Read your likeness, its uses and its ledger"),
    "likeness:write": _("Approve, decline, freeze and revoke uses of your likeness"),
    "shop:read": _("Read your shop, tags and orders"),
    "shop:write": _("Import products, pin tags and start a checkout"),
    "agents:buy": _("Shop for other people, as an agent"),
}


class UnknownScope(Refused):
    code = "unknown_scope"
    message = _("A token needs one or more of the scopes that this host knows.")
    status = 400


class TooLong(Refused):
    code = "token_too_long"
    message = _("A token lasts a day to a year.")
    status = 400


def digest(secret: str) -> str:
    """SHA-256 is enough here: the secret itself has 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def make(
    *, user: User, name: str, scopes: Iterable[str], days: int, now: datetime
) -> tuple[PersonalAccessToken, str]:
    """The row and the secret, which nobody can show again. Raises `UnknownScope`, `TooLong`, `TooMany`."""
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(SCOPES):
        raise UnknownScope()
    if not 1 <= days <= LONGEST.days:
        raise TooLong()
    throttle.token(user, now)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = PersonalAccessToken.objects.create(
        user=user,
        name=name.strip()[:60] or PREFIX + "token",
        digest=digest(secret),
        scopes=wanted,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    notifications.notify(
        recipient=user, kind="token_made", data={"name": token.name}, url="/settings/tokens", now=now
    )
    return token, secret


def find(*, secret: str, now: datetime) -> PersonalAccessToken | None:
    """The live token of a live account, or None."""
    token = (
        PersonalAccessToken.objects.select_related("user")
        .filter(digest=digest(secret), revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is not None:
        unused = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_AGAIN_AFTER)
        PersonalAccessToken.objects.filter(unused, pk=token.pk).update(last_used_at=now)
    return token


def revoke(*, user: User, token_id: int, now: datetime) -> bool:
    """True when one of the person's own live tokens ended."""
    rows = PersonalAccessToken.objects.filter(pk=token_id, user=user, revoked_at=None)
    return rows.update(revoked_at=now) == 1
