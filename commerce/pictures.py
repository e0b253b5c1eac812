"""A product's picture: our own copy, or a paper card with its first letter, coloured by its name."""

from __future__ import annotations

import hashlib
from html import escape

from django.core.files.storage import default_storage

from commerce.models import Product

CARDS = (("#f6d9c0", "#7a2e1d"), ("#d7e4d0", "#274b33"), ("#d5dff0", "#253a66"), ("#efd3dd", "#6a2143"))


def of(product: Product) -> tuple[bytes, str]:
    """(bytes, content type). What is kept was decoded and written anew when it came in."""
    if product.picture_path:
        with default_storage.open(product.picture_path) as stream:
            return stream.read(), "image/webp"
    return card(product.title).encode(), "image/svg+xml"


def card(title: str) -> str:
    paper, ink = CARDS[hashlib.sha256(title.encode()).digest()[0] % len(CARDS)]
    letter = escape(title.strip()[:1].upper() or "?")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240">'
        f'<rect width="240" height="240" fill="{paper}"/>'
        f'<path d="M0 186q60-22 120 0t120 0v54H0z" fill="{ink}" opacity=".16"/>'
        f'<text x="120" y="152" font-family="Georgia,serif" font-size="120" fill="{ink}"'
        ' text-anchor="middle">'
        f"{letter}</text></svg>"
    )
