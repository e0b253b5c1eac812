"""Invites: a code that lets people in, and makes inviter and invited follow each other."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts import throttle
from accounts.models import Invite, User
from accounts.refusals import Refused

GOOD_FOR = timedelta(days=14)
MOST_USES = 50
# No 0 O 1 I L: codes are read aloud and typed.
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class InviteWrong(Refused):
    code = "invite_wrong"
    message = _("There is no invite with this code.")
    hint = _("Compare it with what you were sent; codes have no 0, O, 1, I or L.")
    status = 404


class InviteExpired(Refused):
    code = "invite_expired"
    message = _("This invite has expired.")
    hint = _("Ask the person who invited you for a new one.")
    status = 410


class InviteUsed(Refused):
    code = "invite_used"
    message = _("This invite was used up by others.")
    hint = _("Ask the person who invited you for a new one.")
    status = 410


class SignUpClosed(Refused):
    code = "sign_up_closed"
    message = _("This host takes no new people at the moment.")
    hint = _("You can watch without an account.")
    status = 403


class InviteNeeded(Refused):
    code = "invite_needed"
    message = _("You need an invite to join this host.")
    hint = _("Ask somebody who is here for a link.")
    status = 403


def mode() -> str:
    """`invite` (default), `open` or `closed`, as the operator set `SIGNUP_MODE`."""
    return str(getattr(settings, "SIGNUP_MODE", "invite"))


def make(*, inviter: User, uses: int, now: datetime) -> Invite:
    """A fresh invite of 1 to 50 uses, good for two weeks. Raises `SignUpClosed`, `TooMany`."""
    if mode() == "closed":
        raise SignUpClosed()
    throttle.invite(inviter, now)
    return Invite.objects.create(
        code="".join(secrets.choice(LETTERS) for _letter in range(26)),  # 130 bits
        inviter=inviter,
        uses_left=min(max(uses, 1), MOST_USES),
        expires_at=now + GOOD_FOR,
        created_at=now,
    )


def find(code: str, now: datetime) -> Invite:
    """The open invite with this code. Raises `SignUpClosed`, `InviteWrong`, `InviteUsed` or
    `InviteExpired`.
    """
    if mode() == "closed":
        raise SignUpClosed()
    invite = Invite.objects.select_related("inviter").filter(code=tidy(code), inviter__is_active=True).first()
    if invite is None:
        raise InviteWrong()
    if now >= invite.expires_at:
        raise InviteExpired()
    if invite.uses_left < 1:
        raise InviteUsed()
    return invite


def use(code: str, now: datetime) -> Invite | None:
    """Take one use, in the transaction that makes the account. None where no invite is needed and none was
    given.
    """
    if not code:
        if mode() == "closed":
            raise SignUpClosed()
        if mode() != "open":
            raise InviteNeeded()
        return None
    invite = find(code, now)
    taken = Invite.objects.filter(pk=invite.pk, uses_left__gt=0).update(uses_left=F("uses_left") - 1)
    if not taken:
        raise InviteUsed()
    return invite


def tidy(code: str) -> str:
    """As people type it: small letters, spaces; a NUL, which no code has, asks no database."""
    return "".join(code.replace("\0", "").split()).upper()
