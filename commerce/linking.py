"""The way out to a shop's own site, for shops that sell there."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from django.conf import settings

from commerce.models import Product, TagTouch


def address_of(product: Product) -> str | None:
    """The product's page at its shop's own site; None where the shop sells here, or says no address."""
    merchant = product.merchant
    if not merchant.links_out:
        return None
    if product.page_url:
        return product.page_url
    if "{handle}" in merchant.site:
        return merchant.site.replace("{handle}", quote(product.handle, safe=""))
    return merchant.site or None


def tracked(address: str, touch: TagTouch) -> str:
    """The address with the touch's number and our name, beside what it carries already."""
    parts = urlsplit(address)
    known = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "us_touch"]
    more = [("utm_source", settings.SITE_HOST), ("us_touch", str(touch.public_id))]
    return urlunsplit(parts._replace(query=urlencode(known + more)))
