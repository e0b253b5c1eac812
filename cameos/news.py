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


def _gathered(data: dict[str, Any]) -> str:
    count, others = int(data["count"]), int(data["others"])
    made = ngettext(
        "%(maker)s made %(count)d more clip with you.",
        "%(maker)s made %(count)d more clips with you.",
        count,
    )
    if others:
        made = ngettext(
            "%(maker)s and %(others)d other person made %(count)d clips with you.",
            "%(maker)s and %(others)d others made %(count)d clips with you.",
            others,
        )
    told = made % {"maker": data["maker"], "count": count, "others": others}
    waiting = int(data["waiting"])
    if not waiting:
        return told
    wait = ngettext("%(n)d waits for your word.", "%(n)d wait for your word.", waiting) % {"n": waiting}
    return f"{told} {wait}"


def _licence(kind: str) -> Callable[[dict[str, Any]], str]:
    def render(data: dict[str, Any]) -> str:
        said = {
            "licence_asked": _("%(requester)s asks for a licence to cast you."),
            "licence_accepted": _("%(name)s accepts. Once it is paid you can cast them."),
            "licence_declined": _("%(name)s does not give a licence for this."),
            "licence_active": _("Your licence is paid. You can cast %(name)s now."),
            "licence_paid": _("%(requester)s paid for a licence to cast you."),
            "licence_ended": _("Your licence for %(name)s is over. What was not delivered goes back to you."),
        }
        return said[kind] % {"name": data["name"], "requester": data["requester"]}

    return render


LICENCE_KINDS = (
    "licence_asked",
    "licence_accepted",
    "licence_declined",
    "licence_active",
    "licence_paid",
    "licence_ended",
)


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


def _frozen(data: dict[str, Any]) -> str:
    if data["name"]:
        return _("A moderator froze %(name)s: no clip with it is shown. Only you can lift that.") % {
            "name": data["name"]
        }
    return _("A moderator froze your likeness: no clip with you is shown. Only you can lift that.")


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
    "likeness_gathered": _gathered,
    **{kind: _licence(kind) for kind in LICENCE_KINDS},
    "likeness_approved": _approved,
    "likeness_reached": _reached,
    "likeness_freeze_asked": lambda data: _("Somebody asked the moderators to freeze your likeness."),
    "likeness_frozen": _frozen,
    "likeness_widened": _widened,
    "likeness_seen_by_moderator": _seen,
    "likeness_checked": _checked,
}
