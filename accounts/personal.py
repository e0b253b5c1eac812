"""What we hold about a person: given out, taken in, and erased, room by room.

Every app has a `personal.py` with

    COVERS: dict[str, str]      model label -> what erasing does to its rows ("deleted", or "kept: why")
    export(user) -> dict        everything about the person that JSON can hold
    import_(archive)            takes in what another host exported
    erase(user, now)            in the transaction of `erase_everything`; files go on commit

A test walks every model with a path to `User` and fails for one that no `COVERS` names. This file also is
the registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, Protocol, cast

from django.apps import apps
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import module_has_submodule

from accounts import journal
from accounts.models import (
    Block,
    CircleMember,
    EmailCode,
    Follow,
    Guardianship,
    Hook,
    Invite,
    KeptMail,
    Mute,
    Notification,
    Passkey,
    PersonalAccessToken,
    SignIn,
    User,
)


@dataclass(frozen=True)
class Archive:
    """What `export` of one app gave on another host, and the account here that takes it in. `prepared`: what
    was checked for this app before the transaction (files and signatures are not looked at in it)."""

    owner: User
    data: dict[str, Any]
    now: datetime
    prepared: Any = None


class PersonalRoom(Protocol):
    COVERS: dict[str, str]

    def export(self, user: User) -> dict[str, Any]: ...
    def import_(self, archive: Archive) -> None: ...
    def erase(self, user: User, now: datetime) -> None: ...


def registry() -> dict[str, PersonalRoom]:
    """Every app's `personal` module by app label, in the order of INSTALLED_APPS: leftmost first."""
    return {
        config.label: cast(PersonalRoom, import_module(f"{config.name}.personal"))
        for config in apps.get_app_configs()
        if config.module is not None and module_has_submodule(config.module, "personal")
    }


def export_everything(user: User) -> dict[str, Any]:
    return {label: room.export(user) for label, room in registry().items()}


def import_everything(
    *, owner: User, archive: dict[str, Any], now: datetime, prepared: Mapping[str, Any] | None = None
) -> None:
    """Left to right, in one transaction: an archive that one room refuses leaves nothing behind."""
    with transaction.atomic():
        for label, room in registry().items():
            if label in archive:
                room.import_(Archive(owner, archive[label], now, (prepared or {}).get(label)))


def erase_everything(*, user: User, now: datetime) -> None:
    """Right to left, in one transaction, after a line in the journal. Erasing twice does no harm."""
    with transaction.atomic():
        held = User.objects.select_for_update().get(pk=user.pk)
        journal.append("erasure", {"user": str(held.public_id), "at": now.isoformat()})
        for room in reversed(registry().values()):
            room.erase(held, now)


def replay_erasure(payload: dict[str, Any]) -> None:
    """After a restore: an account that was erased since the backup is erased again."""
    user = User.objects.filter(public_id=payload["user"], erased_at=None).first()
    if user is not None:
        with transaction.atomic():
            for room in reversed(registry().values()):
                room.erase(user, datetime.fromisoformat(payload["at"]))


# This room's own part.

COVERS = {
    "accounts.User": "emptied: a nameless row stays, for orders and ledgers of others point to it",
    "accounts.Hook": "deleted",
    "accounts.HookPiece": "deleted",
    "accounts.Invite": "deleted",
    "accounts.Follow": "deleted",
    "accounts.Block": "deleted",
    "accounts.Mute": "deleted",
    "accounts.CircleMember": "deleted",
    "accounts.Notification": "deleted",
    "accounts.Guardianship": "deleted",
    "accounts.Passkey": "deleted",
    "accounts.EmailCode": "deleted",
    "accounts.SignIn": "deleted, with the sessions",
    "accounts.PersonalAccessToken": "deleted",
    "accounts.Case": "kept: the record of moderation; it names the emptied row",
    "accounts.CaseEvent": "kept: append-only record of moderation; it names the emptied row",
    "accounts.HousePage": "kept: what the house says of itself; it names the emptied row",
    "admin.LogEntry": "kept: the operator's audit log; it names the emptied row",
    "auth.Group": "emptied: membership goes with the account",
    "auth.Permission": "emptied: membership goes with the account",
}


