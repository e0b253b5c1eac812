"""A product feed of the Agentic Commerce Protocol as JSON lines: one `Product` of its feed schema a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from commerce.catalog.rows import (
    SOME,
    Problem,
    ProductRow,
    VariantRow,
    add,
    clean,
    headline,
    lines,
    page_of,
    text_of,
)
from commerce.money import CURRENCIES, LARGEST, Money, is_chargeable

Json = dict[str, Any]


def read(stream: BinaryIO, *, currency: str) -> Iterator[ProductRow | Problem]:
    """Products in file order. A line that is no JSON object is refused by itself; the rest is read."""
    seen: set[str] = set()
    for line, text in lines(text_of(stream)):
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            yield Problem(line, "line", "no_json", text[:40])
            continue
        if not isinstance(body, dict):
            yield Problem(line, "line", "no_json", text[:40])
            continue
        yield from _product(line, body, currency, seen)


def _product(line: int, body: Json, currency: str, seen: set[str]) -> Iterator[ProductRow | Problem]:
    handle, title = _text(body.get("id")).lower(), _text(body.get("title"))
    variants = [variant for variant in _list(body.get("variants")) if isinstance(variant, dict)]
    title = title or (_text(variants[0].get("title")) if variants else "")
    wrong = headline(line, handle, title)
    if wrong is None and handle in seen:
        wrong = Problem(line, "id", "handle_twice", handle[:40])
    if wrong is not None:
        yield wrong
        return
    seen.add(handle)
    product = ProductRow(
        row=line,
        handle=handle,
        title=title,
        description=clean(_description(body.get("description"))),
        picture_url=_picture(body.get("media")),
        is_live=True,
        needs_shipping=not any(_is_digital(variant) for variant in variants),
        page_url=page_of(_text(body.get("url"))),
    )
    known: set[str] = set()
    for given in variants:
        variant = _variant(line, given, currency, product)
        refused = variant if isinstance(variant, Problem) else add(product, variant, line, known)
        if refused is not None:
            yield refused
    yield product


def _variant(line: int, given: Json, currency: str, product: ProductRow) -> VariantRow | Problem:
    sku = next(
        (
            _text(code.get("value"))
            for code in _list(given.get("barcodes"))
            if isinstance(code, dict) and code.get("type") == "SKU"
        ),
        _text(given.get("id")),
    )
    price = _price(line, given.get("price"), currency)
    if isinstance(price, Problem):
        return price
    title = _title(given, product.title)
    return VariantRow(sku, title[:255], price, _stock(given))


def _price(line: int, given: object, currency: str) -> Money | Problem:
    amount = given.get("amount") if isinstance(given, dict) else None
    if not isinstance(given, dict) or type(amount) is not int or not 0 <= amount <= LARGEST:
        return Problem(line, "variants.price", "price", str(given)[:40])
    code = _text(given.get("currency")).upper() or currency
    if code not in CURRENCIES:
        return Problem(line, "variants.price", "currency", code[:40])
    money = Money(amount, code)
    return money if is_chargeable(money) else Problem(line, "variants.price", "price", str(money))


def _stock(given: Json) -> int | None:
    available = given.get("availability")
    if not isinstance(available, dict):
        return SOME
    if available.get("available") is False or available.get("status") == "out_of_stock":
        return 0
    return SOME


def _is_digital(given: Json) -> bool:
    kinds = [entry.get("value") for entry in _list(given.get("categories")) if isinstance(entry, dict)]
    return "digital" in kinds


def _title(given: Json, product: str) -> str:
    options = [
        _text(option.get("value"))
        for option in _list(given.get("variant_options"))
        if isinstance(option, dict)
    ]
    title = " / ".join(filter(None, options)) or _text(given.get("title"))
    return "" if title == product else title


def _description(given: object) -> str:
    if not isinstance(given, dict):
        return _text(given)
    return _text(given.get("html")) or _text(given.get("plain")) or _text(given.get("markdown"))


def _picture(media: object) -> str:
    for entry in _list(media):
        if isinstance(entry, dict) and entry.get("type") == "image":
            return _text(entry.get("url"))
    return ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
