"""How this room's own notifications read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts import notifications


def register_all() -> None:
    notifications.register("followed", _followed)
    notifications.register("invite_accepted", _invite_accepted)
    notifications.register("passkey_added", _passkey_added)
    notifications.register("token_made", _token_made)


def _followed(data: dict[str, Any]) -> str:
    return _("%(name)s follows you now.") % {"name": data["name"]}


def _invite_accepted(data: dict[str, Any]) -> str:
    return _("%(name)s joined by your invite. You follow each other now.") % {"name": data["name"]}


def _passkey_added(data: dict[str, Any]) -> str:
    return _("A passkey was added to your account: %(name)s. If that was not you, remove it in settings.") % {
        "name": data["name"]
    }


def _token_made(data: dict[str, Any]) -> str:
    return _("A personal access token was made: %(name)s. If that was not you, revoke it in settings.") % {
        "name": data["name"]
    }
