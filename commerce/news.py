"""How the shop's news reads."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts import notifications
from commerce.money import Money


def sale(data: dict[str, Any]) -> str:
    return _("You earned %(sum)s from a sale.") % {"sum": Money(data["amount"], data["currency"])}


def tag_proposed(data: dict[str, Any]) -> str:
    return _("%(merchant)s would like to pin “%(product)s” to your clip.") % data


def tag_agreed(data: dict[str, Any]) -> str:
    return _("%(creator)s agreed to your proposal. The product is on the clip now.") % data


def tag_declined(data: dict[str, Any]) -> str:
    return _("%(creator)s declined your proposal.") % data


for kind, renderer in (
    ("sale", sale),
    ("tag_proposed", tag_proposed),
    ("tag_agreed", tag_agreed),
    ("tag_declined", tag_declined),
):
    notifications.register(kind, renderer)
