"""The importers by name, and which of them fits a file. A new one is a line here."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commerce.catalog import acp, google, shopify, woo
from commerce.catalog.rows import SNIFFED_BYTES, Problem, ProductRow, UnreadableFile, decoded_head

Reader = Callable[..., Iterator[ProductRow | Problem]]

READERS: dict[str, Reader] = {
    "shopify": shopify.read,
    "google-tsv": google.read_tsv,
    "google-xml": google.read_xml,
    "acp": acp.read,
    "woo": woo.read,
}
DATED = {"google-tsv", "google-xml", "woo"}  # a price of theirs may count between two dates only
NAMES: dict[str, str | Promise] = {
    "shopify": _("Shopify, CSV"),
    "google-tsv": _("Google Merchant, table (TSV)"),
    "google-xml": _("Google Merchant, feed (XML)"),
    "acp": _("Agentic Commerce feed, JSON lines"),
    "woo": _("WooCommerce, CSV"),
}


def read(
    stream: BinaryIO, *, kind: str, currency: str, now: datetime | None = None
) -> Iterator[ProductRow | Problem]:
    """The products of a file of a kind of `READERS`, as they are sold `now`. Raises UnreadableFile while it
    is read."""
    clock = {"now": now or timezone.now()} if kind in DATED else {}
    return READERS[kind](stream, currency=currency, **clock)


def guess(stream: BinaryIO) -> str:
    """The kind of file that this is, by its first line; the stream is left at its start.

    Raises UnreadableFile when it is none of ours.
    """
    head = stream.read(SNIFFED_BYTES)
    stream.seek(0)
    if not head.strip():
        raise UnreadableFile("empty")
    if head.lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith(b"<"):
        return "google-xml"
    text = decoded_head(head).lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return "google-xml"
    if text.startswith("{"):
        return "acp"
    return _by_header(text)


def _by_header(text: str) -> str:
    first = text.splitlines()[0] if text.strip() else ""
    cells = next(csv.reader([first], delimiter=max(",;\t|", key=first.count)), [])
    header = {cell.strip().lower() for cell in cells}
    if woo.fits(header):
        return "woo"
    if shopify.fits(header):
        return "shopify"
    if google.fits({name.replace(" ", "_").removeprefix("g:") for name in header}):
        return "google-tsv"
    raise UnreadableFile("columns_missing")
