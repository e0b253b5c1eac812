"""The shop's part of search: products that hang on clips which the viewer may see."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from accounts.social import Viewer
from commerce.access import shown_tags
from feed import search
from feed.search import Thing


def products(viewer: Viewer, words: list[str], now: datetime, limit: int) -> list[Thing]:
    """Products whose title or description holds every word, each with a clip where it can be bought."""
    holds = Q()
    for word in words:
        holds &= Q(product__title__icontains=word) | Q(product__description__icontains=word)
    tags = shown_tags(viewer, now).filter(holds).select_related("product", "post").order_by("-pk")
    found: dict[int, Thing] = {}
    for tag in tags[: 5 * limit]:
        found.setdefault(tag.product_id, Thing(tag.product.title, f"/p/{tag.post.public_id}"))
    return list(found.values())[:limit]


def connect() -> None:
    search.register("products", products)
