"""WooCommerce product CSV: a row for a `simple` product, a `variable` one with `variation` rows below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from django.utils.text import slugify

from commerce.catalog.rows import (
    SOME,
    Problem,
    ProductRow,
    UnreadableFile,
    VariantRow,
    add,
    clean,
    count_of,
    headline,
    is_on_sale,
    price_of,
    table,
    text_of,
)

Row = dict[str, str]
SINGLE = {"simple", "external"}
VALUE = re.compile(r"attribute (\d+) value\(s\)")


def fits(header: set[str]) -> bool:
    return {"type", "name", "regular price"} <= header


def read(stream: BinaryIO, *, currency: str, now: datetime) -> Iterator[ProductRow | Problem]:
    """Products in file order. A variation must stand after its parent, before the next product."""
    product: ProductRow | None = None
    parents: set[str] = set()
    known: set[str] = set()
    seen: set[str] = set()
    for line, row in table(text_of(stream)):
        if not fits(set(row)):
            raise UnreadableFile("columns_missing")
        kinds = {kind.strip() for kind in row["type"].lower().split(",")}
        if "variation" in kinds:
            if product is None or row.get("parent", "").removeprefix("id:") not in parents:
                yield Problem(line, "parent", "parent_missing", row.get("parent", "")[:40])
                continue
        else:
            if product is not None:
                yield product
            product, known = None, set()
            begun = _product(line, row, kinds, seen)
            if isinstance(begun, Problem):
                yield begun
                continue
            product = begun
            parents = {row.get("sku", ""), row.get("id", "")} - {""}
            if not kinds & SINGLE:
                continue  # variable: its variations carry the prices
        variant = _variant(line, row, currency, product, now)
        refused = variant if isinstance(variant, Problem) else add(product, variant, line, known)
        if refused is not None:
            yield refused
    if product is not None:
        yield product


def _product(line: int, row: Row, kinds: set[str], seen: set[str]) -> ProductRow | Problem:
    handle = (row.get("sku") or (f"id-{row['id']}" if row.get("id") else slugify(row["name"]))).lower()
    wrong = headline(line, handle, row["name"])
    if wrong is None and handle in seen:
        wrong = Problem(line, "sku", "handle_twice", handle[:40])
    if wrong is not None:
        return wrong
    seen.add(handle)
    return ProductRow(
        row=line,
        handle=handle,
        title=row["name"],
        description=clean(row.get("description") or row.get("short description", "")),
        picture_url=row.get("images", "").split(",")[0].strip(),
        is_live=row.get("published", "1") in {"1", ""},
        needs_shipping=not kinds & {"virtual", "downloadable"},
    )


def _variant(line: int, row: Row, currency: str, product: ProductRow, now: datetime) -> VariantRow | Problem:
    price = price_of(line, "regular price", _asked(row, now), currency)
    if isinstance(price, Problem):
        return price
    stock = count_of(line, "stock", row.get("stock", ""))
    if isinstance(stock, Problem):
        return stock
    if stock is None:
        stock = 0 if row.get("in stock?", "1").lower() in {"0", "no"} else SOME
    names = sorted((int(found.group(1)), name) for name in row if (found := VALUE.fullmatch(name)))
    title = " / ".join(row[name] for _number, name in names if row[name]) if _is_variation(row) else ""
    sku = row.get("sku") or f"{product.handle}-{'-'.join(title.lower().split())}"[:120]
    return VariantRow(sku, title[:255], price, stock)


def _asked(row: Row, now: datetime) -> str:
    """The price that counts now: the reduced one within its dates, if it has any."""
    starts, ends = row.get("date sale price starts", ""), row.get("date sale price ends", "")
    reduced = row.get("sale price", "")
    return reduced if reduced and is_on_sale(starts, ends, now) else row["regular price"]


def _is_variation(row: Row) -> bool:
    return "variation" in row["type"].lower()
