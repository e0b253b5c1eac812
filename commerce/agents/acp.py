"""The Agentic Commerce Protocol, 2026-04-17, both ways: a tolerant reader and a strict writer.

A strictly valid request of that version cannot carry a quantity; an optional `quantity` is read all the same.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from commerce.agents.sessions import Asked, Bad, Look, Note, Status, variant_of
from commerce.catalog.exports import address as product_address
from commerce.catalog.exports import item_id
from commerce.models import Dispute, Order, OrderLine
from commerce.money import CURRENCIES
from commerce.pricing import QuoteLine, Shipping

VERSION = "2026-04-17"
Json = dict[str, Any]
STATUS = {
    Status.INCOMPLETE: "not_ready_for_payment",
    Status.READY: "ready_for_payment",
    Status.ESCALATED: "requires_escalation",
    Status.PAYING: "complete_in_progress",
    Status.COMPLETED: "completed",
    Status.CANCELED: "canceled",
    Status.EXPIRED: "expired",
}
ADDRESS = ("name", "line_one", "line_two", "city", "state", "country", "postal_code", "company")
NEEDED = ("name", "line_one", "city", "country", "postal_code")
BUYER = ("first_name", "last_name", "full_name", "email", "phone_number", "customer_id")
EMAIL = re.compile(r"^[^@\s]{1,64}@[^@\s]{1,190}$")
HANDLER = "card_tokenized"
ADDRESS_AT = "$.fulfillment_details.address"


# Reading


def session_asked(body: object, *, is_new: bool, needs_currency: bool = True) -> Asked:
    """What a create or update request says. Raises Bad with the JSONPath of what cannot be."""
    given = _object(body, "$")
    items = given.get("line_items", given.get("items"))
    if is_new and items is None:
        raise Bad("missing", _("The items are missing."), "$.line_items")
    if is_new and needs_currency:
        _check_currency(given, items)
    details = _object(given.get("fulfillment_details"), "$.fulfillment_details", optional=True)
    return Asked(
        items=None if items is None else _items(items),
        buyer=_buyer(given["buyer"]) if given.get("buyer") is not None else None,
        contact=_contact(details) if details else None,
        address=_address(details["address"]) if details and details.get("address") is not None else None,
        option=_option(given.get("selected_fulfillment_options")),
        code=_code(given),
        notes=_text(given, "order_notes", 5000),
        locale=_text(given, "locale", 20),
    )


def token_of(body: object) -> tuple[str, Asked]:
    """The payment token of a completion, and the buyer that it may name. Raises Bad."""
    given = _object(body, "$")
    if given.get("payment_data") is None:
        raise Bad("missing", _("The payment is missing."), "$.payment_data")
    data = _object(given["payment_data"], "$.payment_data")
    if "instrument" not in data and isinstance(data.get("token"), str) and data.get("provider") == "stripe":
        # How the examples of the OpenAPI file still say it.
        credential = {"type": "spt", "token": data["token"]}
        data = {"handler_id": HANDLER, "instrument": {"type": "card", "credential": credential}}
    if data.get("handler_id") not in {None, HANDLER}:
        raise Bad("unsupported", _("This way of paying is not taken here."), "$.payment_data.handler_id")
    where = "$.payment_data.instrument"
    if data.get("instrument") is None:
        raise Bad("unsupported", _("Only payment by a token is taken here."), where)
    credential = _object(_object(data["instrument"], where).get("credential"), f"{where}.credential")
    token = credential.get("token")
    if credential.get("type") != "spt" or not isinstance(token, str) or not 3 <= len(token) <= 200:
        raise Bad("invalid", _("A shared payment token is expected."), f"{where}.credential")
    _check_proof(given.get("authentication_result"))
    buyer = _buyer(given["buyer"]) if given.get("buyer") is not None else None
    return token, Asked(buyer=buyer, notes=_text(given, "order_notes", 5000))


def _check_proof(result: object) -> None:
    """The bank's proof, where one is sent: a refusal stands; the proof itself is for the provider."""
    outcome = _object(result, "$.authentication_result", optional=True).get("outcome")
    if outcome in {"denied", "rejected", "abandoned", "canceled"}:
        said = _("The bank did not confirm this payment.")
        raise Bad("payment_declined", said, "$.authentication_result.outcome", 402)


def _check_currency(given: Json, items: object) -> None:
    if given.get("currency") is None:
        return  # the schema wants it and the OpenAPI file's examples leave it out: the item's own counts
    code = str(given["currency"]).upper()
    if code not in CURRENCIES:
        raise Bad("invalid_currency", _("Unknown currency."), "$.currency")
    first = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}
    variant = variant_of(first.get("id"))
    if variant is not None and variant.currency != code:
        said = _("These things are sold in %(code)s.") % {"code": variant.currency}
        raise Bad("currency_mismatch", said, "$.currency")