def export(user: User) -> dict[str, Any]:
    return {
        "handle": user.username,
        "name": user.display_name,
        "bio": user.bio,
        "email": user.email,
        "birth_date": user.birth_date.isoformat() if user.birth_date else None,
        "language": user.language,
        "joined_at": user.date_joined.isoformat(),
        "follows": _handles(Follow.objects.filter(follower=user), "followee"),
        "followers": _handles(Follow.objects.filter(followee=user), "follower"),
        "blocks": _handles(Block.objects.filter(blocker=user), "blocked"),
        "mutes": _handles(Mute.objects.filter(muter=user), "muted"),
        "circle": _handles(CircleMember.objects.filter(owner=user), "member"),
        "passkeys": list(Passkey.objects.filter(user=user).values_list("name", flat=True)),
        "tokens": list(PersonalAccessToken.objects.filter(user=user).values("name", "scopes")),
        "webhooks": list(Hook.objects.filter(owner=user).values("address", "kinds")),
        "guardian": _guardian(user),
        "guardian_of": _handles(Guardianship.objects.filter(guardian=user), "teen"),
        "notifications": [
            {"kind": kind, "data": data, "at": at.isoformat()}
            for kind, data, at in Notification.objects.filter(recipient=user).values_list(
                "kind", "data", "created_at"
            )
        ],
    }


def import_(archive: Archive) -> None:
    """Name and bio, and the edges to people who have the same handle here. Never e-mail, passkeys, tokens
    or birth date.
    """
    owner, data = archive.owner, archive.data
    owner.display_name = str(data.get("name", ""))[:60] or owner.display_name
    owner.bio = str(data.get("bio", ""))[:280] or owner.bio
    owner.full_clean(exclude=["password"])
    owner.save(update_fields=["display_name", "bio"])
    for person in _people(data.get("blocks"), owner):
        Block.objects.get_or_create(blocker=owner, blocked=person, defaults={"created_at": archive.now})
    for person in _people(data.get("mutes"), owner):
        Mute.objects.get_or_create(muter=owner, muted=person, defaults={"created_at": archive.now})


def erase(user: User, now: datetime) -> None:
    Follow.objects.filter(Q(follower=user) | Q(followee=user)).delete()
    Block.objects.filter(Q(blocker=user) | Q(blocked=user)).delete()
    Mute.objects.filter(Q(muter=user) | Q(muted=user)).delete()
    CircleMember.objects.filter(Q(owner=user) | Q(member=user)).delete()
    Hook.objects.filter(owner=user).delete()
    Guardianship.objects.filter(Q(teen=user) | Q(guardian=user)).delete()
    for model in (Passkey, PersonalAccessToken):
        model._default_manager.filter(user=user).delete()
    Invite.objects.filter(inviter=user).delete()
    Notification.objects.filter(recipient=user).delete()
    if user.email:
        EmailCode.objects.filter(email__iexact=user.email).delete()
        KeptMail.objects.filter(recipient__iexact=user.email).delete()
    for sign_in in SignIn.objects.filter(user=user):
        sign_in.end()
    _empty(user, now)


def _empty(user: User, now: datetime) -> None:
    nameless = f"gone-{user.public_id.hex[:20]}"
    user.groups.clear()
    user.user_permissions.clear()
    user.username, user.email = nameless, ""
    user.display_name = user.bio = user.first_name = user.last_name = ""
    user.birth_date = None
    user.is_active = user.is_staff = user.is_superuser = user.is_moderator = False
    user.erased_at = user.erased_at or now
    user.only_passkeys = False
    user.set_unusable_password()
    user.save()


def _guardian(user: User) -> dict[str, Any] | None:
    link = Guardianship.objects.filter(teen=user).select_related("guardian").first()
    if link is None:
        return None
    return {
        "handle": link.guardian.username,
        "agreed_at": link.agreed_at.isoformat() if link.agreed_at else None,
        "minutes_a_day": link.minutes_a_day,
        "no_messages": link.no_messages,
        "no_casting": link.no_casting,
    }


def _handles(rows: Any, person: str) -> list[str]:
    return list(rows.order_by("pk").values_list(f"{person}__username", flat=True))


def _people(handles: Any, owner: User) -> list[User]:
    wanted = [handle for handle in handles or [] if isinstance(handle, str)]
    return list(User.objects.filter(username__in=wanted, erased_at=None).exclude(pk=owner.pk))
