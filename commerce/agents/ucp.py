"""The Universal Commerce Protocol, 2026-04-08, both ways. Paying happens on our own page: `continue_url`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from commerce import stock
from commerce.agents import acp, signing
from commerce.agents.sessions import Asked, Bad, Look, Note, Status, variant_of
from commerce.catalog.exports import address as product_address
from commerce.catalog.exports import for_agents, item_id
from commerce.models import Dispute, Order, OrderLine, Product, Variant
from commerce.pricing import QuoteLine, Shipping

VERSION = "2026-04-08"
PROFILE = "/.well-known/ucp"
Json = dict[str, Any]
SERVICE = "dev.ucp.shopping"
CHECKOUT, CART, ORDER = f"{SERVICE}.checkout", f"{SERVICE}.cart", f"{SERVICE}.order"
SEARCH, LOOKUP = f"{SERVICE}.catalog.search", f"{SERVICE}.catalog.lookup"
FULFILLMENT, DISCOUNT = f"{SERVICE}.fulfillment", f"{SERVICE}.discount"
CAPABILITIES: dict[str, list[Json]] = {
    **{name: [{"version": VERSION}] for name in (CHECKOUT, CART, ORDER, SEARCH, LOOKUP)},
    **{name: [{"version": VERSION, "extends": CHECKOUT}] for name in (FULFILLMENT, DISCOUNT)},
}
Spoken = Mapping[str, Sequence[Json]]
STATUS = {
    Status.INCOMPLETE: "incomplete",
    Status.READY: "ready_for_complete",
    Status.ESCALATED: "requires_escalation",
    Status.PAYING: "complete_in_progress",
    Status.COMPLETED: "completed",
    Status.CANCELED: "canceled",
    Status.EXPIRED: "canceled",
}
MOST_FOUND = 50
MOST_IDS = 50
PLACES = {
    "line_one": "street_address",
    "line_two": "extended_address",
    "city": "address_locality",
    "state": "address_region",
    "country": "address_country",
    "postal_code": "postal_code",
}
TAGS = re.compile(r"<[^>]*>")


# Reading


def asked(body: object, *, is_new: bool) -> Asked:
    """What a create or update request says. Raises Bad with a JSONPath."""
    given = _object(body, "$")
    lines = given.get("line_items")
    if lines is None:
        raise Bad("missing", _("The items are missing."), "$.line_items")
    option, address, contact = _fulfillment(given.get("fulfillment"))
    discounts = _object(given.get("discounts", {}), "$.discounts")
    codes = discounts.get("codes")
    return Asked(
        items=_items(lines),
        buyer=_buyer(given["buyer"]) if given.get("buyer") is not None else None,
        contact=contact,
        address=address,
        option=option,
        code=None if codes is None else (str(codes[0])[:24] if isinstance(codes, list) and codes else ""),
    )


def _items(lines: object) -> list[Json]:
    if not isinstance(lines, list):
        raise Bad("invalid", _("A list is expected."), "$.line_items")
    found = []
    for number, line in enumerate(lines):
        where = f"$.line_items[{number}]"
        item = _object(_object(line, where).get("item"), f"{where}.item")
        if not isinstance(item.get("id"), str):
            raise Bad("missing", _("The item's id is missing."), f"{where}.item.id")
        found.append({"item": item["id"], "quantity": line.get("quantity", 1)})
    return found


def _buyer(given: object) -> Json:
    buyer = _object(given, "$.buyer")
    email = buyer.get("email")
    if email is not None and not (isinstance(email, str) and acp.EMAIL.match(email)):
        raise Bad("invalid", _("An e-mail address is expected."), "$.buyer.email")
    return acp.kept(buyer, acp.BUYER)


def _fulfillment(given: object) -> tuple[str | None, Json | None, Json | None]:
    """(way of shipping, address, whom it is for) of the first method that says any."""
    methods = _object(given or {}, "$.fulfillment").get("methods") or []
    if not isinstance(methods, list) or not methods:
        return None, None, None
    method = _object(methods[0], "$.fulfillment.methods[0]")
    option = next(
        (
            str(group["selected_option_id"])[:40]
            for group in method.get("groups") or []
            if isinstance(group, dict) and group.get("selected_option_id")
        ),
        None,
    )
    places = [place for place in method.get("destinations") or [] if isinstance(place, dict)]
    chosen = method.get("selected_destination_id")
    place = next((one for one in places if one.get("id") == chosen), places[0] if places else None)
    if place is None or "street_address" not in place:
        return option, None, None
    address = {ours: str(place.get(theirs) or "")[:300] for ours, theirs in PLACES.items()}
    name = " ".join(str(place.get(part) or "") for part in ("first_name", "last_name")).strip()
    for part in ("line_one", "city", "country"):
        if not address[part]:
            where = f"$.fulfillment.methods[0].destinations[0].{PLACES[part]}"
            raise Bad("missing", _("This part of the address is missing."), where)
    return option, {"name": name or "–", **address}, {"name": name} if name else {}


def _object(given: object, where: str) -> Json:
    if not isinstance(given, dict):
        raise Bad("invalid", _("An object is expected."), where)
    return given


# Writing


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


def _envelope(root: str, spoken: Spoken, **more: Any) -> Json:
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
        "ucp": _envelope(CHECKOUT, spoken, payment_handlers={}),
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
        "ucp": _envelope(CART, spoken),
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


def order_body(order: Order, spoken: Spoken = CAPABILITIES) -> Json:
    """A whole order, as answers and news carry it."""
    goods = [line for line in order.lines.order_by("pk") if line.kind == "goods"]
    body: Json = {
        "ucp": _envelope(ORDER, spoken),
        "id": str(order.public_id),
        "checkout_id": acp.session_id(order),
        "permalink_url": acp.permalink(order),
        "line_items": [_order_line(order, line) for line in goods],
        "fulfillment": {"expectations": _expected(order, goods), "events": _events(order, goods)},
        "currency": order.currency,
        "totals": _order_totals(order, goods),
    }
    if order.refunded or order.disputes.exists():
        body["adjustments"] = _adjustments(order)
    return body


def search_body(products: list[Product], after: str, spoken: Spoken = CAPABILITIES) -> Json:
    pages: Json = {"has_next_page": bool(after)} | ({"cursor": after} if after else {})
    found = [_product(product) for product in products]
    return {"ucp": _envelope(SEARCH, spoken), "products": found, "pagination": pages}


def lookup_body(
    found: list[tuple[Product, list[str]]], missing: list[str], spoken: Spoken = CAPABILITIES
) -> Json:
    products = []
    for product, ids in found:
        body = _product(product)
        for variant in body["variants"]:
            named = [name for name in ids if name == variant["id"]]
            variant["inputs"] = [{"id": name, "match": "exact"} for name in named] or [
                {"id": ids[0], "match": "featured"}
            ]
        products.append(body)
    said = _("The item “%(id)s” does not exist.")
    notes = [{"type": "info", "code": "not_found", "content": said % {"id": one[:40]}} for one in missing]
    return {"ucp": _envelope(LOOKUP, spoken), "products": products, "messages": notes}


def product_body(product: Product, spoken: Spoken = CAPABILITIES) -> Json:
    return {"ucp": _envelope(LOOKUP, spoken), "product": _product(product)}


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


# The catalogue


def search(query: str, after: int, most: int) -> tuple[list[Product], str]:
    """Products for sale whose title or text has every word, behind the one with key `after`."""
    rows = _for_sale().filter(pk__gt=after)
    for word in query.split()[:8]:
        rows = rows.filter(Q(title__icontains=word) | Q(description__icontains=word))
    found = list(rows.order_by("pk")[: most + 1])
    return found[:most], str(found[most - 1].pk) if len(found) > most else ""


def lookup(ids: list[str]) -> tuple[list[tuple[Product, list[str]]], list[str]]:
    """(the products that these ids name, each once with the ids that named it; ids that name nothing)."""
    named: dict[int, list[str]] = {}
    missing = []
    for one in ids:
        variant = variant_of(one)
        product = variant.product_id if variant else _product_key(one)
        if product is None:
            missing.append(one)
        else:
            named.setdefault(product, []).append(one)
    products = _for_sale().in_bulk(list(named))
    missing += [one for key, ones in named.items() if key not in products for one in ones]
    return [(products[key], ones) for key, ones in named.items() if key in products], missing


def _product_key(public_id: str) -> int | None:
    try:
        named = UUID(public_id)
    except ValueError:
        return None
    return Product.objects.filter(public_id=named).values_list("pk", flat=True).first()


def _for_sale() -> QuerySet[Product]:
    rows = for_agents(Product.objects.filter(is_live=True, variants__isnull=False)).distinct()
    return rows.select_related("merchant").prefetch_related("variants")


def _product(product: Product) -> Json:
    variants = sorted(product.variants.all(), key=lambda variant: variant.pk)
    held = stock.held(product)
    low = min(variants, key=lambda variant: variant.price)
    high = max(variants, key=lambda variant: variant.price)
    return {
        "id": str(product.public_id),
        "handle": product.handle,
        "title": product.title,
        "description": _description(product),
        "url": product_address(product),
        "price_range": {"min": _price(low), "max": _price(high)},
        "media": [{"type": "image", "url": _picture(product), "alt_text": product.title}],
        "variants": [_variant(product, variant, held.get(variant.pk, 0)) for variant in variants],
    }


def _picture(product: Product) -> str:
    return settings.SITE_URL + reverse("commerce:picture", args=[product.public_id])


def _variant(product: Product, variant: Variant, held: int) -> Json:
    is_there = variant.stock is None or variant.stock > held
    body: Json = {
        "id": item_id(variant),
        "sku": variant.sku,
        "title": variant.title or product.title,
        "description": _description(product),
        "price": _price(variant),
        "availability": {"available": is_there, "status": "in_stock" if is_there else "out_of_stock"},
        "seller": {"name": product.merchant.name},
    }
    if variant.title:
        body["options"] = [{"name": "Option", "label": variant.title}]
    return body


def _description(product: Product) -> Json:
    html = product.description
    return {"plain": TAGS.sub(" ", html).strip() or product.title} | ({"html": html} if html else {})


def _price(variant: Variant) -> Json:
    return {"amount": variant.price, "currency": variant.currency}


def _total(kind: str, amount: int, text: str = "") -> Json:
    return {"type": kind, "amount": amount} | ({"display_text": text} if text else {})


def _line(line: QuoteLine) -> Json:
    variant = line.wanted.variant
    title = variant.product.title + (f" – {variant.title}" if variant.title else "")
    totals = [_total("subtotal", line.base), _total("total", line.net)]
    if line.discount:
        totals.insert(1, _total("items_discount", -line.discount))
    return {
        "id": f"li_{item_id(variant)}",
        "item": {"id": item_id(variant), "title": title, "price": variant.price},
        "quantity": line.wanted.quantity,
        "totals": totals,
    }


def _totals(seen: Look) -> list[Json]:
    offer = seen.quote
    rows = [_total("subtotal", offer.base)]
    if offer.discount:
        rows.append(_total("items_discount", -offer.discount))
    if offer.needs_shipping:
        rows.append(_total("fulfillment", offer.shipping, offer.chosen.title))
    if offer.is_tax_added:
        rows.append(_total("tax", offer.tax))
    return [*rows, _total("total", offer.total)]


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
        "totals": [_total("total", way.money.amount)],
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


def _order_line(order: Order, line: OrderLine) -> Json:
    is_sent = order.sent_at is not None
    is_back = order.state == Order.State.REFUNDED
    name = item_id(line.variant) if line.variant else line.reference
    item = {"id": name, "title": line.title, "price": line.unit_price}
    left = 0 if is_back else line.quantity
    return {
        "id": f"line_{line.pk}",
        "item": item,
        "quantity": {"original": line.quantity, "total": left, "fulfilled": left if is_sent else 0},
        "totals": [_total("subtotal", acp.net(line)), _total("total", acp.net(line))],
        "status": "removed" if is_back else "fulfilled" if is_sent else "processing",
    }


def _order_totals(order: Order, goods: list[OrderLine]) -> list[Json]:
    rows = [_total("subtotal", sum(acp.net(line) for line in goods))]
    for line in order.lines.order_by("pk"):
        if line.kind == "shipping":
            rows.append(_total("fulfillment", line.unit_price, line.title))
        elif line.kind == "tax":
            rows.append(_total("tax", line.unit_price, line.title))
    return [*rows, _total("total", order.total)]


def _expected(order: Order, goods: list[OrderLine]) -> list[Json]:
    """The parcel that was promised and where it goes; nothing where nothing is sent, or nobody said where."""
    sent = [line for line in goods if line.variant and line.variant.product.needs_shipping]
    if not sent or not order.address:
        return []
    place = {theirs: str(order.address.get(ours) or "") for ours, theirs in PLACES.items()}
    return [
        {
            "id": f"parcel_{order.public_id}",
            "line_items": [{"id": f"line_{line.pk}", "quantity": line.quantity} for line in sent],
            "method_type": "shipping",
            "destination": {name: value for name, value in place.items() if value},
        }
    ]


def _events(order: Order, goods: list[OrderLine]) -> list[Json]:
    lines = [{"id": f"line_{line.pk}", "quantity": line.quantity} for line in goods]
    events = []
    for kind, at in (("shipped", order.sent_at), ("delivered", order.arrived_at)):
        if at is not None:
            event: Json = {
                "id": f"{kind}_{order.public_id}",
                "occurred_at": at.isoformat(),
                "type": kind,
                "line_items": lines,
            }
            if order.tracking:
                event["tracking_number"] = order.tracking
            if order.carrier:
                event["carrier"] = order.carrier
            events.append(event)
    return events


def _adjustments(order: Order) -> list[Json]:
    rows = []
    if order.refunded:
        rows.append(
            {
                "id": f"refund_{order.public_id}",
                "type": "refund",
                "occurred_at": (order.paid_at or order.created_at).isoformat(),
                "status": "completed",
                "totals": [_total("total", -order.refunded)],
            }
        )
    for dispute in order.disputes.order_by("pk"):
        rows.append(
            {
                "id": f"dispute_{dispute.pk}",
                "type": "dispute",
                "occurred_at": dispute.opened_at.isoformat(),
                "status": "pending" if dispute.state == Dispute.State.OPEN else "completed",
                "totals": [_total("total", -dispute.amount)],
            }
        )
    return rows
