"""Passkeys: WebAuthn credentials that the device keeps, found without a name (discoverable), with the
person verified.

Each ceremony begins with a challenge kept in the session, which is used once and good for five minutes.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticatorData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts import notifications
from accounts.models import Passkey, User
from accounts.refusals import Refused

log = logging.getLogger(__name__)

GOOD_FOR = timedelta(minutes=5)
STATE = "passkey_ceremony"
MOST = 20


class PasskeyRefused(Refused):
    code = "passkey_refused"
    message = _("This passkey could not be checked.")
    hint = _("Try again, or use a code by e-mail.")


class PasskeyUnknown(PasskeyRefused):
    code = "passkey_unknown"
    message = _("No account here has this passkey.")


class PasskeyLast(Refused):
    code = "passkey_last"
    message = _("This passkey is your only way in.")
    hint = _("Add an e-mail address or another passkey first.")
    status = 409


class TooManyPasskeys(Refused):
    code = "passkey_too_many"
    message = _("An account has at most 20 passkeys.")
    status = 409


def begin_registration(
    session: SessionBase, *, public_id: UUID, handle: str, name: str, known: list[Passkey], now: datetime
) -> dict[str, Any]:
    """Options for `navigator.credentials.create`, as JSON."""
    options, state = _server().register_begin(
        PublicKeyCredentialUserEntity(id=public_id.bytes, name=handle, display_name=name or handle),
        credentials=[_descriptor(passkey) for passkey in known],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    session[STATE] = {"kind": "create", "state": state, "at": now.isoformat(), "user": str(public_id)}
    return _jsonable(dict(options)["publicKey"])


def finish_registration(
    session: SessionBase, *, public_id: UUID, answer: Any, now: datetime
) -> AuthenticatorData:
    """The verified new credential. Raises `PasskeyRefused`."""
    state = _take_state(session, "create", now)
    if state["user"] != str(public_id):
        raise PasskeyRefused()
    try:
        return _server().register_complete(state["state"], answer)
    except Exception as error:  # the library raises many kinds for what a browser can send
        log.info("passkey registration refused: %s", type(error).__name__)
        raise PasskeyRefused() from None


@transaction.atomic
def keep(*, user: User, verified: AuthenticatorData, name: str, now: datetime) -> Passkey:
    """Add a verified credential to an account. Raises `TooManyPasskeys`, `PasskeyRefused` for one that is
    known.
    """
    credential = verified.credential_data
    if credential is None:
        raise PasskeyRefused()
    if Passkey.objects.filter(user=user).count() >= MOST:
        raise TooManyPasskeys()
    try:
        with transaction.atomic():
            return Passkey.objects.create(
                user=user,
                name=name.strip()[:60] or "Passkey",
                credential_id=websafe_encode(credential.credential_id),
                credential=bytes(credential),
                sign_count=verified.counter,
                created_at=now,
            )
    except IntegrityError:
        raise PasskeyRefused() from None


@transaction.atomic
def add(*, user: User, verified: AuthenticatorData, name: str, now: datetime) -> Passkey:
    """`keep`, and tell the person, in case it was not them."""
    passkey = keep(user=user, verified=verified, name=name, now=now)
    notifications.notify(
        recipient=user, kind="passkey_added", data={"name": passkey.name}, url="/settings", now=now
    )
    return passkey


@transaction.atomic
def remove(*, user: User, passkey_id: int) -> bool:
    """True when one of the person's passkeys went. Raises `PasskeyLast` when they could not come in any
    more.
    """
    held = list(Passkey.objects.select_for_update().filter(user=user))
    if passkey_id not in {passkey.pk for passkey in held}:
        return False
    if len(held) == 1 and not user.email:
        raise PasskeyLast()
    if len(held) == 2 and user.only_passkeys:
        raise TooFewPasskeys()
    Passkey.objects.filter(user=user, pk=passkey_id).delete()
    return True


class TooFewPasskeys(Refused):
    code = "passkey_too_few"
    message = _("For that an account needs two passkeys.")
    hint = _("Add a second one first, on another device: a lost one would lock you out.")
    status = 409


@transaction.atomic
def only(*, user: User, on: bool) -> User:
    """Whether the account opens with passkeys alone. Raises `TooFewPasskeys`."""
    held = User.objects.select_for_update().get(pk=user.pk)
    if on and Passkey.objects.filter(user=held).count() < 2:
        raise TooFewPasskeys()
    held.only_passkeys = on
    held.save(update_fields=["only_passkeys"])
    return held


def begin_authentication(session: SessionBase, *, user: User | None, now: datetime) -> dict[str, Any]:
    """Options for `navigator.credentials.get`: anybody's passkey to sign in, this person's to step up."""
    known = None if user is None else [_descriptor(p) for p in Passkey.objects.filter(user=user)]
    options, state = _server().authenticate_begin(
        known or None, user_verification=UserVerificationRequirement.REQUIRED
    )
    session[STATE] = {"kind": "get", "state": state, "at": now.isoformat(), "user": ""}
    return _jsonable(dict(options)["publicKey"])


def finish_authentication(session: SessionBase, *, answer: Any, now: datetime) -> User:
    """The person whose passkey answered the challenge. Raises `PasskeyUnknown`, `PasskeyRefused`."""
    state = _take_state(session, "get", now)
    passkey = _passkey_of(answer)
    try:
        _server().authenticate_complete(
            state["state"], [AttestedCredentialData(bytes(passkey.credential))], answer
        )
        count = AuthenticatorData(websafe_decode(answer["response"]["authenticatorData"])).counter
        handle = websafe_decode(answer["response"].get("userHandle") or "")
    except Exception as error:  # as above
        log.info("passkey refused: %s", type(error).__name__)
        raise PasskeyRefused() from None
    if handle and handle != passkey.user.public_id.bytes:
        raise PasskeyRefused()
    _count_up(passkey, count, now)
    return passkey.user


def _passkey_of(answer: Any) -> Passkey:
    credential_id = answer.get("rawId") or answer.get("id") if isinstance(answer, dict) else None
    passkey = (
        Passkey.objects.select_related("user").filter(credential_id=str(credential_id).rstrip("=")).first()
    )
    if passkey is None or not passkey.user.is_active:
        raise PasskeyUnknown()
    return passkey


def _count_up(passkey: Passkey, count: int, now: datetime) -> None:
    """A counter that doesn't rise tells of a copied key; synced passkeys always count 0. One UPDATE
    decides.
    """
    rows = Passkey.objects.filter(pk=passkey.pk)
    if count or passkey.sign_count:
        rows = rows.filter(sign_count__lt=count)
    if not rows.update(sign_count=count, last_used_at=now):
        log.warning("passkey %d answered with an old counter", passkey.pk)
        raise PasskeyRefused()


def _take_state(session: SessionBase, kind: str, now: datetime) -> dict[str, Any]:
    """The ceremony's state, once."""
    state = session.pop(STATE, None)
    if not state or state["kind"] != kind or now - datetime.fromisoformat(state["at"]) > GOOD_FOR:
        raise PasskeyRefused()
    return dict(state)


def _server() -> Fido2Server:
    """Bound to the host name in `SITE_URL`: a passkey made here works nowhere else, nor the other way
    round.
    """
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    rp = PublicKeyCredentialRpEntity(id=host, name="Understudy")
    return Fido2Server(rp, verify_origin=lambda origin: origin == settings.SITE_URL)


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        type=PublicKeyCredentialType.PUBLIC_KEY, id=websafe_decode(passkey.credential_id)
    )


def _jsonable(value: Any) -> Any:
    """Bytes as base64url, the rest as it is; what is absent stays away."""
    if isinstance(value, bytes):
        return websafe_encode(value)
    if hasattr(value, "items"):
        return {key: _jsonable(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_jsonable(inner) for inner in value]
    return value
