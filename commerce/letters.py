"""Mail to whoever ordered: the receipt, that the parcel went, that money went back.

An outbox: a letter is written with its change and sent from here, so that a slow mail server never holds up a
payment. What it says is read when it goes. A guest's holds the address that lets them in from any browser.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from commerce import queries
from commerce.models import Order, OrderLetter

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 12
AT_ONCE = 100


def send_due(*, now: datetime) -> int:
    """Send what is due; how many went. Each is put off before it is tried, so that two of us send it once:
    by the clock of that moment, for a slow server may take minutes to come to the last."""
    sent, began = 0, monotonic()
    due = OrderLetter.objects.filter(due_at__lte=now).order_by("due_at", "pk")
    for letter in due.select_related("order__buyer", "order__merchant")[:AT_ONCE]:
        wait = timedelta(minutes=2 ** min(letter.attempts, 9), seconds=monotonic() - began)
        mine = OrderLetter.objects.filter(pk=letter.pk, due_at=letter.due_at)
        if mine.update(due_at=now + wait, attempts=F("attempts") + 1):
            sent += _send(letter)
    return sent


def _send(letter: OrderLetter) -> bool:
    rows = OrderLetter.objects.filter(pk=letter.pk)
    try:
        if letter.order.email:  # whoever was erased meanwhile gets none
            subject, text = written(letter)
            send_mail(subject, text, None, [letter.order.email])
    except OSError as error:
        log.warning("A letter could not be sent: %s", type(error).__name__)  # its words name the mailbox
        if letter.attempts + 1 >= MOST_ATTEMPTS:
            rows.update(due_at=None)
        return False
    rows.update(due_at=None)
    return bool(letter.order.email)


def written(letter: OrderLetter) -> tuple[str, str]:
    """(subject, text) in the buyer's language."""
    order = letter.order
    with override(order.buyer.language if order.buyer else order.language or settings.LANGUAGE_CODE):
        shop = order.merchant.name if order.merchant else _("this host")
        subject = {
            OrderLetter.Kind.PAID: _("Your order from %(shop)s"),
            OrderLetter.Kind.SENT: _("%(shop)s has sent your order"),
            OrderLetter.Kind.BACK: _("Money back from %(shop)s"),
        }[OrderLetter.Kind(letter.kind)]
        facts = {"order": order, "kind": letter.kind, "lines": queries.receipt(order), "link": _link(order)}
        return subject % {"shop": " ".join(shop.split())}, render_to_string("commerce/mail_order.txt", facts)


def _link(order: Order) -> str:
    key = "" if order.buyer_id else f"?key={order.visitor}"
    return f"{settings.SITE_URL}/orders/{order.public_id}{key}"
