"""How the shop's values read on a page."""

from __future__ import annotations

import nh3
from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from commerce.catalog.rows import ALLOWED_TAGS
from commerce.models import Order
from commerce.money import Money

register = template.Library()


@register.filter
def money(amount: int, currency: str) -> str:
    return str(Money(amount, currency))


@register.filter
def bought(order: Order) -> str:
    """What an order is of, without what comes with it: "2 × Stage mug, 1 × Song"."""
    goods = [line for line in order.lines.all() if line.kind not in {"shipping", "tax"}]
    return ", ".join(f"{line.quantity} × {line.title}" for line in goods)


@register.filter
def to_do(order: Order) -> str:
    """What a shop has to do about an order, or nothing. `lines__variant__product` is fetched along."""
    if order.state != Order.State.PAID:
        return ""
    if order.is_frozen:
        return _("disputed")
    if order.return_asked_at is not None:
        return _("wants to return it")
    goods = [line.variant.product for line in order.lines.all() if line.variant is not None]
    is_parcel = any(product.needs_shipping for product in goods)
    return _("to be sent") if is_parcel and order.sent_at is None else ""


@register.filter
def percent(basis_points: int) -> str:
    return f"{basis_points / 100:g}"


@register.filter
def seconds(ms: int) -> str:
    return f"{ms / 1000:g}"


@register.filter
def safe_html(text: str) -> SafeString:
    """A merchant's description: cleaned when it came in, and once more before it is trusted."""
    return mark_safe(nh3.clean(text, tags=ALLOWED_TAGS, attributes={}))  # cleaned here  # nosec B308 B703


@register.filter
def role_word(role: str) -> str:
    return {
        "merchant": _("Shop"),
        "creator": _("Creator of the clip"),
        "parent": _("Creator of a clip it is a remix of"),
        "owner": _("Person in the clip"),
        "platform": _("This host"),
        "tax": _("Tax"),
    }[role]


@register.filter
def order_word(state: str) -> str:
    return {
        "pledged": _("taking part"),
        "open": _("waiting for payment"),
        "paid": _("paid"),
        "expired": _("not paid"),
        "refunded": _("given back"),
    }[state]


@register.filter
def membership_word(state: str) -> str:
    return {
        "waiting": _("not paid yet"),
        "active": _("running"),
        "owing": _("bill not paid"),
        "ended": _("ended"),
    }[state]


@register.filter
def every_word(every: str) -> str:
    return {"month": _("a month"), "year": _("a year")}[every]


@register.filter
def offer_kind_word(kind: str) -> str:
    return {
        "made_to_order": _("Made to order"),
        "preorder": _("Preorder"),
        "group_buy": _("Group buy"),
        "concept": _("Concept"),
    }[kind]


@register.filter
def offer_word(state: str) -> str:
    return {
        "draft": _("draft"),
        "review": _("being looked at"),
        "open": _("open"),
        "failed": _("did not happen"),
        "funded": _("come together"),
        "charging": _("being charged"),
        "sampling": _("sample being made"),
        "sample_shown": _("sample shown"),
        "producing": _("being made"),
        "shipping": _("being sent"),
        "done": _("done"),
        "refunding": _("being paid back"),
        "refunded": _("paid back"),
    }[state]


@register.filter
def pledge_word(state: str) -> str:
    return {
        "waiting": _("no card yet"),
        "saved": _("takes part"),
        "paid": _("paid"),
        "failed": _("card declined"),
        "left": _("left"),
        "lapsed": _("ended"),
    }[state]


@register.filter
def offer_note_word(note: str) -> str:
    """Why an offer stands where it stands; what a person wrote reads as it was written."""
    return {
        "not_permitted": _("Somebody in the picture does not permit it any more."),
        "too_few": _("Too few took part."),
        "no_sample": _("No sample was shown in time."),
        "nobody_looked": _("Nobody looked at it within 14 days. Hand it in again."),
    }.get(note, note)


@register.filter
def agreement_word(state: str) -> str:
    return {
        "proposed": _("proposed"),
        "agreed": _("agreed"),
        "declined": _("declined"),
        "withdrawn": _("withdrawn"),
    }[state]


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
