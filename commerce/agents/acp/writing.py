"""Sessions, carts, discovery and errors as the schemas want them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from commerce.agents.acp.orders import order_body, total_row
from commerce.agents.acp.words import HANDLER, STATUS, VERSION, Json
from commerce.agents.sessions import Look, Note, Status
from commerce.catalog.exports import item_id
from commerce.money import CURRENCIES
from commerce.pricing import QuoteLine, Shipping


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


def _line(line: QuoteLine) -> Json:
    variant = line.wanted.variant
    product = variant.product
    return {
        "id": f"li_{item_id(variant)}",
        "item": {"id": item_id(variant), "name": product.title, "unit_amount": line.unit_price},
        "quantity": line.wanted.quantity,
        "name": f"{product.title} – {variant.title}" if variant.title else product.title,
        "unit_amount": line.unit_price,
        "product_id": str(product.public_id),
        "sku": variant.sku,
        "images": [settings.SITE_URL + reverse("commerce:picture", args=[product.public_id])],
        "marketplace_seller_details": {"name": product.merchant.name},
        "totals": [
            total_row("items_base_amount", _("Items"), line.base),
            total_row("items_discount", _("Discount"), line.discount),
            total_row("subtotal", _("Subtotal"), line.net),
            total_row("total", _("Total"), line.net),
        ],
    }


def _kind(way: Shipping) -> str:
    return "digital" if way.option_id == "digital" else "shipping"


def _way(way: Shipping, now: Any) -> Json:
    totals = [total_row("total", way.title, way.money.amount)]
    body: Json = {"type": _kind(way), "id": way.option_id, "title": way.title, "totals": totals}
    if _kind(way) == "shipping":
        earliest, latest = way.window(now)
        body["earliest_delivery_time"] = earliest.isoformat()
        body["latest_delivery_time"] = latest.isoformat()
    return body


def _totals(seen: Look) -> list[Json]:
    offer = seen.quote
    rows = [total_row("items_base_amount", _("Items"), offer.base)]
    if offer.discount:
        rows.append(total_row("items_discount", _("Discount"), offer.discount))
    rows.append(total_row("subtotal", _("Subtotal"), offer.base - offer.discount))
    if offer.needs_shipping:
        rows.append(total_row("fulfillment", offer.chosen.title, offer.shipping))
    rows.append(total_row("tax", _("Tax"), offer.tax if offer.is_tax_added else 0))
    return [*rows, total_row("total", _("Total"), offer.total)]


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
