"""What an agent may do for somebody, in our own words. The adapters translate; nothing is decided there.

    OPEN --pay--> PAYING --> COMPLETED      a declined card leads back to OPEN, with its message
      |             +--> OPEN, escalated: the bank wants its customer, who pays on our own page
      +--cancel--> CANCELED                 30 hours without a payment: expired

Stock is held from the moment of paying, as for anybody; a session holds nothing.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from commerce import gateways, stock
from commerce.actions.checkout import Buyer, expire, new_visitor, place_order
from commerce.actions.payment import mark_paid
from commerce.agents.ordered import quote_of
from commerce.gateways.base import Declined, Gateway, GatewayError, Payment
from commerce.models import AgentSession, Order, Variant
from commerce.money import Money
from commerce.offers import standing
from commerce.pricing import MOST_AT_ONCE, MOST_LINES, Quote, Wanted, quote
from commerce.refusals import BadCoupon, BadShipping, PaymentUnavailable

log = logging.getLogger(__name__)

LIFE = timedelta(hours=30)
State = AgentSession.State
PAID = (Order.State.PAID, Order.State.REFUNDED)
ORDERED = (Order.State.OPEN, *PAID)


class Status(StrEnum):
    INCOMPLETE = "incomplete"
    READY = "ready"
    ESCALATED = "escalated"
    PAYING = "paying"
    COMPLETED = "completed"
    CANCELED = "canceled"
    EXPIRED = "expired"


class Bad(Refused):
    """Something in an agent's request; `param` is the JSONPath of it."""

    def __init__(self, code: str, message: str, param: str = "", status: int = 400) -> None:
        super().__init__(code, message, "", status)
        self.param = param


@dataclass(frozen=True)
class Note:
    """A message beside a session: `kind` is "error", "warning" or "info"."""

    kind: str
    code: str
    content: str
    param: str = ""


@dataclass(frozen=True)
class Asked:
    """What a request says of a session. None leaves as it is."""

    items: list[dict[str, Any]] | None = None
    buyer: dict[str, Any] | None = None
    contact: dict[str, Any] | None = None
    address: dict[str, Any] | None = None
    option: str | None = None
    code: str | None = None
    notes: str | None = None
    locale: str | None = None


@dataclass(frozen=True)
class Look:
    """A session as it stands now: what it costs, and what is in the way of paying it."""

    session: AgentSession
    quote: Quote
    status: Status
    notes: list[Note] = field(default_factory=list)
    rejected_code: str = ""  # why the code does not count

    @property
    def email(self) -> str:
        return str(self.session.buyer.get("email") or self.session.contact.get("email") or "")


def begin(
    *, protocol: str, agent: User, asked: Asked, now: datetime, is_cart: bool = False, profile: str = ""
) -> AgentSession:
    """A new session or cart; `profile` is the address by which the agent names itself. Raises Bad where it
    names what is not sold here."""
    session = AgentSession(
        protocol=protocol,
        agent=agent,
        profile=profile,
        is_cart=is_cart,
        created_at=now,
        updated_at=now,
        expires_at=now + LIFE,
    )
    _fill(session, asked, now)
    session.save()
    return session


@transaction.atomic
def change(*, session: AgentSession, asked: Asked, now: datetime) -> AgentSession:
    """What is named is replaced, the rest stays. Raises Bad, also for a session that is over."""
    held = _open(session, now)
    _fill(held, asked, now)
    held.trouble, held.updated_at = [], now
    held.save()
    return held


@transaction.atomic
def cancel(*, session: AgentSession, now: datetime) -> AgentSession:
    """Raises Bad with 405 where it is paid or was canceled before."""
    held = _held(session)
    if held.state != State.OPEN or (held.order is not None and held.order.state in PAID):
        raise Bad("not_cancelable", _("This session is over already."), status=405)
    if held.order is not None:
        raise Bad("conflict", _("Its buyer is paying right now."), status=409)
    held.state, held.updated_at = State.CANCELED, now
    held.save(update_fields=["state", "updated_at", "order"])
    return held