def _items(given: object) -> list[Json]:
    if not isinstance(given, list):
        raise Bad("invalid", _("A list is expected."), "$.line_items")
    items = []
    for number, entry in enumerate(given):
        item = _object(entry, f"$.line_items[{number}]")
        if not isinstance(item.get("id"), str):
            raise Bad("missing", _("The item's id is missing."), f"$.line_items[{number}].id")
        items.append({"item": item["id"], "quantity": item.get("quantity", 1)})
    return items


def _buyer(given: object) -> Json:
    buyer = _object(given, "$.buyer")
    email = buyer.get("email")
    if not isinstance(email, str) or not EMAIL.match(email):
        raise Bad("invalid", _("An e-mail address is expected."), "$.buyer.email")
    return kept(buyer, BUYER)


def _contact(details: Json) -> Json:
    email = details.get("email")
    if email is not None and not (isinstance(email, str) and EMAIL.match(email)):
        raise Bad("invalid", _("An e-mail address is expected."), "$.fulfillment_details.email")
    return kept(details, ("name", "phone_number", "email"))


def _address(given: object) -> Json:
    where = "$.fulfillment_details.address"
    address = kept(_object(given, where), ADDRESS)
    for name in NEEDED:
        if not address.get(name):
            raise Bad("missing", _("This part of the address is missing."), f"{where}.{name}")
    return {"state": "", **address}


def _option(given: object) -> str | None:
    if given is None:
        return None
    if not isinstance(given, list) or not given:
        raise Bad("invalid", _("A list is expected."), "$.selected_fulfillment_options")
    chosen = _object(given[0], "$.selected_fulfillment_options[0]")
    option = chosen.get("option_id", chosen.get("id"))
    if option is None and isinstance(chosen.get(str(chosen.get("type"))), dict):
        option = chosen[chosen["type"]].get("option_id")  # the OpenAPI file's own example
    if not isinstance(option, str):
        raise Bad(
            "missing", _("The way of shipping is missing."), "$.selected_fulfillment_options[0].option_id"
        )
    return option[:40]


def _code(given: Json) -> str | None:
    discounts = _object(given.get("discounts"), "$.discounts", optional=True)
    codes = discounts.get("codes", given.get("coupons"))
    if codes is None:
        return None
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise Bad("invalid", _("A list of codes is expected."), "$.discounts.codes")
    return str(codes[0])[:24] if codes else ""


def _text(given: Json, name: str, most: int) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > most:
        raise Bad("invalid", _("A text of at most %(n)d characters is expected.") % {"n": most}, f"$.{name}")
    return value


def kept(given: Json, names: tuple[str, ...]) -> Json:
    """The texts that we keep; everything else that is said is let go."""
    return {name: given[name][:300] for name in names if isinstance(given.get(name), str)}


def _object(given: object, where: str, *, optional: bool = False) -> Json:
    if given is None and optional:
        return {}
    if not isinstance(given, dict):
        raise Bad("invalid", _("An object is expected."), where)
    return given


# Writing


def session_body(seen: Look) -> Json:
    """A `CheckoutSession`; with `order` once it is paid."""
    session = seen.session
    code = seen.quote.currency.lower()
    body: Json = {
        "id": str(session.public_id),
        "protocol": {"version": VERSION},
        "capabilities": capabilities(),
        "status": STATUS[seen.status],
        "currency": code,
        "line_items": [_line(line) for line in seen.quote.lines],
        "fulfillment_options": [_way(way, session.created_at) for way in seen.quote.options],
        "selected_fulfillment_options": [
            {
                "type": _kind(seen.quote.chosen),
                "option_id": seen.quote.chosen.option_id,
                "item_ids": [item_id(line.wanted.variant) for line in seen.quote.lines],
            }
        ],
        "totals": _totals(seen),
        "messages": [_message(note) for note in seen.notes],
        "links": links(),
        "created_at": session.created_at.isoformat(),
        "updated_at": session.updated_at.isoformat(),
        "expires_at": session.expires_at.isoformat(),
        "continue_url": continue_url(session.public_id),
    }
    if session.buyer.get("email"):
        body["buyer"] = session.buyer
    if session.contact or session.address:
        body["fulfillment_details"] = session.contact | (
            {"address": session.address} if session.address else {}
        )
    if session.locale:
        body["locale"] = session.locale
    if session.code:
        body["discounts"] = _discounts(seen)
    if seen.status == Status.COMPLETED and session.order is not None:
        body["order"] = order_body(session.order)
    return body


