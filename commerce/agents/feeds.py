"""ACP's feed API: a merchant's programs create a feed, read it, and upsert products into the shop.

A product or variant that is there already is changed where the request names something and stays as it is
where it does not; what the request leaves out stays. All products of a request are written, or none.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from commerce.agents.sessions import Bad
from commerce.catalog import exports, formats, imports
from commerce.models import AgentFeed, Merchant, Product
from commerce.problems import sentence

MOST_FEEDS = 50
MOST_PRODUCTS = 500  # of one request
FIELDS = {"handle": "id", "price": "variants"}  # as the request calls them
COUNTRY = re.compile(r"^[A-Z]{2}$")
Json = dict[str, Any]


def create(*, merchant: Merchant, body: object, now: datetime) -> AgentFeed:
    """Raises Bad where the country is none, or the shop has fifty feeds."""
    if not isinstance(body, dict):
        raise Bad("invalid", _("An object is expected."), "$")
    country = body.get("target_country", "")
    if not isinstance(country, str) or (country and not COUNTRY.match(country)):
        said = _("A country is two capital letters of ISO 3166-1.")
        raise Bad("invalid_target_country", said, "target_country")
    if merchant.agent_feeds.count() >= MOST_FEEDS:
        raise Bad("too_many_feeds", _("A shop has at most %(n)d feeds.") % {"n": MOST_FEEDS}, status=409)
    return AgentFeed.objects.create(merchant=merchant, country=country, created_at=now, updated_at=now)


def metadata(feed: AgentFeed) -> Json:
    body = {"id": str(feed.public_id), "updated_at": feed.updated_at.isoformat()}
    return body | ({"target_country": feed.country} if feed.country else {})


def products(feed: AgentFeed) -> Iterator[str]:
    """A `ProductsResponse` with everything that the shop sells, in pieces."""
    yield '{"products":['
    lead = ""
    for line in exports.acp_jsonl(exports.live(feed.merchant)):
        yield lead + line.rstrip("\n")
        lead = ","
    yield "]}"


@transaction.atomic
def upsert(*, feed: AgentFeed, body: object, now: datetime) -> int:
    """How many products were new or changed. Raises Bad by the place of the first that cannot be."""
    given = body.get("products") if isinstance(body, dict) else None
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_PRODUCTS:
        said = _("A list of 1 to %(n)d products is expected.") % {"n": MOST_PRODUCTS}
        raise Bad("invalid_product_payload", said, "products")
    for number, one in enumerate(given):
        if not isinstance(one, dict):
            raise Bad("invalid_product_payload", _("An object is expected."), f"products[{number}]")
    merged = _merged(feed.merchant.products.all(), given)
    lines = io.BytesIO("\n".join(json.dumps(one) for one in merged).encode())
    rows = list(formats.READERS["acp"](lines, currency=""))
    plan = imports.plan(merchant=feed.merchant, rows=rows)
    if plan.problems:
        first = plan.problems[0]
        where = f"products[{first.row - 1}].{FIELDS.get(first.column, first.column)}"
        raise Bad("invalid_product_payload", sentence(first), where)
    written = imports.apply(merchant=feed.merchant, rows=rows, now=now).written
    AgentFeed.objects.filter(pk=feed.pk).update(updated_at=now)
    return written


def _merged(shelf: QuerySet[Product], given: list[Json]) -> list[Json]:
    handles = [str(one.get("id", "")).strip().lower() for one in given]
    askable = [handle for handle in handles if "\0" not in handle]  # PostgreSQL cannot be asked for one
    rows = shelf.filter(handle__in=askable).select_related("merchant").prefetch_related("variants")
    known = {product.handle: exports.acp_product(product) for product in rows}
    return [
        _over(known[handle], one) if handle in known else one
        for handle, one in zip(handles, given, strict=True)
    ]


def _over(there: Json, given: Json) -> Json:
    """The product with what the request says of it in place of what was."""
    variants = given.get("variants")
    mine = {name: one for one in there["variants"] for name in (one["id"], one["barcodes"][0]["value"])}
    merged = [
        {**mine.get(str(one.get("id")), {}), **one} if isinstance(one, dict) else one
        for one in (variants if isinstance(variants, list) else [])
    ]
    return {**there, **given, "variants": merged or there["variants"]}