def look(session: AgentSession, now: datetime) -> Look:
    """What the session costs now, and whether it can be paid. Once it is ordered, what the order asks."""
    if session.order is not None and session.order.state in ORDERED:
        return _look_at_order(session, session.order, now)
    wanted = wanted_of(session.items)
    offer, rejected, notes = _quoted(session, wanted, now)
    notes += _missing(session, offer)
    notes += [_sold_out(number, one) for number, one in enumerate(wanted) if _is_gone(one)]
    notes += _troubles(session)
    return Look(session, offer, _status(session, notes, now), notes, rejected)


def _look_at_order(session: AgentSession, order: Order, now: datetime) -> Look:
    """Its things are held or sold to this very session: what is left for others does not count, nor what its
    code would be worth by now."""
    notes = [] if order.state in PAID else _troubles(session)
    return Look(session, quote_of(order, session.option), _status(session, notes, now), notes)


def _troubles(session: AgentSession) -> list[Note]:
    return [Note(**note) for note in session.trouble if "token" not in note]


def pay(*, session: AgentSession, token: str, now: datetime, gateway: Gateway | None = None) -> AgentSession:
    """Charge a shared payment token for what the session costs now; can be called again where it broke off.

    The order stands, with its stock, before the provider is asked; its key names order and token. A session
    that is being paid by one token takes no other.
    Raises Bad where the session is not ready, PaymentUnavailable where the provider does not answer.
    """
    digest = hashlib.sha256(token.encode()).hexdigest()[:24]
    order = _placed(session, digest, now)
    if order.state == Order.State.OPEN:
        provider = gateway or gateways.current()
        try:
            payment = provider.pay_with_token(
                order_reference=str(order.public_id),
                money=Money(order.total, order.currency),
                token=token,
                email=order.email,
                key=f"agent-{order.public_id}-{digest}",
            )
        except Declined as declined:
            return _declined(session, order, str(declined), now)
        except GatewayError as error:
            raise PaymentUnavailable from error
        if payment.is_paid:
            _booked(session, order, payment, provider, now)
        else:
            provider.cancel_payment(payment.payment_intent_id)
            return _declined(session, order, "requires_3ds", now)
    return _settled(session, order, now)


def _booked(session: AgentSession, order: Order, payment: Payment, provider: Gateway, now: datetime) -> None:
    """The order takes the payment. One that it cannot take (its hold ended meanwhile) is sent back at once;
    where even that fails, the provider's news of it waits for a person. Raises Bad then."""
    try:
        mark_paid(order=order, payment=payment, now=now)
    except ValueError as error:
        log.error("a payment of an agent goes back: %s", error)
        key = f"stray-{payment.payment_intent_id}"
        try:
            provider.refund(payment_intent_id=payment.payment_intent_id, money=payment.total, key=key)
        except GatewayError as failure:
            log.error("a stray payment could not be sent back: %s", failure)
        _settled(session, order, now)
        said = _("The order could not take this payment. The payment goes back.")
        raise Bad("conflict", said, status=409) from error


@transaction.atomic
def _placed(session: AgentSession, digest: str, now: datetime) -> Order:
    held = _held(session)
    if held.order is not None and held.state == State.PAYING:
        # Only while money can move by the other token; of an order that lapsed meanwhile `pay` says so.
        if held.order.state == Order.State.OPEN and _token_of(held) not in {digest, ""}:
            raise Bad("conflict", _("Another payment of this session is under way."), status=409)
        return held.order
    if held.order is not None and held.order.state in PAID:
        return held.order
    _open(held, now)
    seen = look(held, now)
    if seen.status != Status.READY:
        why = next((note for note in seen.notes if note.kind == "error"), None)
        raise Bad(why.code if why else "invalid", why.content if why else "", why.param if why else "", 400)
    held.order = place_order(
        buyer=Buyer(visitor=new_visitor(), email=seen.email),
        wanted=[line.wanted for line in seen.quote.lines],
        option=seen.quote.chosen.option_id,
        code="" if seen.rejected_code else held.code,
        address=held.address,
        channel=held.protocol,
        now=now,
    )
    held.state, held.trouble = State.PAYING, [{"token": digest}]
    held.save(update_fields=["order", "state", "trouble"])
    return held.order


def _token_of(session: AgentSession) -> str:
    """The digest of the token that the session is being paid by; it stands where its troubles do, and is
    told to nobody."""
    return next((str(entry["token"]) for entry in session.trouble if "token" in entry), "")