def cart_body(seen: Look) -> Json:
    session = seen.session
    body: Json = {
        "id": str(session.public_id),
        "line_items": [_line(line) for line in seen.quote.lines],
        "currency": seen.quote.currency.lower(),
        "totals": _totals(seen),
        "messages": [_message(note) for note in seen.notes if note.code in {"out_of_stock", "not_found"}],
        "continue_url": continue_url(session.public_id),
        "expires_at": session.expires_at.isoformat(),
    }
    return body | ({"buyer": session.buyer} if session.buyer.get("email") else {})


def order_body(order: Order) -> Json:
    """A whole `Order`, as answers and webhooks carry it."""
    goods = [line for line in order.lines.order_by("pk") if line.kind == "goods"]
    is_sent = order.sent_at is not None
    state = "canceled" if order.state == Order.State.REFUNDED else "shipped" if is_sent else "confirmed"
    if order.arrived_at is not None:
        state = "delivered"
    body: Json = {
        "type": "order",
        "id": str(order.public_id),
        "checkout_session_id": session_id(order),
        "order_number": str(order.public_id)[:8].upper(),
        "permalink_url": permalink(order),
        "status": state,
        "line_items": [_order_line(line, is_sent) for line in goods],
        "totals": _order_totals(order, goods),
        "adjustments": _adjustments(order),
    }
    if is_sent:
        body["fulfillments"] = [_fulfillment(order, goods)]
    return body


def discovery() -> Json:
    return {
        "protocol": {"name": "acp", "version": VERSION, "supported_versions": [VERSION]},
        "api_base_url": f"{settings.SITE_URL}/acp",
        "transports": ["rest"],
        "capabilities": {
            "services": ["checkout", "orders", "carts"],
            "extensions": [{"name": "discount"}],
            "intervention_types": [],
            "supported_currencies": sorted(code.lower() for code in CURRENCIES),
            "supported_locales": ["en", "zh-Hans"],
        },
    }


def error_body(code: str, message: str, *, param: str = "", kind: str = "invalid_request") -> Json:
    body: Json = {"type": kind, "code": code, "message": message}
    if param:
        body["param"] = param
    if code in {"missing_api_version", "unsupported_api_version"}:
        body["supported_versions"] = [VERSION]
    return body


def capabilities() -> Json:
    """Cards by a token that the agent's platform granted; never a card number."""
    base = "https://acp.dev"
    handler: Json = {
        "id": HANDLER,
        "name": "dev.acp.tokenized.card",
        "display_name": _("Card"),
        "version": "2026-01-22",
        "spec": f"{base}/handlers/tokenized.card",
        "requires_delegate_payment": True,
        "requires_pci_compliance": False,
        "psp": "stripe",
        "config_schema": f"{base}/schemas/handlers/tokenized.card/config.json",
        "instrument_schemas": [f"{base}/schemas/handlers/tokenized.card/instrument.json"],
        "config": {"psp": "stripe", "environment": "sandbox" if settings.STRIPE_STANDIN else "production"},
    }
    return {
        "payment": {"handlers": [handler]},
        "interventions": {"supported": [], "required": [], "enforcement": "conditional"},
    }


def links() -> list[Json]:
    return [{"type": "terms_of_use", "url": settings.SITE_URL + "/"}]


def continue_url(public_id: object) -> str:
    return settings.SITE_URL + reverse("commerce:agent-handover", args=[public_id])


def permalink(order: Order) -> str:
    """The buyer's page of an order, with the secret that lets them in from any browser."""
    page = settings.SITE_URL + reverse("commerce:order", args=[order.public_id])
    return f"{page}?key={order.visitor}" if order.visitor else page


def _total(kind: str, text: str, amount: int) -> Json:
    return {"type": kind, "display_text": text, "amount": amount}


def _line(line: QuoteLine) -> Json:
    variant = line.wanted.variant
    product = variant.product
    return {
        "id": f"li_{item_id(variant)}",
        "item": {"id": item_id(variant), "name": product.title, "unit_amount": variant.price},
        "quantity": line.wanted.quantity,
        "name": f"{product.title} – {variant.title}" if variant.title else product.title,
        "unit_amount": variant.price,
        "product_id": str(product.public_id),
        "sku": variant.sku,
        "images": [settings.SITE_URL + reverse("commerce:picture", args=[product.public_id])],
        "marketplace_seller_details": {"name": product.merchant.name},
        "totals": [
            _total("items_base_amount", _("Items"), line.base),
            _total("items_discount", _("Discount"), line.discount),
            _total("subtotal", _("Subtotal"), line.net),
            _total("total", _("Total"), line.net),
        ],
    }


def _kind(way: Shipping) -> str:
    return "digital" if way.option_id == "digital" else "shipping"


