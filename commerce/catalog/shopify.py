"""Shopify's product CSV, in both generations of its headers.

A product spans rows with one handle: the first carries title and description, each row may carry a variant
or only a further picture. Currency is not in the file: the merchant states it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import nh3

from commerce.catalog.rows import Problem, ProductRow, UnreadableFile, VariantRow, table, text_of
from commerce.money import BadMoney, parse

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
    "picture": ("image src", "product image url"),
}
REQUIRED = ("handle", "title", "price")
MOST_VARIANTS = 2048
ALLOWED_TAGS = {"p", "br", "ul", "ol", "li", "b", "strong", "i", "em"}


def read(stream: BinaryIO, *, currency: str) -> Iterator[ProductRow | Problem]:
    """Products in file order, with a Problem for each row that is refused. Streams; holds one product.

    Raises UnreadableFile when the file as a whole is none of ours.
    """
    product: ProductRow | None = None
    finished: set[str] = set()
    for line, cells in table(text_of(stream)):
        row = _named(cells)
        missing = [name for name in REQUIRED if name not in row]
        if missing:
            raise UnreadableFile("columns_missing")
        handle = row["handle"].lower()
        if product is None or product.handle != handle:
            if product is not None:
                finished.add(product.handle)
                yield product
            product = None
            begun = _product(line, handle, row, finished)
            if isinstance(begun, Problem):
                yield begun
                continue
            product = begun
        variant = _variant(line, row, currency, product)
        if isinstance(variant, VariantRow):
            product.variants.append(variant)
        elif variant is not None:
            yield variant
    if product is not None:
        yield product


def _named(cells: dict[str, str]) -> dict[str, str]:
    return {
        meaning: next(cells[header] for header in headers if header in cells)
        for meaning, headers in COLUMNS.items()
        if any(header in cells for header in headers)
    }


def _product(line: int, handle: str, row: dict[str, str], finished: set[str]) -> ProductRow | Problem:
    if not handle or len(handle) > 255:
        return Problem(line, "handle", "handle_missing" if not handle else "too_long", handle[:40])
    if handle in finished:
        return Problem(line, "handle", "handle_twice", handle[:40])
    if not row["title"]:
        return Problem(line, "title", "title_missing")
    if len(row["title"]) > 255:
        return Problem(line, "title", "too_long", row["title"][:40])
    return ProductRow(
        row=line,
        handle=handle,
        title=row["title"],
        description=nh3.clean(row.get("description", ""), tags=ALLOWED_TAGS, attributes={}),
        picture_url=row.get("picture", ""),
        is_live=row.get("status", "active").lower() in {"active", "true", ""},
    )


def _variant(
    line: int, row: dict[str, str], currency: str, product: ProductRow
) -> VariantRow | Problem | None:
    options = [row[name] for name in ("option", "option2", "option3") if row.get(name)]
    if not row["price"] and not row.get("sku") and not options:
        return None  # a row that only adds a picture
    if len(product.variants) >= MOST_VARIANTS:
        return Problem(line, "handle", "too_many_variants", product.handle[:40])
    title = " / ".join(option for option in options if option != "Default Title")
    sku = row.get("sku") or f"{product.handle}-{'-'.join(options).lower() or 'default'}"[:120]
    if any(sku == variant.sku for variant in product.variants):
        return Problem(line, "sku", "sku_twice", sku[:40])
    try:
        price = parse(row["price"], currency)
    except BadMoney as error:
        return Problem(line, "price", "price", str(error))
    stock = _stock(row)
    if isinstance(stock, str):
        return Problem(line, "stock", "stock", stock[:40])
    return VariantRow(sku[:120], title[:255], price, stock)


def _stock(row: dict[str, str]) -> int | None | str:
    """How many there are; None where the file says that nobody counts; the text itself if it is no count."""
    text = row.get("stock", "")
    if not text or not row.get("tracker", "shopify"):
        return None
    try:
        count = int(text)
    except ValueError:
        return text
    return count if 0 <= count <= 10**9 else text
