"""Mail and news of an offer: each state has its own, to the shop, and to everybody who takes part.

Guests have no page of news; they are written to at the address that they left. Mail goes once the change is
committed, in the reader's language where we know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import notifications
from accounts.models import User
from commerce.models import Offer, Order, Pledge

P = Pledge.State
# Who takes part and hears of a state; the shop hears of every one.
TOLD = (P.SAVED, P.PAID, P.FAILED)


def moved(offer: Offer, now: datetime) -> None:
    """The offer came into a state."""
    owner = offer.product.merchant.owner
    _write(
        owner.email, owner, f"state_{offer.state}", {"offer": offer}, f"/shop/offers/{offer.public_id}", now
    )
    rows = offer.pledges.filter(state__in=TOLD).select_related("order__buyer")
    for pledge in rows:
        _to(pledge, f"state_{offer.state}", now)


def joined(pledge: Pledge, now: datetime) -> None:
    _to(pledge, "joined", now)


def left(pledge: Pledge, now: datetime) -> None:
    _to(pledge, "left", now)


def declined(pledge: Pledge, now: datetime) -> None:
    _to(pledge, "declined", now)


def reminded(pledge: Pledge, now: datetime) -> None:
    _to(pledge, "reminded", now)


def asked(pledge: Pledge, now: datetime) -> None:
    _to(pledge, "asked", now)


def _to(pledge: Pledge, what: str, now: datetime) -> None:
    order: Order = pledge.order
    address = f"/orders/{order.public_id}"
    facts = {"offer": pledge.offer, "pledge": pledge, "key": "" if order.buyer else order.visitor}
    _write(order.email, order.buyer, what, facts, address, now)


def _write(
    email: str, person: User | None, what: str, facts: Mapping[str, Any], address: str, now: datetime
) -> None:
    offer: Offer = facts["offer"]
    title = offer.product.title
    if person is not None:
        data = {"what": what, "title": title, "kind": offer.kind, "is_shop": "pledge" not in facts}
        notifications.notify(recipient=person, kind="offer", data=data, url=address, now=now)
    if not email:
        return
    link = f"{settings.SITE_URL}{address}" + (f"?key={facts['key']}" if facts.get("key") else "")
    with override(getattr(person, "language", "") or settings.LANGUAGE_CODE):
        sentence = say(what, title, is_shop="pledge" not in facts)
        subject = _("About “%(title)s”") % {"title": title}
        text = render_to_string(
            "commerce/mail_offer.txt", {**facts, "sentence": sentence, "link": link, "what": what}
        )
    transaction.on_commit(lambda: send_mail(subject, text, None, [email]), robust=True)


def say(what: str, title: str, *, is_shop: bool) -> str:
    """One sentence of plain text for the page of news and the mail."""
    sentences = SHOP() | OWN() if is_shop else BUYER() | OWN()
    return sentences.get(what, _("There is news about “%(title)s”.")) % {"title": title}


def OWN() -> dict[str, str]:  # noqa: N802 - tables of sentences, made in the reader's language
    return {
        "joined": _("You take part in “%(title)s”. Your card is charged only if it happens."),
        "left": _("You no longer take part in “%(title)s”. What you paid goes back whole."),
        "declined": _("Your card was declined for “%(title)s”. Pay within 7 days to keep your part."),
        "reminded": _("“%(title)s” still waits for your payment. Without it your part ends."),
        "asked": _(
            "“%(title)s” is late. Wait for the new date or say no; after 7 silent days you are paid back."
        ),
    }


def BUYER() -> dict[str, str]:  # noqa: N802
    return {
        "state_failed": _("“%(title)s” does not happen. Nothing was charged, and your card is forgotten."),
        "state_funded": _("“%(title)s” has come together."),
        "state_charging": _("“%(title)s” happens: cards are being charged now."),
        "state_sampling": _("“%(title)s” is paid. The shop makes a sample now."),
        "state_sample_shown": _("The sample of “%(title)s” is there. You may leave within 72 hours."),
        "state_producing": _("“%(title)s” is being made."),
        "state_shipping": _("“%(title)s” is ready and will be sent."),
        "state_done": _("Everybody has their “%(title)s”."),
        "state_refunding": _("“%(title)s” is called off. Everything that you paid goes back."),
        "state_refunded": _("“%(title)s” is over. Everything went back."),
    }


def SHOP() -> dict[str, str]:  # noqa: N802
    return {
        "state_draft": _("“%(title)s” came back to you: see the note, change it and hand it in again."),
        "state_review": _("“%(title)s” is being looked at."),
        "state_open": _("“%(title)s” is open."),
        "state_failed": _("“%(title)s” failed. Nobody was charged."),
        "state_funded": _("“%(title)s” has come together."),
        "state_charging": _("Cards for “%(title)s” are being charged, for 7 days at most."),
        "state_sampling": _("“%(title)s” is paid: show a sample within 60 days, or everybody is paid back."),
        "state_sample_shown": _("Your sample of “%(title)s” is shown. Buyers may leave for 72 hours."),
        "state_producing": _("Make “%(title)s” now."),
        "state_shipping": _("Send “%(title)s” now."),
        "state_done": _("“%(title)s” is done."),
        "state_refunding": _("“%(title)s” is called off; everybody is being paid back."),
        "state_refunded": _("“%(title)s” is over; everybody was paid back."),
    }
