"""How this room's notifications read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts import notifications
from generation import wordless


def register_all() -> None:
    notifications.register("clip_ready", _ready)
    notifications.register("clip_refused", _refused)
    notifications.register("clip_failed", _failed)
    notifications.register("clip_stopped", _stopped)
    notifications.register("clip_withdrawn", _withdrawn)
    notifications.register("prompt_appeal_granted", _granted)
    notifications.register("prompt_appeal_upheld", _upheld)
    notifications.register("name_guarded", _guarded)
    notifications.register("name_not_guarded", _not_guarded)
    notifications.register("move_out", _move_out)
    notifications.register("move_in", _move_in)
    notifications.register("move_failed", _move_failed)


def _move_out(data: dict[str, Any]) -> str:
    return _("Your archive is ready. You can fetch it for two days.")


def _move_in(data: dict[str, Any]) -> str:
    return _("What you brought from another host is here. See what came in.")


def _move_failed(data: dict[str, Any]) -> str:
    return _("Your archive could not be written or taken in. See why.")


def _granted(data: dict[str, Any]) -> str:
    return _("A moderator let your words through: “%(prompt)s”. Ask for the clip again.") % data


def _upheld(data: dict[str, Any]) -> str:
    return _("A moderator looked again, and the refusal stays: “%(prompt)s”. They say: %(note)s") % data


def _guarded(data: dict[str, Any]) -> str:
    return _("From now on nobody is shown here under the name %(names)s.") % data


def _not_guarded(data: dict[str, Any]) -> str:
    return _("The name %(names)s is not guarded. The moderator says: %(note)s") % data


def _ready(data: dict[str, Any]) -> str:
    return _("Your clip is ready: “%(prompt)s”") % {"prompt": wordless.shown(data["prompt"])}


def _refused(data: dict[str, Any]) -> str:
    return _("Your clip was refused, and nothing was spent: “%(prompt)s”. See which rule said so.") % {
        "prompt": wordless.shown(data["prompt"])
    }


def _failed(data: dict[str, Any]) -> str:
    return _("Your clip failed and your credits are back: “%(prompt)s”") % {
        "prompt": wordless.shown(data["prompt"])
    }


def _stopped(data: dict[str, Any]) -> str:
    return _("Your clip was stopped: %(why)s Credits are back: “%(prompt)s”") % {
        "prompt": wordless.shown(data["prompt"]),
        "why": why_stopped(str(data.get("reason", ""))),
    }


def _withdrawn(data: dict[str, Any]) -> str:
    if (count := int(data.get("count", 1))) > 1:
        return _(
            "%(count)d of your clips are no longer shown: %(why)s "
            "You can make others without them, or ask them."
        ) % {"count": count, "why": why(str(data.get("reason", "")))}
    return _(
        "Your clip “%(prompt)s” is no longer shown: %(why)s "
        "You can make another one without them, or ask them."
    ) % {"prompt": data["prompt"], "why": why(str(data.get("reason", "")))}


def why_stopped(reason: str) -> str:
    """Why a request was ended by somebody else, as a sentence."""
    return {
        "deleted": _("the clip that it goes on from was deleted."),
        "maker_erased": _("the clip that it goes on from went with the account of its maker."),
    }.get(reason) or _reasons().get(reason, _("the clip that it goes on from was taken down."))


def why(reason: str) -> str:
    """Why a clip was withdrawn, as a sentence."""
    return _reasons().get(reason, _("it was taken down."))


def _reasons() -> dict[str, str]:
    return {
        "revoked": _("somebody in it ended their permission."),
        "frozen": _("somebody in it paused all use of their likeness."),
        "blocked": _("somebody in it blocked its maker."),
        "narrowed": _("somebody in it narrowed their permission."),
        "deleted": _("somebody in it, or its maker, deleted it."),
        "declined": _("somebody in it did not approve it."),
        "timed_out": _("somebody in it did not approve it within 14 days."),
        "show_until": _("the time for which somebody in it allowed it is over."),
        "refunded": _("the licence for somebody in it was paid back."),
        "erased": _("somebody in it erased their likeness."),
    }
