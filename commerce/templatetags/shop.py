"""How the shop's values read on a page."""

from __future__ import annotations

import nh3
from django import template
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from commerce.catalog.rows import ALLOWED_TAGS
from commerce.money import Money

register = template.Library()


@register.simple_tag
def is_standin_on() -> bool:
    """Whether payments go to the stand-in, where no money moves."""
    return bool(settings.STRIPE_STANDIN)


@register.filter
def money(amount: int, currency: str) -> str:
    return str(Money(amount, currency))


@register.filter
def percent(basis_points: int) -> str:
    return f"{basis_points / 100:g}"


@register.filter
def seconds(ms: int) -> str:
    return f"{ms / 1000:g}"


@register.filter
def safe_html(text: str) -> SafeString:
    """A merchant's description: cleaned when it came in, and once more before it is trusted."""
    return mark_safe(nh3.clean(text, tags=ALLOWED_TAGS, attributes={}))  # noqa: S308


@register.filter
def role_word(role: str) -> str:
    return {
        "merchant": _("Shop"),
        "creator": _("Creator of the clip"),
        "owner": _("Person in the clip"),
        "platform": _("This host"),
        "tax": _("Tax"),
    }[role]


@register.filter
def order_word(state: str) -> str:
    return {
        "open": _("waiting for payment"),
        "paid": _("paid"),
        "expired": _("not paid"),
        "refunded": _("given back"),
    }[state]


@register.filter
def agreement_word(state: str) -> str:
    return {"proposed": _("proposed"), "agreed": _("agreed"), "declined": _("declined")}[state]


@register.filter
def change_word(change: str) -> str:
    return {
        "new": _("new"),
        "changed": _("changed"),
        "unchanged": _("unchanged"),
        "missing": _("not in the file (stays)"),
    }[change]


@register.filter
def import_word(state: str) -> str:
    return {
        "reading": _("being read"),
        "dry": _("not written"),
        "writing": _("being written"),
        "applied": _("written"),
        "failed": _("refused"),
    }[state]
