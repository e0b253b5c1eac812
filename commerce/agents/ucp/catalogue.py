"""Searching and naming products."""

from __future__ import annotations

import re
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from commerce import stock
from commerce.agents.sessions import variant_of
from commerce.agents.ucp.reading import Filters
from commerce.agents.ucp.words import Json
from commerce.catalog.exports import address as product_address
from commerce.catalog.exports import for_agents, item_id
from commerce.models import Product, Variant

MOST_FOUND = 50
MOST_IDS = 50
ANY = Filters()
TAGS = re.compile(r"<[^>]*>")


def search(query: str, after: int, most: int, only: Filters = ANY) -> tuple[list[Product], str]:
    """Products for sale whose title or text has every word, with a variant that every filter of `only` lets
    through, behind the one with key `after`."""
    rows = _for_sale().filter(_let_through(only), pk__gt=after)
    for word in query.split()[:8]:
        rows = rows.filter(Q(title__icontains=word) | Q(description__icontains=word))
    found = list(rows.order_by("pk")[: most + 1])
    return found[:most], str(found[most - 1].pk) if len(found) > most else ""


def _let_through(only: Filters) -> Q:
    """One and the same variant lies within the prices: the cheapest and the dearest are none between."""
    if only.has_category:
        return Q(pk__in=[])
    one = Q()
    if only.least is not None:
        one &= Q(price__gte=only.least)
    if only.most is not None:
        one &= Q(price__lte=only.most)
    if only.currency:
        one &= Q(currency=only.currency)
    return Q(variants__in=Variant.objects.filter(one)) if one else Q()


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
    sold = Product.objects.filter(is_live=True, merchant__owner__is_active=True, variants__isnull=False)
    rows = for_agents(sold).distinct()
    return rows.select_related("merchant").prefetch_related("variants")


def product_row(product: Product) -> Json:
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
        "variants": [variant_row(product, variant, held.get(variant.pk, 0)) for variant in variants],
    }


def _picture(product: Product) -> str:
    return settings.SITE_URL + reverse("commerce:picture", args=[product.public_id])


def variant_row(product: Product, variant: Variant, held: int) -> Json:
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
