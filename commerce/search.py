"""The shop's part of search: products that hang on clips which the viewer may see."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from accounts.social import Viewer
from commerce.access import shown_tags
from commerce.models import Product
from feed import search
from feed.search import Thing

MOST_NAMED = 200


def products(viewer: Viewer, words: list[str], now: datetime, limit: int) -> list[Thing]:
    """Products whose title or description holds every word, each with a clip where it can be bought."""
    holds = Q()
    for word in words:
        holds &= Q(title__icontains=word) | Q(description__icontains=word)
    # Few products hold every word, and mostly none does: who may see what is asked of those alone.
    named = list(Product.objects.filter(holds).order_by("-pk").values_list("pk", flat=True)[:MOST_NAMED])
    if not named:
        return []
    tags = shown_tags(viewer, now).filter(product__in=named).select_related("product", "post").order_by("-pk")
    found: dict[int, Thing] = {}
    for tag in tags[: 5 * limit]:
        found.setdefault(tag.product_id, Thing(tag.product.title, f"/p/{tag.post.public_id}"))
    return list(found.values())[:limit]


def connect() -> None:
    search.register("products", products)
