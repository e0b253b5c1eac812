"""The catalogue as files that others read: an ACP feed, Google's table and feed, Shopify's CSV.

Each is a generator of text, so that a hundred thousand products never stand in memory. What is exported here
and brought back changes nothing.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any
from xml.sax.saxutils import escape  # writes XML, reads none  # nosec B406

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from commerce.catalog.rows import neutral
from commerce.models import Merchant, Offer, Product, Variant
from commerce.money import Money, exponent
from commerce.offers.states import BY_PLEDGE, ENDED

BATCH = 500
GOOGLE = (
    "id", "item_group_id", "title", "description", "link", "image_link", "availability", "price", "condition",
    "size", "quantity", "shipping_label",
)  # fmt: skip
SHOPIFY = (
    "Handle", "Title", "Body (HTML)", "Vendor", "Published", "Option1 Name", "Option1 Value", "Variant SKU",
    "Variant Price", "Variant Inventory Tracker", "Variant Inventory Qty", "Variant Requires Shipping",
    "Image Src", "Status",
)  # fmt: skip
Row = dict[str, Any]


def acp_jsonl(products: QuerySet[Product]) -> Iterator[str]:
    """One `Product` of ACP's feed schema (2026-04-17) a line."""
    for product in _streamed(products):
        yield json.dumps(acp_product(product), ensure_ascii=False, separators=(",", ":")) + "\n"


def google_tsv(products: QuerySet[Product]) -> Iterator[str]:
    yield from _table(GOOGLE, (row for product in _streamed(products) for row in _google(product)), "\t")


def google_xml(products: QuerySet[Product]) -> Iterator[str]:
    """RSS 2.0 with Google's namespace."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>\n'
        f"<title>{escape(settings.SITE_HOST)}</title><link>{escape(settings.SITE_URL)}</link>"
        "<description></description>\n"
    )
    for product in _streamed(products):
        for row in _google(product):
            cells = "".join(
                f"<g:{name}>{_xml(value)}</g:{name}>" for name, value in row.items() if value != ""
            )
            yield f"<item>{cells}</item>\n"
    yield "</channel></rss>\n"


def shopify_csv(products: QuerySet[Product]) -> Iterator[str]:
    yield from _table(SHOPIFY, (row for product in _streamed(products) for row in _shopify(product)), ",")


WRITERS: dict[str, tuple[str, Callable[[QuerySet[Product]], Iterator[str]]]] = {
    "acp.jsonl": ("application/jsonl", acp_jsonl),
    "google.tsv": ("text/tab-separated-values", google_tsv),
    "google.xml": ("application/rss+xml", google_xml),
    "shopify.csv": ("text/csv", shopify_csv),
}


def live(merchant: Merchant) -> QuerySet[Product]:
    """What anybody may read of a shop: its products for sale."""
    return for_agents(merchant.products.filter(is_live=True))


def for_agents(products: QuerySet[Product]) -> QuerySet[Product]:
    """Without what can only be taken part in: nobody may take a concept for something that is there."""
    parts = Offer.objects.filter(kind__in=BY_PLEDGE).exclude(state__in=[*ENDED, Offer.State.DRAFT])
    return products.exclude(pk__in=parts.values("product"))


def acp_product(product: Product) -> Row:
    """A product as ACP's feed schema wants it; the item that an agent orders is the variant's id."""
    variants = sorted(product.variants.all(), key=lambda variant: variant.pk)
    body: Row = {"id": product.handle, "title": product.title, "url": address(product)}
    if product.description:
        body["description"] = {"html": product.description}
    body["media"] = [{"type": "image", "url": _picture(product), "alt_text": product.title}]
    body["variants"] = [_acp_variant(product, variant) for variant in variants]
    return body


def item_id(variant: Variant) -> str:
    """The id by which an agent orders a variant."""
    return f"v{variant.pk}"


def address(product: Product) -> str:
    return settings.SITE_URL + reverse("commerce:product", args=[product.public_id])


def _acp_variant(product: Product, variant: Variant) -> Row:
    is_there = variant.stock is None or variant.stock > 0
    body: Row = {
        "id": item_id(variant),
        "title": f"{product.title} - {variant.title}" if variant.title else product.title,
        "url": address(product),
        "barcodes": [{"type": "SKU", "value": variant.sku}],
        "price": {"amount": variant.price, "currency": variant.currency},
        "availability": {"available": is_there, "status": "in_stock" if is_there else "out_of_stock"},
        "condition": ["new"],
        "categories": [] if product.needs_shipping else [{"value": "digital"}],
        "seller": {"name": product.merchant.name},
    }
    if variant.title:
        body["variant_options"] = [{"name": "Option", "value": variant.title}]
    return body


def _google(product: Product) -> Iterator[Row]:
    variants = sorted(product.variants.all(), key=lambda variant: variant.pk)
    for variant in variants:
        yield {
            "id": variant.sku,
            "item_group_id": product.handle,
            "title": product.title,
            "description": product.description,
            "link": address(product),
            "image_link": _picture(product),
            "availability": "out_of_stock" if variant.stock == 0 else "in_stock",
            "price": f"{_number(variant)} {variant.currency}",
            "condition": "new",
            "size": variant.title,
            "quantity": "" if variant.stock is None else variant.stock,
            "shipping_label": "" if product.needs_shipping else "digital",
        }


def _shopify(product: Product) -> Iterator[Row]:
    for number, variant in enumerate(sorted(product.variants.all(), key=lambda row: row.pk)):
        yield {
            "Handle": product.handle,
            "Title": "" if number else product.title,
            "Body (HTML)": "" if number else product.description,
            "Vendor": "" if number else product.merchant.name,
            "Published": "" if number else str(product.is_live).upper(),
            "Option1 Name": "Title",
            "Option1 Value": variant.title or "Default Title",
            "Variant SKU": variant.sku,
            "Variant Price": _number(variant),
            "Variant Inventory Tracker": "" if variant.stock is None else "shopify",
            "Variant Inventory Qty": "" if variant.stock is None else variant.stock,
            "Variant Requires Shipping": str(product.needs_shipping).upper(),
            "Image Src": "" if number else _picture(product),
            "Status": "" if number else ("active" if product.is_live else "draft"),
        }


def _number(variant: Variant) -> str:
    return f"{Money(variant.price, variant.currency).decimal():.{exponent(variant.currency)}f}"


def _picture(product: Product) -> str:
    return product.picture_url or settings.SITE_URL + reverse("commerce:picture", args=[product.public_id])


def _streamed(products: QuerySet[Product]) -> Iterator[Product]:
    """In the order of their making, a batch at a time, with their variants and shop."""
    rows = products.select_related("merchant").prefetch_related("variants").order_by("pk")
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        yield from batch


def _table(names: tuple[str, ...], rows: Iterator[Row], delimiter: str) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([neutral(row[name]) for name in names])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _xml(value: object) -> str:
    """Text for an element: what XML cannot hold at all is left out."""
    text = "".join(char for char in str(value) if char >= " " or char in "\t\n")
    text = text.replace("\ufffe", "").replace("\uffff", "")
    return escape(text)