@transaction.atomic
def _declined(session: AgentSession, order: Order, why: str, now: datetime) -> AgentSession:
    """Stock and code come back at once; the session says what happened and can be paid another way."""
    held = _held(session)
    expire(order=order, now=now)
    if held.order_id != order.pk:  # told twice, and being paid another way by now
        return held
    note = Note("error", "payment_declined", _("The payment was declined. Nothing was charged."))
    if why in {"requires_3ds", "authentication_required"}:
        note = Note(
            "error", "requires_3ds", _("The bank wants its customer: let the buyer pay on our own page.")
        )
    held.order, held.state, held.updated_at = None, State.OPEN, now
    held.trouble = [{"kind": note.kind, "code": note.code, "content": note.content, "param": note.param}]
    held.save(update_fields=["order", "state", "updated_at", "trouble"])
    return held


@transaction.atomic
def _settled(session: AgentSession, order: Order, now: datetime) -> AgentSession:
    held = _held(session)
    order.refresh_from_db()
    if held.order_id != order.pk:
        return held
    if order.state in PAID:
        held.state, held.trouble = State.COMPLETED, []
    else:
        held.order, held.state, held.trouble = None, State.OPEN, []
    held.updated_at = now
    held.save(update_fields=["state", "trouble", "order", "updated_at"])
    return held


@transaction.atomic
def hand_over(*, session: AgentSession, now: datetime) -> Order:
    """The buyer came to our own page: an open order of theirs; asked again, the same. Raises Bad, also while
    the agent pays."""
    held = _held(session)
    if held.state == State.PAYING and held.order is not None and held.order.state != Order.State.OPEN:
        held = _settled(held, held.order, now)  # its process died, and the time of the order ran out
    if held.state == State.PAYING:
        raise Bad("conflict", _("Another payment of this session is under way."), status=409)
    if held.order is not None and held.order.state == Order.State.OPEN:
        return held.order
    _open(held, now)
    seen = look(held, now)
    gone = next((note for note in seen.notes if note.code in {"out_of_stock", "not_found"}), None)
    if gone is not None:
        raise Bad(gone.code, gone.content, status=409)
    held.order = place_order(
        buyer=Buyer(visitor=new_visitor(), email=seen.email),
        wanted=[line.wanted for line in seen.quote.lines],
        option=seen.quote.chosen.option_id,
        code="" if seen.rejected_code else held.code,
        address=held.address,
        channel=held.protocol,
        now=now,
    )
    held.save(update_fields=["order"])
    return held.order


def variant_of(item_id: object) -> Variant | None:
    """The variant that an agent's item id names, for sale or not."""
    text = str(item_id)
    if not text.startswith("v") or not text[1:].isdecimal() or len(text) > 19:
        return None
    rows = Variant.objects.select_related("product__merchant__owner")
    return rows.filter(pk=int(text[1:])).first()


def wanted_of(items: Sequence[dict[str, Any]]) -> list[Wanted]:
    keys = [int(str(item["item"])[1:]) for item in items]
    found = Variant.objects.select_related("product__merchant__owner").in_bulk(keys)
    return [
        Wanted(found[key], item["quantity"]) for key, item in zip(keys, items, strict=True) if key in found
    ]


def _fill(session: AgentSession, asked: Asked, now: datetime) -> None:
    for name in ("buyer", "contact", "address", "option", "code", "notes", "locale"):
        value = getattr(asked, name)
        if value is not None:
            setattr(session, name, value)
    if asked.items is not None:
        session.items = _checked(asked.items)
    if asked.option:
        try:
            quote(wanted=wanted_of(session.items), option=asked.option, lenient=True, now=now)
        except BadShipping:
            param = "$.selected_fulfillment_options[0].option_id"
            raise Bad("invalid_fulfillment_option", _("This shop does not ship that way."), param) from None
    elif asked.items is not None:
        session.option = ""


