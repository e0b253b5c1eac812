"""How this room's notifications read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import notifications


def register_all() -> None:
    for kind, renderer in RENDERERS.items():
        notifications.register(kind, renderer)


def _used(data: dict[str, Any]) -> str:
    return _("%(maker)s made a clip with you.") % {"maker": data["maker"]}


def _waiting(data: dict[str, Any]) -> str:
    return _("%(maker)s made a clip with you and waits for your word.") % {"maker": data["maker"]}


def _approved(data: dict[str, Any]) -> str:
    return _("%(name)s approved your clip. You can publish it.") % {"name": data["name"]}


def _reached(data: dict[str, Any]) -> str:
    count = int(data["count"])
    return ngettext(
        "Done: %(count)d clip with you is gone from this host, with its files.",
        "Done: %(count)d clips with you are gone from this host, with their files.",
        count,
    ) % {"count": count}


def _widened(data: dict[str, Any]) -> str:
    if data["waits"]:
        return _("You opened your likeness to more. It takes effect in 24 hours; until then you can undo it.")
    return _("You named somebody who may cast you. If that was not you, freeze your likeness now.")


def _seen(data: dict[str, Any]) -> str:
    return _("A moderator looked at a clip with you: %(reason)s") % {"reason": data["reason"]}


def _checked(data: dict[str, Any]) -> str:
    said = {
        "verified": _("Your likeness is verified. Nobody but you can cast it until you choose who may."),
        "review": _("A person will look at your recording. You will be told what they decide."),
        "rejected": _("A moderator did not accept your recording. You may record again."),
    }
    return said.get(data["state"], _("Your recording could not be accepted. See what to do better."))


RENDERERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "likeness_used": _used,
    "likeness_waiting": _waiting,
    "likeness_approved": _approved,
    "likeness_reached": _reached,
    "likeness_widened": _widened,
    "likeness_seen_by_moderator": _seen,
    "likeness_checked": _checked,
}
