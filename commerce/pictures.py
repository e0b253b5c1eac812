"""A product's picture: our own copy, or a paper-cut card drawn by what the title names."""

from __future__ import annotations

import hashlib
from datetime import datetime
from html import escape

from django.core.files.storage import default_storage

from commerce.models import Offer, Product
from commerce.motifs import MOTIFS
from commerce.offers.making import still_permitted

PARCEL = (
    '<path class="i" d="M58 84h124v104H58z"/><path class="p" d="M110 84h20v104h-20zM58 124h124v16H58z"/>'
    '<path class="l" d="M120 82q-44-46-44-12 0 14 44 12 44 2 44-12 0-34-44 12"/>'
)
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


def to_draw(product: Product) -> bytes | None:
    """The picture for whoever draws it into a clip: our copy (WebP), or the card without letters, for which
    no font is needed there. None where our copy is lost."""
    if not product.picture_path:
        return card(product.title, letters=False).encode()
    try:
        return of(product)[0]
    except FileNotFoundError:
        return None


def card(title: str, letters: bool = True) -> str:
    """An SVG of the title: what its words name, else its first letter, or a parcel. Colours stand in
    attributes: not everybody who draws it reads style sheets."""
    paper, ink, second = CARDS[hashlib.sha256(title.encode()).digest()[0] % len(CARDS)]
    motif = _motif(title, letters)
    for name, attributes in (
        ("i", f'fill="{ink}"'),
        ("p", f'fill="{second}"'),
        ("l", f'fill="none" stroke="{ink}" stroke-width="9" stroke-linecap="round"'),
    ):
        motif = motif.replace(f'class="{name}"', attributes)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240" font-family="Georgia,serif">'
        f'<rect width="240" height="240" fill="{paper}"/>'
        f'<path fill="{ink}" opacity=".14" d="M0 190q60-22 120 0t120 0v50H0z"/>'
        f'<g opacity=".2" transform="translate(5 7)">{motif}</g>{motif}</svg>'
    )


def _motif(title: str, letters: bool) -> str:
    named = {word.strip(",.:()").lower() for word in title.split()}
    for words, drawing in MOTIFS.items():
        if named & {form for word in words.split() for form in (word, word + "s")}:
            return drawing
    if not letters:
        return PARCEL
    letter = escape(title.strip()[:1].upper() or "?")
    return f'<text class="i" x="120" y="160" font-size="120" text-anchor="middle">{letter}</text>'