def _checked(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same things put together, each known and for sale, all of one shop and currency."""
    if not 1 <= len(items) <= MOST_LINES:
        raise Bad("invalid", _("An order has 1 to 50 lines."), "$.line_items")
    sums: dict[str, int] = {}
    first: Variant | None = None
    for number, item in enumerate(items):
        param, quantity = f"$.line_items[{number}]", item["quantity"]
        variant = variant_of(item["item"])
        if variant is None or not variant.product.is_sold or not standing.is_direct(variant):
            said = _("The item “%(id)s” does not exist.") % {"id": str(item["item"])[:40]}
            raise Bad("invalid_item_id", said, f"{param}.id")
        if type(quantity) is not int or quantity < 1:
            raise Bad("invalid", _("A quantity is a whole number, one or more."), f"{param}.quantity")
        first = first or variant
        same = (variant.product.merchant_id, variant.currency) == (first.product.merchant_id, first.currency)
        if not same:
            raise Bad("unsupported", _("One order is from one shop and in one currency."), param)
        key = f"v{variant.pk}"
        sums[key] = sums.get(key, 0) + quantity
        if sums[key] > MOST_AT_ONCE:
            raise Bad("quantity_exceeded", _("Order between 1 and 20 at once."), f"{param}.quantity")
    return [{"item": key, "quantity": quantity} for key, quantity in sums.items()]


def _quoted(session: AgentSession, wanted: list[Wanted], now: datetime) -> tuple[Quote, str, list[Note]]:
    option, code = session.option, session.code
    if not wanted:
        raise Bad("not_found", _("There is nothing here for you."), status=404)
    try:
        offer = quote(wanted=wanted, option=option, code=code, lenient=True, now=now)
        return offer, "", []
    except BadShipping:  # the shop changed its ways meanwhile
        option = ""
    except BadCoupon:
        pass
    try:
        return quote(wanted=wanted, option=option, code=code, lenient=True, now=now), "", []
    except BadCoupon as refusal:
        offer = quote(wanted=wanted, option=option, lenient=True, now=now)
        note = Note("warning", "discount_code_invalid", str(refusal.message), "$.discounts.codes[0]")
        return offer, refusal.code, [note]


def _missing(session: AgentSession, offer: Quote) -> list[Note]:
    notes = []
    if not (session.buyer.get("email") or session.contact.get("email")):
        notes.append(Note("error", "missing", _("The buyer's e-mail is missing."), "$.buyer.email"))
    if offer.needs_shipping and not session.address:
        param = "$.fulfillment_details.address"
        notes.append(Note("error", "missing", _("The address of the parcel is missing."), param))
    return notes


def _is_gone(one: Wanted) -> bool:
    left = stock.available(one.variant)
    return not one.variant.product.is_sold or (left is not None and left < one.quantity)


def _sold_out(number: int, one: Wanted) -> Note:
    if not one.variant.product.is_sold:
        return Note("error", "not_found", _("This product is no longer for sale."), f"$.line_items[{number}]")
    return Note("error", "out_of_stock", _("There are not that many left."), f"$.line_items[{number}]")


def _status(session: AgentSession, notes: list[Note], now: datetime) -> Status:
    order = session.order
    if order is not None and order.state in PAID:
        return Status.COMPLETED
    if session.state == State.CANCELED:
        return Status.CANCELED
    if session.expires_at <= now:
        return Status.EXPIRED
    if session.state == State.PAYING:
        return Status.PAYING
    if any(note.code == "requires_3ds" for note in notes):
        return Status.ESCALATED
    is_blocked = any(note.kind == "error" and note.code != "payment_declined" for note in notes)
    return Status.INCOMPLETE if is_blocked else Status.READY


def _held(session: AgentSession) -> AgentSession:
    """The session under its lock. What its buyer let lapse is no order of it any more; one that lapsed while
    the agent pays stays, for that payment may still be told."""
    rows = AgentSession.objects.select_for_update(of=("self",)).select_related("order__merchant", "agent")
    held = rows.get(pk=session.pk)
    if held.state == State.OPEN and held.order is not None and held.order.state == Order.State.EXPIRED:
        held.order = None
    return held


def _open(session: AgentSession, now: datetime) -> AgentSession:
    held = _held(session)
    if held.state == State.OPEN and held.order is not None and held.order.state == Order.State.OPEN:
        raise Bad("conflict", _("Its buyer is paying right now."), status=409)
    if held.state != State.OPEN or held.order is not None:
        raise Bad("conflict", _("This session is over already."), status=409)
    if held.expires_at <= now:
        raise Bad("expired", _("The time of this session is over."), status=409)
    return held