def _way(way: Shipping, now: Any) -> Json:
    totals = [_total("total", way.title, way.money.amount)]
    body: Json = {"type": _kind(way), "id": way.option_id, "title": way.title, "totals": totals}
    if _kind(way) == "shipping":
        earliest, latest = way.window(now)
        body["earliest_delivery_time"] = earliest.isoformat()
        body["latest_delivery_time"] = latest.isoformat()
    return body


def _totals(seen: Look) -> list[Json]:
    offer = seen.quote
    rows = [_total("items_base_amount", _("Items"), offer.base)]
    if offer.discount:
        rows.append(_total("items_discount", _("Discount"), offer.discount))
    rows.append(_total("subtotal", _("Subtotal"), offer.base - offer.discount))
    if offer.needs_shipping:
        rows.append(_total("fulfillment", offer.chosen.title, offer.shipping))
    rows.append(_total("tax", _("Tax"), offer.tax if offer.is_tax_added else 0))
    return [*rows, _total("total", _("Total"), offer.total)]


def _message(note: Note) -> Json:
    body: Json = {"type": note.kind, "content_type": "plain", "content": note.content}
    if note.kind != "info":
        body["code"] = note.code
    if note.kind == "error":
        body["resolution"] = "requires_buyer_input" if note.code == "requires_3ds" else "recoverable"
    return body | ({"param": note.param} if note.param else {})


def _discounts(seen: Look) -> Json:
    code = seen.session.code.upper()
    if seen.rejected_code or seen.quote.coupon is None:
        reason = {
            "coupon_over": "discount_code_expired",
            "coupon_used_up": "discount_code_usage_limit_reached",
            "coupon_least": "discount_code_minimum_not_met",
        }.get(seen.rejected_code, "discount_code_invalid")
        return {"codes": [code], "applied": [], "rejected": [{"code": code, "reason": reason}]}
    coupon = seen.quote.coupon
    held = {"id": f"coupon_{coupon.pk}", "name": coupon.code, "percent_off": coupon.percent_bp / 100}
    applied = {"id": f"discount_{coupon.pk}", "code": code, "coupon": held, "amount": seen.quote.discount}
    return {"codes": [code], "applied": [applied], "rejected": []}


def session_id(order: Order) -> str:
    session = getattr(order, "agent_session", None)
    return str(session.public_id) if session is not None else str(order.public_id)


def _order_line(line: OrderLine, is_sent: bool) -> Json:
    body: Json = {
        "id": f"line_{line.pk}",
        "title": line.title,
        "quantity": {
            "ordered": line.quantity,
            "current": line.quantity,
            "fulfilled": line.quantity if is_sent else 0,
        },
        "unit_price": line.unit_price,
        "subtotal": line.unit_price * line.quantity - line.discount,
        "status": "fulfilled" if is_sent else "processing",
    }
    if line.variant is not None:
        body["product_id"] = str(line.variant.product.public_id)
        body["url"] = product_address(line.variant.product)
    return body


def _order_totals(order: Order, goods: list[OrderLine]) -> list[Json]:
    rows = [_total("subtotal", _("Subtotal"), sum(net(line) for line in goods))]
    for line in order.lines.order_by("pk"):
        if line.kind == "shipping":
            rows.append(_total("fulfillment", line.title, line.unit_price))
        elif line.kind == "tax":
            rows.append(_total("tax", line.title, line.unit_price))
    rows.append(_total("total", _("Total"), order.total))
    if order.refunded:
        rows.append(_total("amount_refunded", _("Given back"), order.refunded))
    return rows


def net(line: OrderLine) -> int:
    return line.unit_price * line.quantity - line.discount


def _adjustments(order: Order) -> list[Json]:
    code = order.currency.lower()
    rows: list[Json] = []
    if order.refunded:
        rows.append(
            {
                "id": f"refund_{order.public_id}",
                "type": "refund",
                "occurred_at": (order.paid_at or order.created_at).isoformat(),
                "status": "completed",
                "amount": order.refunded,
                "currency": code,
            }
        )
    for dispute in order.disputes.order_by("pk"):
        state = "pending" if dispute.state == Dispute.State.OPEN else "completed"
        rows.append(
            {
                "id": f"dispute_{dispute.pk}",
                "type": "dispute",
                "occurred_at": dispute.opened_at.isoformat(),
                "status": state,
                "amount": dispute.amount,
                "currency": code,
            }
        )
    return rows


def _fulfillment(order: Order, goods: list[OrderLine]) -> Json:
    body: Json = {
        "id": f"parcel_{order.public_id}",
        "type": "shipping",
        "status": "delivered" if order.arrived_at else "shipped",
        "line_items": [{"id": f"line_{line.pk}", "quantity": line.quantity} for line in goods],
    }
    if order.carrier:
        body["carrier"] = order.carrier
    if order.tracking:
        body["tracking_number"] = order.tracking
    return body
