"""Shopify's product CSV, in both generations of its headers.

A product spans rows with one handle: the first carries title and description, each row may carry a variant
or only a further picture. Currency is not in the file: the merchant states it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from commerce.catalog.rows import (
    Problem,
    ProductRow,
    UnreadableFile,
    VariantRow,
    add,
    clean,
    count_of,
    headline,
    price_of,
    table,
    text_of,
)

# meaning -> the headers that carry it, old generation and new
COLUMNS = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "description": ("body (html)", "description"),
    "status": ("status", "published"),
    "option": ("option1 value",),
    "option2": ("option2 value",),
    "option3": ("option3 value",),
    "sku": ("variant sku", "sku"),
    "price": ("variant price", "price"),
    "stock": ("variant inventory qty", "inventory quantity"),
    "tracker": ("variant inventory tracker", "inventory tracker"),
    "shipping": ("variant requires shipping", "requires shipping"),
    "picture": ("image src", "product image url"),
}
REQUIRED = ("handle", "title", "price")
Row = dict[str, str]


def fits(header: set[str]) -> bool:
    return any(name in header for name in COLUMNS["handle"]) and "title" in header


def read(stream: BinaryIO, *, currency: str) -> Iterator[ProductRow | Problem]:
    """Products in file order, with a Problem for each row that is refused. Streams; holds one product.

    Raises UnreadableFile when the file as a whole is none of ours.
    """
    product: ProductRow | None = None
    known: set[str] = set()
    finished: set[str] = set()
    for line, cells in table(text_of(stream)):
        row = _named(cells)
        if any(name not in row for name in REQUIRED):
            raise UnreadableFile("columns_missing")
        handle = row["handle"].lower()
        if product is None or product.handle != handle:
            if product is not None:
                finished.add(product.handle)
                yield product
            product, known = None, set()
            begun = _product(line, handle, row, finished)
            if isinstance(begun, Problem):
                yield begun
                continue
            product = begun
        refused = _take(line, row, currency, product, known)
        if refused is not None:
            yield refused
    if product is not None:
        yield product


def _named(cells: Row) -> Row:
    return {
        meaning: next(cells[header] for header in headers if header in cells)
        for meaning, headers in COLUMNS.items()
        if any(header in cells for header in headers)
    }


def _product(line: int, handle: str, row: Row, finished: set[str]) -> ProductRow | Problem:
    wrong = headline(line, handle, row["title"]) if handle not in finished else None
    if handle in finished:
        wrong = Problem(line, "handle", "handle_twice", handle[:40])
    if wrong is not None:
        return wrong
    return ProductRow(
        row=line,
        handle=handle,
        title=row["title"],
        description=clean(row.get("description", "")),
        picture_url=row.get("picture", ""),
        is_live=row.get("status", "active").lower() in {"active", "true", ""},
        needs_shipping=row.get("shipping", "").lower() != "false",
    )


def _take(line: int, row: Row, currency: str, product: ProductRow, known: set[str]) -> Problem | None:
    options = [row[name] for name in ("option", "option2", "option3") if row.get(name)]
    if not row["price"] and not row.get("sku") and not options:
        return None  # a row that only adds a picture
    title = " / ".join(option for option in options if option != "Default Title")
    sku = row.get("sku") or f"{product.handle}-{'-'.join(options).lower() or 'default'}"[:120]
    price = price_of(line, "price", row["price"], currency)
    if isinstance(price, Problem):
        return price
    stock = count_of(line, "stock", row.get("stock", "") if row.get("tracker", "shopify") else "")
    if isinstance(stock, Problem):
        return stock
    return add(product, VariantRow(sku[:120], title[:255], price, stock), line, known)
