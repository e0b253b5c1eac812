"""Profile, checkouts, carts and errors as the schemas want them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from commerce.agents import acp, signing
from commerce.agents.sessions import Look, Note, Status
from commerce.agents.ucp.catalogue import product_row
from commerce.agents.ucp.words import (
    CAPABILITIES,
    CART,
    CHECKOUT,
    DISCOUNT,
    FULFILLMENT,
    LOOKUP,
    PLACES,
    PROFILE,
    SEARCH,
    SERVICE,
    STATUS,
    VERSION,
    Json,
    Spoken,
    total_row,
)
from commerce.catalog.exports import item_id
from commerce.models import Product
from commerce.pricing import QuoteLine, Shipping


def profile() -> Json:
    """`/.well-known/ucp`; its keys stand there twice, so that it is a JWK Set as well."""
    service = {"version": VERSION, "transport": "rest", "endpoint": f"{settings.SITE_URL}/ucp"}
    keys = signing.public_keys()
    return {
        "ucp": {
            "version": VERSION,
            "services": {SERVICE: [service]},
            "capabilities": CAPABILITIES,
            "payment_handlers": {},
        },
        "signing_keys": keys,
        "keys": keys,
    }


def profile_url() -> str:
    return settings.SITE_URL + PROFILE


def envelope(root: str, spoken: Spoken, **more: Any) -> Json:
    """What an answer of this kind says of the protocol: the capabilities that both speak and it uses."""
    active = {
        name: list(entries)
        for name, entries in spoken.items()
        if name == root or entries[0].get("extends") == root
    }
    return {"version": VERSION, "capabilities": active, **more}


def checkout_body(seen: Look, spoken: Spoken = CAPABILITIES) -> Json:
    session, offer = seen.session, seen.quote
    body: Json = {
        "ucp": envelope(CHECKOUT, spoken, payment_handlers={}),
        "id": str(session.public_id),
        "line_items": [_line(line) for line in offer.lines],
        "status": "requires_escalation" if _is_beyond(seen, spoken) else STATUS[seen.status],
        "currency": offer.currency,
        "totals": _totals(seen),
        "messages": [_message(note, spoken) for note in seen.notes],
        "links": acp.links(),
        "expires_at": session.expires_at.isoformat(),
        "continue_url": acp.continue_url(session.public_id),
    }
    if session.buyer:
        body["buyer"] = {name: session.buyer[name] for name in acp.BUYER if name in session.buyer}
    if offer.needs_shipping and FULFILLMENT in spoken:
        body["fulfillment"] = {"methods": [_method(seen)]}
    if session.code and DISCOUNT in spoken:
        body["discounts"] = {"codes": [session.code.upper()], "applied": _applied(seen)}
    if seen.status == Status.COMPLETED and session.order is not None:
        order = session.order
        body["order"] = {"id": str(order.public_id), "permalink_url": acp.permalink(order)}
    return body


def cart_body(seen: Look, spoken: Spoken = CAPABILITIES) -> Json:
    """A `Cart`: what it would cost by now, and the way to pay it on our own page."""
    session, offer = seen.session, seen.quote
    gone = [note for note in seen.notes if note.code in {"out_of_stock", "not_found", "item_unavailable"}]
    body: Json = {
        "ucp": envelope(CART, spoken),
        "id": str(session.public_id),
        "line_items": [_line(line) for line in offer.lines],
        "currency": offer.currency,
        "totals": _totals(seen),
        "messages": [_message(note, spoken) for note in gone],
        "links": acp.links(),
        "continue_url": acp.continue_url(session.public_id),
        "expires_at": session.expires_at.isoformat(),
    }
    if session.buyer:
        body["buyer"] = {name: session.buyer[name] for name in acp.BUYER if name in session.buyer}
    return body


def escalated(seen: Look, spoken: Spoken = CAPABILITIES) -> Json:
    """What a completion is answered: the buyer pays on our own page."""
    body = checkout_body(seen, spoken)
    body["status"] = "requires_escalation"
    body["messages"] = [
        *body["messages"],
        {
            "type": "error",
            "code": "payment_required",
            "content": _("Let the buyer pay on our own page."),
            "severity": "requires_buyer_input",
        },
    ]
    return body


def search_body(products: list[Product], after: str, spoken: Spoken = CAPABILITIES) -> Json:
    pages: Json = {"has_next_page": bool(after)} | ({"cursor": after} if after else {})
    found = [product_row(product) for product in products]
    return {"ucp": envelope(SEARCH, spoken), "products": found, "pagination": pages}


def lookup_body(
    found: list[tuple[Product, list[str]]], missing: list[str], spoken: Spoken = CAPABILITIES
) -> Json:
    products = []
    for product, ids in found:
        body = product_row(product)
        for variant in body["variants"]:
            named = [name for name in ids if name == variant["id"]]
            variant["inputs"] = [{"id": name, "match": "exact"} for name in named] or [
                {"id": ids[0], "match": "featured"}
            ]
        products.append(body)
    said = _("The item “%(id)s” does not exist.")
    notes = [{"type": "info", "code": "not_found", "content": said % {"id": one[:40]}} for one in missing]
    return {"ucp": envelope(LOOKUP, spoken), "products": products, "messages": notes}


def product_body(product: Product, spoken: Spoken = CAPABILITIES) -> Json:
    return {"ucp": envelope(LOOKUP, spoken), "product": product_row(product)}


def error_body(code: str, message: str, *, param: str = "", is_final: bool = False) -> Json:
    note: Json = {
        "type": "error",
        "code": code,
        "content": message,
        "severity": "unrecoverable" if is_final else "recoverable",
    }
    if param:
        note["path"] = param
    return {
        "ucp": {"version": VERSION, "status": "error"},
        "messages": [note],
        "continue_url": settings.SITE_URL + "/",
    }


def _line(line: QuoteLine) -> Json:
    variant = line.wanted.variant
    title = variant.product.title + (f" – {variant.title}" if variant.title else "")
    totals = [total_row("subtotal", line.base), total_row("total", line.net)]
    if line.discount:
        totals.insert(1, total_row("items_discount", -line.discount))
    return {
        "id": f"li_{item_id(variant)}",
        "item": {"id": item_id(variant), "title": title, "price": line.unit_price},
        "quantity": line.wanted.quantity,
        "totals": totals,
    }


def _totals(seen: Look) -> list[Json]:
    offer = seen.quote
    rows = [total_row("subtotal", offer.base)]
    if offer.discount:
        rows.append(total_row("items_discount", -offer.discount))
    if offer.needs_shipping:
        rows.append(total_row("fulfillment", offer.shipping, offer.chosen.title))
    if offer.is_tax_added:
        rows.append(total_row("tax", offer.tax))
    return [*rows, total_row("total", offer.total)]


def _method(seen: Look) -> Json:
    session, offer = seen.session, seen.quote
    lines = [f"li_{item_id(line.wanted.variant)}" for line in offer.lines]
    group = {
        "id": "group_1",
        "line_item_ids": lines,
        "options": [_way(way, session.created_at) for way in offer.options],
        "selected_option_id": offer.chosen.option_id,
    }
    body: Json = {"id": "method_1", "type": "shipping", "line_item_ids": lines, "groups": [group]}
    if session.address:
        place = {theirs: session.address.get(ours, "") for ours, theirs in PLACES.items()}
        body["destinations"] = [{"id": "destination_1", **place}]
        body["selected_destination_id"] = "destination_1"
    return body


def _way(way: Shipping, now: Any) -> Json:
    earliest, latest = way.window(now)
    return {
        "id": way.option_id,
        "title": way.title,
        "earliest_fulfillment_time": earliest.isoformat(),
        "latest_fulfillment_time": latest.isoformat(),
        "totals": [total_row("total", way.money.amount)],
    }


def _applied(seen: Look) -> list[Json]:
    """What the code took off; nothing where it does not count, which a message says."""
    coupon = seen.quote.coupon
    if coupon is None or seen.rejected_code:
        return []
    return [{"code": seen.session.code.upper(), "title": coupon.code, "amount": seen.quote.discount}]


def _is_beyond(seen: Look, spoken: Spoken) -> bool:
    """Whether only the buyer can go on: what is missing is of an extension that the agent does not speak."""
    return seen.status == Status.INCOMPLETE and any(_is_foreign(note, spoken) for note in seen.notes)


def _is_foreign(note: Note, spoken: Spoken) -> bool:
    return note.kind == "error" and note.param == acp.ADDRESS_AT and FULFILLMENT not in spoken


def _message(note: Note, spoken: Spoken) -> Json:
    body: Json = {"type": note.kind, "code": note.code, "content": note.content}
    if note.kind == "error":
        is_buyers = note.code == "requires_3ds" or _is_foreign(note, spoken)
        body["severity"] = "requires_buyer_input" if is_buyers else "recoverable"
    where = "$.fulfillment.methods[0].destinations" if note.param == acp.ADDRESS_AT else note.param
    return body | ({"path": where} if where else {})
