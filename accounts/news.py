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
    notifications.register("guardian_asked", _guardian_asked)
    notifications.register("guardian_agreed", _guardian_agreed)
    notifications.register("guardian_set", _guardian_set)
    notifications.register("guardian_ending", _guardian_ending)
    notifications.register("guardian_ended", _guardian_ended)


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


def _guardian_asked(data: dict[str, Any]) -> str:
    return _("%(name)s asks you to be their guardian here.") % {"name": data["name"]}


def _guardian_agreed(data: dict[str, Any]) -> str:
    return _("%(name)s is your guardian now.") % {"name": data["name"]}


def _guardian_set(data: dict[str, Any]) -> str:
    return _("%(name)s, your guardian, changed what holds for your account.") % {"name": data["name"]}


def _guardian_ending(data: dict[str, Any]) -> str:
    return _("%(name)s wants to have no guardian any more. In three days the link ends.") % {
        "name": data["name"]
    }


def _guardian_ended(data: dict[str, Any]) -> str:
    return _("%(name)s ended the guardian link between you.") % {"name": data["name"]}
