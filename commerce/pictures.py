"""A product's picture: our own copy, or a paper-cut card drawn by what the title names."""

from __future__ import annotations

import hashlib
from datetime import datetime
from html import escape

from django.core.files.storage import default_storage

from commerce.models import Offer, Product
from commerce.motifs import MOTIFS
from commerce.offers.making import still_permitted

# paper, ink, second paper
CARDS = (
    ("#f6d9c0", "#7a2e1d", "#fff4e6"),
    ("#d7e4d0", "#274b33", "#f7fbf2"),
    ("#d5dff0", "#253a66", "#f5f8fd"),
    ("#efd3dd", "#6a2143", "#fdf3f6"),
    ("#f3e3b0", "#5d4708", "#fffaea"),
)


def of(product: Product) -> tuple[bytes, str]:
    """(bytes, content type). What is kept was decoded and written anew when it came in."""
    if product.picture_path:
        with default_storage.open(product.picture_path) as stream:
            return stream.read(), "image/webp"
    return card(product.title).encode(), "image/svg+xml"


def of_offer(offer: Offer, now: datetime) -> tuple[bytes, str]:
    """What a concept shows: the poster of its clip, asked of the gate each time; else the product's."""
    if offer.clip is not None and still_permitted(offer, now):
        poster = offer.clip.renditions.filter(kind="poster").first()
        if poster is not None and default_storage.exists(poster.path):
            with default_storage.open(poster.path) as stream:
                return stream.read(), "image/webp"
    return of(offer.product)


def card(title: str) -> str:
    """An SVG of the title: what its words name, else its first letter."""
    paper, ink, second = CARDS[hashlib.sha256(title.encode()).digest()[0] % len(CARDS)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240" font-family="Georgia,serif">'
        f"<style>.i{{fill:{ink}}}.p{{fill:{second}}}"
        f".l{{fill:none;stroke:{ink};stroke-width:9;stroke-linecap:round}}</style>"
        f'<rect width="240" height="240" fill="{paper}"/>'
        f'<path fill="{ink}" opacity=".14" d="M0 190q60-22 120 0t120 0v50H0z"/>'
        f'<g opacity=".2" transform="translate(5 7)">{_motif(title)}</g>{_motif(title)}</svg>'
    )


def _motif(title: str) -> str:
    named = {word.strip(",.:()").lower() for word in title.split()}
    for words, drawing in MOTIFS.items():
        if named & {form for word in words.split() for form in (word, word + "s")}:
            return drawing
    letter = escape(title.strip()[:1].upper() or "?")
    return f'<text class="i" x="120" y="160" font-size="120" text-anchor="middle">{letter}</text>'
