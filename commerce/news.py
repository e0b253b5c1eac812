"""How the shop's news reads."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts import notifications
from commerce.actions import memberships
from commerce.money import Money
from commerce.offers import letters


def sale(data: dict[str, Any]) -> str:
    return _("You earned %(sum)s from a sale.") % {"sum": Money(data["amount"], data["currency"])}


def tag_proposed(data: dict[str, Any]) -> str:
    return _("%(merchant)s would like to pin “%(product)s” to your clip.") % data


def tag_agreed(data: dict[str, Any]) -> str:
    return _("%(creator)s agreed to your proposal. The product is on the clip now.") % data


def tag_declined(data: dict[str, Any]) -> str:
    return _("%(creator)s declined your proposal.") % data


def tag_removed(data: dict[str, Any]) -> str:
    return _("%(name)s took “%(product)s” off the clip.") % data


def dispute(data: dict[str, Any]) -> str:
    sum_ = Money(data["amount"], data["currency"])
    return _("A buyer's bank disputes a payment of %(sum)s. Answer it at your payment provider.") % {
        "sum": sum_
    }


def payout(data: dict[str, Any]) -> str:
    return _("%(sum)s is on its way to your account.") % {"sum": Money(data["amount"], data["currency"])}


def order_sent(data: dict[str, Any]) -> str:
    return _("%(merchant)s has sent your order.") % data


def return_asked(data: dict[str, Any]) -> str:
    return _("A buyer would like to return an order.")


def membership(data: dict[str, Any]) -> str:
    return str(memberships.SENTENCES[data["state"]]() % {"title": data["title"]})


def plan_used(data: dict[str, Any]) -> str:
    return _("%(creator)s pinned “%(product)s” to a clip, under your plan.") % data


def code_yours(data: dict[str, Any]) -> str:
    return _("%(merchant)s made the code %(code)s yours: you earn when somebody orders with it.") % data


def offer(data: dict[str, Any]) -> str:
    return letters.say(data["what"], data["title"], is_shop=bool(data["is_shop"]))


for kind, renderer in (
    ("offer", offer),
    ("membership", membership),
    ("plan_used", plan_used),
    ("code_yours", code_yours),
    ("order_sent", order_sent),
    ("return_asked", return_asked),
    ("dispute", dispute),
    ("payout", payout),
    ("sale", sale),
    ("tag_proposed", tag_proposed),
    ("tag_agreed", tag_agreed),
    ("tag_declined", tag_declined),
    ("tag_removed", tag_removed),
):
    notifications.register(kind, renderer)
